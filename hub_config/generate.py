"""Generate what repeats the models: the chart's `values.yaml`, `values.schema.json` and `files/model.json`.

Each generator is a pure function that returns text; `cli.py` writes or compares the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from hub_config import __version__, spawner_traits
from hub_config.base import Model, Reader, class_reader, explicit_reader, is_nullable, submodel, walk
from hub_config.kubernetes import MARK, definitions, reference
from hub_config.traits import Catalogue, pinned
from hub_config.traits import schema as traits_schema
from hub_config.values import Values
from hub_config.z2jh_keys import GONE, TAKEN, Idle, NotYet

SOURCE = "Generated from hub_config by `make generate`: change the models there, not this file."
_COMMENT_WIDTH = 110
_OVERRIDES = {False: "KubeSpawner-override", True: "KubeSpawner-override-filled-in"}
"""Definitions of maps of KubeSpawner's traits; those that are filled in have what a user typed in their texts."""


# ---- values.schema.json


class _Flat(GenerateJsonSchema):
    """Draft-07 as Helm reads it: nullable types as `[type, "null"]`, no titles."""

    schema_dialect = "http://json-schema.org/draft-07/schema#"

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        inner: dict[str, Any] = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and "enum" not in inner and "const" not in inner:
            return {**inner, "type": [inner["type"], "null"]}
        if "enum" in inner and isinstance(inner.get("type"), str):
            return {**inner, "type": [inner["type"], "null"], "enum": [*inner["enum"], None]}
        return {"anyOf": [inner, {"type": "null"}]}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema(known: Catalogue | None = None) -> dict[str, Any]:
    """Return the draft-07 schema of the values: closed to the leaf, descriptions and defaults kept, models in place.

    `known` are the classes that `hub.config` may configure; without it those of the pinned packages.
    """
    whole = TypeAdapter(Values).json_schema(by_alias=True, schema_generator=_Flat, ref_template="#model/{model}")
    models = whole.pop("$defs", {})
    schema = _in_place(whole, models)
    _add_gone(schema)
    schema["properties"]["hub"]["properties"]["config"] |= traits_schema(known or pinned())
    used = _kubernetes_closure(schema)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": SOURCE,
        **schema,
        "definitions": {
            **{name: definitions()[name] for name in sorted(used)},
            **{name: spawner_traits.schema(filled_in=filled_in) for filled_in, name in _OVERRIDES.items()},
            spawner_traits.FILLED_IN: spawner_traits.filled_in_schema(),
        },
    }


def _add_gone(schema: dict[str, Any]) -> None:
    """Let keys of Zero to JupyterHub that the chart has not pass: `templates/validate` says what to write instead."""
    for key, said in GONE.items():
        *above, last = key.split(".")
        at: Any = schema
        for part in above:
            at = at.get("properties", {}).get(part, {})
        if at.get("additionalProperties") is False:
            at["properties"].setdefault(last, {"description": said.sentence[:1].upper() + said.sentence[1:]})


