"""Wrong value files, made from the correct ones by the mistakes that people make; always the same ones.

Each has the key that must be named and what must be suggested first. Which mistake is made where follows from a sum
over the place, not from chance. Only keys that are declared somewhere are touched: in the chart's schema, in
Kubernetes' types, among the traits of the classes of the hub's image.
"""

from __future__ import annotations

import copy
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hub_config.generate import json_schema
from hub_config.problems import dotted, is_secret

Place = tuple[str | int, ...]
Mutator = Callable[[str], str]

CORRECT: dict[str, dict[str, Any]] = {
    each["name"]: each["values"]
    for each in yaml.safe_load((Path(__file__).parent / "correct.yaml").read_text(encoding="utf-8"))
}
SCHEMA = json_schema()
_ALIKE = {"enable": "enabled", "enabled": "enable"}
_SHORTEST = 4


@dataclass(frozen=True)
class Mutation:
    """A wrong file: the kind of mistake, the key to name, and the suggestions of which one must come first."""

    kind: str
    values: dict[str, Any]
    key: str
    suggestions: tuple[str, ...]

    def __str__(self) -> str:
        """Return what the tests print."""
        return f"{self.kind} at {self.key}: {' or '.join(self.suggestions) or 'named'}"


def mutations() -> list[Mutation]:
    """Return wrong files, each once: some of each kind, or all of them where `CORPUS` is `all` in the environment."""
    found: dict[tuple[str, str], Mutation] = {}
    for values in CORRECT.values():
        for place, schemas in _declared(values, [SCHEMA], ()):
            for each in (*_typo(values, place, schemas), *_wrong_value(values, place, schemas), *_moved(values, place)):
                found.setdefault((each.kind, each.key), each)
    everything = os.environ.get("CORPUS") == "all"
    return [each for (kind, key), each in found.items() if everything or zlib.crc32(f"{kind} {key}".encode()) % 4 == 0]


# ---- what is declared where


def _declared(value: Any, schemas: list[Any], place: Place) -> Iterator[tuple[Place, list[Any]]]:
    """Yield the places of declared keys and of the items below them, with the schemas of the place."""
    schemas = [each for schema in schemas for each in _resolved(schema)]
    if isinstance(value, dict):
        for key, below in value.items():
            declared = [each["properties"][key] for each in schemas if key in each.get("properties", {})]
            if declared:
                yield (*place, key), [each for schema in declared for each in _resolved(schema)]
            free = [
                each["additionalProperties"] for each in schemas if isinstance(each.get("additionalProperties"), dict)
            ]
            yield from _declared(below, declared or free, (*place, key))
    elif isinstance(value, list):
        items = [each["items"] for each in schemas if isinstance(each.get("items"), dict)]
        for index, below in enumerate(value):
            yield from _declared(below, items, (*place, index))


