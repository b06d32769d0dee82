"""Keys of Zero to JupyterHub that do something else here: refused by name, or taken and told about."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub_config.base import walk
from hub_config.commands.examine import examine
from hub_config.commands.layers import Layers
from hub_config.problems import dotted, problems
from hub_config.values import Values
from hub_config.z2jh_keys import GONE, TAKEN, NotYet, fate
from tests.unit.composed import values

pytestmark = pytest.mark.unit


def nested(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("key", GONE)
def test_a_key_that_is_not_there_is_refused_by_name(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values(nested(key, "x"))
    assert problems(caught.value) == [f"{key}: {GONE[key].sentence}"]


def test_a_key_stands_for_what_is_below_it() -> None:
    with pytest.raises(ValidationError) as caught:
        values({"auth": {"type": "github", "ours": {"url": "a"}}})
    assert problems(caught.value) == [
        f"auth.type: {GONE['auth.type'].sentence}",
        f"auth: {GONE['auth'].sentence}",
    ]


def test_other_keys_are_not_named() -> None:
    assert [path for path in ("hub", "proxy", "proxy.chp", "hub.uidd", "authh") if fate(tuple(path.split(".")))] == []


@pytest.mark.parametrize("key", TAKEN)
def test_a_key_that_does_nothing_is_refused_or_told_about_when_it_is_switched_on(key: str) -> None:
    kinds = {".".join(path): field.annotation for path, field in walk(Values)}
    on: Any = True if kinds[key] in (bool, bool | None) else 3 if "replicas" in key else "x"
    found = examine(Layers(["-"], own=nested(key, on))).findings
    assert [(each.key, each.text, each.severity) for each in found] == [
        (key, TAKEN[key].sentence, "error" if isinstance(TAKEN[key], NotYet) else "warning")
    ]


@pytest.mark.parametrize(
    "own",
    [
        nested("proxy.https", {"enabled": False, "hosts": ["a"], "letsencrypt": {"contactEmail": "b"}}),
        nested("proxy.service.disableHttpPort", False),
        nested("httpRoute", {"enabled": False, "parentRefs": [{"name": "a"}]}),
        nested("scheduling.userScheduler", {"enabled": False, "replicas": 1}),
        nested("scheduling.userPlaceholder", {"enabled": True, "replicas": 0}),
        nested("singleuser.cloudMetadata", {"blockWithIptables": False, "ip": "169.254.169.254"}),
        nested("prePuller.hook.pullOnlyOnChanges", False),
        nested("prePuller.continuous.serviceAccount.create", False),
        nested("scheduling.podPriority", {"enabled": True, "defaultPriority": 10, "userPlaceholderPriority": -20}),
    ],
)
def test_what_switches_it_off_is_fine(own: dict[str, Any]) -> None:
    assert examine(Layers(["-"], own=own)).findings == []


def test_paths_with_numbers_are_no_keys_of_theirs() -> None:
    assert fate(("hub", 0)) is None
    assert dotted(("hub", 0)) == "hub[0]"