def _in_place(schema: Any, models: dict[str, Any]) -> Any:  # noqa: PLR0911 - a return for each kind of place
    """Put models where they are referred to, and drop titles; a field's own description and default stay."""
    if isinstance(schema, list):
        return [_in_place(item, models) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if spawner_traits.MARK in schema:
        said = {key: value for key, value in schema.items() if key in ("description", "default")}
        return {**said, "allOf": [{"$ref": f"#/definitions/{_OVERRIDES[schema[spawner_traits.MARK]]}"}]}
    if MARK in schema:
        said = {key: value for key, value in schema.items() if key in ("description", "default")}
        kind = reference(**schema[MARK])
        # Draft-07 ignores everything beside a `$ref`; `allOf` keeps description and default.
        return {**said, "allOf": [kind]} if said else kind
    if isinstance(target := schema.get("$ref"), str) and target.startswith("#model/"):
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_in_place(models[target.removeprefix("#model/")], models), **beside}
    if "anyOf" in schema:
        members = list(_alternatives(schema["anyOf"]))
        if all(set(each) == {"type"} for each in members):
            rest = {key: value for key, value in schema.items() if key != "anyOf"}
            return {"type": [each["type"] for each in members], **rest}
        schema = dict(schema, anyOf=members)
    return {
        key: {name: _in_place(item, models) for name, item in value.items()}
        if key == "properties"
        else _in_place(value, models)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


def _alternatives(members: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the members of an `anyOf`, those of nested ones included; an integer is a number."""
    for member in members:
        if set(member) == {"anyOf"}:
            yield from _alternatives(member["anyOf"])
        elif not (member.get("type") == "integer" and {**member, "type": "number"} in members):
            yield member


def _kubernetes_closure(schema: Any) -> set[str]:
    """Return the names of all Kubernetes definitions that `schema` refers to, directly or through others."""
    used: set[str] = set()
    pending = list(_kubernetes_names(schema))
    while pending:
        name = pending.pop()
        if name not in used and name not in _OVERRIDES.values():
            used.add(name)
            pending.extend(_kubernetes_names(definitions()[name]))
    return used


def _kubernetes_names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(target := schema.get("$ref"), str):
            yield target.removeprefix("#/definitions/").split("/", 1)[0]
        for value in schema.values():
            yield from _kubernetes_names(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _kubernetes_names(value)


# ---- values.yaml


def default_values() -> dict[str, Any]:
    """Return the defaults as Helm's values: camelCase, nulls included."""
    values: dict[str, Any] = Values().model_dump(mode="json", by_alias=True)
    return values


def values_yaml() -> str:
    """Return the chart's `values.yaml`: every default, each with its description above it."""
    head = f"# The values of the chart jupyterhub, with their defaults.\n# {SOURCE}\n"
    return head + "\n".join(_yaml_lines(Values, default_values(), 0)) + "\n"


def _yaml_lines(model: type[Model], data: dict[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, field in model.model_fields.items():
        key = field.alias or name
        if depth == 0:
            yield ""
        yield from (f"{indent}# {line}" for line in _wrapped(field.description or "", _COMMENT_WIDTH - 2 * depth))
        inner = submodel(field.annotation)
        if inner is not None and data[key] is not None:
            yield f"{indent}{key}:"
            yield from _yaml_lines(inner, data[key], depth + 1)
        else:
            yield from _yaml_leaf(key, data[key], indent)


def _yaml_leaf(key: str, value: Any, indent: str) -> Iterator[str]:
    text = yaml.safe_dump({key: value}, default_flow_style=False, sort_keys=False, width=4096, allow_unicode=True)
    yield from (f"{indent}{line}" for line in text.splitlines())


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in " ".join(text.split()).split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


# ---- files/model.json


def model_json() -> str:
    """Return what templates must know of the models.

    `readers`: for `hub` and `hub-secret`, the dotted paths of the values that go to the ConfigMap and to the Secret;
    `secretDefaults`: the defaults of the latter, in which there is nothing secret;
    `notNull`: the dotted paths that may not be null; `hubConfig`: the version of hub_config that the chart expects;
    `gone`, `notYet`, `idle`: keys of Zero to JupyterHub (`z2jh_keys.py`) to what is said when they are written.
    """
    readers = {reader.value: reader_paths(reader) for reader in (Reader.HUB, Reader.HUB_SECRET)}
    content = {
        "$comment": SOURCE,
        "gone": {key: said.sentence for key, said in GONE.items() if _parent(key) in _all_dotted()},
        "hubConfig": __version__,
        "idle": {key: said.sentence for key, said in TAKEN.items() if isinstance(said, Idle)},
        "notNull": not_null_paths(),
        "notYet": {key: said.sentence for key, said in TAKEN.items() if isinstance(said, NotYet)},
        "readers": readers,
        "secretDefaults": {path: _at(default_values(), path) for path in readers[Reader.HUB_SECRET.value]},
    }
    return json.dumps(content, indent=1) + "\n"


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values[key]
    return values


def _parent(key: str) -> str:
    return key.rpartition(".")[0]


def _all_dotted() -> set[str]:
    return {"", *(".".join(path) for path, _ in walk(Values))}


def reader_paths(reader: Reader) -> list[str]:
    """Return the dotted paths of the leaves (fields that are no maps of their own) that `reader` reads."""
    return [".".join(path) for path, who in _leaf_readers(Values, (), None) if who is reader]


def _leaf_readers(
    model: type[Model], prefix: tuple[str, ...], inherited: Reader | None
) -> Iterator[tuple[tuple[str, ...], Reader]]:
    """Yield each leaf's path and reader: the nearest annotation, its own or a parent's, else its class's."""
    for name, field in model.model_fields.items():
        path = (*prefix, field.alias or name)
        marked = explicit_reader(field) or inherited
        inner = submodel(field.annotation)
        if inner is None:
            yield path, marked or class_reader(model, name)
        else:
            yield from _leaf_readers(inner, path, marked)


def not_null_paths() -> list[str]:
    """Return the dotted paths that may not be null; what is below a nullable map is left out."""
    nullable = {path for path, field in walk(Values) if is_nullable(field.annotation)}
    return [
        ".".join(path)
        for path, _ in walk(Values)
        if not any(path[: length + 1] in nullable for length in range(len(path)))
    ]
