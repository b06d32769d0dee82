"""Say what is wrong with values in words: the key, the mistake, what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from hub_config.base import Model, submodel
from hub_config.values import Values


def problems(error: ValidationError) -> list[str]:
    """Return one line a mistake, such as `singleuser.memmory: unknown key; did you mean memory?`."""
    lines = [f"{_dotted(each['loc'])}: {_sentence(each)}" for each in error.errors(include_url=False)]
    return list(dict.fromkeys(lines))


def _dotted(location: tuple[int | str, ...]) -> str:
    """Join a location as people write it; members of a union, which pydantic names too, are left out."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part.isidentifier() or "-" in part or "." in part:
            path += f".{part}" if path else part
    return path


def _sentence(problem: Any) -> str:
    kind, given = problem["type"], problem.get("input")
    if kind == "extra_forbidden":
        near = get_close_matches(str(problem["loc"][-1]), list(_siblings(problem["loc"])), n=1)
        return f"unknown key; did you mean {near[0]}?" if near else "unknown key; remove it"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    if kind == "literal_error":
        return f"{given!r} is not possible; write {problem['ctx']['expected']}"
    text = str(problem["msg"])
    return f"{text[:1].lower()}{text[1:]}, not {given!r}"


def _siblings(location: tuple[int | str, ...]) -> Iterator[str]:
    """Yield the keys that the map around `location` may have; none when that map is inside a list or free-form."""
    model: type[Model] | None = Values
    for part in location[:-1]:
        if model is None:
            return
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        model = submodel(fields[str(part)].annotation) if str(part) in fields else None
    if model is not None:
        yield from (field.alias or name for name, field in model.model_fields.items())
