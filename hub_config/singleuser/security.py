"""Who a user's processes run as, and what the kernel lets them do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import ConfigurationError, Model, NonNegativeInt, Reader
from hub_config.facts import Facts
from hub_config.kubernetes import AppArmorProfile, PodSecurityContext, SeccompProfile, SecurityContext, SELinuxOptions
from hub_config.pod_security.contradictions import contradictions
from hub_config.pod_security.standards import Level

if TYPE_CHECKING:
    from hub_config.values import Values

ROOT = 0


class Security(Model):
    """What the kernel lets users' processes do, and what nobody may ask beyond."""

    reader: ClassVar[Reader] = Reader.HUB

    level: Level | None = None
    """The Pod Security level that user pods must keep to: values that ask for more are refused, and so is a start that
    a profile or a hook gives more. Null sets no limit: pods keep to `restricted` unless values ask for more."""
    read_only_root_filesystem: bool | None = None
    """Whether only volumes can be written to; null: where users cannot become root and the home is on a volume."""
    writable_paths: list[Annotated[str, Field(pattern="^/")]] = ["/tmp", "/var/tmp", "/run"]  # noqa: S108 - in a pod
    """Folders that are empty, writable volumes where the root file system is read-only; they go with the pod."""
    fs_group_change_policy: Literal["OnRootMismatch", "Always"] = "OnRootMismatch"
    """When a volume's files are given to `fsGid`: if its top folder is not yet, or at every start."""
    se_linux_options: SELinuxOptions = {}
    """SELinux labels of the user's processes, as Kubernetes `SELinuxOptions`; nodes without SELinux ignore them."""
    app_armor_profile: AppArmorProfile = {}
    """The AppArmor profile, as Kubernetes `AppArmorProfile` (Kubernetes >= 1.30); empty takes the node's default."""
    seccomp_profile: SeccompProfile = {"type": "RuntimeDefault"}
    """Which system calls are allowed, as Kubernetes `SeccompProfile`."""
    runtime_class_name: str | None = None
    """The container runtime for user pods, such as one with gVisor or Kata: the name of a RuntimeClass of yours."""
    host_users: bool | None = None
    """False gives each pod user ids of its own on the node (Kubernetes >= 1.30, containerd >= 2); null leaves it to
    Kubernetes, which shares them."""


class SecurityOptions(Model):
    """Identity and privileges."""

    reader: ClassVar[Reader] = Reader.HUB

    security: Security = Security()
    """What the kernel lets users' processes do, and what nobody may ask beyond."""
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
    one of them keeps the container's default capabilities. Raises `ConfigurationError` for values that ask for more
    than `singleuser.security.level` allows.
    """
    if problems := [f"{key}: {text}" for key, text in contradictions(values)]:
        raise ConfigurationError("\n".join(problems))
    config = Config()
    user, spawner = values.singleuser, config.KubeSpawner
    spawner.uid = user.uid
    spawner.gid = user.gid
    spawner.fs_gid = user.fs_gid
    spawner.supplemental_gids = user.supplemental_gids
    spawner.privileged = user.privileged
    spawner.allow_privilege_escalation = user.allow_privilege_escalation
    spawner.container_security_context = _container_context(values)
    policy = {"fsGroupChangePolicy": user.security.fs_group_change_policy}
    spawner.pod_security_context = _joined(policy, user.pod_security_context)
    spawner.extra_pod_config = _pod_config(values)
    spawner.service_account = user.service_account_name
    spawner.automount_service_account_token = user.automount_service_account_token
    # Traits of our own spawner, which applies them to the finished pod (hub_config/pod_security/hardening.py).
    ours = config.SecuredKubeSpawner
    ours.security_level = user.security.level
    ours.read_only_root = user.security.read_only_root_filesystem
    ours.writable_paths = user.security.writable_paths
    ours.home_mount_path = user.storage.home_mount_path
    return config


def _container_context(values: Values) -> dict[str, Any]:
    """Return the security context of the user's container, less what traits of KubeSpawner's own say."""
    user = values.singleuser
    own = user.container_security_context
    context: dict[str, Any] = {
        key: value
        for key, value in {
            "seccompProfile": user.security.seccomp_profile,
            "appArmorProfile": user.security.app_armor_profile,
            "seLinuxOptions": user.security.se_linux_options,
        }.items()
        if value
    }
    if own.get("runAsUser", user.uid) != ROOT:
        context["runAsNonRoot"] = True
        if own.get("allowPrivilegeEscalation", user.allow_privilege_escalation) is False:
            context["capabilities"] = {"drop": ["ALL"]}
    return _joined(context, own)


def _pod_config(values: Values) -> dict[str, Any]:
    """Return keys of the pod's spec; those that `singleuser.extraPodConfig` has too are left to it."""
    security = values.singleuser.security
    ours = {"runtimeClassName": security.runtime_class_name, "hostUsers": security.host_users}
    taken = values.singleuser.extra_pod_config
    return {key: value for key, value in ours.items() if value is not None and key not in taken}


def _joined(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `more` over it: maps key by key, anything else replaced."""
    joined = dict(base)
    for key, value in more.items():
        both_maps = isinstance(value, Mapping) and isinstance(joined.get(key), Mapping)
        joined[key] = _joined(joined[key], value) if both_maps else value
    return joined
