"""Profiles: the choices that a user has when starting a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict
from traitlets.config import Config

from hub_config.base import JsonMap, Model, Reader
from hub_config.facts import Facts
from hub_config.spawner_traits import FilledInOverride, Override

if TYPE_CHECKING:
    from hub_config.values import Values


class KubeSpawnerShaped(Model):
    """A map whose keys KubeSpawner reads itself, so they are snake_case in YAML too (KubeSpawner `profile_list`)."""

    model_config = ConfigDict(alias_generator=None)
    reader: ClassVar[Reader] = Reader.HUB


class ForSome(KubeSpawnerShaped):
    """Whom a profile, a question or a choice is for: both keys absent, everybody; else who is in either of them."""

    allowed_users: list[str] | None = None
    """The users that it is for, beside members of `allowed_groups` and administrators; null is no restriction."""
    allowed_groups: list[str] | None = None
    """The groups whose members it is for, beside `allowed_users` and administrators; null is no restriction."""

    @property
    def is_for_everybody(self) -> bool:
        """Whether neither key restricts it."""
        return self.allowed_users is None and self.allowed_groups is None


class UnlistedChoice(ForSome):
    """A choice that the user types in."""

    enabled: bool = False
    """Whether the user may type a value of their own."""
    display_name: str | None = None
    """Text before the field."""
    display_name_in_choices: str | None = None
    """Text of the entry, in the list of choices, that opens the field."""
    validation_regex: str | None = None
    """What the value must match."""
    validation_message: str | None = None
    """What the user is told when it does not match."""
    kubespawner_override: FilledInOverride = {}
    """KubeSpawner traits to set; `{value}` stands for what the user typed."""


class Choice(ForSome):
    """A choice of an option."""

    display_name: str
    """The choice's name for people."""
    default: bool | None = None
    """Whether it is chosen to begin with."""
    kubespawner_override: Override = {}
    """KubeSpawner traits to set when it is chosen."""


class ProfileOption(ForSome):
    """A question within a profile."""

    display_name: str
    """The question, for people."""
    choices: dict[str, Choice] = {}
    """The answers: a key to a choice."""
    unlisted_choice: UnlistedChoice | None = None
    """An answer that the user types in."""


class Profile(ForSome):
    """A kind of server."""

    display_name: str
    """The profile's name for people."""
    description: str | None = None
    """What it is for; HTML is allowed."""
    slug: str | None = None
    """A short name for addresses and the API; null makes one from `display_name`."""
    default: bool | None = None
    """Whether it is chosen to begin with."""
    kubespawner_override: Override = {}
    """KubeSpawner traits to set, such as `image`, `mem_limit` or `node_selector`."""
    profile_options: dict[str, ProfileOption] = {}
    """Questions within the profile: a key to a question."""


class ProfileOptions(Model):
    """Profiles."""

    reader: ClassVar[Reader] = Reader.HUB

    profile_list: list[Profile] = []
    """The choices that a user has when starting a server, as KubeSpawner `profile_list`."""
    profile_form_template: str | None = None
    """The page of choices as Jinja2; null takes KubeSpawner's. A file is easier to keep: see the next value."""
    additional_profile_form_template_paths: list[str] = []
    """Folders in which `form.html`, the page of choices, is looked up before KubeSpawner's own."""


def configure(values: Values, _facts: Facts) -> Config:
    """Configure KubeSpawner's `profile_list`, without the keys that nobody set, and the page that shows it."""
    config = Config()
    written = values.singleuser.profile_list
    profiles = [_in_helms_order(profile.model_dump(exclude_unset=True, exclude_none=True)) for profile in written]
    if profiles:
        config.KubeSpawner.profile_list = profiles
    if values.singleuser.profile_form_template is not None:
        config.KubeSpawner.profile_form_template = values.singleuser.profile_form_template
    paths = values.singleuser.additional_profile_form_template_paths
    config.KubeSpawner.additional_profile_form_template_paths = paths
    return config


def _in_helms_order(profile: JsonMap) -> JsonMap:
    """Return a profile with its questions and choices in the order in which the hub gets them: Helm sorts keys.

    The order decides which choice is the default when none says so, so `hub-config explain` must have the same.
    """
    if not profile.get("profile_options"):
        return profile
    questions = {}
    for key, question in sorted(profile["profile_options"].items()):
        choices = {"choices": dict(sorted(question["choices"].items()))} if "choices" in question else {}
        questions[key] = {**question, **choices}
    return {**profile, "profile_options": questions}
