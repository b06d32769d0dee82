"""The level `restricted` of the Kubernetes Pod Security Standards, as a function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_PROFILES = ("RuntimeDefault", "Localhost")


def violations(spec: dict[str, Any]) -> list[str]:
    """Return what the level `restricted` forbids in a pod's spec, a line each."""
    found = [f"spec.{key}" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    if spec.get("securityContext", {}).get("sysctls"):
        found.append("sysctls")
    for volume in spec.get("volumes", []):
        kinds = set(volume) - {"name"}
        found += [f"volume {volume['name']}: {kind}" for kind in sorted(kinds - _VOLUMES)]
    for container in _containers(spec):
        found += [f"container {container['name']}: {problem}" for problem in _container(container, spec)]
    return found


def writable_roots(spec: dict[str, Any]) -> list[str]:
    """Return the containers whose root file system can be written to: a rule of this chart, not of the level."""
    contexts = {each["name"]: each.get("securityContext", {}) for each in _containers(spec)}
    return [name for name, context in contexts.items() if not context.get("readOnlyRootFilesystem")]


def _containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [*spec.get("initContainers", []), *spec["containers"]]


def _container(container: dict[str, Any], spec: dict[str, Any]) -> Iterator[str]:
    own, pod = container.get("securityContext", {}), spec.get("securityContext", {})
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield "runAsNonRoot is not true"
    if own.get("runAsUser", pod.get("runAsUser")) == 0:
        yield "runAsUser is 0"
    capabilities = own.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []):
        yield "capabilities are not dropped"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "capabilities are added"
    if own.get("seccompProfile", pod.get("seccompProfile", {})).get("type") not in _PROFILES:
        yield "no seccomp profile"
    if own.get("procMount", "Default") != "Default":
        yield "procMount"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "hostPort"
