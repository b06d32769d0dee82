"""Volumes of users on a real node: shares of groups, homes that are kept, and volumes that do not come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ci.progress import run
from hub_config.runtime.ownership import RETAINED
from tests.harness.hub import Hub, SpawnFailedError
from tests.harness.kube import Object
from tests.harness.release import Release

pytestmark = pytest.mark.cluster

SCOPES = ["admin:users", "admin:servers", "admin:groups", "access:servers"]
VOLUME_SECONDS = 20
START_SECONDS = 180.0
"""What a start may take on a machine that has much else to do; it takes seconds elsewhere."""
SERVICE_TOKEN_KEY = "hub.services.tests.apiToken"
NOWHERE = "192.0.2.1"
"""An address that nobody has (RFC 5737)."""
COURSE = {
    "volume": {"persistentVolumeClaim": {"claimName": "course"}},
    "mountPath": "/home/jovyan/course",
    "readOnly": ["students"],
    "readWrite": ["teachers"],
}
NFS_HOME = {
    "display_name": "A home on an NFS server that does not answer",
    "slug": "nfs",
    "kubespawner_override": {
        "volumes": {"nfs": {"name": "nfs", "persistentVolumeClaim": {"claimName": "nfs"}}},
        "volume_mounts": {"nfs": {"name": "nfs", "mountPath": "/nfs"}},
    },
}
VALUES: dict[str, Any] = {
    "hub": {
        "services": {"tests": {}},
        "loadRoles": {"tests": {"scopes": SCOPES, "services": ["tests"]}},
    },
    "singleuser": {
        "storage": {"groupShares": {"course": COURSE}, "volumeTimeout": VOLUME_SECONDS},
        "profileList": [{"display_name": "Plain", "slug": "plain", "default": True}, NFS_HOME],
    },
    "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
}


def _claim(name: str, *, volume: str | None = None) -> Object:
    """Return a claim: of the cluster's default class, or bound to `volume` alone."""
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    spec |= {"volumeName": volume, "storageClassName": ""} if volume else {}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def _volume(name: str, claim: str, namespace: str, **source: Any) -> Object:
    """Return a volume that nobody but `claim` may have."""
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "claimRef": {"namespace": namespace, "name": claim},
        **source,
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}


ON_ANOTHER_NODE = {
    "required": {
        "nodeSelectorTerms": [
            {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["another-node"]}]}
        ]
    }
}


@pytest.fixture(scope="module")
def release(new_release: Callable[[str], Release]) -> Iterator[Release]:
    made = new_release("volumes")
    namespace = made.namespace
    volumes = [
        _volume(f"{namespace}-nfs", "nfs", namespace, nfs={"server": NOWHERE, "path": "/homes"}),
        _volume(
            f"{namespace}-away", "claim-away", namespace, local={"path": "/srv/away"}, nodeAffinity=ON_ANOTHER_NODE
        ),
    ]
    for volume in volumes:
        made.kube.create(volume)
    for claim in (
        _claim("course"),
        _claim("nfs", volume=f"{namespace}-nfs"),
        _claim("claim-away", volume=f"{namespace}-away"),
    ):
        claim["metadata"]["namespace"] = namespace
        made.kube.create(claim)
    made.install(VALUES)
    yield made
    for volume in volumes:
        made.kube.delete("PersistentVolume", volume["metadata"]["name"])


@pytest.fixture(scope="module")
def hub(release: Release) -> Hub:
    return Hub(release.url(), release.credentials()[SERVICE_TOKEN_KEY])


def test_a_share_is_read_by_some_and_written_by_others(hub: Hub) -> None:
    for group, user in (("teachers", "tea"), ("students", "stu")):
        hub.user(user)
        hub.call("POST", f"groups/{group}")
        hub.call("POST", f"groups/{group}/users", json={"users": [user]})
    teacher = hub.spawn("tea", timeout=START_SECONDS)
    teacher.write("course/task.txt", "read this")
    student = hub.spawn("stu", timeout=START_SECONDS)
    assert student.read("course/task.txt") == "read this"
    put = {"json": {"type": "file", "format": "text", "content": "x"}}
    assert student.client.put("contents/course/answer.txt", **put).status_code in (403, 500)
    other = hub.spawn("oth", timeout=START_SECONDS)
    assert other.client.get("contents/course").status_code == httpx.codes.NOT_FOUND
    for user in ("tea", "stu", "oth"):
        hub.stop(user)


@pytest.mark.parametrize(
    ("user", "options", "says"),
    [
        ("nfs", {"profile": "nfs"}, ("MountVolume.SetUp failed", NOWHERE)),
        ("away", {}, ("node affinity",)),
    ],
    ids=["an NFS server that does not answer", "a volume bound to another node"],
)
def test_volumes_that_do_not_come_end_the_start_in_time_with_the_reason(
    hub: Hub, user: str, options: dict[str, Any], says: tuple[str, ...]
) -> None:
    begin = time.monotonic()
    with pytest.raises(SpawnFailedError) as caught:
        hub.spawn(user, options)
    seconds = time.monotonic() - begin
    said = caught.value.messages[-1]
    print(f"after {seconds:.0f} s {user} reads: {said}")
    assert f"Its volumes were not there after {VOLUME_SECONDS} s" in said
    assert [words for words in says if words not in said] == []
    assert VOLUME_SECONDS <= seconds < 3 * VOLUME_SECONDS
    assert httpx.get(f"{hub.url}/hub/health", timeout=10).status_code == httpx.codes.OK


def test_a_deleted_users_home_stays_and_is_listed(release: Release, hub: Hub) -> None:
    hub.spawn("gone", timeout=START_SECONDS).write("kept.txt", "written before")
    hub.stop("gone")
    hub.call("DELETE", "users/gone")
    claim = release.kube.get("PersistentVolumeClaim", "claim-gone", release.namespace)
    assert claim is not None
    assert RETAINED in claim["metadata"]["annotations"]
    command = ["exec", "deploy/hub", "--", "hub-config", "homes", "--retained", "--format", "json"]
    kubectl = [str(release.access.kubectl), "--namespace", release.namespace, *command]
    listed = json.loads(run(kubectl, timeout=60, env=release.access.environment).stdout)
    assert [(home["claim"], home["user"]) for home in listed] == [("claim-gone", "gone")]
    assert hub.spawn("gone", timeout=START_SECONDS).read("kept.txt") == "written before"
    hub.stop("gone")
