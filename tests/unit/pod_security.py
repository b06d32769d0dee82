"""The level `restricted` of the Kubernetes Pod Security Standards, as a list of what a pod does against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

VOLUME_TYPES = {
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
SECCOMP = ("RuntimeDefault", "Localhost")


def violations(pod: dict[str, Any]) -> list[str]:
    """Return what keeps `pod` out of a namespace that enforces `restricted`, a line each."""
    spec = pod["spec"]
    found = [f"spec.{key}" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    found += [f"volume {each['name']}" for each in spec.get("volumes", []) if not set(each) - {"name"} <= VOLUME_TYPES]
    if spec.get("securityContext", {}).get("sysctls"):
        found.append("sysctls")
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        context = {**spec.get("securityContext", {}), **container.get("securityContext", {})}
        found += [f"{container['name']}: {what}" for what in _container(context)]
        found += [f"{container['name']}: hostPort" for port in container.get("ports", []) if port.get("hostPort")]
    return found


def _container(context: dict[str, Any]) -> Iterator[str]:
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if context.get("runAsNonRoot") is not True:
        yield "runAsNonRoot"
    if context.get("runAsUser") == 0:
        yield "runAsUser"
    if context.get("seccompProfile", {}).get("type") not in SECCOMP:
        yield "seccompProfile"
    capabilities = context.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []) or set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "capabilities"
