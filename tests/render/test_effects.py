"""Every value that only templates read has an effect, and it is the right one."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hub_config.base import Reader
from hub_config.generate import reader_paths
from tests.render.chart import at, merged, nested, render
from tests.render.effects import NO_EFFECT, Effect, effects
from tests.render.test_network import COVERED
from tests.render.together import groups

pytestmark = pytest.mark.render
NEEDED = (".image.name", ".image.tag", ".pdb.maxUnavailable")
"""Values that their partners in the table cannot be without."""
SWITCHES = (".enabled", ".create", ".existingSecret", ".serviceAccount.name", ".matchNodePurpose")
"""Values that many fields depend on."""


def field_at(values: dict[str, Any], where: str) -> Any:
    kind, name, *keys = where.split("/")
    found = render(values).all(kind, name)
    assert len(found) <= 1
    return at(found[0], "/".join(keys)) if found else None


def contains(found: Any, expected: Any) -> bool:
    """Tell whether `found` is `expected`, or a map or list that has all of it; a list's items stay in order."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(key in found and contains(found[key], value) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(found, list):
        rest = iter(found)
        return all(any(contains(item, wanted) for item in rest) for wanted in expected)
    if isinstance(expected, str) and expected.startswith("base64:"):
        return expected.removeprefix("base64:") in base64.b64decode(found).decode()
    return bool(found == expected)


def together() -> list[list[Effect]]:
    """Put effects together that have no value and no field in common; what has many effects stays alone."""
    found = [effect for effect in effects() if not effect.path.endswith(NEEDED)]
    alone = [effect for effect in found if effect.path.endswith(SWITCHES) or "singleuser.namespace.name" in effect.also]
    calm = [effect for effect in found if effect not in alone]
    made = groups(calm, lambda effect: (merged(needs(effect), has(effect)), tuple(effect.where.split("/"))))
    return [*made, *([effect] for effect in alone)]


def has(effect: Effect) -> dict[str, Any]:
    return nested(effect.path, effect.value)


def needs(effect: Effect) -> dict[str, Any]:
    return merged(*(nested(path, value) for path, value in effect.also.items()))


def rounds(group: list[Effect]) -> list[list[Effect]]:
    """Return who is in which render: each in at least one, none in all, and no two in the same ones.

    So a field that is as expected in just the renders of its value has it from this value and no other.
    """
    width = (len(group) + 1).bit_length()
    return [[each for number, each in enumerate(group, 1) if number >> bit & 1] for bit in range(width)]


@pytest.mark.parametrize("group", together(), ids=lambda group: f"{group[0].path}-and-{len(group) - 1}-more")
def test_values_have_their_effects(group: list[Effect]) -> None:
    base = merged(*map(needs, group))
    fields: dict[str, dict[bool, list[Any]]] = {effect.where: {True: [], False: []} for effect in group}
    for members in rounds(group):
        values = merged(base, *map(has, members))
        for effect in group:
            fields[effect.where][effect in members].append(field_at(values, effect.where))
    wrong = []
    for effect in group:
        found = fields[effect.where]
        right = all(contains(field, effect.expected) for field in found[True])
        if not (right and found[True] and found[False] and not any(field in found[True] for field in found[False])):
            wrong.append((effect, found))
    assert wrong == []


@pytest.mark.parametrize(
    "effect", [each for each in effects() if each.path.endswith(NEEDED)], ids=lambda effect: effect.path
)
def test_a_value_that_others_need_has_its_effect(effect: Effect) -> None:
    found = field_at(merged(needs(effect), has(effect)), effect.where)
    assert contains(found, effect.expected), found


def test_every_value_that_only_templates_read_is_in_a_table() -> None:
    covered = {effect.path for effect in effects()} | set(NO_EFFECT) | COVERED
    assert set(reader_paths(Reader.TEMPLATES)) - covered == set()
