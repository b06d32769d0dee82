"""What a person probably meant by a key that does not exist or by a value of the wrong kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin

from hub_config.base import Model, submodel
from hub_config.kubernetes import Kubernetes
from hub_config.values import Values

Path = tuple[int | str, ...]

_ALIKE = 0.6
_VERY_ALIKE = 0.84
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_TRUE = {"true", "yes", "on", "y", "1", "enabled"}
_FALSE = {"false", "no", "off", "n", "0", "disabled"}
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
    if (same := _folded_match(name, here)) or (same := near(name, here, _VERY_ALIKE)):
        return same
    if (other := _OTHER_WORDS.get(fold(name))) in here:
        return other
    return _elsewhere(path) or near(name, here, _ALIKE) or _elsewhere(path, alike=True)


def fold(name: str) -> str:
    """Return a key without what people forget: case, `_` and `-`."""
    return name.replace("_", "").replace("-", "").lower()


def near(name: str, candidates: Sequence[str], cutoff: float = _ALIKE) -> str | None:
    """Return the candidate that is most like `name`, None when none is like it."""
    folded = {fold(each): each for each in reversed(candidates)}
    found = get_close_matches(fold(name), list(folded), n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


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
        or (alike and SequenceMatcher(None, fold(each[-1]), name).ratio() >= _VERY_ALIKE)
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


# ---- values


def choice(value: Any, choices: Sequence[str]) -> str | None:
    """Return the choice that was probably meant."""
    return near(str(value), choices) if isinstance(value, str) else None


def boolean(value: Any) -> str | None:
    """Return `true` or `false` for a text or number that means it."""
    word = str(value).lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else None


def number(value: Any, *, whole: bool) -> str | None:
    """Return the number that a text means: `"64"`, `"1h"` in seconds, `"500m"` of CPU."""
    text = str(value).strip() if isinstance(value, str) else ""
    if re.fullmatch(r"-?[0-9]+" if whole else r"-?[0-9]*\.?[0-9]+", text):
        return text
    if whole and (match := re.fullmatch(r"([0-9]+) ?(s|m|min|h|d)", text)):
        return str(int(match[1]) * _SECONDS[match[2]])
    if not whole and (match := re.fullmatch(r"([0-9]+)m", text)):
        return f"{int(match[1]) / 1000:g}"
    return None


def unit(value: Any, pattern: str) -> str | None:
    """Return the text that fits `pattern` and differs from `value` by its unit alone (`1Gi` for `1G`, `10GB`)."""
    text = str(value).replace(" ", "")
    changes: tuple[Callable[[str], str], ...] = (
        lambda text: text,
        lambda text: text.removesuffix("B").removesuffix("b"),
        lambda text: text.removesuffix("B").removesuffix("b").removesuffix("i"),
        lambda text: text.upper(),
        lambda text: text.upper().removesuffix("B").removesuffix("I"),
        lambda text: re.sub(r"([kmgtpe])i?b?$", lambda match: match[1].upper() + "i", text, flags=re.IGNORECASE),
        lambda text: f"/{text}",
    )
    fitting = (changed for change in changes if re.search(pattern, changed := change(text)))
    return next(fitting, None)
