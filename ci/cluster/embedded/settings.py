"""Where an embedded cluster lives: its folders, ports, address ranges and names, all in one frozen place.

Each cluster has a network namespace of its own, so that several are side by side, each with the same ports and ranges
inside, and none touches the machine's own network but for one pair of devices and a few packet filter rules.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from ci.cluster.base import NAME
from ci.progress import CiError

INSTANCES = 10
"""How many clusters can be side by side."""
NetworkPolicy = Literal["cilium", "none"]
"""What enforces NetworkPolicy: Cilium, chained behind the bridge, or nothing."""


@dataclass(frozen=True)
class Ports:
    """TCP ports in the cluster's network namespace; pods reach the API server's and kubelet's."""

    api_server: int = 16443
    etcd: int = 16379
    etcd_peer: int = 16380
    kubelet: int = 16250
    kubelet_health: int = 16248
    controller_manager: int = 16257
    scheduler: int = 16259
    kube_proxy_health: int = 16256
    kube_proxy_metrics: int = 16249
    cilium_health: int = 16247


@dataclass(frozen=True)
class Settings:
    """All the names and places of one embedded cluster."""

    instance: int = 0
    """Which of the clusters side by side this is; people's own is number 0."""
    network_policy: NetworkPolicy = "cilium"
    homes: Path = Path("/var/lib")
    """Not in a clone of this repository, so that any clone finds and removes what a killed run has left."""
    bridge: str = "pods"
    pod_range: str = "10.231.0.0/16"
    bridge_address: str = "10.231.0.1"
    service_range: str = "10.232.0.0/16"
    api_service: str = "10.232.0.1"
    """The first address of `service_range`, which the API server gives to the Service `kubernetes`."""
    dns_service: str = "10.232.0.10"
    cluster_domain: str = "cluster.local"
    max_pods: int = 110
    ports: Ports = Ports()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return those that `CLUSTER_INSTANCE` (a number, 0 by default) and `NETWORK_POLICY` ask for."""
        number = environment.get("CLUSTER_INSTANCE") or "0"
        if not (number.isdecimal() and int(number) < INSTANCES):
            raise CiError(f"CLUSTER_INSTANCE={number}: write a number from 0 to {INSTANCES - 1}")
        policy = environment.get("NETWORK_POLICY") or cls.network_policy
        if policy not in get_args(NetworkPolicy):
            raise CiError(f"NETWORK_POLICY={policy}: write one of {', '.join(get_args(NetworkPolicy))}")
        return cls(instance=int(number), network_policy=cast("NetworkPolicy", policy))

    @property
    def name(self) -> str:
        """The name of the cluster, its only node and its network namespace."""
        return f"{NAME}-{self.instance}" if self.instance else NAME

    @property
    def home(self) -> Path:
        """The folder with the state and the lock."""
        return self.homes / self.name

    @property
    def uplink(self) -> str:
        """The device by which the machine reaches the cluster; its other end, in the namespace, is called `uplink`."""
        return f"jhub{self.instance}"

    @property
    def uplink_range(self) -> str:
        """The addresses of the two ends of that pair of devices."""
        return f"10.233.{self.instance}.0/30"

    @property
    def machine_address(self) -> str:
        """The machine's address on it."""
        return f"10.233.{self.instance}.1"

    @property
    def node_address(self) -> str:
        """The node's address on it: where the API server, kubelet and node ports are reached."""
        return f"10.233.{self.instance}.2"

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
        return f"https://{self.node_address}:{self.ports.api_server}"

    @property
    def resolv_conf(self) -> Path:
        """The name servers of pods that do not use cluster DNS, and of CoreDNS itself."""
        return self.config / "resolv.conf"
