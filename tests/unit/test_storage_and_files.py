"""`singleuser.storage` and `singleuser.files`: volumes of the user's pod, and where they appear."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from hub_config.base import ConfigurationError
from hub_config.problems import problems
from tests.unit.composed import composed, container, pod, singleuser, spawner, values

pytestmark = pytest.mark.unit

SCRATCH = {"name": "scratch", "emptyDir": {}}
ON_SCRATCH = {"name": "scratch", "mountPath": "/scratch"}


def volumes(storage: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the pod's volumes and its container's mounts."""
    spec = pod(singleuser(storage=storage))["spec"]
    return spec["volumes"], spec["containers"][0]["volumeMounts"]


def claimed(name: str, claim: str) -> dict[str, Any]:
    return {"name": name, "persistentVolumeClaim": {"claimName": claim}}


@pytest.mark.parametrize(
    ("storage", "volume", "mount"),
    [
        ({}, claimed("volume-ada", "claim-ada"), {"mountPath": "/home/jovyan", "name": "volume-ada"}),
        (
            {
                "homeMountPath": "/home/user",
                "dynamic": {
                    "pvcNameTemplate": "home-{user_server}",
                    "volumeNameTemplate": "disk-{user_server}",
                    "subPath": "files/{username}",
                },
            },
            claimed("disk-ada", "home-ada"),
            {"mountPath": "/home/user", "name": "disk-ada", "subPath": "files/ada"},
        ),
        (
            {"type": "static", "static": {"pvcName": "homes"}},
            claimed("home", "homes"),
            {"mountPath": "/home/jovyan", "name": "home", "subPath": "ada"},
        ),
        (
            {"type": "static", "static": {"pvcName": "homes", "subPath": "people/{username}/files"}},
            claimed("home", "homes"),
            {"mountPath": "/home/jovyan", "name": "home", "subPath": "people/ada/files"},
        ),
        (
            {"type": "nfs", "nfs": {"server": "files.example.org", "path": "/homes"}},
            {"name": "home", "nfs": {"server": "files.example.org", "path": "/homes"}},
            {"mountPath": "/home/jovyan", "name": "home", "subPath": "ada"},
        ),
        (
            {"type": "hostPath", "hostPath": {"path": "/srv/homes", "subPath": "people/{username}"}},
            {"name": "home", "hostPath": {"path": "/srv/homes", "type": "Directory"}},
            {"mountPath": "/home/jovyan", "name": "home", "subPath": "people/ada"},
        ),
        (
            {
                "type": "csi",
                "csi": {
                    "driver": "smb.csi.k8s.io",
                    "volumeAttributes": {"source": "//files/{username}"},
                    "nodePublishSecretRef": {"name": "login"},
                    "subPath": "",
                },
            },
            {
                "name": "home",
                "csi": {
                    "driver": "smb.csi.k8s.io",
                    "volumeAttributes": {"source": "//files/ada"},
                    "nodePublishSecretRef": {"name": "login"},
                },
            },
            {"mountPath": "/home/jovyan", "name": "home"},
        ),
        (
            {"type": "volume", "volume": {"source": {"cephfs": {"monitors": ["a"]}}}},
            {"name": "home", "cephfs": {"monitors": ["a"]}},
            {"mountPath": "/home/jovyan", "name": "home", "subPath": "ada"},
        ),
        (
            {"type": "ephemeral", "capacity": "5Gi", "ephemeral": {"storageClass": "fast"}},
            {
                "name": "home",
                "ephemeral": {
                    "volumeClaimTemplate": {
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "5Gi"}},
                            "storageClassName": "fast",
                        }
                    }
                },
            },
            {"mountPath": "/home/jovyan", "name": "home"},
        ),
    ],
)
def test_home(storage: dict[str, Any], volume: dict[str, Any], mount: dict[str, Any]) -> None:
    assert volumes(storage) == ([volume], [mount])


def test_no_home() -> None:
    assert volumes({"type": "none"}) == ([], [])


