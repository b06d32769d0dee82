"""Find out by connections whether the cluster's network enforces NetworkPolicy, and say so loudly when it does not.

A policy that nobody enforces looks like one that somebody does, so only a connection that a policy denies can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

RESOLV_CONF = Path("/etc/resolv.conf")
DNS_PORT = 53
CONNECT_SECONDS = 1.5
"""Within a cluster a connection takes milliseconds; one that a policy denies is mostly not answered at all."""
SETTLE_SECONDS = 6.0
"""How long a network may take to apply a pod's policies after the pod has started."""
PAUSE_SECONDS = 0.5
_QUESTION = bytes.fromhex("4a48 0100 0001 0000 0000 0000 00 0002 0001")
"""A DNS question for the name servers of the root (RFC 1035 section 4); any answer shows that somebody is there."""

NOT_ENFORCED = (
    "WARNING: the network of this cluster does not enforce NetworkPolicy. Nothing keeps the users' pods from each "
    "other, from the cloud's metadata server (which hands the node's credentials to whoever asks), from the hub's "
    "database and from the nodes. Use a network that enforces it, such as Cilium or Calico; `networkPolicy.required: "
    "true` refuses to install where it is not enforced."
)
UNKNOWN = (
    "Note: it could not be told whether this cluster's network enforces NetworkPolicy: no name server answers the job."
)


async def reaches(host: str, port: int) -> bool:
    """Tell whether somebody takes a TCP connection."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def still_reaches(host: str, port: int) -> bool:
    """Tell whether somebody takes a TCP connection now and for the whole of `SETTLE_SECONDS`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_SECONDS
    while await reaches(host, port):
        if loop.time() >= deadline:
            return True
        await asyncio.sleep(PAUSE_SECONDS)
    return False


async def enforced_for_jobs(resolv_conf: Path = RESOLV_CONF, port: int = DNS_PORT) -> bool | None:
    """Tell, in one of the chart's jobs, whether its policy is enforced; None when that cannot be told.

    The policy lets jobs ask name servers by UDP and not by TCP, and a name server has both (RFC 7766). An answer by UDP
    shows that it is there, so that no connection by TCP shows that the policy, and nothing else, is in the way.
    """
    for server in name_servers(resolv_conf):
        answered, connects = await asyncio.gather(_answers(server, port), still_reaches(server, port))
        if connects:
            return False
        if answered:
            return True
    return None


def name_servers(resolv_conf: Path) -> list[str]:
    """Return the name servers of a pod."""
    lines = (line.split() for line in resolv_conf.read_text(encoding="utf-8").splitlines())
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


class _Answer(asyncio.DatagramProtocol):
    """Remembers the first datagram that comes."""

    def __init__(self) -> None:
        self.received: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, _data: bytes, _address: object) -> None:
        """Note that there is an answer, whatever it says."""
        if not self.received.done():
            self.received.set_result(None)

    def error_received(self, error: Exception) -> None:
        """Note that nobody is there."""
        if not self.received.done():
            self.received.set_exception(error)


async def _answers(server: str, port: int) -> bool:
    """Tell whether a name server answers by UDP, asking again while `SETTLE_SECONDS` last: a datagram may be lost."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_SECONDS
    while loop.time() < deadline:
        with contextlib.suppress(OSError, TimeoutError):
            transport, answer = await loop.create_datagram_endpoint(_Answer, remote_addr=(server, port))
            try:
                transport.sendto(_QUESTION)
                async with asyncio.timeout(CONNECT_SECONDS):
                    await answer.received
            finally:
                transport.close()
            return True
        await asyncio.sleep(PAUSE_SECONDS)
    return False


async def warn_unless_enforced(host: str, port: int, log: logging.Logger) -> None:
    """Warn, in the hub, when it reaches the proxy's public port, which its policy denies; the proxy must be up."""
    if await still_reaches(host, port):
        log.warning(
            "%s (Seen by a connection to %s:%s. Values may allow that: hub.networkPolicy.enabled: false, its egress, "
            "or its egressAllowRules.privateIPs.)",
            NOT_ENFORCED,
            host,
            port,
        )
    else:
        log.info("The cluster's network enforces the hub's NetworkPolicy")
