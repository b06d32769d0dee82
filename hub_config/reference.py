"""Generate the reference page of every value from the models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from hub_config.base import Model, submodel
from hub_config.generate import SOURCE, default_values
from hub_config.kubernetes import Kubernetes
from hub_config.values import Values

_LONG_DEFAULT = 60


def reference_markdown() -> str:
    """Return the page: a section for each top-level value, an entry (type, default, description) for each leaf."""
    head = [f"<!-- {SOURCE} -->", "# Every value", "", "Types and defaults of every value that the chart takes."]
    return "\n".join([*head, *_entries(Values, (), default_values())]) + "\n"


def _entries(model: type[Model], prefix: tuple[str, ...], data: dict[str, Any]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        path = (*prefix, key)
        inner = submodel(field.annotation)
        if not prefix:
            yield from ("", f"## {key}", "")
        if inner is not None:
            if prefix:
                yield from ("", f"### {'.'.join(path)}", "")
            yield field.description or ""
            below = data[key] if data[key] is not None else _nulls(inner)
            yield from _entries(inner, path, below)
            continue
        kubernetes = next((mark.kind for mark in field.metadata if isinstance(mark, Kubernetes)), None)
        kind = kubernetes or type_name(field.annotation)
        yield f"- **`{'.'.join(path)}`** ({kind}, default {_default(data[key])}): {field.description}"


def _nulls(model: type[Model]) -> dict[str, Any]:
    return {field.alias or name: None for name, field in model.model_fields.items()}


def _default(value: Any) -> str:
    text = json.dumps(value)
    return f"`{text}`" if len(text) <= _LONG_DEFAULT else "in `values.yaml`"


def type_name(annotation: Any) -> str:
    """Return a type's name for people: `text`, `whole number`, `list of Toleration`, `"a" or "b"`, `... or null`."""
    simple = {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true or false",
        NoneType: "null",
        Any: "anything",
    }
    if annotation in simple:
        return simple[annotation]
    origin, members = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        marked = next((mark.kind for mark in members[1:] if isinstance(mark, Kubernetes)), None)
        return marked or type_name(members[0])
    if origin is Literal:
        return " or ".join(json.dumps(member) for member in members)
    if origin in (list, dict):
        return _container_name(annotation)
    named = dict.fromkeys(type_name(member) for member in members)
    return " or ".join(named) or str(getattr(annotation, "__name__", annotation))


def _container_name(annotation: Any) -> str:
    members = get_args(annotation)
    if get_origin(annotation) is list:
        return f"list of {type_name(members[0])}"
    return "map" if members[1] is Any else f"map of names to {type_name(members[1])}"
