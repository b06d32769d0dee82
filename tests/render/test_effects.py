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

pytestmark = pytest.mark.render
NEEDED = (".image.name", ".image.tag", ".pdb.maxUnavailable")
"""Values that their partners in the table cannot be without."""


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


@pytest.mark.parametrize("effect", effects(), ids=lambda effect: f"{effect.path}-{effect.where.split('/')[1]}")
def test_a_value_has_its_effect(effect: Effect) -> None:
    without = merged(*(nested(path, value) for path, value in effect.also.items()))
    values = merged(without, nested(effect.path, effect.value))
    found = field_at(values, effect.where)
    assert contains(found, effect.expected), found
    assert effect.path.endswith(NEEDED) or field_at(without, effect.where) != found


def test_every_value_that_only_templates_read_is_in_a_table() -> None:
    covered = {effect.path for effect in effects()} | set(NO_EFFECT) | COVERED
    assert set(reader_paths(Reader.TEMPLATES)) - covered == set()
