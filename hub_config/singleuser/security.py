"""Who a user's processes run as, and what the kernel lets them do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import model_validator
from traitlets.config import Config

from hub_config.base import Model, NonNegativeInt, Reader
from hub_config.facts import Facts
from hub_config.kubernetes import PodSecurityContext, SecurityContext

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
    gid: NonNegativeInt | None = None
    """The group id of the user's container; null takes the image's."""
    fs_gid: NonNegativeInt | None = 100
    """The group that volumes are given to, so that the user can write to them."""
    supplemental_gids: list[NonNegativeInt] = []
    """More groups that the user's processes are in, such as those of a shared disk."""
    privileged: bool = False
    """Whether the user's container may do what root on the node may; needs `allowPrivilegeEscalation` true or null."""
    pod_security_context: PodSecurityContext = {}
    """More of the pod's security context, as Kubernetes `PodSecurityContext`; wins over what the values here make."""
    container_security_context: SecurityContext = {}
    """More of the container's, as Kubernetes `SecurityContext`; wins, key by key, over what the values here make."""
    service_account_name: str | None = None
    """The service account of user pods; null means none, and so no access to Kubernetes."""
    automount_service_account_token: bool | None = None
    """Whether user pods get the account's token; null gives it with `serviceAccountName` only."""

    @model_validator(mode="after")
    def _privileged_may_escalate(self) -> Self:
        if self.privileged and self.allow_privilege_escalation is False:
            raise ValueError(
                "privileged: Kubernetes refuses a privileged container without privilege escalation: "
                "write allowPrivilegeEscalation: true as well, or remove privileged"
            )
        return self


def configure(values: Values, _facts: Facts) -> Config:
    """Configure the security contexts: the Pod Security level `restricted` unless values ask for more rights.

    Root and privilege escalation need capabilities (`sudo` and package managers fail without), so a value that asks for
    one of them keeps the container's default capabilities.
    """
    config = Config()
    user, spawner = values.singleuser, config.KubeSpawner
    spawner.uid = user.uid
    spawner.gid = user.gid
    spawner.fs_gid = user.fs_gid
    spawner.supplemental_gids = user.supplemental_gids
    spawner.privileged = user.privileged
    spawner.allow_privilege_escalation = user.allow_privilege_escalation
    own = user.container_security_context
    context: dict[str, Any] = {"seccompProfile": {"type": "RuntimeDefault"}}
    if own.get("runAsUser", user.uid) != ROOT:
        context["runAsNonRoot"] = True
        if own.get("allowPrivilegeEscalation", user.allow_privilege_escalation) is False:
            context["capabilities"] = {"drop": ["ALL"]}
    spawner.container_security_context = _joined(context, own)
    spawner.pod_security_context = _joined({"fsGroupChangePolicy": "OnRootMismatch"}, user.pod_security_context)
    spawner.service_account = user.service_account_name
    spawner.automount_service_account_token = user.automount_service_account_token
    return config


def _joined(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `more` over it: maps key by key, anything else replaced."""
    joined = dict(base)
    for key, value in more.items():
        both_maps = isinstance(value, Mapping) and isinstance(joined.get(key), Mapping)
        joined[key] = _joined(joined[key], value) if both_maps else value
    return joined
