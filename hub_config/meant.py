"""What a person probably meant by a key that does not exist."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hub_config.kubernetes import definitions
from hub_config.places import Path, all_paths, annotation_at, keys_at, kubernetes_kinds
from hub_config.spelling import ALIKE, VERY_ALIKE, fold, near
from hub_config.traits import pinned, section_of_trait

_OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "affinity": ("extraNodeAffinity",),
    "annotations": ("extraAnnotations",),
    "class": ("ingressClassName",),
    "classname": ("ingressClassName",),
    "command": ("cmd",),
    "content": ("stringData",),
    "contents": ("stringData",),
    "cpu": ("resources",),
    "culling": ("cull",),
    "database": ("db",),
    "enabled": ("create",),
    "env": ("extraEnv",),
    "environment": ("extraEnv",),
    "envvars": ("extraEnv",),
    "files": ("extraFiles",),
    "homedir": ("homeMountPath",),
    "host": ("hosts", "hostnames"),
    "idleculler": ("cull",),
    "interval": ("every",),
    "labels": ("extraLabels",),
    "lifecycle": ("lifecycleHooks",),
    "limits": ("limit",),
    "max": ("limit",),
    "maximum": ("limit",),
    "min": ("guarantee",),
    "minimum": ("guarantee",),
    "mounts": ("extraVolumeMounts",),
    "name": ("display_name",),
    "path": ("mountPath",),
    "profile": ("profileList",),
    "profiles": ("profileList",),
    "pvc": ("pvcName",),
    "repo": ("name",),
    "repository": ("name",),
    "request": ("guarantee",),
    "requests": ("guarantee",),
    "resources": ("memory",),
    "serviceaccount": ("serviceAccountName",),
    "serviceaccountname": ("serviceAccount",),
    "sidecars": ("extraContainers",),
    "size": ("capacity", "storage"),
    "title": ("display_name",),
    "tolerations": ("extraTolerations",),
    "url": ("baseUrl",),
    "version": ("tag",),
    "volumemounts": ("extraVolumeMounts",),
    "volumes": ("extraVolumes",),
}
"""Words of other charts and of Kubernetes, folded, to keys of ours that mean the same where they exist."""

_VALUES_OF_TRAITS = {
    "allow_privilege_escalation": "singleuser.allowPrivilegeEscalation",
    "cpu_guarantee": "singleuser.cpu.guarantee",
    "cpu_limit": "singleuser.cpu.limit",
    "environment": "singleuser.extraEnv",
    "events_enabled": "singleuser.events",
    "extra_annotations": "singleuser.extraAnnotations",
    "extra_labels": "singleuser.extraLabels",
    "extra_resource_guarantees": "singleuser.extraResource.guarantees",
    "extra_resource_limits": "singleuser.extraResource.limits",
    "image_pull_policy": "singleuser.image.pullPolicy",
    "image_pull_secrets": "singleuser.image.pullSecrets",
    "mem_guarantee": "singleuser.memory.guarantee",
    "mem_limit": "singleuser.memory.limit",
    "pvc_name_template": "singleuser.storage.dynamic.pvcNameTemplate",
    "service_account": "singleuser.serviceAccountName",
    "storage_access_modes": "singleuser.storage.dynamic.storageAccessModes",
    "storage_capacity": "singleuser.storage.capacity",
    "storage_class": "singleuser.storage.dynamic.storageClass",
    "tolerations": "singleuser.extraTolerations",
    "volume_mounts": "singleuser.storage.extraVolumeMounts",
    "volumes": "singleuser.storage.extraVolumes",
}
"""Traits of KubeSpawner to the values that they are set by."""

_ASIDE: tuple[tuple[str, str], ...] = (
    ("proxy", "secretSync"),
    ("proxy", "traefik"),
    ("scheduling", "userPlaceholder"),
    ("scheduling", "userScheduler"),
    ("singleuser", "networkTools"),
)
"""Maps that people seldom mean, as they do nothing."""
_USUAL = ("singleuser", "hub", "proxy")
"""Maps that are meant rather than others that are as near."""
_OF_A_SUBCHART = "enabled"
"""The key at the top that nobody means who writes it below."""
_NOTHING = object()


def key(path: Path, value: Any = _NOTHING) -> str | None:
    """Return the key that was probably meant by the unknown key at `path`, None when nothing is near.

    A key of the same map is named alone (`memory`), one from elsewhere by its whole path (`singleuser.memory`). `value`
    is what was written there: of two places that are as near, the one that takes it is meant.
    """
    name, here = str(path[-1]), keys_at(path[:-1])
    alike = near(name, here, VERY_ALIKE)
    same = _folded_match(name, here) or (alike if alike and fold(alike).startswith(fold(name)) else None)
    if same := same or _in_object(path) or _only_place(name) or alike:
        return same
    if other := next((word for word in _OTHER_WORDS.get(fold(name), ()) if word in here), None):
        return other
    return (
        _joined(path)
        or (_elsewhere(path, value) if any(each[-1] == name for each in all_paths()) else None)
        or _configured(path)
        or _elsewhere(path, value)
        or near(name, here, ALIKE)
        or _elsewhere(path, value, alike=True)
    )


def _folded_match(name: str, candidates: Sequence[str]) -> str | None:
    return next((each for each in candidates if fold(each) == fold(name)), None)


def _in_object(path: Path) -> str | None:
    """Return the key inside of a Kubernetes object beside the unknown key that has its name: `resources.limits`.

    A part of a PodSpec or a Container has keys for everything: it is no hint.
    """
    for other in keys_at(path[:-1]):
        kinds = kubernetes_kinds((*path[:-1], other)) - {"Container", "PodSpec"}
        if any(path[-1] in definitions()[kind]["properties"] for kind in kinds):
            return ".".join(map(str, (*path[:-1], other, path[-1])))
    return None


def _only_place(name: str) -> str | None:
    """Return the one path in the whole tree whose last key is `name`, but for case."""
    found = [each for each in all_paths() if fold(each[-1]) == fold(name) and not _is_aside(each)]
    return ".".join(found[0]) if len(found) == 1 else None


def _joined(path: Path) -> str | None:
    """Return the path whose last keys are written as one: `memoryLimit` for `memory.limit`."""
    name = fold(str(path[-1]))
    found = [
        each
        for each in all_paths()
        if any(fold("".join(each[-length:])) == name for length in range(2, min(len(each), 3) + 1))
    ]
    best = min(found, key=lambda each: (_is_aside(each), _distance(each, path), len(each)), default=None)
    return ".".join(best) if best else None


def _configured(path: Path) -> str | None:
    """Return the place in `hub.config` of a class or of a trait, or the value that sets the trait."""
    if len(path) > 2 or path[0] not in ("hub", "singleuser", "auth", path[-1]):
        return None
    name = str(path[-1])
    known = pinned()
    if name[:1].isupper() and (section := near(name, known.sections(), VERY_ALIKE)):
        return f"hub.config.{section}"
    found = section_of_trait(name, known)
    if found is None:
        return None
    section, trait = found
    return _VALUES_OF_TRAITS.get(trait, f"hub.config.{section}.{trait}")


def _elsewhere(path: Path, value: Any, *, alike: bool = False) -> str | None:
    """Return the nearest path in the whole tree whose last key is the unknown one (or, `alike`, is very like it)."""
    name = fold(str(path[-1]))
    if not alike and name != _OF_A_SUBCHART and (top := _folded_match(name, keys_at(()))):
        return top
    names = {name, *map(fold, _OTHER_WORDS.get(name, ()))}
    found = [each for each in all_paths() if fold(each[-1]) in names or (alike and _is_like(each[-1], name))]
    order = [
        (_is_aside(each), _distance(each, path), not _fits(each, value), len(each), _rank(each), each) for each in found
    ]
    best = min(order, default=None)
    # A name such as `enabled` is everywhere: without a place in common it says nothing.
    if best is None or (sum(not each[0] for each in order) > 3 and best[-1][0] != path[0]):
        is_block_of_its_own = best is not None and len(path) == 1 and len(best[-1]) == 2 and not alike and not best[2]
        return ".".join(best[-1]) if best and is_block_of_its_own else None
    return ".".join(best[-1])


def _rank(path: tuple[str, ...]) -> int:
    return _USUAL.index(path[0]) if path[0] in _USUAL else len(_USUAL)


def _is_like(one: str, name: str) -> bool:
    return SequenceMatcher(None, fold(one), name).ratio() >= VERY_ALIKE


def _is_aside(path: tuple[str, ...]) -> bool:
    return path[:2] in _ASIDE


def _fits(path: tuple[str, ...], value: Any) -> bool:
    """Tell whether the key at `path` takes a value."""
    if value is _NOTHING:
        return False
    try:
        _adapter(path).validate_python(value, by_alias=True, by_name=False)
    except ValidationError:
        return False
    return True


@cache
def _adapter(path: tuple[str, ...]) -> TypeAdapter[Any]:
    return TypeAdapter(annotation_at(path))


def _distance(one: Path, other: Path) -> int:
    """Return how many steps lie between the maps that two paths are in."""
    first, second = one[:-1], other[:-1]
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    return len(first) + len(second) - 2 * common
