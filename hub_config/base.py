"""The one base class of every model of values, and the few rules that all of them share.

A model describes one map of the Helm values. Its fields are snake_case in Python and camelCase in YAML; a field's
docstring is its description in `values.yaml`, in `values.schema.json` and in the reference. Models are closed (an
unknown key is an error), strict (no silent conversion of types) and frozen.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo


class ConfigurationError(Exception):
    """A person's mistake in the values: the message names the key and says what to write; no traceback is shown."""


class Reader(StrEnum):
    """Who reads a value, which decides where the chart puts it and so what restarts when it changes."""

    TEMPLATES = "templates"
    """Only Helm templates: the value reaches no pod as a value."""
    HUB = "hub"
    """The hub, through the ConfigMap `hub`."""
    HUB_SECRET = "hub-secret"  # noqa: S105 - a place, not a password
    """The hub, through the Secret `hub`, because people put passwords and tokens there."""


class Model(BaseModel):
    """A map of the values: closed, strict, frozen, camelCase outside.

    `reader` says who reads the fields that a class defines; a field annotated with another `Reader` is the exception.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        validate_default=False,
    )
    reader: ClassVar[Reader] = Reader.TEMPLATES

    @model_validator(mode="before")
    @classmethod
    def _absent_nullable_means_null(cls, data: Any, info: ValidationInfo) -> Any:
        """Undo Helm's dropping of keys that are set to `null` (Helm "Deleting a default key").

        Helm merges the defaults in before it hands the values over, so a nullable key that is absent then was set to
        null by somebody; when that was the last key of its map, the chart leaves the map out too. Applies only in the
        context `{"merged_by_helm": True}`.
        """
        if not isinstance(data, dict) or not (info.context or {}).get("merged_by_helm"):
            return data
        absent = {
            alias: _nulled(field.annotation, default)
            for name, field in cls.model_fields.items()
            if (alias := field.alias or name) not in data
            and name not in data
            and (isinstance(default := field.get_default(), Model) or is_nullable(field.annotation))
        }
        return {**data, **absent}


def _nulled(annotation: Any, default: Any) -> Any:
    """Return what an absent value means: null where that is possible, in the maps inside a default too."""
    if is_nullable(annotation):
        return None
    if not isinstance(default, Model):
        return default
    fields = type(default).model_fields.items()
    return default.model_copy(update={name: _nulled(each.annotation, getattr(default, name)) for name, each in fields})


def is_nullable(annotation: Any) -> bool:
    """Tell whether None is a member of a type annotation."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return is_nullable(get_args(annotation)[0])
    return annotation is NoneType or (
        (origin is Union or type(annotation).__name__ == "UnionType")
        and any(is_nullable(member) for member in get_args(annotation))
    )


def submodel(annotation: Any) -> type[Model] | None:
    """Return the model that a field's annotation is, None when it is another type (a nullable model counts)."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    members = [member for member in get_args(annotation) if member is not NoneType]
    is_optional = type(annotation).__name__ == "UnionType" or get_origin(annotation) in (Union, Annotated)
    if is_optional and members:
        return submodel(members[0])
    return None


def explicit_reader(field: FieldInfo) -> Reader | None:
    """Return the `Reader` that a field is annotated with, None when it has none of its own."""
    return next((mark for mark in field.metadata if isinstance(mark, Reader)), None)


def class_reader(model: type[Model], name: str) -> Reader:
    """Return the `reader` of the class that defines the field `name` of `model`."""
    for owner in model.__mro__:
        if issubclass(owner, Model) and name in inspect.get_annotations(owner):
            return owner.reader
    return model.reader


def walk(model: type[Model], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Yield (path in YAML, field) for every field of `model` and of the models inside it, parents before children."""
    for name, field in model.model_fields.items():
        path = (*prefix, field.alias or name)
        yield path, field
        inner = submodel(field.annotation)
        if inner is not None:
            yield from walk(inner, path)


def _integral(value: Any) -> Any:
    """Take 5.0 for 5, as JSON Schema does: Helm and JavaScript tools write numbers that way."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Int = Annotated[int, BeforeValidator(_integral)]
# The bounds stand before the validator: behind one, pydantic leaves them out of the JSON schema.
NonNegativeInt = Annotated[int, Field(ge=0), BeforeValidator(_integral)]
PositiveInt = Annotated[int, Field(ge=1), BeforeValidator(_integral)]
Port = Annotated[int, Field(ge=1, le=65535), BeforeValidator(_integral)]
NodePort = Port
StringMap = dict[str, str]
JsonMap = dict[str, Any]
