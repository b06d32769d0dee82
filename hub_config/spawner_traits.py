"""KubeSpawner's traits where values set them by name: overrides of profiles, of their options, and of groups.

A map of such overrides is a plain dict: `Annotated[dict, SpawnerTraits()]`. Names and types are those of `traits.json`;
what is shaped like a Kubernetes object is checked to the leaf. `values.schema.json` has the names and the types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from hub_config.base import JsonMap
from hub_config.kubernetes import definitions, mistakes
from hub_config.trait_types import Schema, trait_problems
from hub_config.traits import pinned, pinned_traits, unknown_trait

SECTION = "KubeSpawner"
_CLASS = "SecuredKubeSpawner"
"""The hub's own class, which has a few traits more."""
MARK = "x-spawner-traits"
ERROR = "spawner_traits"
_PLACEHOLDER = "{value}"
FILLED_IN = "KubeSpawner-filled-in"
"""Name of `filled_in_schema` among the definitions of `values.schema.json`."""
_SNAKE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")

ITEMS = {
    "extra_containers": "Container",
    "init_containers": "Container",
    "node_affinity_preferred": "PreferredSchedulingTerm",
    "node_affinity_required": "NodeSelectorTerm",
    "pod_affinity_preferred": "WeightedPodAffinityTerm",
    "pod_affinity_required": "PodAffinityTerm",
    "pod_anti_affinity_preferred": "WeightedPodAffinityTerm",
    "pod_anti_affinity_required": "PodAffinityTerm",
    "tolerations": "Toleration",
    "volume_mounts": "VolumeMount",
    "volumes": "Volume",
}
"""Traits that are lists, or maps of any name, of Kubernetes objects."""
PARTS = {
    "container_security_context": "SecurityContext",
    "extra_container_config": "Container",
    "extra_pod_config": "PodSpec",
    "lifecycle_hooks": "Lifecycle",
    "pod_security_context": "PodSecurityContext",
    "storage_selector": "LabelSelector",
}
"""Traits that are a Kubernetes object, or a part of one."""
TEXTS = (
    "common_labels",
    "extra_annotations",
    "extra_labels",
    "node_selector",
    "storage_extra_annotations",
    "storage_extra_labels",
    "user_namespace_annotations",
    "user_namespace_labels",
)
"""Traits that are maps of names to texts."""


@dataclass(frozen=True)
class Wrong:
    """One mistake in an override: the path inside it, and either a sentence or one in a Kubernetes object there."""

    path: tuple[int | str, ...]
    text: str = ""
    is_key: bool = False
    kind: str = ""
    kubernetes: Any = None


@dataclass(frozen=True)
class SpawnerTraits:
    """Mark a dict as KubeSpawner's traits; with `filled_in`, texts may have the placeholder of what a user typed."""

    filled_in: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {MARK: self.filled_in}

    def _check(self, value: Any) -> Any:
        if any(wrong_in(value, filled_in=self.filled_in)):
            raise PydanticCustomError(ERROR, "not traits of KubeSpawner", {"filled_in": self.filled_in})
        return value


Override = Annotated[JsonMap, SpawnerTraits()]
FilledInOverride = Annotated[JsonMap, SpawnerTraits(filled_in=True)]


def wrong_in(override: Mapping[str, Any], *, filled_in: bool = False, shapes_alone: bool = False) -> Iterator[Wrong]:
    """Yield what is wrong in a map of traits; with `shapes_alone` only what is inside of Kubernetes objects."""
    kinds = pinned_traits(_CLASS)
    for trait, value in override.items():
        if trait not in kinds:
            if not shapes_alone:
                yield Wrong((trait,), unknown_trait(SECTION, str(trait), pinned(), alone=True), is_key=True)
            continue
        if filled_in and _is_filled_in(value):
            continue
        plain = [Wrong((trait, *path), text) for path, text in trait_problems(kinds[trait], value, secret=False)]
        if not shapes_alone:
            yield from plain
        if not plain:
            yield from _wrong_shape(trait, value)


def _is_filled_in(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(_is_filled_in(each) for each in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and _PLACEHOLDER in value


def _wrong_shape(trait: str, value: Any) -> Iterator[Wrong]:
    if trait in ITEMS:
        yield from _wrong_items(trait, value)
    elif trait in PARTS:
        yield from _kubernetes((trait,), PARTS[trait], value, partial=True)
    elif trait == "environment":
        for name, variable in value.items():
            if isinstance(variable, dict):
                yield from _kubernetes((trait, name), "EnvVar", variable, partial=True)
            else:
                yield from _text((trait, name), variable)
    elif trait in TEXTS:
        for name, text in value.items():
            yield from _text((trait, name), text)


def _wrong_items(trait: str, value: Any) -> Iterator[Wrong]:
    if isinstance(value, dict) and _is_one(ITEMS[trait], value):
        yield Wrong((trait,), "write a list, or a map of any names, not one map alone; put `- ` before its first key")
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if item is not None or isinstance(value, list):
            yield from _kubernetes((trait, key), ITEMS[trait], item, partial=False)


def _is_one(kind: str, value: dict[str, Any]) -> bool:
    """Tell whether a map is an object of a type rather than a map of names to such objects."""
    plain = [key for key, inner in value.items() if not isinstance(inner, dict) and inner is not None]
    return bool(plain) and set(plain) <= definitions()[kind]["properties"].keys()


def _text(path: tuple[str, ...], value: Any) -> Iterator[Wrong]:
    if value is not None and not isinstance(value, str):  # null takes a key away
        yield Wrong(path, "write a text, in quotes")


def _kubernetes(path: tuple[int | str, ...], kind: str, value: Any, *, partial: bool) -> Iterator[Wrong]:
    """Yield the mistakes in an object; KubeSpawner takes its own keys in snake_case as well."""
    if isinstance(value, dict):
        value = {_camel(key): each for key, each in value.items()}
    for mistake in mistakes(kind, partial, value):
        yield Wrong(path, kind=kind, kubernetes=mistake)


def _camel(key: Any) -> Any:
    if not isinstance(key, str) or not _SNAKE.fullmatch(key):
        return key
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def schema(*, filled_in: bool) -> Schema:
    """Return the JSON schema of an override."""
    traits = pinned_traits(_CLASS)
    properties: Schema = {
        trait: {"anyOf": [kind, {"$ref": f"#/definitions/{FILLED_IN}"}]} if filled_in and kind else kind
        for trait, kind in traits.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def filled_in_schema() -> Schema:
    """Return the JSON schema of what has the placeholder somewhere in it (`_is_filled_in`)."""
    itself = {"$ref": f"#/definitions/{FILLED_IN}"}
    return {
        "anyOf": [
            {"type": "string", "pattern": _PLACEHOLDER.replace("{", "\\{").replace("}", "\\}")},
            {"type": "array", "contains": itself},
            # JSON Schema draft-07 has no "contains" for maps: not all of its values are without.
            {"type": "object", "not": {"additionalProperties": {"not": itself}}},
        ]
    }
