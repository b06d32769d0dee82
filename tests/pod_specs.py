"""Pods that a level of the Pod Security Standards refuses or admits: one rule each, for our checker and Kubernetes'.

`POD_SPECS` maps a name to (the lowest level that admits it, a pod's spec, the first minor version of Kubernetes 1 whose
admission has the rule).
"""

from __future__ import annotations

import copy
from typing import Any

Spec = dict[str, Any]
FINE: Spec = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "user",
            "image": "user:1",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}


def pod(**changes: Any) -> Spec:
    """Return `FINE` with other keys of the spec."""
    return {**copy.deepcopy(FINE), **changes}


def within(**changes: Any) -> Spec:
    """Return `FINE` with more in the pod's security context; None takes a key away."""
    spec = pod()
    context = {**spec["securityContext"], **changes}
    spec["securityContext"] = {key: value for key, value in context.items() if value is not None}
    return spec


def container(kind: str = "containers", **changes: Any) -> Spec:
    """Return `FINE` with more in the container's security context, or in that of one of another kind."""
    spec = pod()
    made = copy.deepcopy(spec["containers"][0])
    context = {**made["securityContext"], **changes}
    made["securityContext"] = {key: value for key, value in context.items() if value is not None}
    if kind == "containers":
        spec["containers"] = [made]
    else:
        spec[kind] = [{**made, "name": "other"}]
    return spec


def keys(**changes: Any) -> Spec:
    """Return `FINE` with other keys of the container."""
    spec = pod()
    spec["containers"][0] |= changes
    return spec


def volume(**source: Any) -> Spec:
    return pod(volumes=[{"name": "more", **source}])


def adds(*names: str) -> dict[str, Any]:
    return {"capabilities": {"drop": ["ALL"], "add": list(names)}}


UNCONFINED = {"type": "Unconfined"}
POD_SPECS: dict[str, tuple[str, Spec, int]] = {
    "as it should be": ("restricted", pod(), 24),
    "host network": ("privileged", pod(hostNetwork=True), 24),
    "host processes": ("privileged", pod(hostPID=True), 24),
    "host memory": ("privileged", pod(hostIPC=True), 24),
    "host port": ("privileged", keys(ports=[{"containerPort": 80, "hostPort": 80}]), 24),
    "a port": ("restricted", keys(ports=[{"containerPort": 80}]), 24),
    "host path": ("privileged", volume(hostPath={"path": "/"}), 24),
    "nfs": ("baseline", volume(nfs={"server": "s", "path": "/p"}), 24),
    "iscsi": ("baseline", volume(iscsi={"targetPortal": "10.0.0.1", "iqn": "iqn.2001-04.a.b:c", "lun": 0}), 24),
    "empty folder": ("restricted", volume(emptyDir={}), 24),
    "claim": ("restricted", volume(persistentVolumeClaim={"claimName": "c"}), 24),
    "csi": ("restricted", volume(csi={"driver": "d.example.org"}), 24),
    "secret": ("restricted", volume(secret={"secretName": "s"}), 24),
    "a safe sysctl": ("restricted", within(sysctls=[{"name": "kernel.shm_rmid_forced", "value": "1"}]), 24),
    "keepalive sysctl": ("restricted", within(sysctls=[{"name": "net.ipv4.tcp_keepalive_time", "value": "9"}]), 29),
    "another sysctl": ("privileged", within(sysctls=[{"name": "kernel.msgmax", "value": "1"}]), 24),
    "privileged": ("privileged", container(privileged=True, allowPrivilegeEscalation=None), 24),
    "privileged at start": (
        "privileged",
        container("initContainers", privileged=True, allowPrivilegeEscalation=None),
        24,
    ),
    "escalation": ("baseline", container(allowPrivilegeEscalation=True), 24),
    "escalation unsaid": ("baseline", container(allowPrivilegeEscalation=None), 24),
    "root": ("baseline", container(runAsUser=0), 24),
    "root pod": ("baseline", within(runAsUser=0), 24),
    "perhaps root": ("baseline", within(runAsNonRoot=None), 24),
    "root allowed": ("baseline", container(runAsNonRoot=False), 24),
    "root allowed to the pod": ("baseline", within(runAsNonRoot=False), 24),
    "not root by the container": (
        "restricted",
        {**container(runAsNonRoot=True), "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
        24,
    ),
    "capabilities kept": ("baseline", container(capabilities=None), 24),
    "some dropped": ("baseline", container(capabilities={"drop": ["NET_RAW"]}), 24),
    "low ports": ("restricted", container(**adds("NET_BIND_SERVICE")), 24),
    "chown": ("baseline", container(**adds("CHOWN")), 24),
    "admin of networks": ("privileged", container(**adds("NET_ADMIN")), 24),
    "chown at start": ("baseline", container("initContainers", **adds("CHOWN")), 24),
    "no seccomp": ("baseline", within(seccompProfile=None), 24),
    "seccomp off": ("privileged", within(seccompProfile=UNCONFINED), 24),
    "seccomp off in the container": ("privileged", container(seccompProfile=UNCONFINED), 24),
    "a seccomp profile": (
        "restricted",
        within(seccompProfile={"type": "Localhost", "localhostProfile": "a.json"}),
        24,
    ),
    "AppArmor off": ("privileged", container(appArmorProfile=UNCONFINED), 31),
    "AppArmor": ("restricted", container(appArmorProfile={"type": "RuntimeDefault"}), 31),
    "unmasked proc": ("privileged", {**container(procMount="Unmasked"), "hostUsers": False}, 33),
    "SELinux level": ("restricted", container(seLinuxOptions={"level": "s0:c1,c2"}), 24),
    "SELinux type": ("restricted", within(seLinuxOptions={"type": "container_t"}), 24),
    "SELinux type of engines": ("restricted", within(seLinuxOptions={"type": "container_engine_t"}), 31),
    "another SELinux type": ("privileged", within(seLinuxOptions={"type": "spc_t"}), 24),
    "SELinux user": ("privileged", within(seLinuxOptions={"user": "system_u"}), 24),
    "SELinux role": ("privileged", container(seLinuxOptions={"role": "r"}), 24),
    "a probe of another host": (
        "privileged",
        keys(livenessProbe={"httpGet": {"port": 80, "host": "10.0.0.1"}}),
        34,
    ),
    "a hook of another host": (
        "privileged",
        keys(lifecycle={"preStop": {"tcpSocket": {"port": 80, "host": "10.0.0.1"}}}),
        34,
    ),
    "a probe": ("restricted", keys(livenessProbe={"httpGet": {"port": 80}}), 24),
}