def _resolved(schema: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        target: Any = SCHEMA
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from _resolved(target)
        return
    yield schema
    for each in (
        *schema.get("anyOf", ()),
        *(each for each in schema.get("allOf", ()) if "$ref" in each or "type" in each),
    ):
        yield from _resolved(each)


# ---- typos in keys


def _swapped(name: str) -> str:
    """Return the name with two letters in its middle changed for each other."""
    at = next((at for at in range(len(name) // 2, len(name) - 1) if name[at] != name[at + 1]), 0)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _snake(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", lambda match: f"{match[1]}_{match[2].lower()}", name)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


TYPOS: dict[str, Mutator] = {
    "letters swapped": _swapped,
    "a letter left out": lambda name: name[: len(name) // 2] + name[len(name) // 2 + 1 :],
    "a letter twice": lambda name: name[: len(name) // 2] + name[len(name) // 2] + name[len(name) // 2 :],
    "a wrong letter": lambda name: name[:-2] + ("x" if name[-2] != "x" else "y") + name[-1],
    "plural or singular": lambda name: name.removesuffix("s") if name.endswith("s") else f"{name}s",
    "lower case": str.lower,
    "snake case": _snake,
    "camel case": _camel,
    "dashes": lambda name: _snake(name).replace("_", "-"),
    "a capital": lambda name: name[0].upper() + name[1:],
    "another form": lambda name: _ALIKE.get(name, name),
}


def _typo(values: dict[str, Any], place: Place, schemas: list[Any]) -> Iterator[Mutation]:
    """Yield two typos in the last key of `place`."""
    name = str(place[-1])
    if len(name) < _SHORTEST:
        return
    kinds = list(TYPOS)
    start = zlib.crc32(repr(place).encode())
    made = 0
    for step in range(len(kinds)):
        kind = kinds[(start + step) % len(kinds)]
        wrong = TYPOS[kind](name)
        siblings = _at(values, place[:-1])
        if made == 2 or wrong == name or wrong in siblings or _is_declared(wrong, place):
            continue
        made += 1
        changed = copy.deepcopy(values)
        inside = _at(changed, place[:-1])
        items = [(wrong if key == name else key, value) for key, value in inside.items()]
        inside.clear()
        inside.update(items)
        whole = dotted(place)
        yield Mutation(f"key, {kind}", changed, dotted((*place[:-1], wrong)), (name, whole))


def _is_declared(name: str, place: Place) -> bool:
    """Tell whether another declared key beside `place` has the name."""
    schemas: list[Any] = [SCHEMA]
    for part in place[:-1]:
        schemas = [each for schema in schemas for each in _resolved(schema)]
        below = [each["properties"][part] for each in schemas if part in each.get("properties", {})]
        free = [each["additionalProperties"] for each in schemas if isinstance(each.get("additionalProperties"), dict)]
        items = [each["items"] for each in schemas if isinstance(part, int) and isinstance(each.get("items"), dict)]
        schemas = items if isinstance(part, int) else below or free
    return any(name in each.get("properties", {}) for schema in schemas for each in _resolved(schema))


# ---- wrong values


def _wrong_value(values: dict[str, Any], place: Place, schemas: list[Any]) -> Iterator[Mutation]:
    value, types = _at(values, place), _types(schemas)
    choices = [each for schema in schemas for each in schema.get("enum", ()) if isinstance(each, str) and each]
    if isinstance(value, str) and value in choices:
        for kind, wrong in (("case", value.swapcase()), ("letters", _swapped(value))):
            if wrong not in choices and len(value) >= _SHORTEST:
                yield _set(f"choice, {kind}", values, place, wrong, value)
    elif isinstance(value, bool):
        if "string" not in types:
            yield _set("text for a truth value", values, place, str(value).lower(), str(value).lower())
    elif isinstance(value, int | float):
        if types and "string" not in types:
            yield _set("text for a number", values, place, f"{value:g}", f"{value:g}")
    else:
        yield from _wrong_kind(values, place, value, types)
    yield from _wrong_units(values, place, value, schemas)


def _wrong_kind(values: dict[str, Any], place: Place, value: Any, types: set[str]) -> Iterator[Mutation]:
    if isinstance(value, str) and types == {"string"}:
        yield _set("number for a text", values, place, 1234567, '"1234567"', anything=True)
        yield _set("list for a text", values, place, [value], "", anything=True)
    elif isinstance(value, list) and types == {"array"}:
        yield _set("map for a list", values, place, {"a": "b"}, "", anything=True)
        if value and isinstance(value[0], str):
            yield _set("text for a list", values, place, value[0], f"[{value[0]}]", anything=is_secret(place))
    elif isinstance(value, dict) and types == {"object"}:
        yield _set("list for a map", values, place, ["a"], "", anything=True)
        yield _set("text for a map", values, place, "a", "", anything=True)


def _wrong_units(values: dict[str, Any], place: Place, value: Any, schemas: list[Any]) -> Iterator[Mutation]:
    if not isinstance(value, str) or not any("pattern" in each for each in schemas):
        return
    if match := re.fullmatch(r"([0-9.]+)([KMGT])", value):
        number, unit = match.groups()
        for wrong in (f"{number}{unit}i", f"{number}{unit}B", f"{number} {unit}", f"{number}{unit}iB"):
            yield _set(f"unit {wrong.removeprefix(number)}", values, place, wrong, value)
    elif match := re.fullmatch(r"([0-9.]+)([KMGT])i", value):
        number, unit = match.groups()
        yield _set("unit iB", values, place, f"{number}{unit}iB", value, f"{number}{unit}")
        yield _set("unit B", values, place, f"{number}{unit}B", f"{number}{unit}", value)
        yield _set("a space in a size", values, place, f"{number} {unit}i", value)


def _set(kind: str, values: dict[str, Any], place: Place, wrong: Any, *right: str, anything: bool = False) -> Mutation:
    changed = copy.deepcopy(values)
    _at(changed, place[:-1])[place[-1]] = wrong
    return Mutation(kind, changed, dotted(place), () if anything else right)


def _types(schemas: list[Any]) -> set[str]:
    found: set[str] = set()
    for each in schemas:
        named = each.get("type", [])
        found |= {named} if isinstance(named, str) else set(named)
    return found - {"null"}


# ---- blocks in the wrong place


def _names(schema: Any, prefix: Place = ()) -> Iterator[Place]:
    for each in _resolved(schema):
        for name, inner in each.get("properties", {}).items():
            yield (*prefix, name)
            if "$ref" not in inner and "allOf" not in inner:
                yield from _names(inner, (*prefix, name))


_EVERYWHERE = [place for place in _names(SCHEMA) if place[:2] != ("hub", "config")]
_UNIQUE = {
    place[-1]: place
    for place in _EVERYWHERE
    if len([other for other in _EVERYWHERE if str(other[-1]).lower() == str(place[-1]).lower()]) == 1
}


def _moved(values: dict[str, Any], place: Place) -> Iterator[Mutation]:
    """Yield the key of `place` one level up, at the top, and below a neighbour, where its name says what is meant."""
    name = place[-1]
    if _UNIQUE.get(name) != place:
        return
    targets = {"one level up": place[:-2], "at the top": (), "below hub": ("hub",), "below singleuser": ("singleuser",)}
    for kind, target in targets.items():
        if len(place) < 2 or target == place[:-1] or (target == place[: len(target)] and kind.startswith("below")):
            continue
        changed = copy.deepcopy(values)
        moved = _at(changed, place[:-1]).pop(name)
        inside: Any = changed
        for part in target:
            inside = inside.setdefault(part, {}) if isinstance(inside, dict) else inside[part]
        if isinstance(inside, dict) and name not in inside:
            inside[name] = moved
            yield Mutation(f"block {kind}", changed, dotted((*target, name)), (dotted(place),))


def _at(value: Any, place: Place) -> Any:
    for part in place:
        value = value[part]
    return value
