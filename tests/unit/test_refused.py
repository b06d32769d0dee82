"""Keys of Zero to JupyterHub that this chart has not: refused by name; what switches them off is taken."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub_config.problems import problems
from hub_config.refused import REFUSED, instead_of
from tests.unit.composed import values

pytestmark = pytest.mark.unit


def nested(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("key", REFUSED)
def test_refused_by_name(key: str) -> None:
    inside = {"proxy.https", "httpRoute", "scheduling.userScheduler", "scheduling.userPlaceholder"}
    path = f"{key}.enabled" if key in inside else key
    with pytest.raises(ValidationError) as caught:
        values(nested(path, True))
    assert problems(caught.value) == [f"{path}: not in this chart: {REFUSED[key]}"]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("proxy.https.letsencrypt.contactEmail", "proxy.https"),
        ("scheduling.userScheduler.image.tag", "scheduling.userScheduler"),
        ("scheduling.userPlaceholder.replicas", "scheduling.userPlaceholder"),
    ],
)
def test_what_is_below_too(path: str, key: str) -> None:
    assert instead_of(path) == REFUSED[key]
    with pytest.raises(ValidationError) as caught:
        values(nested(path, 5))
    assert REFUSED[key] in problems(caught.value)[0]


def test_other_keys_are_not_named() -> None:
    assert [path for path in ("hub", "proxy", "proxy.chp", "hub.uidd", "authh") if instead_of(path)] == []


@pytest.mark.parametrize(
    "own",
    [
        nested("proxy.https.enabled", False),
        nested("proxy.service.disableHttpPort", False),
        nested("httpRoute.enabled", False),
        nested("scheduling.userScheduler.enabled", False),
        nested("scheduling.userPlaceholder", {"enabled": False, "replicas": 0}),
        nested("singleuser.cloudMetadata", {"blockWithIptables": False, "ip": "169.254.169.254"}),
        nested("prePuller.hook.pullOnlyOnChanges", True),
        nested("prePuller.hook.pullOnlyOnChanges", False),
        nested("scheduling.podPriority", {"enabled": True, "defaultPriority": 10, "imagePullerPriority": 5}),
    ],
)
def test_what_switches_it_off_is_taken(own: dict[str, Any]) -> None:
    assert values(own)
