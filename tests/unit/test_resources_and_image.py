"""`singleuser.resources` and `singleuser.image`: what the user's container gets and runs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub_config.problems import problems
from hub_config.quantity import to_bytes
from tests.unit.composed import container, merged, pod, singleuser, spawner_traits, values

pytestmark = pytest.mark.unit

GIB = 1024**3


@pytest.mark.parametrize(
    ("own", "requests", "limits"),
    [
        ({}, {"memory": GIB}, {}),
        ({"memory": {"guarantee": None}}, {}, {}),
        ({"memory": {"guarantee": "512M", "limit": "1.5G"}}, {"memory": GIB // 2}, {"memory": 3 * GIB // 2}),
        ({"memory": {"guarantee": 1000, "limit": 2e9}}, {"memory": 1000}, {"memory": 2_000_000_000}),
        ({"cpu": {"guarantee": 0.25, "limit": 2}}, {"cpu": 0.25, "memory": GIB}, {"cpu": 2.0}),
        (
            {"extraResource": {"guarantees": {"nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "1"}}},
            {"memory": GIB, "nvidia.com/gpu": "1"},
            {"nvidia.com/gpu": "1"},
        ),
    ],
)
def test_guarantees_and_limits(own: dict[str, Any], requests: dict[str, Any], limits: dict[str, Any]) -> None:
    assert container({"singleuser": own})["resources"] == {"requests": requests, "limits": limits}


@pytest.mark.parametrize(
    ("size", "expected"),
    [("512M", 512 * 1024**2), ("1.5G", 1.5 * GIB), ("7", 7), (7, 7), (1.5, 1.5), ("2T", 2048 * GIB)],
)
def test_sizes(size: float | str, expected: float) -> None:
    assert to_bytes(size) == expected


def test_no_size() -> None:
    with pytest.raises(ValueError, match="'1Gi' is no size: write a number with K, M, G or T"):
        to_bytes("1Gi")


@pytest.mark.parametrize(
    ("own", "line"),
    [
        (
            {"memory": {"limit": "512M"}},
            "singleuser.memory: guarantee 1G is above limit 512M: raise limit or lower guarantee",
        ),
        (
            {"cpu": {"guarantee": 2, "limit": 1.5}},
            "singleuser.cpu: guarantee 2 is above limit 1.5: raise limit or lower guarantee",
        ),
        ({"memory": {"limit": -1}}, "singleuser.memory.limit: write 0 or more, not -1"),
        (
            {"memory": {"limit": "1Gi"}},
            (
                "singleuser.memory.limit: write a size in bytes, or with K, M, G or T in powers of 1024, such as 512M, "
                'not "1Gi"; did you mean 1G?'
            ),
        ),
    ],
)
def test_what_cannot_be(own: dict[str, Any], line: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values({"singleuser": own})
    assert problems(caught.value) == [line]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({"name": "lab", "tag": "7"}, "lab:7"),
        ({"name": "host:5000/lab", "tag": "7@sha256:ab"}, "host:5000/lab:7@sha256:ab"),
        ({"name": "lab@sha256:ab", "tag": ""}, "lab@sha256:ab"),
    ],
)
def test_image(image: dict[str, str], expected: str) -> None:
    assert container(singleuser(image=image))["image"] == expected


@pytest.mark.parametrize(("policy", "expected"), [("Always", "Always"), (None, None)])
def test_pull_policy(policy: str | None, expected: str | None) -> None:
    assert container(singleuser(image={"pullPolicy": policy})).get("imagePullPolicy") == expected


PULL_SECRETS = {"imagePullSecrets": ["mine"], "singleuser": {"image": {"pullSecrets": ["users"]}}}


@pytest.mark.parametrize(
    ("own", "names"),
    [
        ({}, []),
        (PULL_SECRETS, ["mine", "users"]),
        (merged(PULL_SECRETS, {"imagePullSecret": {"create": True}}), ["image-pull-secret", "mine", "users"]),
        ({"imagePullSecret": {"create": True, "automaticReferenceInjection": False}}, []),
    ],
)
def test_pull_secrets(own: dict[str, Any], names: list[str]) -> None:
    assert [each["name"] for each in pod(own)["spec"]["imagePullSecrets"]] == names


@pytest.mark.parametrize(
    ("cmd", "arguments"),
    [
        ("jupyterhub-singleuser", ["jupyterhub-singleuser"]),
        (["start", "--quiet"], ["start", "--quiet"]),
        (None, None),
    ],
)
def test_command(cmd: Any, arguments: Any) -> None:
    assert container(singleuser(cmd=cmd)).get("args") == arguments


def test_first_page() -> None:
    assert spawner_traits(singleuser(defaultUrl="/lab"))["default_url"] == "/lab"
    assert "default_url" not in spawner_traits()
