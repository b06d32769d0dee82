"""The cluster's network namespace: a network of its own, joined to the machine's by one pair of devices.

Everything that a cluster does to a network (bridge, pods' devices, kube-proxy's and Cilium's rules and programs) is
done in there and goes with it. On the machine itself there is the device `jhubN` and a few packet filter rules, in
chains `JHUBN-*`: they let the cluster out, and lead some ports of 127.0.0.1 to the node ports of people's own.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path

from ci.cluster.base import PUBLISHED
from ci.cluster.embedded.packages import SYSTEM_PATH
from ci.cluster.embedded.settings import Settings
from ci.progress import CiError, run

TIMEOUT = 30.0
UPLINK = "uplink"
"""The cluster's end of the pair."""
NAMESPACES = Path("/run/netns")
"""Where `ip netns` keeps the namespaces by name."""
_ENVIRONMENT = {"PATH": SYSTEM_PATH}


def inside(settings: Settings) -> tuple[str, ...]:
    """Return the words before a command that is to run in the namespace. It keeps its process id.

    Not `ip netns exec`, which also gives each command mounts of its own: kubelet's would not reach containerd.
    """
    return ("nsenter", f"--net={NAMESPACES / settings.name}", "--")


def run_inside(settings: Settings, *words: str, stdin: str | None = None) -> str:
    """Run a command in the namespace and return what it prints."""
    return run([*inside(settings), *words], timeout=TIMEOUT, env=_ENVIRONMENT, stdin=stdin).stdout


def write_inside(settings: Settings, path: str, text: str) -> None:
    """Write a file of /proc/sys/net, which is another one in each namespace."""
    run_inside(settings, "sh", "-c", 'printf %s "$2" > "$1"', "sh", path, text)


def require_free_range(settings: Settings) -> None:
    """Raise `CiError` when a route of this machine overlaps the addresses of the way out.

    The ranges of pods and Services are inside, where no route of the machine is.
    """
    wanted = ipaddress.ip_network(settings.uplink_range)
    for route in json.loads(_ip("-json", "-4", "route", "show", "table", "main")):
        if route["dst"] == "default" or route.get("dev") == settings.uplink:
            continue
        there = ipaddress.ip_network(route["dst"], strict=False)
        if there.overlaps(wanted):
            raise CiError(
                f"the cluster's addresses {wanted} overlap this machine's route to {there} by {route.get('dev')}: "
                "remove that network, or change the range in ci/cluster/embedded/settings.py"
            )


def create(settings: Settings) -> None:
    """Make the namespace and its way out."""
    name, uplink = settings.name, settings.uplink
    length = settings.uplink_range.partition("/")[2]
    _ip("netns", "add", name)
    _ip("link", "add", uplink, "type", "veth", "peer", "name", UPLINK, "netns", name)
    _ip("address", "add", f"{settings.machine_address}/{length}", "dev", uplink)
    _ip("link", "set", uplink, "up")
    _ip("-netns", name, "link", "set", "lo", "up")
    _ip("-netns", name, "address", "add", f"{settings.node_address}/{length}", "dev", UPLINK)
    _ip("-netns", name, "link", "set", UPLINK, "up")
    _ip("-netns", name, "route", "add", "default", "via", settings.machine_address)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
    Path(f"/proc/sys/net/ipv4/conf/{uplink}/route_localnet").write_text("1\n")
    run(["iptables-restore", "--noflush"], timeout=TIMEOUT, env=_ENVIRONMENT, stdin=rules(settings))


