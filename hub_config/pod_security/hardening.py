"""What a user's pod gets at the very end, when profiles, groups and hooks have had their say.

A root file system that is read-only needs volumes where programs write, and a container of the administrator's that
says nothing about its rights would be refused at the level `restricted`: both depend on the pod as it came out.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from hub_config.pod_security.standards import Level, violations

WRITABLE = "writable"
"""Name of the volume for what programs write outside the home."""
_UNSAID = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
    "capabilities": {"drop": ["ALL"]},
}
"""What the level `restricted` wants every container to say."""


@dataclass(frozen=True, kw_only=True)
class Hardening:
    """How a user's pod is hardened.

    `read_only_root` None means: wherever it takes nothing away, which is a container that cannot become root (and so
    cannot install anything into the system) and has its home on a volume.
    """

    level: Level | None = None
    read_only_root: bool | None = None
    writable_paths: tuple[str, ...] = ()
    home: str = "/home/jovyan"


def hardened(pod: Mapping[str, Any], how: Hardening) -> dict[str, Any]:
    """Return the manifest of a user's pod, hardened; the user's container is the first one."""
    made = copy.deepcopy(dict(pod))
    spec = made["spec"]
    user = spec["containers"][0]
    if how.level == "restricted":
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            container["securityContext"] = _filled(container.get("securityContext") or {})
    if _is_read_only(user, spec, how):
        user["securityContext"] = {**(user.get("securityContext") or {}), "readOnlyRootFilesystem": True}
        _mount_writable(user, spec, how)
    return made


def above_level(pod: Mapping[str, Any], how: Hardening) -> list[str]:
    """Return what the chosen level forbids in a pod, a line each; nothing when no level was chosen."""
    return violations(pod["spec"], how.level) if how.level else []


def _filled(own: Mapping[str, Any]) -> dict[str, Any]:
    capabilities = {**_UNSAID["capabilities"], **(own.get("capabilities") or {})}  # type: ignore[dict-item]
    return {**_UNSAID, **own, "capabilities": capabilities}


def _is_read_only(user: Mapping[str, Any], spec: Mapping[str, Any], how: Hardening) -> bool:
    context, pod = user.get("securityContext") or {}, spec.get("securityContext") or {}
    said = context.get("readOnlyRootFilesystem")
    if said is None:
        said = how.read_only_root
    if said is not None:
        return bool(said)
    is_root = context.get("runAsUser", pod.get("runAsUser")) == 0
    return context.get("allowPrivilegeEscalation") is False and not is_root and _path(how.home) in _mounted(user)


def _mount_writable(user: dict[str, Any], spec: dict[str, Any], how: Hardening) -> None:
    """Mount folders of one empty volume at the paths that nothing else is mounted at."""
    taken = _mounted(user)
    free = [path for path in dict.fromkeys(map(_path, (*how.writable_paths, how.home))) if path not in taken]
    if not free:
        return
    spec["volumes"] = [*(spec.get("volumes") or []), {"name": WRITABLE, "emptyDir": {}}]
    mounts = [{"name": WRITABLE, "mountPath": path, "subPath": path.strip("/").replace("/", "-")} for path in free]
    user["volumeMounts"] = [*(user.get("volumeMounts") or []), *mounts]


def _mounted(container: Mapping[str, Any]) -> set[str]:
    return {_path(mount["mountPath"]) for mount in container.get("volumeMounts") or []}


def _path(text: str) -> str:
    return str(PurePosixPath(text))
