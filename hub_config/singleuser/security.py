"""Who a user's processes run as, and what the kernel lets them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from traitlets.config import Config

from hub_config.base import Model, NonNegativeInt, Reader
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

ROOT = 0


class SecurityOptions(Model):
    """Identity and privileges."""

    reader: ClassVar[Reader] = Reader.HUB

    allow_privilege_escalation: bool | None = False
    """Whether processes may gain rights, as `sudo` does; null leaves it to Kubernetes, which allows it."""
    uid: NonNegativeInt | None = 1000
    """The user id of the user's container; null takes the image's. 0 is root, which the level `restricted` forbids."""
    fs_gid: NonNegativeInt | None = 100
    """The group that volumes are given to, so that the user can write to them."""
    service_account_name: str | None = None
    """The service account of user pods; null means none, and so no access to Kubernetes."""


def configure(values: Values, _facts: Facts) -> Config:
    """Configure the security contexts: the Pod Security level `restricted` unless values ask for more rights.

    Root and privilege escalation need capabilities (`sudo` and package managers fail without), so a value that asks for
    one of them keeps the container's default capabilities.
    """
    config = Config()
    user, spawner = values.singleuser, config.KubeSpawner
    spawner.uid = user.uid
    spawner.fs_gid = user.fs_gid
    spawner.allow_privilege_escalation = user.allow_privilege_escalation
    context: dict[str, Any] = {"seccompProfile": {"type": "RuntimeDefault"}}
    if user.uid != ROOT:
        context["runAsNonRoot"] = True
        if user.allow_privilege_escalation is False:
            context["capabilities"] = {"drop": ["ALL"]}
    spawner.container_security_context = context
    spawner.pod_security_context = {"fsGroupChangePolicy": "OnRootMismatch"}
    spawner.service_account = user.service_account_name
    return config
