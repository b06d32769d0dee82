"""Say what is wrong with values in words: the key, the mistake, what was probably meant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from hub_config import cures, meant, places, spawner_traits
from hub_config.base import Reader, class_reader, explicit_reader
from hub_config.kubernetes import mistakes
from hub_config.kubernetes_problems import sentence_of
from hub_config.places import Path
from hub_config.traits import class_instead, pinned
from hub_config.values import Values
from hub_config.z2jh_keys import fate, gone_below

_MISSING = "is missing"
_A_LIST = "a list"
_AS_ITEM = "; put `- ` before its first key"
_UNKNOWN = "unknown key"
_NEAR = re.compile(r"did you mean ([\w.]+)\?")


@dataclass(frozen=True)
class Problem:
    """One mistake: where, and a sentence that says what is wrong and what to write instead.

    `together` marks a mistake that lies in several values at once: `path` is then the map that holds them. `key` is the
    unknown key itself being wrong rather than its value.
    """

    path: Path
    text: str
    together: bool = False
    key: bool = False

    @property
    def meant(self) -> Path | None:
        """The path of the key that was probably meant by an unknown one."""
        near = _NEAR.search(self.text) if self.key else None
        if near is None:
            return None
        name: Path = tuple(near[1].split("."))
        return name if len(name) > 1 and name[0] in places.keys_at(()) else (*self.path[:-1], *name)

    @property
    def is_missing(self) -> bool:
        """Whether a key is not there at all."""
        return self.text.startswith(_MISSING)

    def __str__(self) -> str:
        """Return the line that people read."""
        return f"{dotted(self.path)}: {self.text}"


@dataclass(frozen=True)
class _Found:
    """One of pydantic's errors: `path` as people write it; `union` is the nearest place that may have several types."""

    path: Path
    error: Any
    union: Path | None = None

    @property
    def wanted(self) -> str | None:
        """The type that was wanted of the union's own value; None when the error says more than that."""
        return cures.WANTED.get(self.error["type"]) if self.path == self.union else None


def problems(error: ValidationError) -> list[str]:
    """Return one line a mistake, such as `singleuser.memmory: unknown key; did you mean memory?`."""
    return list(dict.fromkeys(str(each) for each in found(error)))


AsText = Callable[[Path, Any], str]
"""Returns a number or a truth value as the text that a person wrote: `1.20` rather than 1.2."""


def as_json(_path: Path, value: Any) -> str:
    """Return a number or a truth value as JSON has it."""
    return json.dumps(value)


def found(error: ValidationError, as_text: AsText = as_json) -> list[Problem]:
    """Return the mistakes, each once, in pydantic's order."""
    errors = [_place(each) for each in error.errors(include_url=False)]
    told = list(dict.fromkeys(problem for each, wanted in _merged(errors) for problem in _told(each, wanted, as_text)))
    # A key that is missing because it is misspelt is told once, and a map that should be a list as a whole.
    misspelt = {each.meant for each in told}
    lists = {each.path for each in told if each.text.endswith(_AS_ITEM)}
    return [
        each
        for each in told
        if not (each.is_missing and each.path in misspelt)
        and not any(each.path[:length] in lists for length in range(1, len(each.path)))
    ]


def _merged(errors: list[_Found]) -> Iterator[tuple[_Found, list[str]]]:
    """Yield the errors to tell, with the types that were possible instead.

    A value that may have several types fails each of them. Where it had one of the types but something else was wrong,
    that alone is told.
    """
    for each in errors:
        together = [other for other in errors if other.union == each.union] if each.union is not None else [each]
        says_more = any(
            other.union is not None and (other.wanted is None if other.union == each.union else _is_below(other, each))
            for other in errors
        )
        if each.wanted is None:
            yield each, []
        elif not says_more:
            yield each, list(dict.fromkeys(other.wanted for other in together if other.wanted))


def _is_below(other: _Found, each: _Found) -> bool:
    """Tell whether an error is about something inside of the union that another one is about."""
    length = len(each.union or ())
    return len(other.path) > length and other.path[:length] == each.union


def _place(error: Any) -> _Found:
    """Take the members of unions, which pydantic names in a location as if they were keys, out of it."""
    annotation: Any = Values
    path: Path = ()
    union: Path | None = None
    for part in error["loc"]:
        if len(places.members(annotation)) > 1 and path != union:  # then `part` is pydantic's name of one of them
            union = path
            continue
        path = (*path, part)
        annotation = places.inner(annotation, part)
    return _Found(path, error, union)


