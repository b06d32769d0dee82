"""What puts mistakes into one render, tested by itself: nothing is said of a mistake that is meant for another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.together import groups, key, refusals, said_of

pytestmark = pytest.mark.render

LINES = """\
Error: values don't meet the specifications of the schema(s) in the following chart(s):
jupyterhub:
- at '/hub': validation failed
  - at '/hub/tolerations/0': additional properties 'kee' not allowed
  - at '/hub': additional properties 'basUrl', 'cull' not allowed
    - at '/hub/baseUrl': invalid propertyName 'mem'
singleuser.storage.static.pvcName: singleuser.storage.type static needs it
hub.config.c.JupyterHub: did you mean hub.config.JupyterHub?
cull.every may not be null: leave it out to have the default
"""


@pytest.mark.parametrize(
    "named",
    [
        "hub.tolerations[0].kee",
        "hub.tolerations",
        "hub.basUrl",
        "hub.resources.limits.mem",
        "singleuser.storage",
        'hub.config["c.JupyterHub"]',
        "cull.every",
    ],
)
def test_a_line_that_names_a_key_is_found(named: str) -> None:
    assert said_of(LINES, key(named))


@pytest.mark.parametrize("named", ["hub.tolerations[1].kee", "hub.kee", "kee", "proxy", "cull.timeout", "hub.config.a"])
def test_no_line_is_about_another_key(named: str) -> None:
    assert said_of(LINES, key(named)) == []


CASES: dict[str, dict[str, Any]] = {
    "a.b": {"a": {"b": 1}},
    "a.c": {"a": {"c": 1}},
    "a.b.d": {"a": {"b": {"d": 1}}},
    "e": {"e": 1, "a": {"c": 2}},
}


def of(case: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    return CASES[case], key(case)


def test_what_has_something_in_common_is_apart() -> None:
    assert groups(list(CASES), of) == [["a.b", "a.c"], ["a.b.d", "e"]]


def test_what_is_not_named_is_tried_again_alone_and_what_never_is_stays_unnamed() -> None:
    tried: list[list[str]] = []

    def helm(group: list[str]) -> str | None:
        tried.append(group)
        return {"a.b": "a.b: is bad", "a.c": None, "a.b.d": "no reason"}[group[0]]

    assert refusals(list(CASES), of, helm) == [
        ("a.b", ["a.b: is bad"]),
        ("a.c", None),
        ("a.b.d", []),
        ("e", []),
    ]
    assert tried == [["a.b", "a.c"], ["a.c"], ["a.b.d", "e"]]
