"""The world outside of an embedded cluster: addresses that answer where clouds, offices and the internet have theirs.

It is a network namespace of its own, joined to the cluster's by a pair of devices, with a server in it that answers on
every address. It ends with that server, and the server with this program, so that a killed run leaves nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ci.cluster.embedded.namespace import run_inside
from ci.cluster.embedded.packages import SYSTEM_PATH
from ci.cluster.embedded.settings import Settings
from ci.progress import run

ADDRESSES: Mapping[str, str] = {
    "internet": "203.0.113.10",
    "metadata": "169.254.169.254",
    "metadata-of-ecs": "169.254.170.2",
    "metadata-of-azure": "168.63.129.16",
    "metadata-of-alibaba": "100.100.100.200",
    "office-10": "10.99.0.10",
    "office-172": "172.20.0.10",
    "office-192": "192.168.77.10",
    "shared-space": "100.64.7.7",
}
"""Name and address of each server outside. `internet` is of the range that RFC 5737 keeps for documentation."""
DEVICE = "outside"
HERE, THERE, LENGTH = "198.51.100.1", "198.51.100.2", 30
TIMEOUT = 20.0

SERVER = """
import selectors, socket, sys
selector = selectors.DefaultSelector()
selector.register(sys.stdin, selectors.EVENT_READ)
for port in map(int, sys.argv[1:]):
    server = socket.create_server(("0.0.0.0", port), backlog=64)
    selector.register(server, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.fileobj is sys.stdin:
            sys.exit()
        key.fileobj.accept()[0].close()
"""


@contextmanager
def outside(settings: Settings, ports: Sequence[int]) -> Iterator[Mapping[str, str]]:
    """Give the servers outside, each listening on `ports`, as name to address."""
    command = ["unshare", "--net", "--", sys.executable, "-c", SERVER, *map(str, ports)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            _join(settings, server.pid)
            yield ADDRESSES
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait(TIMEOUT)


def _join(settings: Settings, pid: int) -> None:
    """Lay a cable from the cluster's namespace to that of process `pid`, and routes to the addresses."""

    def there(*words: str) -> None:
        command = ["nsenter", f"--net=/proc/{pid}/ns/net", "--", "ip", *words]
        run(command, timeout=TIMEOUT, env={"PATH": SYSTEM_PATH})

    def here(*words: str) -> None:
        run_inside(settings, "ip", *words)

    here("link", "add", DEVICE, "type", "veth", "peer", "name", "inside", "netns", str(pid))
    here("address", "add", f"{HERE}/{LENGTH}", "dev", DEVICE)
    here("link", "set", DEVICE, "up")
    there("address", "add", f"{THERE}/{LENGTH}", "dev", "inside")
    there("link", "set", "inside", "up")
    there("link", "set", "lo", "up")
    for address in ADDRESSES.values():
        there("address", "add", f"{address}/32", "dev", "lo")
        here("route", "add", f"{address}/32", "via", THERE)
