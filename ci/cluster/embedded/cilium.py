"""Cilium, which enforces NetworkPolicy: its agent's configuration and process.

It is chained behind the bridge plugin (`generic-veth`): bridge, addresses and Services stay those of the bridge plugin
and kube-proxy, and Cilium filters at each pod's device. One node needs no operator.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from ci.cluster.embedded.build import folder
from ci.cluster.embedded.pins import CILIUM
from ci.cluster.embedded.processes import Service
from ci.cluster.embedded.settings import Settings

CHAINED_PLUGIN: dict[str, Any] = {"type": "cilium-cni", "chaining-mode": "generic-veth"}
CLANG = "clang-19"
"""The Debian package with the compiler, by which the agent makes its programs for this kernel."""
CLANG_FOLDER = Path("/usr/lib/llvm-19/bin")
RUN = Path("/run/cilium")
"""Where the agent keeps sockets and a record of its process, whatever it is told."""
PROBE_TIMEOUT = 5.0

_OWN_MOUNTS = """\
mount -t sysfs sysfs /sys
mkdir -p /run/cilium
mount -t tmpfs cilium /run/cilium
mount -t bpf bpf /sys/fs/bpf
exec "$@"
"""
"""What runs before the agent, in a mount namespace of its own: the places that no setting moves are then its own too,
and go with it, so that agents can be side by side and leave nothing when they are killed."""


def _base(settings: Settings) -> Path:
    return settings.state / "cilium"


def api_socket(settings: Settings) -> Path:
    """Return where the agent listens for the network plugin."""
    return _base(settings) / "cilium.sock"


def files(settings: Settings) -> dict[Path, str]:
    """Return the agent's configuration: a file for each option, as in Cilium's own ConfigMap."""
    base, ports = _base(settings), settings.ports
    options = {
        # Who is who is kept in custom resources, and addresses are given by the bridge plugin.
        "identity-allocation-mode": "crd",
        "ipam": "kubernetes",
        "enable-ipv4": "true",
        "enable-ipv6": "false",
        # Chained: the plugin list is ours, and Services are kube-proxy's.
        "cni-chaining-mode": "generic-veth",
        "custom-cni-conf": "true",
        "cni-exclusive": "false",
        "kube-proxy-replacement": "false",
        "enable-l7-proxy": "false",
        # Packets go by the bridge as if Cilium were not there. Routes to each pod's device would lead past the bridge,
        # and no longer reach pods from the node.
        "routing-mode": "native",
        "ipv4-native-routing-cidr": settings.pod_range,
        "enable-endpoint-routes": "false",
        "enable-local-node-route": "false",
        "enable-host-legacy-routing": "true",
        "enable-ipv4-masquerade": "false",
        # kubelet's probes come from the bridge's address: without this, policies would deny them.
        "local-router-ipv4": settings.bridge_address,
        "enable-hubble": "false",
        "enable-health-checking": "false",
        "enable-endpoint-health-checking": "false",
        "agent-health-port": str(ports.cilium_health),
        "bpf-map-dynamic-size-ratio": "0.0025",
        "preallocate-bpf-maps": "false",
        "monitor-aggregation": "medium",
        "unmanaged-pod-watcher-interval": "0s",
        "procfs": "/proc",
        "cgroup-root": "/run/cilium/cgroup",
        "state-dir": str(base / "run"),
        "lib-dir": str(base / "lib"),
        "socket-path": str(api_socket(settings)),
        "k8s-kubeconfig-path": str(settings.certificates / "cilium.kubeconfig"),
    }
    return {_config(settings) / name: value for name, value in options.items()}


def _config(settings: Settings) -> Path:
    return settings.config / "cilium"


def prepare(settings: Settings) -> None:
    """Give the agent a copy of its programs' source that it may write to."""
    shutil.copytree(folder(CILIUM) / "bpf", _base(settings) / "lib" / "bpf")


def custom_resources() -> list[Path]:
    """Return the folders with Cilium's CustomResourceDefinitions."""
    base = folder(CILIUM) / "pkg/k8s/apis/cilium.io/client/crds"
    return [base / version for version in ("v2", "v2alpha1")]


def service(settings: Settings) -> Service:
    """Return the agent's process."""
    own = ("unshare", "--mount", "--propagation", "slave", "sh", "-euc", _OWN_MOUNTS, "sh")
    command = (*own, str(folder(CILIUM) / "cilium-agent"), f"--config-dir={_config(settings)}")
    environment = {"K8S_NODE_NAME": settings.name, "CILIUM_K8S_NAMESPACE": "kube-system"}
    return Service("cilium-agent", command, (str(CLANG_FOLDER),), tuple(environment.items()))


class _SocketConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PROBE_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PROBE_TIMEOUT)
        self.sock.connect(str(self._path))


def answers(settings: Settings) -> Callable[[], bool]:
    """Return a probe that tells whether the agent is ready to take pods."""

    def probe() -> bool:
        connection = _SocketConnection(api_socket(settings))
        try:
            connection.request("GET", "/v1/healthz", headers={"brief": "true"})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    return probe
