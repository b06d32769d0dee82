"""`hub_config.pod_security`: the standards' rules, and what a pod gets and is held to at the very end."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException
from kubernetes_asyncio import client
from kubespawner import KubeSpawner

from hub_config.base import ConfigurationError
from hub_config.pod_security.standards import violations
from hub_config.runtime.secured import SecuredKubeSpawner
from tests.pod_specs import POD_SPECS
from tests.unit.composed import composed, final_pod, merged, singleuser

pytestmark = pytest.mark.unit

LEVELS = ("restricted", "baseline", "privileged")
WRITABLE = {"/tmp": "tmp", "/var/tmp": "var-tmp", "/run": "run"}
NONE = {"storage": {"type": "none"}}
ROOT_INIT = {"name": "chown", "image": "i", "securityContext": {"runAsUser": 0, "runAsNonRoot": False}}


@pytest.mark.parametrize("name", POD_SPECS)
def test_standards(name: str) -> None:
    lowest, spec, _ = POD_SPECS[name]
    admitted = [level for level in LEVELS if not violations(spec, level)]
    assert admitted == list(LEVELS[LEVELS.index(lowest) :])


def user(own: dict[str, Any], **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the spec of the pod, and the user's container in it."""
    spec = final_pod(own, **options)["spec"]
    return spec, spec["containers"][0]


def mounted(container: dict[str, Any]) -> dict[str, str]:
    return {
        each["mountPath"]: each["subPath"] for each in container.get("volumeMounts", []) if each["name"] == "writable"
    }


@pytest.mark.parametrize(
    ("own", "read_only"),
    [
        ({}, True),
        ({"uid": None}, True),
        ({"uid": 1234}, True),
        ({"storage": {"type": "static", "static": {"pvcName": "homes"}}}, True),
        ({"storage": {"homeMountPath": "/home/ada/"}}, True),
        ({"uid": 0}, None),
        ({"podSecurityContext": {"runAsUser": 0}, "uid": None}, None),
        ({"allowPrivilegeEscalation": True}, None),
        ({"allowPrivilegeEscalation": None}, None),
        (NONE, None),
        ({"security": {"readOnlyRootFilesystem": False}}, None),
        ({"containerSecurityContext": {"readOnlyRootFilesystem": False}}, False),
        ({"uid": 0, "security": {"readOnlyRootFilesystem": True}}, True),
        ({**NONE, "containerSecurityContext": {"readOnlyRootFilesystem": True}}, True),
    ],
)
def test_root_file_system(own: dict[str, Any], read_only: bool | None) -> None:
    spec, container = user({"singleuser": own})
    assert container["securityContext"].get("readOnlyRootFilesystem") is read_only
    assert ("writable" in [each["name"] for each in spec.get("volumes", [])]) is bool(read_only)
    assert mounted(container).items() >= (WRITABLE if read_only else {}).items()


def test_without_home_the_home_is_empty_and_writable() -> None:
    _, container = user(singleuser(**NONE, security={"readOnlyRootFilesystem": True}))
    assert mounted(container) == {**WRITABLE, "/home/jovyan": "home-jovyan"}


def test_what_is_mounted_already_stays() -> None:
    storage = {
        "extraVolumes": [{"name": "scratch", "emptyDir": {"medium": "Memory"}}],
        "extraVolumeMounts": [{"name": "scratch", "mountPath": "/tmp/"}],
    }
    _, container = user(singleuser(storage=storage, security={"writablePaths": ["/tmp", "/opt/conda", "/opt/conda/"]}))
    assert mounted(container) == {"/opt/conda": "opt-conda"}
    assert {"name": "scratch", "mountPath": "/tmp/"} in container["volumeMounts"]


def test_nothing_to_mount() -> None:
    spec, container = user(singleuser(security={"writablePaths": []}))
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert [each["name"] for each in spec["volumes"]] == ["volume-ada"]


def test_a_profile_may_differ() -> None:
    """Volumes that a profile replaces as a list, and its own choice of a writable root, have no hidden effects."""
    claim = {"name": "home", "persistentVolumeClaim": {"claimName": "c"}}
    mount = {"name": "home", "mountPath": "/home/jovyan"}
    profiles = [
        {"display_name": "a", "kubespawner_override": {"volumes": [claim], "volume_mounts": [mount]}},
        {"display_name": "conda", "kubespawner_override": {"read_only_root": False}},
        {"display_name": "root", "kubespawner_override": {"uid": 0}},
    ]
    own = singleuser(profileList=profiles)
    assert mounted(user(own, profile="a")[1]) == WRITABLE
    assert mounted(user(own, profile="conda")[1]) == {}
    assert mounted(user(own, profile="root")[1]) == {}


