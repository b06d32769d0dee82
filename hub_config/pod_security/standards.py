"""Kubernetes' Pod Security Standards: what a level forbids in a pod's spec, rule by rule.

The rules are those of the admission plugin PodSecurity (Kubernetes Pod Security Standards, "Baseline", "Restricted"); a
test on a cluster holds the two together. Of a whole pod also what is missing counts (`violations`); of a part, such as
a container that a value brings, only what it says (`of_container`, `of_pod`, `of_volume`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

Level = Literal["restricted", "baseline", "privileged"]
Part = Mapping[str, Any]

BASELINE_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
RESTRICTED_CAPABILITIES = frozenset({"NET_BIND_SERVICE"})
RESTRICTED_VOLUMES = frozenset(
    {
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
)
SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
_PROFILES = ("RuntimeDefault", "Localhost")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def violations(spec: Part, level: Level = "restricted") -> list[str]:
    """Return what `level` forbids in the spec of a whole pod, a line each."""
    found = [*of_pod(spec, level)]
    pod = spec.get("securityContext") or {}
    for container in containers(spec):
        problems = [*of_container(container, level)]
        if level == "restricted":
            problems += _missing(container.get("securityContext") or {}, pod)
        found += [f"container {container['name']}: {problem}" for problem in dict.fromkeys(problems)]
    return found


def containers(spec: Part) -> list[Part]:
    """Return every container of a pod, those of its start included."""
    return [each for kind in CONTAINER_LISTS for each in spec.get(kind) or []]


def of_pod(spec: Part, level: Level) -> Iterator[str]:
    """Yield what `level` forbids in a pod's spec, its containers left out."""
    if level == "privileged":
        return
    yield from (f"spec.{key}" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key))
    context = spec.get("securityContext") or {}
    yield from (f"sysctl {name}" for name in sorted({each["name"] for each in context.get("sysctls") or []} - SYSCTLS))
    yield from _of_context(context, level)
    for volume in spec.get("volumes") or []:
        yield from (f"volume {volume['name']}: {kind}" for kind in of_volume(volume, level))


def of_volume(volume: Part, level: Level) -> list[str]:
    """Return the kinds of volume that `level` forbids, of a Kubernetes `Volume`."""
    kinds = {key for key in volume if key != "name"}
    forbidden = {"restricted": kinds - RESTRICTED_VOLUMES, "baseline": kinds & {"hostPath"}}
    return sorted(forbidden.get(level, set()))


def of_container(container: Part, level: Level) -> Iterator[str]:
    """Yield what `level` forbids of what a container says."""
    if level == "privileged":
        return
    yield from of_container_context(container.get("securityContext") or {}, level)
    if any(port.get("hostPort") for port in container.get("ports") or []):
        yield "hostPort"
    hooks = (container.get("lifecycle") or {}).values()
    handlers = [*(container.get(probe) or {} for probe in _PROBES), *hooks]
    if any((handler.get(kind) or {}).get("host") for handler in handlers for kind in ("httpGet", "tcpSocket")):
        yield "a probe or lifecycle hook with a host"


def of_container_context(context: Part, level: Level) -> Iterator[str]:
    """Yield what `level` forbids of what a container's `SecurityContext` says."""
    if level == "privileged":
        return
    if context.get("privileged"):
        yield "privileged"
    capabilities = context.get("capabilities") or {}
    allowed = RESTRICTED_CAPABILITIES if level == "restricted" else BASELINE_CAPABILITIES
    yield from (f"capability {name} is added" for name in sorted(set(capabilities.get("add") or []) - allowed))
    if context.get("procMount") not in (None, "Default"):
        yield "procMount"
    if level == "restricted":
        if context.get("allowPrivilegeEscalation"):
            yield "allowPrivilegeEscalation is not false"
        if "drop" in capabilities and "ALL" not in (capabilities["drop"] or []):
            yield "capabilities are not dropped"
    yield from _of_context(context, level)


def _of_context(context: Part, level: Level) -> Iterator[str]:
    """Yield what `level` forbids of what security contexts of pods and of containers have in common."""
    if (context.get("seccompProfile") or {}).get("type") == "Unconfined":
        yield "seccompProfile Unconfined"
    if (context.get("appArmorProfile") or {}).get("type") == "Unconfined":
        yield "appArmorProfile Unconfined"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in SELINUX_TYPES:
        yield f"seLinuxOptions.type {selinux['type']}"
    yield from (f"seLinuxOptions.{key}" for key in ("user", "role") if selinux.get(key))
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield "windowsOptions.hostProcess"
    if level == "restricted":
        if context.get("runAsNonRoot") is False:
            yield "runAsNonRoot is not true"
        if context.get("runAsUser") == 0:
            yield "runAsUser is 0"


def _missing(own: Part, pod: Part) -> Iterator[str]:
    """Yield what a container must say under the level `restricted`, or its pod for it, and does not."""
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield "runAsNonRoot is not true"
    if "ALL" not in ((own.get("capabilities") or {}).get("drop") or []):
        yield "capabilities are not dropped"
    if (own.get("seccompProfile") or pod.get("seccompProfile") or {}).get("type") not in _PROFILES:
        yield "no seccomp profile"
