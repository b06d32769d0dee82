"""Which profiles a user is offered, and whether what was chosen is among them.

Everything here works on KubeSpawner's `profile_list` with two keys more, `allowed_users` and `allowed_groups`, on a
profile, on a question of `profile_options`, on one of its choices and on its `unlisted_choice`. What has neither key is
for everybody; what has one or both is for the users and the members of the groups that they name, and for
administrators, as Authenticator's keys of these names have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

USERS, GROUPS = "allowed_users", "allowed_groups"
SHOWN_CHARACTERS = 60
"""Of what somebody chose, in a sentence about it."""

JsonMap = dict[str, Any]


class NotOfferedError(ValueError):
    """A choice that a user does not have; the message is for them."""


@dataclass(frozen=True)
class Person:
    """Whose server it is, which is not always the one who starts it."""

    name: str
    groups: frozenset[str] = frozenset()
    admin: bool = False
    normalize: Callable[[str], str] = str.lower
    """How names of users are written alike (JupyterHub `Authenticator.normalize_username`)."""

    def may(self, what: Mapping[str, Any]) -> bool:
        """Tell whether a profile, question or choice is for this person."""
        users, groups = what.get(USERS), what.get(GROUPS)
        if self.admin or (users is None and groups is None):
            return True
        named = any(self.name in (each, self.normalize(each)) for each in users or ())
        return named or not self.groups.isdisjoint(groups or ())


def is_restricted(profile: Mapping[str, Any]) -> bool:
    """Tell whether a profile, or anything in it, is not for everybody."""
    questions = (profile.get("profile_options") or {}).values()
    answers = [each for question in questions for each in _answers(question)]
    return any(each.get(key) is not None for each in (profile, *questions, *answers) for key in (USERS, GROUPS))


def _answers(question: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(question.get("choices") or {}).values(), question.get("unlisted_choice") or {}]


def offered(profiles: list[JsonMap], person: Person) -> list[JsonMap]:
    """Return what of `profiles` is for `person`, without the keys that say so: they name other people.

    A profile goes too when a question is left without an answer. One profile at most stays the default, and a question
    always has its `choices`, if none: KubeSpawner's page asks for them.
    """
    found = [mine for each in profiles if (mine := _profile(each, person)) is not None]
    first = next((index for index, each in enumerate(found) if each.get("default")), None)
    return [each if index == first else _without(each, "default") for index, each in enumerate(found)]


def _profile(profile: JsonMap, person: Person) -> JsonMap | None:
    if not person.may(profile):
        return None
    mine = _without(profile, USERS, GROUPS)
    if "profile_options" not in profile:
        return mine
    questions = {}
    for key, question in profile["profile_options"].items():
        if not person.may(question):
            continue
        left = _question(question, person)
        if _can_be_answered(question) and not _can_be_answered(left):
            return None
        questions[key] = left
    return {**mine, "profile_options": questions}


def _question(question: JsonMap, person: Person) -> JsonMap:
    choices = {
        key: _without(choice, USERS, GROUPS)
        for key, choice in (question.get("choices") or {}).items()
        if person.may(choice)
    }
    unlisted = question.get("unlisted_choice") or {}
    typed = _without(unlisted, USERS, GROUPS) if person.may(unlisted) else {"enabled": False}
    return {**_without(question, USERS, GROUPS), "choices": choices, "unlisted_choice": typed}


def _can_be_answered(question: Mapping[str, Any]) -> bool:
    return bool(question.get("choices") or (question.get("unlisted_choice") or {}).get("enabled"))


def _without(what: JsonMap, *keys: str) -> JsonMap:
    return {key: value for key, value in what.items() if key not in keys}


def check_choices(profiles: list[JsonMap], options: Mapping[str, Any], name: str) -> None:
    """Raise `NotOfferedError` when `options`, what the user `name` chose, are not among `profiles`.

    `profiles` are those that the user is offered, with their defaults and slugs (KubeSpawner
    `_get_initialized_profile_list`); without any, options have no meaning. `options` are what a client of the REST API
    sent, so they can be anything. Who names no profile takes the default, and its questions are checked like any
    other's.
    """
    if not profiles:
        return
    slug = options.get("profile")
    if slug:
        profile = next((each for each in profiles if each["slug"] == slug), None)
    else:
        profile = next(each for each in profiles if each.get("default"))
    if profile is None:
        others = ", ".join(each["slug"] for each in profiles)
        raise NotOfferedError(f"The profile {_shown(slug)} is not offered to {name}. Choose one of: {others}.")
    for key, question in profile.get("profile_options", {}).items():
        _check_answer(question, options.get(key), options.get(f"{key}--unlisted-choice"))


def _check_answer(question: JsonMap, chosen: Any, typed: Any) -> None:
    asked, choices, unlisted = question["display_name"], question["choices"], question["unlisted_choice"]
    if typed:
        if not unlisted.get("enabled"):
            raise NotOfferedError(f"{asked}: a value of your own is not offered. {_one_of(choices)}")
        pattern = unlisted.get("validation_regex")
        if not isinstance(typed, str) or (pattern and not re.match(pattern, typed)):
            said = unlisted.get("validation_message") or f"It must match {pattern}."
            raise NotOfferedError(f"{asked}: {_shown(typed)} is not accepted. {said}")
    elif chosen:
        if not isinstance(chosen, str) or chosen not in choices:
            raise NotOfferedError(f"{asked}: the choice {_shown(chosen)} is not offered. {_one_of(choices)}")
    elif not choices:
        raise NotOfferedError(f"{asked}: type in a value.")


def _one_of(choices: Mapping[str, Any]) -> str:
    return f"Choose one of: {', '.join(choices)}." if choices else "Type in a value."


def _shown(chosen: Any) -> str:
    text = str(chosen)
    return f'"{text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "..."}"'


class OfferedProfiles:
    """Put before KubeSpawner among a class's bases: its profiles become those that the user is offered.

    Overrides two private methods of KubeSpawner 7.1, through which its page of choices and its start both go; a test
    holds their names and meaning.
    """

    user: Any
    user_options: Any

    def person(self) -> Person:
        """Return whose server this is."""
        authenticator = getattr(self, "authenticator", None)
        return Person(
            name=self.user.name,
            groups=frozenset(group.name for group in getattr(self.user, "groups", ())),
            admin=bool(getattr(self.user, "admin", False)),
            normalize=authenticator.normalize_username if authenticator else str.lower,
        )

    def _get_initialized_profile_list(self, profile_list: Any) -> list[JsonMap]:
        """Return the profiles that the user is offered, with defaults filled in. Raises `NotOfferedError` for none."""
        mine = offered(list(profile_list or ()), self.person())
        if profile_list and not mine:
            raise NotOfferedError(f"No profile is offered to {self.user.name}: ask an administrator of this hub.")
        initialized: list[JsonMap] = super()._get_initialized_profile_list(mine)  # type: ignore[misc]
        return initialized

    def _validate_user_options(self, profile_list: list[JsonMap]) -> None:
        """Check what was chosen; KubeSpawner's own does not when no profile is named, and takes what comes."""
        check_choices(profile_list, self.user_options or {}, self.user.name)
