"""What a person probably meant by a key that does not exist or by a value of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin

from hub_config.base import Model, submodel
from hub_config.kubernetes import Kubernetes
from hub_config.spelling import ALIKE, VERY_ALIKE, fold, near
from hub_config.values import Values

Path = tuple[int | str, ...]

_OTHER_WORDS = {
    "env": "extraEnv",
    "environment": "extraEnv",
    "files": "extraFiles",
    "labels": "extraLabels",
    "annotations": "extraAnnotations",
    "volumes": "extraVolumes",
    "volumemounts": "extraVolumeMounts",
    "mounts": "extraVolumeMounts",
    "size": "capacity",
    "repository": "name",
    "request": "guarantee",
    "requests": "guarantee",
    "min": "guarantee",
    "max": "limit",
    "limits": "limit",
    "affinity": "extraNodeAffinity",
    "tolerations": "extraTolerations",
    "sidecars": "extraContainers",
    "serviceaccount": "serviceAccountName",
    "command": "cmd",
    "profiles": "profileList",
    "profile": "profileList",
    "host": "hosts",
    "classname": "ingressClassName",
    "class": "ingressClassName",
    "culling": "cull",
}
"""Words of other charts and of Kubernetes, folded, to the keys of ours that mean the same."""


# ---- the types of values


def members(annotation: Any) -> list[Any]:
    """Return the types that an annotation stands for, null left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return members(get_args(annotation)[0])
    if origin is Union or type(annotation).__name__ == "UnionType":
        return [member for each in get_args(annotation) if each is not NoneType for member in members(each)]
    return [annotation]


def inner(annotation: Any, part: int | str) -> Any:
    """Return the type of what is at `part` inside a value of type `annotation`, marks of lists' items kept."""
    for member in members(annotation):
        if is_model(member):
            fields = {field.alias or name: field for name, field in member.model_fields.items()}
            return fields[str(part)].annotation if str(part) in fields else Any
        if get_origin(member) is (list if isinstance(part, int) else dict):
            return get_args(member)[-1]
    return Any


def is_model(annotation: Any) -> bool:
    """Tell whether an annotation is one of our models."""
    return isinstance(annotation, type) and issubclass(annotation, Model)


def annotation_at(path: Path) -> Any:
    """Return the type of the value at `path`; `Any` for what is free-form."""
    annotation: Any = Values
    for part in path:
        annotation = inner(annotation, part)
    return annotation


def model_at(path: Path) -> type[Model] | None:
    """Return the model of the map at `path`, None when it is something else."""
    return next((member for member in members(annotation_at(path)) if is_model(member)), None)


def keys_at(path: Path) -> list[str]:
    """Return the keys that the map at `path` may have; none when it is free-form."""
    model = model_at(path)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


@cache
def all_paths() -> tuple[tuple[str, ...], ...]:
    """Return the path of every key that is not inside a list or a map of any names."""
    return tuple(_paths(Values, ()))


def _paths(model: type[Model], prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        path = (*prefix, field.alias or name)
        yield path
        marked = any(isinstance(mark, Kubernetes) for mark in field.metadata)
        below = None if marked else submodel(field.annotation)
        if below is not None:
            yield from _paths(below, path)


# ---- keys


def key(path: Path, written: Sequence[str] = ()) -> str | None:
    """Return the key that was probably meant by the unknown key at `path`, None when nothing is near.

    A key of the same map is named alone (`memory`), one from elsewhere by its whole path (`singleuser.memory`).
    `written` are keys that the map has already: they come last.
    """
    name, here = str(path[-1]), [each for each in keys_at(path[:-1]) if each not in written]
    if (same := _folded_match(name, here)) or (same := near(name, here, VERY_ALIKE)):
        return same
    if (other := _OTHER_WORDS.get(fold(name))) in here:
        return other
    return _elsewhere(path) or near(name, here, ALIKE) or _elsewhere(path, alike=True)


def _folded_match(name: str, candidates: Sequence[str]) -> str | None:
    return next((each for each in candidates if fold(each) == fold(name)), None)


def _elsewhere(path: Path, *, alike: bool = False) -> str | None:
    """Return the nearest path in the whole tree whose last key is the unknown one (or, `alike`, is very like it)."""
    name = fold(str(path[-1]))
    other = fold(_OTHER_WORDS.get(name, name))
    found = [
        each
        for each in all_paths()
        if fold(each[-1]) in (name, other)
        or (alike and SequenceMatcher(None, fold(each[-1]), name).ratio() >= VERY_ALIKE)
    ]
    best = min(found, key=lambda each: (_distance(each, path), len(each)), default=None)
    # A name such as `enabled` is everywhere: without a place in common it says nothing.
    if best is None or (len(found) > 3 and best[0] != path[0]):
        return None
    return ".".join(best)


def _distance(one: Path, other: Path) -> int:
    """Return how many steps lie between the maps that two paths are in."""
    first, second = one[:-1], other[:-1]
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    return len(first) + len(second) - 2 * common
