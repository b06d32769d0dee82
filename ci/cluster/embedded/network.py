"""The cluster's network on this machine: the bridge, the pods' network plugin, packet filter rules, and their removal.

A pod's device is a veth pair into the bridge. kube-proxy adds its own rules (`KUBE-*` chains), the port-mapping
plugin its own (`CNI-*`); ours are `JHUB-*`: they let forwarded pod traffic through where another program, such as
Docker, has set the default to drop, and give pods that talk to the outside this machine's address.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from ci.cluster.embedded.packages import SYSTEM_PATH
from ci.cluster.embedded.settings import Settings
from ci.progress import CiError, run

TIMEOUT = 30.0
CNI_NETWORK = "jupyterhub-chart"
CNI_RESULTS = Path("/var/lib/cni/results")
"""Where the CNI library keeps its results; no setting moves it."""
_ENVIRONMENT = {"PATH": SYSTEM_PATH}
_OUR_CHAIN = re.compile(r"(KUBE|JHUB|CNI-HOSTPORT|CNI-DN)-")
"""Docker's chains begin with DOCKER, other users of CNI have `CNI-` and a hash."""


def cni_configuration(settings: Settings) -> str:
    """Return the network plugins' configuration list. A plugin that enforces policies would be appended here."""
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
    plugins = [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}]
    return json.dumps({"cniVersion": "1.0.0", "name": CNI_NETWORK, "plugins": plugins}, indent=2) + "\n"


def rules(settings: Settings) -> str:
    """Return our rules as input of `iptables-restore --noflush`."""
    pods = settings.pod_range
    return "\n".join(
        (
            "*nat",
            ":JHUB-POSTROUTING - [0:0]",
            f"-A JHUB-POSTROUTING -s {pods} ! -d {pods} ! -o {settings.bridge} -j MASQUERADE",
            "-A POSTROUTING -j JHUB-POSTROUTING",
            "COMMIT",
            "*filter",
            ":JHUB-FORWARD - [0:0]",
            f"-A JHUB-FORWARD -s {pods} -j ACCEPT",
            f"-A JHUB-FORWARD -d {pods} -j ACCEPT",
            "-I FORWARD 1 -j JHUB-FORWARD",
            "COMMIT",
            "",
        )
    )


def require_free_ranges(settings: Settings) -> None:
    """Raise `CiError` when a route of this machine overlaps one of the cluster's address ranges."""
    wanted = [settings.pod_range, settings.service_range, f"{settings.node_address}/32"]
    for route in json.loads(_ip("-json", "-4", "route", "show", "table", "main")):
        if route["dst"] == "default" or route.get("dev") == settings.bridge:
            continue
        there = ipaddress.ip_network(route["dst"], strict=False)
        for text in wanted:
            if there.overlaps(ipaddress.ip_network(text)):
                raise CiError(
                    f"the cluster's addresses {text} overlap this machine's route to {there} by {route.get('dev')}: "
                    "remove that network, or change the ranges in ci/cluster/embedded/settings.py"
                )


def create(settings: Settings) -> None:
    """Make the bridge with the gateway's and the node's address, switch forwarding on, and add our rules."""
    prefix = settings.pod_range.partition("/")[2]
    _ip("link", "add", settings.bridge, "type", "bridge")
    _ip("address", "add", f"{settings.bridge_address}/{prefix}", "dev", settings.bridge)
    _ip("address", "add", f"{settings.node_address}/32", "dev", settings.bridge)
    _ip("link", "set", settings.bridge, "up")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
    _bridge_filtering()
    run(["iptables-restore", "--noflush"], timeout=TIMEOUT, env=_ENVIRONMENT, stdin=rules(settings))


def _bridge_filtering() -> None:
    """Let bridged packets pass the packet filter: a neighbour pod's answer for a Service needs its address restored."""
    switch = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    if not switch.exists() and shutil.which("modprobe", path=SYSTEM_PATH):
        run(["modprobe", "br_netfilter"], timeout=TIMEOUT, env=_ENVIRONMENT)
    if not switch.exists():
        raise CiError("the kernel lacks br_netfilter (no /proc/sys/net/bridge): Services would not work between pods")
    switch.write_text("1\n")


def leftovers(settings: Settings) -> bool:
    """Tell whether a bridge or rules of ours are there."""
    if Path(f"/sys/class/net/{settings.bridge}").exists():
        return True
    saved = run(["iptables-save", "-t", "filter"], timeout=TIMEOUT, env=_ENVIRONMENT).stdout
    return ":JHUB-" in saved


def remove(settings: Settings) -> None:
    """Remove the bridge, the pods' devices on it, and the rules of the cluster; others' stay as they are."""
    for save, restore in (("iptables-save", "iptables-restore"), ("ip6tables-save", "ip6tables-restore")):
        deletion = removal(run([save], timeout=TIMEOUT, env=_ENVIRONMENT).stdout)
        if deletion:
            run([restore, "--noflush"], timeout=TIMEOUT, env=_ENVIRONMENT, stdin=deletion)
    if Path(f"/sys/class/net/{settings.bridge}").exists():
        for device in _devices_on(settings.bridge):
            # A device goes with its pod's network namespace, possibly right now: then there is nothing to delete.
            run(["ip", "link", "delete", device], timeout=TIMEOUT, env=_ENVIRONMENT, check=False)
        _ip("link", "delete", settings.bridge)
    for result in CNI_RESULTS.glob(f"{CNI_NETWORK}-*"):
        result.unlink()


def removal(saved: str) -> str:
    """Return input of `iptables-restore --noflush` that removes our chains, and the jumps to them, from `saved`.

    `saved` is what `iptables-save` prints. Empty when there is nothing to remove.
    """
    output: list[str] = []
    for table in re.finditer(r"^\*(\w+)\n(.*?)^COMMIT$", saved, re.MULTILINE | re.DOTALL):
        lines = table.group(2).splitlines()
        chains = [name for line in lines if line.startswith(":") and _is_ours(name := line[1:].split()[0])]
        jumps = [line for line in lines if line.startswith("-A ") and _is_jump_to_ours(line.split())]
        if chains or jumps:
            output += [f"*{table.group(1)}", *(f":{chain} - [0:0]" for chain in chains)]
            output += [f"-D{line[2:]}" for line in jumps]
            output += [*(f"-X {chain}" for chain in chains), "COMMIT"]
    return "\n".join(output) + "\n" if output else ""


def _is_ours(chain: str) -> bool:
    return _OUR_CHAIN.match(chain) is not None


def _is_jump_to_ours(words: list[str]) -> bool:
    """Tell whether a rule in a chain that is not ours jumps to one that is: ours are flushed whole."""
    targets = [after for word, after in itertools.pairwise(words) if word in ("-j", "-g")]
    return not _is_ours(words[1]) and any(_is_ours(target) for target in targets)


def _devices_on(bridge: str) -> Iterable[str]:
    return [device["ifname"] for device in json.loads(_ip("-json", "link", "show", "master", bridge) or "[]")]


def _ip(*words: str) -> str:
    return run(["ip", *words], timeout=TIMEOUT, env=_ENVIRONMENT).stdout
