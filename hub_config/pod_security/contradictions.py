"""Values of user pods that contradict the level that `singleuser.security.level` chooses.

`jupyterhub/templates/validate/_security.tpl` has the same rules for people who use plain `helm`; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from hub_config.pod_security.standards import (
    CONTAINER_LISTS,
    Level,
    Part,
    of_container,
    of_container_context,
    of_pod,
    of_volume,
)

if TYPE_CHECKING:
    from hub_config.values import Values

LEVEL_KEY = "singleuser.security.level"
LEVELS: tuple[Level, ...] = get_args(Level)
Kind = Literal["context", "container", "pod", "volume"]
Said = tuple[str, Kind, Part]
"""A key of the values, what kind of Kubernetes object is there, and that object."""


def contradictions(values: Values) -> Iterator[tuple[str, str]]:
    """Yield (key, sentence) for each value that asks for more than the chosen level allows."""
    level = values.singleuser.security.level
    if level is None:
        return
    for key, kind, part in said(values, level):
        for problem in forbidden(kind, part, level):
            allowing = next(each for each in LEVELS if problem not in forbidden(kind, part, each))
            yield (
                key,
                f"{problem}, which {LEVEL_KEY}: {level} forbids: remove it, or write {LEVEL_KEY}: {allowing}",
            )


def forbidden(kind: Kind, part: Part, level: Level) -> list[str]:
    """Return what `level` forbids of what a part of a pod says."""
    if kind == "volume":
        return [f"volume {part.get('name', '')}: {each}" for each in of_volume(part, level)]
    if kind == "pod":
        inside = [each for name in CONTAINER_LISTS for each in part.get(name) or []]
        return [*of_pod(part, level), *(problem for each in inside for problem in of_container(each, level))]
    return [*(of_container(part, level) if kind == "container" else of_container_context(part, level))]


def said(values: Values, level: Level) -> Iterator[Said]:
    """Yield every part of the values that says something about the rights of user pods."""
    user = values.singleuser
    yield "singleuser.uid", "context", {"runAsUser": user.uid}
    yield "singleuser.privileged", "context", {"privileged": user.privileged}
    # Null leaves it to Kubernetes, which allows it.
    escalation = user.allow_privilege_escalation is not False
    yield "singleuser.allowPrivilegeEscalation", "context", {"allowPrivilegeEscalation": escalation}
    yield "singleuser.security.seLinuxOptions", "context", {"seLinuxOptions": user.security.se_linux_options}
    yield "singleuser.security.appArmorProfile", "context", {"appArmorProfile": user.security.app_armor_profile}
    yield "singleuser.security.seccompProfile", "context", {"seccompProfile": user.security.seccomp_profile}
    yield "singleuser.containerSecurityContext", "context", user.container_security_context
    yield "singleuser.podSecurityContext", "pod", {"securityContext": user.pod_security_context}
    yield "singleuser.extraPodConfig", "pod", user.extra_pod_config
    yield "singleuser.extraContainerConfig", "container", user.extra_container_config
    yield from _each("singleuser.initContainers", "container", user.init_containers)
    yield from _each("singleuser.extraContainers", "container", user.extra_containers)
    yield from _each("singleuser.storage.extraVolumes", "volume", user.storage.extra_volumes)
    for key, traits in _overrides(values):
        # A profile that chooses a level of its own is held to that when it starts.
        if traits.get("security_level", level) == level:
            yield from _of_traits(key, traits)


def _overrides(values: Values) -> Iterator[tuple[str, Part]]:
    """Yield the key and the KubeSpawner traits of everything that sets traits directly."""
    yield "hub.config.KubeSpawner", values.hub.config.get("KubeSpawner", {})
    for name, group in values.singleuser.group_overrides.items():
        yield f"singleuser.groupOverrides.{name}.spawner_override", group.spawner_override
    for index, profile in enumerate(values.singleuser.profile_list):
        key = f"singleuser.profileList[{index}]"
        yield f"{key}.kubespawner_override", profile.kubespawner_override
        for name, option in profile.profile_options.items():
            where = f"{key}.profile_options.{name}"
            for choice, each in option.choices.items():
                yield f"{where}.choices.{choice}.kubespawner_override", each.kubespawner_override
            if option.unlisted_choice:
                yield f"{where}.unlisted_choice.kubespawner_override", option.unlisted_choice.kubespawner_override


def _of_traits(key: str, traits: Part) -> Iterator[Said]:
    """Yield what KubeSpawner traits say; the names are KubeSpawner's."""
    plain = {"uid": "runAsUser", "privileged": "privileged", "allow_privilege_escalation": "allowPrivilegeEscalation"}
    for trait, name in plain.items():
        if trait in traits:
            allowed = trait == "allow_privilege_escalation" and traits[trait] is None
            yield f"{key}.{trait}", "context", {name: True if allowed else traits[trait]}
    if context := traits.get("container_security_context"):
        yield f"{key}.container_security_context", "context", context
    if context := traits.get("pod_security_context"):
        yield f"{key}.pod_security_context", "pod", {"securityContext": context}
    if pod := traits.get("extra_pod_config"):
        yield f"{key}.extra_pod_config", "pod", pod
    if container := traits.get("extra_container_config"):
        yield f"{key}.extra_container_config", "container", container
    yield from _each(f"{key}.init_containers", "container", traits.get("init_containers"))
    yield from _each(f"{key}.extra_containers", "container", traits.get("extra_containers"))
    yield from _each(f"{key}.volumes", "volume", traits.get("volumes"))


def _each(key: str, kind: Kind, parts: Any) -> Iterator[Said]:
    """Yield the items of a list, or of a map from any name to an item."""
    if isinstance(parts, Mapping):
        yield from ((f"{key}.{name}", kind, part) for name, part in parts.items() if part is not None)
    else:
        yield from ((f"{key}[{index}]", kind, part) for index, part in enumerate(parts or []))
