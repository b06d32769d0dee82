"""Say what is wrong with values in words: the key, the mistake, what was probably meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError

from hub_config.base import Model, Reader, class_reader, explicit_reader
from hub_config.refused import instead_of
from hub_config.values import Values

Path = tuple[int | str, ...]

_WANTED = {
    "bool_type": "true or false",
    "dict_type": "a map",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a map",
    "string_type": "a text",
}
"""The kinds of pydantic's errors that only say which type a value must have, in the words of YAML."""


@dataclass(frozen=True)
class _Problem:
    """One of pydantic's errors: `path` as people write it; `union` is the place whose value may have several types."""

    path: Path
    error: Any
    union: Path | None = None

    @property
    def wanted(self) -> str | None:
        """The type that was wanted of the union's own value; None when the error says more than that."""
        return _WANTED.get(self.error["type"]) if self.path == self.union else None


def problems(error: ValidationError) -> list[str]:
    """Return one line a mistake, such as `singleuser.memmory: unknown key; did you mean memory?`."""
    found = [_problem(each) for each in error.errors(include_url=False)]
    lines = [f"{_dotted(each.path)}: {_sentence(each.path, each.error, wanted)}" for each, wanted in _merged(found)]
    return list(dict.fromkeys(lines))


def _merged(found: list[_Problem]) -> Iterator[tuple[_Problem, list[str]]]:
    """Yield the problems to tell, with the types that were possible instead.

    A value that may have several types fails each of them. Where it had one of the types but something else was wrong,
    that alone is told.
    """
    for each in found:
        together = [other for other in found if other.union == each.union] if each.union is not None else [each]
        says_more = any(other.wanted is None for other in together)
        if each.wanted is None:
            yield each, []
        elif not says_more:
            yield each, list(dict.fromkeys(other.wanted for other in together if other.wanted))


def _problem(error: Any) -> _Problem:
    """Take the members of unions, which pydantic names in a location as if they were keys, out of it."""
    annotation: Any = Values
    path: Path = ()
    for position, part in enumerate(error["loc"]):
        members = _members(annotation)
        if len(members) > 1:  # then `part` is pydantic's name of one of them
            return _Problem((*path, *error["loc"][position + 1 :]), error, union=path)
        path = (*path, part)
        annotation = _inner(members[0], part)
    return _Problem(path, error)


def _members(annotation: Any) -> list[Any]:
    """Return the types that an annotation stands for, null left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin is Union or type(annotation).__name__ == "UnionType":
        return [member for each in get_args(annotation) if each is not NoneType for member in _members(each)]
    return [annotation]


def _inner(annotation: Any, part: int | str) -> Any:
    """Return the type of what is at `part` inside a value of type `annotation`."""
    if _is_model(annotation):
        return {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}.get(
            str(part), Any
        )
    return get_args(annotation)[-1] if get_origin(annotation) in (list, dict) else Any


def _dotted(path: Path) -> str:
    """Join a path as people write it; a key that is no plain word is quoted."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("-", "_").isidentifier():
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text


def _sentence(path: Path, error: Any, wanted: list[str]) -> str:
    kind = error["type"]
    if kind in ("extra_forbidden", "literal_error") and (instead := instead_of(_dotted(path))):
        return f"not in this chart: {instead}"
    if kind == "extra_forbidden":
        near = get_close_matches(str(path[-1]), _keys(path[:-1]), n=1)
        return f"unknown key; did you mean {near[0]}?" if near else "unknown key; remove it"
    if kind == "missing":
        return "is missing"
    if kind in ("value_error", "kubernetes"):
        return str(error["msg"]).removeprefix("Value error, ")
    return f"{_cure(error, wanted)}, not {_given(path, error['input'])}"


def _cure(error: Any, wanted: list[str]) -> str:
    """Return what to write instead."""
    kind = error["type"]
    if kind == "literal_error":
        return f"write {error['ctx']['expected']}"
    if wanted or kind in _WANTED:
        return f"write {_either(wanted or [_WANTED[kind]])}"
    text = str(error["msg"])
    return f"{text[:1].lower()}{text[1:]}"


def _given(path: Path, value: Any) -> str:
    """Return a value as YAML has it; a map or a list by its name alone, and a secret not at all: logs show this."""
    if isinstance(value, dict | list):
        return "a map" if isinstance(value, dict) else "a list"
    return "what is there" if _is_secret(path) else json.dumps(value, ensure_ascii=False)


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _keys(path: Path) -> list[str]:
    """Return the keys that the map at `path` may have; none when it is free-form."""
    annotation: Any = Values
    for part in path:
        annotation = _inner(_members(annotation)[0], part)
    model = _members(annotation)[0]
    if not _is_model(model):
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _is_secret(path: Path) -> bool:
    """Tell whether the value at `path` is one that people keep passwords in."""
    annotation: Any = Values
    for part in path:
        model = _members(annotation)[0]
        names = {field.alias or name: name for name, field in model.model_fields.items()} if _is_model(model) else {}
        if (name := names.get(str(part))) is not None:
            reader = explicit_reader(model.model_fields[name]) or class_reader(model, name)
            if reader is Reader.HUB_SECRET:
                return True
        annotation = _inner(model, part)
    return False


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Model)
