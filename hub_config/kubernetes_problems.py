"""Say what is wrong with a Kubernetes-shaped value: each mistake with its path inside the value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from hub_config import spelling
from hub_config.kubernetes import PORT_NAME, QUANTITY, RESOURCE_NAME, definitions
from hub_config.places import Path

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_RESOURCES = {
    "cpu": "cpu",
    "cpus": "cpu",
    "cores": "cpu",
    "mem": "memory",
    "memory": "memory",
    "ram": "memory",
    "disk": "ephemeral-storage",
    "ephemeralstorage": "ephemeral-storage",
    "gpu": "nvidia.com/gpu",
}
"""Words for resources, folded, to the names that Kubernetes has."""
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a map",
    "string": "a text",
}


def sentence_of(
    error: ValidationError, kind: str, given: Callable[[Any], str], as_text: Callable[[Path, Any], str]
) -> Iterator[tuple[Path, str]]:
    """Yield (path inside the value, sentence) of one error in a value of the Kubernetes type `kind`.

    `given` says a value in words, or hides it; `as_text` returns the value at a path as the text that was written.
    """
    schema: Any = error.schema
    rule: Any = error.validator_value
    value: Any = error.instance
    path: Path = tuple(error.absolute_path)
    owner = _owner(error, kind)
    if error.validator == "additionalProperties":
        properties = list(schema.get("properties", {}))
        for name in value:
            if name not in properties:
                yield (*path, name), _unknown(str(name), properties, owner)
    elif error.validator == "required":
        for name in rule:
            if name not in value:
                yield (*path, name), f"is missing: a Kubernetes {owner} needs it"
    elif error.validator == "type":
        wanted = rule if isinstance(rule, list) else [rule]
        words = " or ".join(_TYPES.get(str(each), str(each)) for each in wanted)
        hint = _hint(value, wanted, as_text(path, value))
        if "array" in wanted and isinstance(value, str) and given(value) == json.dumps(value, ensure_ascii=False):
            hint = f"; did you mean [{value}]?"
        yield path, f"write {words}, as Kubernetes wants it here, not {given(value)}{hint}"
    else:
        yield _about_content(error, path, owner, given)


def _about_content(error: ValidationError, path: Path, owner: str, given: Callable[[Any], str]) -> tuple[Path, str]:
    """Return (path, sentence) of an error in what a value says, its type being right."""
    rule: Any = error.validator_value
    value: Any = error.instance
    if error.validator == "enum":
        meant = spelling.choice(value, [each for each in rule if each])
        choices = " or ".join(each for each in rule if each)
        return path, f"write {choices}, not {given(value)}" + (f"; did you mean {meant}?" if meant else "")
    if error.validator == "pattern" and rule == RESOURCE_NAME:
        near = _RESOURCES.get(spelling.fold(str(value))) or spelling.near(str(value), list(_RESOURCES.values()))
        hint = f"did you mean {near}?" if near else "others than Kubernetes' own have a domain before them, as a.org/b"
        return (*path, str(value)), f"unknown key: Kubernetes has no such resource; {hint}"
    if error.validator == "pattern" and rule == QUANTITY:
        meant = spelling.unit(value, rule)
        hint = f"; did you mean {meant}?" if meant else ""
        return path, f"write an amount as Kubernetes has it, such as 500m or 10Gi, not {given(value)}{hint}"
    if error.validator == "pattern" and rule == PORT_NAME:
        hint = f"; did you mean {value}?" if value.isdigit() else ""
        return path, f"write a port's number, or its name in small letters, not {given(value)}{hint}"
    return path, f"is no Kubernetes {owner}: {error.validator} {rule}"


def _hint(value: Any, wanted: list[str], text: str) -> str:
    if "string" in wanted and isinstance(value, bool | int | float):
        return f'; did you mean "{text}"?'
    if "integer" in wanted and isinstance(value, str) and value.isdigit():
        return f"; did you mean {value}?"
    if "boolean" in wanted and (word := spelling.boolean(value)):
        return f"; did you mean {word}?"
    return ""


def _unknown(name: str, properties: list[str], owner: str) -> str:
    close = spelling.near(name, properties)
    if close:
        return f"unknown key of a Kubernetes {owner}; did you mean {close}?"
    within = [each for each in properties if name in _properties_of(owner, each)]
    if owner == "ResourceRequirements" and spelling.fold(name) in _RESOURCES:
        return f"unknown key of a Kubernetes {owner}; did you mean limits.{_RESOURCES[spelling.fold(name)]}?"
    if within:
        return f"unknown key of a Kubernetes {owner}; did you mean {within[0]}.{name}?"
    return f"unknown key of a Kubernetes {owner}; it has {', '.join(properties[:12])}{', ...' * (len(properties) > 12)}"


def _properties_of(owner: str, name: str) -> dict[str, Any]:
    """Return the keys of the type of the key `name` of the type `owner`."""
    schema = definitions().get(owner, {}).get("properties", {}).get(name, {})
    target = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    properties: dict[str, Any] = definitions().get(target, {}).get("properties", {})
    return properties


def _owner(error: ValidationError, kind: str) -> str:
    """Return the name of the type whose definition the error is about: `kind`, or one that it refers to."""
    path = list(error.absolute_path)
    if error.validator == "type" and path:
        path = path[:-1]
    current = kind
    schema: dict[str, Any] = definitions().get(kind, {})
    for part in path:
        schema = schema.get("items", {}) if isinstance(part, int) else schema.get("properties", {}).get(part, {})
        if target := str(schema.get("$ref", "")).rsplit("/", 1)[-1]:
            current, schema = target, definitions().get(target, {})
    return current
