"""What may be where in the values: types, models and keys by their path."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from hub_config.base import Model, submodel
from hub_config.kubernetes import Kubernetes, definitions
from hub_config.values import Values

Path = tuple[int | str, ...]

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
            return _marked(fields[str(part)]) if str(part) in fields else Any
        if get_origin(member) is (list if isinstance(part, int) else dict):
            return get_args(member)[-1]
    return Any


def _marked(field: FieldInfo) -> Any:
    """Return the type of a field with the marks of Kubernetes types, which pydantic keeps apart from it."""
    marks = [mark for mark in field.metadata if isinstance(mark, Kubernetes)]
    return Annotated[field.annotation, *marks] if marks else field.annotation


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


def kubernetes_kinds(path: Path) -> set[str]:
    """Return the Kubernetes types that the map at `path` may be, null left out."""
    return {mark.kind for mark in _marks(annotation_at(path)) if mark.kind in definitions()}


def item_keys(path: Path) -> set[str]:
    """Return the keys that an item of the list at `path` may have; none when it is no list of maps."""
    lists = [each for each in members(annotation_at(path)) if get_origin(each) is list]
    items = [get_args(each)[0] for each in lists]
    kinds = [definitions()[mark.kind]["properties"] for item in items for mark in _marks(item)]
    return {key for keys in kinds for key in keys} | {key for _ in lists for key in keys_at((*path, 0))}


def _marks(annotation: Any) -> list[Kubernetes]:
    """Return the marks of Kubernetes types of an annotation, or of the members of a union."""
    if get_origin(annotation) is Annotated:
        own, *marks = get_args(annotation)
        return [*_marks(own), *(mark for mark in marks if isinstance(mark, Kubernetes))]
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return [mark for each in get_args(annotation) for mark in _marks(each)]
    return []


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