def rules(settings: Settings) -> str:
    """Return the machine's rules as input of `iptables-restore --noflush`."""
    prefix, uplink, cluster = f"JHUB{settings.instance}", settings.uplink, settings.uplink_range
    nat = [
        f"-A {prefix}-POSTROUTING -s {cluster} ! -d {cluster} -j MASQUERADE",
        f"-A {prefix}-POSTROUTING -s 127.0.0.0/8 -o {uplink} -j MASQUERADE",
    ]
    if settings.instance == 0:
        ports = f"{PUBLISHED.start}:{PUBLISHED.stop - 1}"
        target = f"-j DNAT --to-destination {settings.node_address}"
        nat.append(f"-A {prefix}-OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport {ports} {target}")
    return "\n".join(
        (
            "*nat",
            f":{prefix}-POSTROUTING - [0:0]",
            f":{prefix}-OUTPUT - [0:0]",
            *nat,
            f"-A POSTROUTING -j {prefix}-POSTROUTING",
            f"-A OUTPUT -j {prefix}-OUTPUT",
            "COMMIT",
            "*filter",
            f":{prefix}-FORWARD - [0:0]",
            f":{prefix}-INPUT - [0:0]",
            f"-A {prefix}-FORWARD -i {uplink} -j ACCEPT",
            f"-A {prefix}-FORWARD -o {uplink} -j ACCEPT",
            # `route_localnet`, which answers for 127.0.0.1 need, must not open the machine's loopback to the cluster.
            f"-A {prefix}-INPUT -d 127.0.0.0/8 -i {uplink} -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP",
            # Where another program, such as Docker, has set the default to drop.
            f"-I FORWARD 1 -j {prefix}-FORWARD",
            f"-I INPUT 1 -j {prefix}-INPUT",
            "COMMIT",
            "",
        )
    )


def exists(settings: Settings) -> bool:
    """Tell whether the namespace, its device or rules are there."""
    if (NAMESPACES / settings.name).exists() or _has_uplink(settings):
        return True
    saved = run(["iptables-save"], timeout=TIMEOUT, env=_ENVIRONMENT).stdout
    return f":JHUB{settings.instance}-" in saved


def remove(settings: Settings) -> None:
    """Remove namespace, device and rules; everybody else's stay as they are."""
    deletion = removal(run(["iptables-save"], timeout=TIMEOUT, env=_ENVIRONMENT).stdout, settings)
    if deletion:
        run(["iptables-restore", "--noflush"], timeout=TIMEOUT, env=_ENVIRONMENT, stdin=deletion)
    if _has_uplink(settings):
        _ip("link", "delete", settings.uplink)
    if (NAMESPACES / settings.name).exists():
        _ip("netns", "delete", settings.name)


def removal(saved: str, settings: Settings) -> str:
    """Return input of `iptables-restore --noflush` that removes our chains, and the jumps to them, from `saved`.

    `saved` is what `iptables-save` prints. Empty when there is nothing to remove.
    """
    prefix = f"JHUB{settings.instance}-"
    output: list[str] = []
    for table in re.finditer(r"^\*(\w+)\n(.*?)^COMMIT$", saved, re.MULTILINE | re.DOTALL):
        lines = table.group(2).splitlines()
        chains = [name for line in lines if line.startswith(":") and (name := line[1:].split()[0]).startswith(prefix)]
        jumps = [line for line in lines if line.startswith("-A ") and _is_jump_into(line.split(), prefix)]
        if chains or jumps:
            output += [f"*{table.group(1)}", *(f":{chain} - [0:0]" for chain in chains)]
            output += [f"-D{line[2:]}" for line in jumps]
            output += [*(f"-X {chain}" for chain in chains), "COMMIT"]
    return "\n".join(output) + "\n" if output else ""


def _is_jump_into(words: Sequence[str], prefix: str) -> bool:
    """Tell whether a rule in a chain that is not ours jumps to one that is: ours are flushed whole."""
    targets = [after for word, after in itertools.pairwise(words) if word in ("-j", "-g")]
    return not words[1].startswith(prefix) and any(target.startswith(prefix) for target in targets)


def _has_uplink(settings: Settings) -> bool:
    return Path(f"/sys/class/net/{settings.uplink}").exists()


def _ip(*words: str) -> str:
    return run(["ip", *words], timeout=TIMEOUT, env=_ENVIRONMENT).stdout
