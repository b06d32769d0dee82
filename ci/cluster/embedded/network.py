"""The pods' network, in the cluster's network namespace: the bridge, and the plugins that join a pod to it.

A pod's device is a veth pair into the bridge. kube-proxy and the port-mapping plugin add rules of their own; ours give
pods that talk to the outside the node's address. Cilium, when it is asked for, filters at the pods' devices.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from ci.cluster.embedded import cilium, namespace
from ci.cluster.embedded.packages import SYSTEM_PATH
from ci.cluster.embedded.settings import Settings
from ci.progress import run

CNI_RESULTS = Path("/var/lib/cni/results")
"""Where the CNI library keeps its results; no setting moves it."""
_BRIDGE_FILTERING = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")


def cni_configuration(settings: Settings) -> str:
    """Return the network plugins' configuration list."""
    subnet = {"subnet": settings.pod_range, "gateway": settings.bridge_address}
    address_management = {
        "type": "host-local",
        "ranges": [[subnet]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(settings.state / "cni"),
    }
    bridge = {
        "type": "bridge",
        "bridge": settings.bridge,
        "isGateway": True,
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": address_management,
    }
    plugins: list[dict[str, Any]] = [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}]
    if settings.network_policy == "cilium":
        plugins.append(cilium.CHAINED_PLUGIN)
    return json.dumps({"cniVersion": "1.0.0", "name": settings.name, "plugins": plugins}, indent=2) + "\n"


def rules(settings: Settings) -> str:
    """Return the node's rules as input of `iptables-restore --noflush`."""
    pods = settings.pod_range
    rule = f"-A POSTROUTING -s {pods} ! -d {pods} ! -o {settings.bridge} -j MASQUERADE"
    return f"*nat\n{rule}\nCOMMIT\n"


def create(settings: Settings) -> None:
    """Make the namespace, and in it the bridge with the gateway's address; switch forwarding on, and add our rules."""
    namespace.create(settings)
    length = settings.pod_range.partition("/")[2]

    def ip(*words: str) -> None:
        namespace.run_inside(settings, "ip", *words)

    ip("link", "add", settings.bridge, "type", "bridge")
    ip("address", "add", f"{settings.bridge_address}/{length}", "dev", settings.bridge)
    ip("link", "set", settings.bridge, "up")
    namespace.write_inside(settings, "/proc/sys/net/ipv4/ip_forward", "1")
    _filter_bridged(settings)
    namespace.run_inside(settings, "iptables-restore", "--noflush", stdin=rules(settings))


def _filter_bridged(settings: Settings) -> None:
    """Let bridged packets pass the packet filter: a neighbour pod's answer for a Service needs its address restored.

    Raises `CiError` where the kernel lacks the module `br_netfilter`.
    """
    if not _BRIDGE_FILTERING.exists() and shutil.which("modprobe", path=SYSTEM_PATH):
        run(["modprobe", "br_netfilter"], timeout=namespace.TIMEOUT, env={"PATH": SYSTEM_PATH})
    namespace.write_inside(settings, str(_BRIDGE_FILTERING), "1")


def remove(settings: Settings) -> None:
    """Remove the namespace with all that is in it, and what the CNI library has left."""
    namespace.remove(settings)
    # A pod's container has a long hexadecimal id; without it the results of the clusters beside this one match too.
    for result in CNI_RESULTS.glob(f"{settings.name}-{'[0-9a-f]' * 12}*"):
        result.unlink()