@pytest.mark.parametrize(
    ("storage", "made"),
    [
        ({}, True),
        ({"type": "none"}, False),
        ({"type": "ephemeral"}, False),
        ({"type": "static", "static": {"pvcName": "homes"}}, False),
    ],
)
def test_claims_are_made_for_dynamic_storage_only(storage: dict[str, Any], made: bool) -> None:
    assert composed(singleuser(storage=storage)).KubeSpawner.storage_pvc_ensure is made


@pytest.mark.parametrize(
    ("storage", "storage_class", "size", "modes"),
    [
        ({}, None, "10Gi", ["ReadWriteOnce"]),
        (
            {"capacity": "1.5Ti", "dynamic": {"storageClass": "fast", "storageAccessModes": ["ReadWriteMany"]}},
            "fast",
            "1.5Ti",
            ["ReadWriteMany"],
        ),
        ({"dynamic": {"storageClass": ""}}, "", "10Gi", ["ReadWriteOnce"]),
    ],
)
def test_claim(storage: dict[str, Any], storage_class: str | None, size: str, modes: list[str]) -> None:
    """Null leaves the class to the cluster, "" takes a volume without class."""
    labels = {"extraLabels": {"kind": "home", "of": "{username}"}}
    claim = spawner(composed(singleuser(storage={**storage, **labels}))).get_pvc_manifest()
    assert claim.spec.storage_class_name == storage_class
    assert claim.spec.resources.requests == {"storage": size}
    assert claim.spec.access_modes == modes
    assert {
        "kind": "home",
        "of": "ada",
        "app": "jupyterhub",
        "release": "test",
    }.items() <= claim.metadata.labels.items()


@pytest.mark.parametrize(
    "extra",
    [
        {"extraVolumes": [SCRATCH], "extraVolumeMounts": [ON_SCRATCH]},
        {"extraVolumes": {"any": SCRATCH}, "extraVolumeMounts": {"name": ON_SCRATCH}},
        {"extraVolumes": [SCRATCH], "extraVolumeMounts": {"name": ON_SCRATCH}},
    ],
    ids=["lists", "maps", "both"],
)
@pytest.mark.parametrize("kind", ["dynamic", "none"])
def test_extra_volumes(extra: dict[str, Any], kind: str) -> None:
    found, mounts = volumes({"type": kind, **extra})
    assert SCRATCH in found
    assert ON_SCRATCH in mounts
    assert len(found) == len(mounts) == (2 if kind == "dynamic" else 1)


def test_a_volume_may_be_mounted_twice() -> None:
    twice = [ON_SCRATCH, {**ON_SCRATCH, "mountPath": "/again", "subPath": "{username}"}]
    _, mounts = volumes({"type": "none", "extraVolumes": [SCRATCH], "extraVolumeMounts": twice})
    assert mounts == [ON_SCRATCH, {**ON_SCRATCH, "mountPath": "/again", "subPath": "ada"}]


