"""Helm's check (the JSON schema) and the hub's (the models, and the traits of `hub.config`) take and refuse the same.

Helm says no before anything is changed, the hub after: what only the hub refuses are values that do not fit each other
(`templates/validate` tells those before an install), never one value alone.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import ValidationError

from hub_config.generate import default_values, json_schema
from hub_config.traits import findings, pinned
from hub_config.values import Values

pytestmark = pytest.mark.schema

Key = str | int
Place = tuple[Key, ...]

SCHEMA = Draft7Validator(json_schema())
FULL = Path(__file__).resolve().parent.parent / "unit" / "everything.yaml"
DELETE = object()
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    -2.0,
    0.5,
    65536,
    5 * 10**12,
    "",
    "x",
    "1",
    "true",
    "10Gi",
    "5ki",
    "1.5G",
    "/x",
    "Always",
    "none",
    "require",
    [],
    [None],
    ["x"],
    [1],
    [{}],
    [{"name": "x"}],
    {},
    {"x": None},
    {"x": "y"},
    {"x": 1},
    {"x": {}},
    {"name": "x"},
    {"name": "x", "tag": "y"},
    {"name": 1},
    {"enabled": True},
    {"limit": 1.0},
]
"""Values that are right in one place and wrong in most."""


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {
        **base,
        **{
            key: merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
            for key, value in more.items()
        },
    }


STARTS = [default_values(), merged(default_values(), yaml.safe_load(FULL.read_text(encoding="utf-8")))]


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Yield the path of everything inside `value`."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*path, key)
        yield from places(each, (*path, key))


def at(value: Any, place: Place) -> Any:
    for key in place:
        value = value[key]
    return value


def put(values: Any, place: Place, new: Any) -> None:
    """Change `values` in place; what an earlier change took away is left alone."""
    *folder, key = place
    try:
        inside = at(values, tuple(folder))
        if new is DELETE:
            del inside[key]
        else:
            inside[key] = copy.deepcopy(new)
    except (KeyError, IndexError, TypeError):
        return


@st.composite
def changed_values(draw: st.DrawFn) -> dict[str, Any]:
    """Valid values with one to three places changed: another value, a value from elsewhere, no value, one more key."""
    start = draw(st.sampled_from(STARTS))
    everywhere = list(places(start))
    values = copy.deepcopy(start)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(everywhere))
        kind = draw(st.sampled_from(["odd", "moved", "deleted", "added"]))
        if kind == "odd":
            put(values, place, draw(st.sampled_from(ODD)))
        elif kind == "moved":
            put(values, place, at(start, draw(st.sampled_from(everywhere))))
        elif kind == "deleted":
            put(values, place, DELETE)
        else:
            key = draw(st.sampled_from(["x", "name", "enabled", "base_url", "display_name", "tag"]))
            put(values, (*place, key), draw(st.sampled_from(ODD)))
    return values


def refusals(values: dict[str, Any]) -> set[str]:
    """Return the kinds of the models' errors; `trait` for those in `hub.config`."""
    try:
        found = Values.model_validate(values, by_alias=True, by_name=False)
    except ValidationError as error:
        return {each["type"] for each in error.errors()}
    return {"trait"} if findings(found.hub.config, pinned()).errors else set()


def check(values: dict[str, Any]) -> None:
    kinds = refusals(values)
    if SCHEMA.is_valid(values):
        assert kinds <= {"value_error"}, "the schema takes what the models refuse"
    else:
        assert kinds, "the models take what the schema refuses: " + "; ".join(
            each.message for each in SCHEMA.iter_errors(values)
        )


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(changed_values())
def test_models_and_schema_agree(values: dict[str, Any]) -> None:
    check(json.loads(json.dumps(values)))


@pytest.mark.parametrize("start", STARTS, ids=["defaults", "everything"])
def test_both_take_valid_values(start: dict[str, Any]) -> None:
    assert SCHEMA.is_valid(start)
    assert refusals(start) == set()
