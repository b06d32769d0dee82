"""`runtime.preflight` and `runtime.api`: what the API's refusals mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kubernetes_asyncio.client import ApiException

from hub_config.base import ConfigurationError
from hub_config.runtime.api import reason
from hub_config.runtime.existing_secret import check_existing_secret, missing_keys
from hub_config.runtime.preflight import fits_when_empty, without_new

pytestmark = pytest.mark.unit


def refusal(requested: str, used: str, limited: str) -> str:
    """Return the API server's sentence, as its quota admission writes it."""
    return (
        'pods "preflight-hub-x7k2p" is forbidden: exceeded quota: team, '
        f"requested: {requested}, used: {used}, limited: {limited}"
    )


@pytest.mark.parametrize(
    ("requested", "used", "limited", "fits"),
    [
        ("limits.memory=2Gi", "limits.memory=3Gi", "limits.memory=4Gi", True),
        ("limits.memory=2Gi", "limits.memory=0", "limits.memory=2Gi", True),
        ("limits.memory=2Gi", "limits.memory=0", "limits.memory=1Gi", False),
        ("limits.memory=2Gi", "limits.memory=0", "limits.memory=2G", False),
        ("pods=1", "pods=10", "pods=10", True),
        ("pods=1", "pods=0", "pods=0", False),
        ("requests.cpu=100m", "requests.cpu=950m", "requests.cpu=1", True),
        (
            "requests.cpu=100m,requests.memory=1Gi",
            "requests.cpu=0,requests.memory=0",
            "requests.cpu=1,requests.memory=1Mi",
            False,
        ),
        (
            "requests.cpu=100m,requests.memory=1Gi",
            "requests.cpu=1,requests.memory=9Gi",
            "requests.cpu=1,requests.memory=10Gi",
            True,
        ),
        ("limits.memory=1536Mi", "limits.memory=0", "limits.memory=1.5Gi", True),
        ("limits.memory=2Gi", "limits.memory=4Pi", "limits.memory=4Pi", True),
        ("requests.storage=2Ti", "requests.storage=1E", "requests.storage=1E", True),
        ("limits.memory=2Gi", "limits.memory=0", "limits.memory=1e9", False),
        ("limits.memory=500M", "limits.memory=0", "limits.memory=1e9", True),
        ("requests.cpu=500u", "requests.cpu=0", "requests.cpu=1m", True),
        ("requests.nvidia.com/gpu=2", "requests.nvidia.com/gpu=0", "requests.nvidia.com/gpu=1", False),
    ],
)
def test_a_quota_that_is_used_up_is_no_obstacle_but_one_that_is_too_small(
    requested: str, used: str, limited: str, fits: bool
) -> None:
    assert fits_when_empty(refusal(requested, used, limited)) is fits


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"kind": "Status", "message": "namespaces \\"lab\\" not found"}', 'namespaces "lab" not found'),
        ("not json", "403 Forbidden"),
        ("{}", "403 Forbidden"),
        ("[]", "403 Forbidden"),
        (None, "403 Forbidden"),
    ],
)
def test_the_apis_own_sentence(body: Any, expected: str) -> None:
    error = ApiException(status=403, reason="Forbidden")
    error.body = body
    assert reason(error) == expected


def test_a_missing_existing_secret_is_told(tmp_path: Path) -> None:
    check_existing_secret(tmp_path / "not-mounted")
    (tmp_path / "..data").mkdir()
    with pytest.raises(ConfigurationError, match=r"hub\.existingSecret: there is no such Secret"):
        check_existing_secret(tmp_path)
    (tmp_path / "hub.db.password").write_text("x")
    check_existing_secret(tmp_path)


@pytest.mark.parametrize(
    ("spec", "asked"),
    [
        ({"serviceAccountName": "hub", "nodeName": "a"}, {"nodeName": "a"}),
        ({"priorityClassName": "lab-default-priority"}, {}),
        ({"priorityClassName": "lab-image-puller-priority"}, {}),
        ({"priorityClassName": "of-the-cluster"}, {"priorityClassName": "of-the-cluster"}),
    ],
)
def test_what_the_first_install_brings_later_is_not_asked_for(spec: dict[str, Any], asked: dict[str, Any]) -> None:
    names = {"priority": "lab-default-priority", "image-puller-priority": "lab-image-puller-priority"}
    assert without_new({"metadata": {}, "spec": spec}, names) == {"metadata": {}, "spec": asked}


def test_keys_that_a_pod_needs_of_the_existing_secret_are_named(tmp_path: Path) -> None:
    def variable(name: str, secret: str, key: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key, **more}}}

    env = [
        variable("THERE", "own", "there"),
        variable("LACKING", "own", "lacking"),
        variable("MAY_LACK", "own", "may-lack", optional=True),
        variable("ELSEWHERE", "other", "elsewhere"),
        {"name": "PLAIN", "value": "x"},
    ]
    volumes = [{"name": "existing-secret", "secret": {"secretName": "own"}}]
    pods = [{"name": "hub", "pod": {"spec": {"containers": [{"env": env}], "volumes": volumes}}}]
    (tmp_path / "there").write_text("x")
    assert missing_keys(pods, tmp_path) == [
        (
            "hub.existingSecret: the Secret own lacks the key lacking, which the variable LACKING of the pod hub is "
            "read from: add the key to the Secret"
        )
    ]
