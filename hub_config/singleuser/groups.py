"""What users get because of the groups they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, model_validator
from traitlets.config import Config

from hub_config.base import Model, Reader
from hub_config.facts import Facts
from hub_config.spawner_traits import Override

if TYPE_CHECKING:
    from hub_config.values import Values


class GroupOverride(Model):
    """KubeSpawner traits for the members of groups; JupyterHub reads its keys itself, so they are snake_case."""

    model_config = ConfigDict(alias_generator=None)
    reader: ClassVar[Reader] = Reader.HUB

    groups: list[str]
    """The groups: a member of any of them gets the override."""
    spawner_override: Override
    """KubeSpawner traits to set, such as `mem_limit`; maps, such as `environment`, are added to key by key. The profile
    that the user chose comes after it and wins."""

    @model_validator(mode="after")
    def _no_profiles(self) -> GroupOverride:
        if "profile_list" in self.spawner_override:
            # JupyterHub applies overrides when a server starts: the page of choices would show other profiles.
            raise ValueError(
                "spawner_override: profile_list would not be shown: write allowed_groups at profiles in "
                "singleuser.profileList"
            )
        return self


class GroupOptions(Model):
    """Overrides by group."""

    reader: ClassVar[Reader] = Reader.HUB

    group_overrides: dict[str, GroupOverride] = {}
    """What members of groups get: any name, whose order is that of the overrides, to groups and KubeSpawner traits."""


def configure(values: Values, _facts: Facts) -> Config:
    """Configure JupyterHub's `Spawner.group_overrides`."""
    config = Config()
    overrides = values.singleuser.group_overrides
    if overrides:
        config.KubeSpawner.group_overrides = {name: each.model_dump() for name, each in overrides.items()}
    return config
