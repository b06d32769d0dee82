"""The namespace of user pods: the release's own, one apart, or one for each user."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import Model, Reader, StringMap
from hub_config.chart.quota import LimitRange, Quota
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

_NAME = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
Name = Annotated[str, Field(pattern=f"^{_NAME}$")]
Template = Annotated[str, Field(pattern=r"^[-a-z0-9{}_]+$", max_length=63)]
_FIELDS = ("{username}", "{userid}")
"""What a name of a namespace for each user must have in it: without, two users would share one."""


class Namespace(Model):
    """The namespace of user pods, when it is not the release's own."""

    name: Annotated[Template | None, Reader.HUB] = None
    """The namespace of user pods and homes; null: the release's. With `{username}` in it each user has one."""
    create: bool = True
    """Whether the chart makes the namespace; false: it is there. It outlives the release, as the homes in it do."""
    per_user: Annotated[list[Name], Reader.HUB] = []
    """With `{username}` in `name`: the namespaces that users have, in which the chart gives the hub its rights."""
    former: Annotated[list[Name], Reader.HUB] = []
    """Namespaces in which there still are homes: who has one there stays there, and the hub keeps its rights."""
    labels: StringMap = {}
    """Labels of the namespace that the chart makes, besides the Pod Security level that Kubernetes enforces in it:
    that of `singleuser.security.level`, `restricted` when that is null."""
    annotations: StringMap = {}
    """Annotations of the namespace that the chart makes."""
    quota: Quota = {}
    """What pods and claims there may use together, as Kubernetes `ResourceQuotaSpec`; each of `perUser` has its own."""
    limit_range: LimitRange = {}
    """What one container, pod or claim there may use, and gets by default, as Kubernetes `LimitRangeSpec`."""

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        name = self.name or ""
        if "{" not in name and "}" not in name:
            if name and not re.fullmatch(_NAME, name):
                raise ValueError(f"name: {name} is no name of a namespace: letters, digits and dashes within")
            if self.former and not name:
                raise ValueError("former is set, but name is not: write the namespace of new users, or remove former")
            if self.per_user:
                raise ValueError(
                    "perUser is set, but name has no {username} in it: write name: jupyter-{username}, or remove "
                    "perUser"
                )
            return self
        if not any(each in name for each in _FIELDS):
            raise ValueError(f"name: {name} would be one namespace for several users: write {{username}} in it")
        if not self.per_user:
            raise ValueError(
                "perUser is missing: the hub has rights in the namespaces only that are listed there; write the "
                "namespaces of your users"
            )
        return self

    @property
    def is_separate(self) -> bool:
        """Tell whether user pods run in another namespace than the hub."""
        return self.name is not None

    @property
    def is_per_user(self) -> bool:
        """Tell whether each user has a namespace."""
        return "{" in (self.name or "")


class NamespaceOptions(Model):
    """The namespace of user pods."""

    reader: ClassVar[Reader] = Reader.TEMPLATES

    namespace: Namespace = Namespace()
    """The namespace of user pods, when it is not the release's own."""


def configure(values: Values, facts: Facts) -> Config:
    """Configure where KubeSpawner makes pods and claims."""
    config = Config()
    namespace = values.singleuser.namespace
    config.KubeSpawner.namespace = namespace.name or facts.namespace
    if namespace.is_per_user:
        config.PromptKubeSpawner.user_namespaces = [*namespace.per_user, *namespace.former]
    return config
