"""Whether a value is of a trait's type, and what was meant by one that is not; types are JSON schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft7Validator

from hub_config import spelling

Schema = dict[str, Any]
_WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null (or set it by Python code in hub.extraConfig)",
    "number": "a number",
    "object": "a map",
    "string": "a text",
}


def either(kinds: list[Schema]) -> Schema:
    """Return the schema of what is of one of several types; one that takes anything takes all."""
    if {} in kinds:
        return {}
    plain = [kind["type"] for kind in kinds if set(kind) == {"type"}]
    kinds = [kind for kind in kinds if set(kind) == {"type"} or kind.get("type") not in plain]
    if all(set(kind) == {"type"} for kind in kinds):
        unique = list(dict.fromkeys(each for kind in kinds for each in types(kind)))
        return {"type": unique[0] if len(unique) == 1 else unique}
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def types(kind: Schema) -> list[str]:
    """Return the `type` of a schema as a list."""
    named = kind["type"]
    return [named] if isinstance(named, str) else named


def trait_problems(kind: Schema, value: Any, *, secret: bool = True) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield (path inside it, sentence) of what is wrong with a trait's value; a `secret` one is never repeated."""
    for error in Draft7Validator(kind).iter_errors(value):
        meant = _meant(error.schema, error.instance, secret)
        yield (
            tuple(error.absolute_path),
            f"write {wanted(error.schema)}" + (f"; did you mean {meant}?" if meant else ""),
        )


def _meant(kind: Any, value: Any, secret: bool) -> str | None:
    """Return the value that was probably meant. Numbers, sizes, choices and truth values are no secrets."""
    if "anyOf" in kind:
        return next((said for each in kind["anyOf"] if (said := _meant(each, value, secret))), None)
    if "enum" in kind:
        return spelling.choice(value, [each for each in kind["enum"] if isinstance(each, str)])
    if "pattern" in kind:
        return spelling.unit(value, kind["pattern"]) if isinstance(value, str) else None
    named = types(kind)
    tries: tuple[tuple[bool, Callable[[], str | None]], ...] = (
        ("boolean" in named, lambda: spelling.boolean(value)),
        ("number" in named, lambda: spelling.number(value, whole=False)),
        ("integer" in named, lambda: spelling.number(value, whole=True)),
        ("string" in named and not secret, lambda: _quoted(value)),
        ("array" in named and not secret, lambda: f"[{json.dumps(value)}]" if isinstance(value, str) else None),
    )
    return next((said for possible, attempt in tries if possible and (said := attempt())), None)


def _quoted(value: Any) -> str | None:
    return None if isinstance(value, dict | list | str) else json.dumps(json.dumps(value))


def takes(kind: Schema, value: Any) -> bool:
    """Tell whether a value is of a trait's type."""
    return bool(Draft7Validator(kind).is_valid(value))


def wanted(kind: Any) -> str:
    """Return the type of a trait in words, such as `a text or a list`."""
    if "enum" in kind:
        # Texts rather than the numbers that stand for them; of those that differ in case alone one is enough.
        texts = [each for each in kind["enum"] if isinstance(each, str)] or kind["enum"]
        choices = {spelling.fold(str(each)): each for each in reversed(texts)}
        return " or ".join(json.dumps(each) for each in reversed(choices.values()))
    if "pattern" in kind:
        return "a number of bytes, or a text with K, M, G or T, such as 512M"
    if "anyOf" in kind:
        return " or ".join(dict.fromkeys(wanted(each) for each in kind["anyOf"]))
    named = [each for each in types(kind) if each != "null"] or types(kind)
    return " or ".join(_WORDS[each] for each in named)
