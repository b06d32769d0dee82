"""Where the embedded cluster lives: its folders, ports, address ranges and names, all in one frozen place.

Names and ranges are uncommon on purpose: they must not meet those of Docker, k3d, kind or another cluster on the same
machine.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from ci.cluster.base import NAME


@dataclass(frozen=True)
class Ports:
    """TCP ports, all on 127.0.0.1 except the API server's and kubelet's, which pods reach at the node's address."""

    api_server: int = 16443
    etcd: int = 16379
    etcd_peer: int = 16380
    kubelet: int = 16250
    kubelet_health: int = 16248
    controller_manager: int = 16257
    scheduler: int = 16259
    kube_proxy_health: int = 16256
    kube_proxy_metrics: int = 16249

    def all(self) -> dict[int, str]:
        """Return each port with what it is for."""
        return {getattr(self, field.name): field.name.replace("_", " ") for field in fields(self)}


@dataclass(frozen=True)
class Settings:
    """All the names and places of one embedded cluster."""

    home: Path = Path("/var/lib/jupyterhub-chart")
    """Not in a clone of this repository, so that any clone finds and removes what a killed run has left."""
    node: str = NAME
    bridge: str = "jhub0"
    pod_range: str = "10.231.0.0/16"
    bridge_address: str = "10.231.0.1"
    service_range: str = "10.232.0.0/16"
    api_service: str = "10.232.0.1"
    """The first address of `service_range`, which the API server gives to the Service `kubernetes`."""
    dns_service: str = "10.232.0.10"
    node_address: str = "10.233.0.1"
    """On the bridge, so that it is there without any network; outside of the pod range, as network plugins expect."""
    cluster_domain: str = "cluster.local"
    max_pods: int = 110
    ports: Ports = Ports()

    @property
    def state(self) -> Path:
        """The folder of everything that `down` removes."""
        return self.home / "cluster"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.state / "kubeconfig"

    @property
    def certificates(self) -> Path:
        """Keys, certificates and the kubeconfigs of the components."""
        return self.state / "pki"

    @property
    def config(self) -> Path:
        """Configuration files of the components."""
        return self.state / "config"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.state / "logs"

    @property
    def records(self) -> Path:
        """One record (pid, start time) per started process."""
        return self.state / "run"

    @property
    def containerd_socket(self) -> Path:
        """Where containerd listens."""
        return self.state / "containerd.sock"

    @property
    def api_url(self) -> str:
        """The API server as this machine reaches it."""
        return f"https://127.0.0.1:{self.ports.api_server}"

    @property
    def resolv_conf(self) -> Path:
        """The name servers of pods that do not use cluster DNS, and of CoreDNS itself."""
        return self.config / "resolv.conf"