@pytest.mark.parametrize(
    ("storage", "sentence"),
    [
        ({"type": "static"}, "type static needs static.pvcName"),
        ({"static": {"pvcName": "homes"}}, "static.pvcName is set, but type is dynamic"),
        ({"type": "none", "dynamic": {"storageClass": "fast"}}, "dynamic is set, but type is none"),
        ({"type": "none", "dynamic": {"pvcNameTemplate": "x"}}, "dynamic is set, but type is none"),
        ({"type": "nfs"}, "type nfs needs nfs.server: the address of the NFS server"),
        ({"nfs": {"server": "files"}}, "nfs.server is set, but type is dynamic: write type: nfs, or remove nfs"),
        ({"type": "hostPath"}, "type hostPath needs hostPath.path"),
        ({"type": "csi"}, "type csi needs csi.driver"),
        ({"type": "volume"}, "type volume needs volume.source"),
    ],
)
def test_what_does_not_fit_the_type_is_refused(storage: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values(singleuser(storage=storage))
    (line,) = problems(caught.value)
    assert line.startswith(f"singleuser.storage: {sentence}")


COURSE = {"volume": {"nfs": {"server": "files", "path": "/course"}}, "mountPath": "/course"}
SHARES = {"course": {**COURSE, "subPath": "2027", "readOnly": ["students"], "readWrite": ["staff", "helpers"]}}


@pytest.mark.parametrize(
    ("groups", "read_only"),
    [([], None), (["others"], None), (["students"], True), (["staff"], False), (["students", "helpers"], False)],
)
def test_a_share_is_mounted_for_its_groups_only(groups: list[str], read_only: bool | None) -> None:
    made = spawner(composed(singleuser(storage={"type": "none", "groupShares": SHARES})))
    made.user.groups = [SimpleNamespace(name=name) for name in groups]
    asyncio.run(made.apply_group_overrides())
    mount = {"name": "share-course", "mountPath": "/course", "subPath": "2027", "readOnly": read_only}
    volume = {"name": "share-course", **COURSE["volume"]}
    assert list(made.volumes.values()) == ([] if read_only is None else [volume])
    assert list(made.volume_mounts.values()) == ([] if read_only is None else [mount])


def test_the_next_user_gets_no_share_of_the_one_before() -> None:
    config = composed(singleuser(storage={"type": "none", "groupShares": SHARES}))
    for groups in (["staff"], []):
        made = spawner(config)
        made.user.groups = [SimpleNamespace(name=name) for name in groups]
        asyncio.run(made.apply_group_overrides())
        assert bool(made.volumes) == bool(groups)


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        ({"Big_Data": {**COURSE, "readOnly": ["a"]}}, "groupShares.Big_Data: a name of a share may have"),
        ({"course": COURSE}, "groupShares.course: nobody would get it"),
        ({"course": {**COURSE, "volume": {}, "readOnly": ["a"]}}, "groupShares.course.volume: write one kind"),
        (
            {"course": {**COURSE, "volume": {"name": "x", "emptyDir": {}}, "readOnly": ["a"]}},
            "groupShares.course.volume: write one kind",
        ),
    ],
)
def test_a_share_that_cannot_be_is_refused(share: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values(singleuser(storage={"groupShares": share}))
    assert problems(caught.value)[0].startswith(f"singleuser.storage: {sentence}")


FILES = {
    "settings": {"mountPath": "/etc/settings.json", "data": {"a": 1}},
    "greeting": {"mountPath": "/etc/greeting", "stringData": "Hello", "mode": 0o444},
}


def test_files_are_keys_of_one_secret() -> None:
    spec = pod(singleuser(storage={"type": "none"}, extraFiles=FILES))["spec"]
    items = [{"key": "greeting", "path": "greeting", "mode": 0o444}, {"key": "settings", "path": "settings"}]
    assert spec["volumes"] == [{"name": "files", "secret": {"secretName": "singleuser", "items": items}}]
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": "files", "mountPath": "/etc/greeting", "subPath": "greeting"},
        {"name": "files", "mountPath": "/etc/settings.json", "subPath": "settings"},
    ]


@pytest.mark.parametrize(
    "extra",
    [[{"name": "files", "emptyDir": {}}], {"files": SCRATCH}, {"any": {"name": "files", "emptyDir": {}}}],
    ids=["list", "key of a map", "name in a map"],
)
def test_the_volume_of_files_is_not_mixed_with_another(extra: Any) -> None:
    assert composed(singleuser(storage={"extraVolumes": extra}))  # the name is free as long as there are no files
    with pytest.raises(ConfigurationError, match=r"singleuser\.storage\.extraVolumes: the name files belongs to"):
        composed(singleuser(storage={"extraVolumes": extra}, extraFiles=FILES))


def test_environment() -> None:
    reference = {"valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}}
    extra = {"PLAIN": "1", "WHO": "{username}", "SECRET": reference, "LATER": {"value": "$(PLAIN)"}}
    env = {each["name"]: each for each in container(singleuser(extraEnv=extra))["env"]}
    assert env["PLAIN"] == {"name": "PLAIN", "value": "1"}
    assert env["WHO"] == {"name": "WHO", "value": "ada"}
    assert env["SECRET"] == {"name": "SECRET", **reference}
    assert list(env).index("PLAIN") < list(env).index("LATER")
