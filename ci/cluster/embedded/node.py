"""The node: kubelet and kube-proxy, their configuration files and processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ci.cluster.embedded import cgroups
from ci.cluster.embedded.build import folder
from ci.cluster.embedded.packages import name_servers
from ci.cluster.embedded.pins import Kubernetes
from ci.cluster.embedded.processes import Service
from ci.cluster.embedded.settings import Settings


def files(settings: Settings, kubernetes: Kubernetes) -> dict[Path, str]:
    """Return the configuration files of kubelet and kube-proxy, and the name servers of pods."""
    # Kubernetes reads JSON wherever it reads YAML.
    return {
        settings.config / "kubelet.json": json.dumps(_kubelet_config(settings, kubernetes), indent=2) + "\n",
        settings.config / "kube-proxy.json": json.dumps(_kube_proxy_config(settings), indent=2) + "\n",
        settings.resolv_conf: "".join(f"nameserver {server}\n" for server in name_servers()),
    }


def kubelet(settings: Settings, kubernetes: Kubernetes) -> Service:
    """Return kubelet's process."""
    flags = [
        f"--config={settings.config}/kubelet.json",
        f"--kubeconfig={settings.certificates}/kubelet.kubeconfig",
        f"--root-dir={settings.state}/kubelet",
        f"--hostname-override={settings.name}",
        f"--node-ip={settings.node_address}",
    ]
    if kubernetes.runtime_by_flags:
        endpoint = f"unix://{settings.containerd_socket}"
        flags += ["--container-runtime=remote", f"--container-runtime-endpoint={endpoint}"]
    return Service("kubelet", (str(folder(kubernetes.bundle) / "kubelet"), *flags))


def kube_proxy(settings: Settings, kubernetes: Kubernetes) -> Service:
    """Return kube-proxy's process."""
    command = (str(folder(kubernetes.bundle) / "kube-proxy"), f"--config={settings.config}/kube-proxy.json")
    return Service("kube-proxy", command)


def _kubelet_config(settings: Settings, kubernetes: Kubernetes) -> dict[str, Any]:
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        **_kubelet_serving(settings),
        **_kubelet_pods(settings),
    }
    if not kubernetes.runtime_by_flags:
        config["containerRuntimeEndpoint"] = f"unix://{settings.containerd_socket}"
    if kubernetes.modern_kubelet_config:
        config["failCgroupV1"] = False
        config["podLogsDir"] = f"{settings.state}/pod-logs"
    else:
        # Old kubelets report that they are Ready only with the next regular update, ten seconds later by default.
        config["nodeStatusUpdateFrequency"] = "2s"
    return config


def _kubelet_serving(settings: Settings) -> dict[str, Any]:
    """Return where kubelet serves, and whom."""
    pki = settings.certificates
    return {
        "address": settings.node_address,
        "port": settings.ports.kubelet,
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": settings.ports.kubelet_health,
        "tlsCertFile": f"{pki}/kubelet-server.crt",
        "tlsPrivateKeyFile": f"{pki}/kubelet-server.key",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
    }


def _kubelet_pods(settings: Settings) -> dict[str, Any]:
    """Return what kubelet gives pods, and how it treats the machine."""
    return {
        "clusterDNS": [settings.dns_service],
        "clusterDomain": settings.cluster_domain,
        "resolvConf": str(settings.resolv_conf),
        "volumePluginDir": f"{settings.state}/volume-plugins",
        "maxPods": settings.max_pods,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroups.root(settings),
        "failSwapOn": False,
        # Negative scores need CAP_SYS_RESOURCE, which containers and small virtual machines often lack.
        "oomScoreAdj": 0,
        "serializeImagePulls": False,
        # The disk is the machine's own and may be nearly full: no loaded image may be removed, no pod evicted for it.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
    }


def _kube_proxy_config(settings: Settings) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": f"{settings.certificates}/kube-proxy.kubeconfig"},
        "hostnameOverride": settings.name,
        "bindAddress": settings.node_address,
        "healthzBindAddress": f"127.0.0.1:{settings.ports.kube_proxy_health}",
        "metricsBindAddress": f"127.0.0.1:{settings.ports.kube_proxy_metrics}",
        "mode": "iptables",
        "clusterCIDR": settings.pod_range,
        "oomScoreAdj": 0,
        # 0 leaves the machine's own limits alone.
        "conntrack": {"maxPerCore": 0, "min": 0},
    }