def test_containers_of_ones_own_get_what_the_level_wants() -> None:
    helper = {"name": "helper", "image": "h", "securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}
    own = {"initContainers": [{"name": "first", "image": "f"}], "extraContainers": [helper]}
    assert violations(final_pod({"singleuser": own})["spec"]) != []
    spec = final_pod({"singleuser": {**own, "security": {"level": "restricted"}}})["spec"]
    assert violations(spec) == []
    assert spec["containers"][1]["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_alone_gives_no_rights(level: str) -> None:
    assert violations(final_pod(singleuser(security={"level": level}))["spec"]) == []


def test_values_of_the_security_context() -> None:
    security = {
        "fsGroupChangePolicy": "Always",
        "seLinuxOptions": {"level": "s0:c1,c2"},
        "appArmorProfile": {"type": "Localhost", "localhostProfile": "lab"},
        "seccompProfile": {"type": "Localhost", "localhostProfile": "lab.json"},
        "runtimeClassName": "gvisor",
        "hostUsers": False,
    }
    spec, container = user(singleuser(security=security))
    assert {
        key: container["securityContext"][key] for key in ("seLinuxOptions", "appArmorProfile", "seccompProfile")
    } == {key: security[key] for key in ("seLinuxOptions", "appArmorProfile", "seccompProfile")}
    assert (spec["runtimeClassName"], spec["hostUsers"]) == ("gvisor", False)
    assert spec["securityContext"]["fsGroupChangePolicy"] == "Always"
    assert violations(spec) == []


def test_the_pods_own_keys_win() -> None:
    own = singleuser(security={"runtimeClassName": "a", "hostUsers": False}, extraPodConfig={"runtimeClassName": "b"})
    spec, _ = user(own)
    assert (spec["runtimeClassName"], spec["hostUsers"]) == ("b", False)


def test_contradictions_end_the_configuration() -> None:
    with pytest.raises(ConfigurationError) as caught:
        composed(singleuser(security={"level": "restricted"}, uid=0, privileged=True, allowPrivilegeEscalation=True))
    forbids = "which singleuser.security.level: restricted forbids: remove it, or write singleuser.security.level:"
    assert str(caught.value).splitlines() == [
        f"singleuser.uid: runAsUser is 0, {forbids} baseline",
        f"singleuser.privileged: privileged, {forbids} privileged",
        f"singleuser.allowPrivilegeEscalation: allowPrivilegeEscalation is not false, {forbids} baseline",
    ]


# ---- the pod that is asked for at last


def asked(own: dict[str, Any], monkeypatch: pytest.MonkeyPatch, hook: Any = None) -> dict[str, Any]:
    """Return the pod that the spawner sends to the API, after a `modify_pod_hook`."""
    sent: list[Any] = []

    async def send(_self: Any, pod: Any, _timeout: float) -> bool:
        sent.append(pod)
        return True

    async def start() -> dict[str, Any]:
        async with client.ApiClient() as api:
            made.api = SimpleNamespace(api_client=api)
            pod = await made.get_pod_manifest()
            if hook:
                hook(pod)
            before = api.sanitize_for_serialization(pod)
            for _ in range(2):  # KubeSpawner tries again with the same object
                await made._make_create_pod_request(pod, 3)
            assert api.sanitize_for_serialization(pod) == before
            first, again = map(api.sanitize_for_serialization, sent)
        assert first == again
        return dict(first)

    async def make() -> SecuredKubeSpawner:
        user = SimpleNamespace(name="ada", id=1, url="/user/ada/", escaped_name="ada", groups=[])
        return SecuredKubeSpawner(_mock=True, user=user, config=composed(own))

    monkeypatch.setattr(KubeSpawner, "_make_create_pod_request", send)
    made = asyncio.run(make())
    return asyncio.run(start())


def add_root_container(pod: Any) -> None:
    pod.spec.init_containers = [ROOT_INIT]


def test_the_pod_is_hardened_after_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = asked({}, monkeypatch)
    assert made == merged(final_pod({}), {"metadata": made["metadata"]})


def test_a_hook_may_not_lift_a_pod_above_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpawnException) as caught:
        asked(singleuser(security={"level": "restricted"}), monkeypatch, add_root_container)
    assert caught.value.message == (
        "Your server would have more rights than this hub allows. Who runs it should know: "
        "container chown: runAsNonRoot is not true."
    )
    assert "container chown: runAsUser is 0" in caught.value.log_message


@pytest.mark.parametrize("level", [None, "baseline", "privileged"])
def test_a_hook_may_do_what_the_level_allows(level: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    made = asked(singleuser(security={"level": level}), monkeypatch, add_root_container)
    assert made["spec"]["initContainers"] == [ROOT_INIT]