def _told(each: _Found, wanted: list[str], as_text: AsText) -> Iterator[Problem]:
    """Yield the problems that one of pydantic's errors is: of a Kubernetes object each mistake in it."""
    path, error = each.path, each.error
    context = error.get("ctx", {})
    if error["type"] == "kubernetes":
        for mistake in mistakes(context["kind"], context["partial"], error["input"]):
            words = partial(given, path), partial(_under, path, as_text)
            said = sentence_of(mistake, context["kind"], *words)
            yield from (Problem((*path, *below), text, key=text.startswith(_UNKNOWN)) for below, text in said)
    elif error["type"] == spawner_traits.ERROR:
        for wrong in spawner_traits.wrong_in(error["input"], filled_in=context["filled_in"]):
            yield from spawner_problems((*path, *wrong.path), wrong, as_text)
    elif error["type"] == "extra_forbidden":
        for below in gone_below(path, error["input"]) or [path]:
            entry = fate(below)
            yield Problem(below, entry[1].sentence if entry else unknown(below, error["input"]), key=True)
    elif error["type"] == "dict_type" and path[-1] in places.item_keys(path[:-1]):
        # A list, or a map of any names, of such objects may be there; somebody wrote one object.
        yield Problem(path[:-1], f"write {_A_LIST}, not one map alone{_AS_ITEM}")
    elif error["type"] == "missing":
        yield Problem(path, f"{_MISSING}{_described(path)}")
    elif error["type"] == "value_error":
        yield Problem(path, str(error["msg"]).removeprefix("Value error, "), together=True)
    else:
        yield Problem(path, _wrong(path, error, wanted, as_text))


def spawner_problems(path: Path, wrong: spawner_traits.Wrong, as_text: AsText) -> Iterator[Problem]:
    """Yield the problems that one mistake in an override of KubeSpawner's traits, at `path`, is."""
    if wrong.kubernetes is None:
        yield Problem(path, wrong.text, key=wrong.is_key)
    else:
        said = sentence_of(wrong.kubernetes, wrong.kind, partial(given, path), partial(_under, path, as_text))
        yield from (Problem((*path, *below), text, key=text.startswith(_UNKNOWN)) for below, text in said)


def _under(path: Path, as_text: AsText, below: Path, value: Any) -> str:
    return as_text((*path, *below), value)


def _described(path: Path) -> str:
    model = places.model_at(path[:-1])
    fields = {field.alias or name: field for name, field in model.model_fields.items()} if model else {}
    about = fields[str(path[-1])].description if str(path[-1]) in fields else None
    return f" ({about.split('. ')[0].rstrip('.')})" if about else ""


def unknown(path: Path, value: Any) -> str:
    """Return the sentence about a key that does not exist; `value` is what was written there."""
    if path[:2] == ("hub", "config") and len(path) == 3:
        return class_instead(str(path[2]), pinned(), places.keys_at(("hub",)))
    if len(path) == 1 and isinstance(value, dict) and {"hub", "proxy", "singleuser"} & set(value):
        return (
            f"{_UNKNOWN}; move what is in it one level up, or, in the file of a parent chart, check it with "
            f"--key {path[0]}"
        )
    near = meant.key(path, value)
    return f"{_UNKNOWN}; did you mean {near}?" if near else f"{_UNKNOWN}; remove it"


def _wrong(path: Path, error: Any, wanted: list[str], as_text: AsText) -> str:
    value = error["input"]
    if value is None and not wanted:
        return "may not be null: leave it out to have the default"
    if path[:2] == ("hub", "config") and len(path) == 3 and not places_class(path[2]):
        return class_instead(str(path[2]), pinned(), places.keys_at(("hub",)))
    wanted_types = wanted or [cures.WANTED.get(error["type"], "")]
    hidden = is_secret(path) and "true or false" not in wanted_types
    suggestion = None if hidden else cures.suggestion(error, wanted_types, as_text(path, value))
    did_you_mean = f"; did you mean {suggestion}?" if suggestion else ""
    if is_secret(path) and "a text" in wanted_types and isinstance(value, bool | int | float):
        did_you_mean = "; put it in quotes"
    if isinstance(value, dict) and _A_LIST in wanted_types and value.keys() & places.item_keys(path):
        did_you_mean = _AS_ITEM
    if error["type"] == "model_type" and path[-1] in places.keys_at(path):
        # Anything may be named here; somebody left the name out.
        did_you_mean = f"; did you mean {dotted((*path[:-1], 'NAME', path[-1]))}?"
    return f"write {cures.cure(path, error, wanted)}, not {given(path, value)}{did_you_mean}"


def places_class(name: int | str) -> bool:
    """Tell whether a key of `hub.config` looks like a class."""
    return isinstance(name, str) and name[:1].isupper() and "." not in name


def dotted(path: Path) -> str:
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


def given(path: Path, value: Any) -> str:
    """Return a value as YAML has it; a map or a list by its name alone, and a secret not at all: logs show this."""
    if isinstance(value, dict | list):
        return "a map" if isinstance(value, dict) else "a list"
    return "what is there" if is_secret(path) else json.dumps(value, ensure_ascii=False)


def is_secret(path: Path) -> bool:
    """Tell whether the value at `path` is one that people keep passwords in."""
    for length in range(len(path)):
        model = places.model_at(path[:length])
        names = {field.alias or name: name for name, field in model.model_fields.items()} if model else {}
        if model is None or (name := names.get(str(path[length]))) is None:
            continue
        field = model.model_fields[name]
        reader = explicit_reader(field) or class_reader(model, name)
        if reader is Reader.HUB_SECRET or any(word in name for word in ("password", "secret_token")):
            return True
    return False


def prefixed(problem: Problem, prefix: Path) -> Problem:
    """Return the problem as it is in a parent chart's values, below `prefix`."""
    return replace(problem, path=(*prefix, *problem.path))
