"""`singleuser.security`: a default pod is admitted at the level `restricted`; more rights are given only when asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pod_security import violations
from tests.unit.composed import container, pod, singleuser

pytestmark = pytest.mark.unit

SECCOMP = {"seccompProfile": {"type": "RuntimeDefault"}}
DROP = {"capabilities": {"drop": ["ALL"]}}
ESCALATES = ["allowPrivilegeEscalation is not false", "capabilities are not dropped"]


@pytest.mark.parametrize(
    "own",
    [
        {},
        singleuser(uid=None),
        singleuser(fsGid=None),
        singleuser(storage={"type": "none"}),
        singleuser(storage={"type": "static", "static": {"pvcName": "homes"}}),
        singleuser(storage={"extraVolumes": [{"name": "scratch", "emptyDir": {}}]}),
        singleuser(extraFiles={"a": {"mountPath": "/a", "stringData": ""}}),
    ],
)
def test_restricted(own: dict[str, Any]) -> None:
    assert violations(pod(own)["spec"]) == []


@pytest.mark.parametrize(
    ("own", "found"),
    [
        (singleuser(uid=0), ["runAsUser is 0", "runAsNonRoot is not true", "capabilities are not dropped"]),
        (singleuser(allowPrivilegeEscalation=True), ESCALATES),
        (singleuser(allowPrivilegeEscalation=None), ESCALATES),
        (singleuser(extraPodConfig={"hostNetwork": True}), ["spec.hostNetwork"]),
        (
            singleuser(storage={"extraVolumes": [{"name": "host", "hostPath": {"path": "/"}}]}),
            ["volume host: hostPath"],
        ),
    ],
)
def test_values_that_ask_for_more_get_it(own: dict[str, Any], found: list[str]) -> None:
    assert [each.removeprefix("container notebook: ") for each in violations(pod(own)["spec"])] == found


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, {"runAsUser": 1000, "allowPrivilegeEscalation": False, "runAsNonRoot": True, **DROP}),
        ({"uid": 1234}, {"runAsUser": 1234, "allowPrivilegeEscalation": False, "runAsNonRoot": True, **DROP}),
        ({"uid": None}, {"allowPrivilegeEscalation": False, "runAsNonRoot": True, **DROP}),
        ({"uid": 0}, {"runAsUser": 0, "allowPrivilegeEscalation": False}),
        (
            {"allowPrivilegeEscalation": True},
            {"runAsUser": 1000, "allowPrivilegeEscalation": True, "runAsNonRoot": True},
        ),
        ({"allowPrivilegeEscalation": None}, {"runAsUser": 1000, "runAsNonRoot": True}),
        (
            {"privileged": True, "allowPrivilegeEscalation": None},
            {"runAsUser": 1000, "runAsNonRoot": True, "privileged": True},
        ),
        (
            {"gid": 5, "containerSecurityContext": {"readOnlyRootFilesystem": True}},
            {
                "runAsUser": 1000,
                "runAsGroup": 5,
                "allowPrivilegeEscalation": False,
                "runAsNonRoot": True,
                "readOnlyRootFilesystem": True,
                **DROP,
            },
        ),
        (
            {"containerSecurityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}},
            {
                "runAsUser": 1000,
                "allowPrivilegeEscalation": False,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
            },
        ),
        ({"containerSecurityContext": {"runAsUser": 0}}, {"runAsUser": 0, "allowPrivilegeEscalation": False}),
        (
            {"containerSecurityContext": {"allowPrivilegeEscalation": True}},
            {"runAsUser": 1000, "allowPrivilegeEscalation": True, "runAsNonRoot": True},
        ),
    ],
)
def test_container(own: dict[str, Any], expected: dict[str, Any]) -> None:
    assert container({"singleuser": own})["securityContext"] == {**expected, **SECCOMP}


@pytest.mark.parametrize(("fs_gid", "expected"), [(100, {"fsGroup": 100}), (0, {"fsGroup": 0}), (None, {})])
def test_group_of_volumes(fs_gid: int | None, expected: dict[str, int]) -> None:
    context = pod(singleuser(fsGid=fs_gid))["spec"]["securityContext"]
    assert context == {**expected, "fsGroupChangePolicy": "OnRootMismatch"}


def test_more_of_the_pods_context() -> None:
    own = singleuser(supplementalGids=[7, 8], podSecurityContext={"fsGroupChangePolicy": "Always", "runAsUser": 9})
    assert pod(own)["spec"]["securityContext"] == {
        "fsGroup": 100,
        "supplementalGroups": [7, 8],
        "fsGroupChangePolicy": "Always",
        "runAsUser": 9,
    }


@pytest.mark.parametrize(("name", "token"), [(None, False), ("users", None)])
def test_no_token_without_a_service_account(name: str | None, token: bool | None) -> None:
    spec = pod(singleuser(serviceAccountName=name))["spec"]
    assert (spec.get("serviceAccountName"), spec.get("automountServiceAccountToken")) == (name, token)
