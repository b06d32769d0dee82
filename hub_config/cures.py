"""What to write instead of a value that pydantic refuses, in words and, where it can be told, as the value itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hub_config import places, spelling
from hub_config.chart.common import PERCENTAGE
from hub_config.places import Path

WANTED = {
    "bool_type": "true or false",
    "dict_type": "a map",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a map",
    "string_type": "a text",
}
"""The kinds of pydantic's errors that only say which type a value must have, in the words of YAML."""

_FORMS = {
    PERCENTAGE: "a whole number, or a percentage such as 10%",
    r"^/": "a path that begins with /",
    r"^[0-9]+(\.[0-9]+)?[KMGT]?$": "a size in bytes, or with K, M, G or T in powers of 1024, such as 512M",
    r"^[0-9]+(\.[0-9]+)?([EPTGMK]i|[EPTGMk])?$": "a size as Kubernetes has it, such as 10Gi",
}
"""Patterns of the models in words."""

_BOUNDS = {
    "greater_than_equal": ("ge", "{} or more"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "at most {}"),
    "less_than": ("lt", "less than {}"),
}
_SHORT_LIST = 8


def cure(path: Path, error: Any, wanted: list[str]) -> str:
    """Return what to write instead."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        return str(context["expected"])
    if kind == "model_type" and 0 < len(keys := places.keys_at(path)) <= _SHORT_LIST:
        return f"a map ({', '.join(keys)})"
    if wanted or kind in WANTED:
        return _either(wanted or [WANTED[kind]])
    if kind == "string_pattern_mismatch" and context["pattern"] in _FORMS:
        return _FORMS[context["pattern"]]
    if kind in _BOUNDS:
        name, text = _BOUNDS[kind]
        return text.format(f"{context[name]:g}")
    return f"something else ({error['msg'][:1].lower()}{error['msg'][1:]})"


def suggestion(error: Any, wanted: list[str], text: str) -> str | None:
    """Return the value that was probably meant, as YAML has it; `text` is the value as it was written."""
    value, kind = error["input"], error["type"]
    if kind == "literal_error":
        return spelling.choice(value, [word.strip("'") for word in _choices(error["ctx"]["expected"])])
    if kind == "string_pattern_mismatch":
        pattern = error["ctx"]["pattern"]
        return spelling.number(value, whole=True) if pattern == PERCENTAGE else spelling.unit(value, pattern)
    if kind == "model_type":
        return _as_map(value, error["loc"])
    tries: tuple[tuple[str, Callable[[], str | None]], ...] = (
        ("true or false", lambda: spelling.boolean(value)),
        ("a whole number", lambda: spelling.number(value, whole=True)),
        ("a number", lambda: spelling.number(value, whole=False)),
        ("a text", lambda: _as_text(value, wanted, text)),
        ("a list", lambda: f"[{value}]" if isinstance(value, str) and value else None),
    )
    return next((said for type_name, attempt in tries if type_name in wanted and (said := attempt())), None)


_ONLY = ("enabled", "create", "limit")
"""Keys that stand for a whole map, when somebody writes a value in its place."""


def _as_map(value: Any, path: Path) -> str | None:
    """Return the map that a plain value in its place probably means."""
    keys = places.keys_at(path)
    if isinstance(value, str) and {"name", "tag"} <= set(keys):
        name, _, tag = value.rpartition(":")
        return (
            f"{{name: {name}, tag: {json.dumps(tag)}}}" if name and "/" not in tag else f"{{name: {value}, tag: ...}}"
        )
    if path == ("imagePullSecret",) and isinstance(value, str):
        return f"imagePullSecrets: [{value}]"
    only = next((key for key in _ONLY if key in keys), None)
    fits = only and not isinstance(value, dict | list) and isinstance(value, bool) == (only != "limit")
    return f"{{{only}: {json.dumps(value) if isinstance(value, bool) else value}}}" if fits else None


def _as_text(value: Any, wanted: list[str], text: str) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return json.dumps(text) if is_number or (isinstance(value, bool) and wanted == ["a text"]) else None


def _choices(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(", ")


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
