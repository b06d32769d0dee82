"""`runtime.enforcement`: what connections tell of a network, with real sockets in the place of a name server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub_config.chart.network import ReleaseNetwork
from hub_config.runtime import enforcement, preflight

pytestmark = [pytest.mark.unit, pytest.mark.process]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enforcement, "SETTLE_SECONDS", 1.0)
    monkeypatch.setattr(enforcement, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(enforcement, "PAUSE_SECONDS", 0.05)


class Echo(asyncio.DatagramProtocol):
    """Sends back what it gets, as good as an answer; the first `lost` datagrams are lost."""

    def __init__(self, lost: int = 0) -> None:
        self.lost = lost
        self.transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Answer."""
        assert data.endswith(bytes([0, 2, 0, 1]))  # a question of type NS, class IN
        self.lost -= 1
        if self.lost < 0 and self.transport:
            self.transport.sendto(data, address)


@contextlib.asynccontextmanager
async def name_server(*, udp: bool, tcp: bool, lost: int = 0) -> AsyncIterator[int]:
    """Listen on 127.0.0.1 as a name server would, by what is asked for; give the port."""
    async with contextlib.AsyncExitStack() as stack:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        if tcp:
            server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
            await stack.enter_async_context(server)
        if udp:
            loop = asyncio.get_running_loop()
            transport, echo = await loop.create_datagram_endpoint(lambda: Echo(lost), local_addr=("127.0.0.1", port))
            echo.transport = transport
            stack.callback(transport.close)
        yield port


@pytest.mark.parametrize(
    ("udp", "tcp", "lost", "enforced"),
    [
        (True, False, 0, True),
        (True, False, 1, True),
        (True, True, 0, False),
        (False, True, 0, False),
        (False, False, 0, None),
    ],
)
def test_what_a_name_server_tells(udp: bool, tcp: bool, lost: int, enforced: bool | None, tmp_path: Path) -> None:
    resolv_conf = tmp_path / "resolv.conf"
    resolv_conf.write_text("search jhub.svc.cluster.local\nnameserver 127.0.0.1\noptions ndots:5\n")

    async def ask() -> bool | None:
        async with name_server(udp=udp, tcp=tcp, lost=lost) as port:
            return await enforcement.enforced_for_jobs(resolv_conf, port)

    assert asyncio.run(ask()) is enforced


def test_a_policy_may_take_a_moment() -> None:
    async def scenario() -> bool:
        async with name_server(udp=False, tcp=True) as port:
            asking = asyncio.create_task(enforcement.still_reaches("127.0.0.1", port))
            await asyncio.sleep(0.1)
        return await asking

    assert asyncio.run(scenario()) is False


def test_the_hub_warns_of_a_port_that_is_open(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("hub")

    async def scenario() -> None:
        async with name_server(udp=False, tcp=True) as port:
            await enforcement.warn_unless_enforced("127.0.0.1", port, log)

    with caplog.at_level(logging.INFO):
        asyncio.run(scenario())
        asyncio.run(enforcement.warn_unless_enforced("127.0.0.1", 1, log))
    warning, information = caplog.records
    assert warning.levelno == logging.WARNING
    assert "does not enforce NetworkPolicy" in warning.getMessage()
    assert (information.levelno, "enforces" in information.getMessage()) == (logging.INFO, True)


@pytest.mark.parametrize(
    ("network", "enforced", "problem", "printed"),
    [
        ({}, True, "", ""),
        ({}, False, "", "WARNING: the network of this cluster does not enforce NetworkPolicy"),
        ({}, None, "", "could not be told"),
        ({"required": True}, True, "", ""),
        ({"required": True}, False, "networkPolicy.required is true: WARNING", ""),
        ({"required": True}, None, "networkPolicy.required is true: Note", ""),
        ({"enabled": False}, False, "", ""),
    ],
)
def test_what_preflight_says_of_it(
    network: dict[str, bool],
    enforced: bool | None,
    problem: str,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def found() -> bool | None:
        return enforced

    monkeypatch.setattr(preflight, "enforced_for_jobs", found)
    said = asyncio.run(preflight._network_problem(ReleaseNetwork.model_validate(network)))
    assert (said or "").startswith(problem)
    assert bool(said) is bool(problem)
    out = capsys.readouterr().out
    assert printed in out
    assert bool(out) is bool(printed)
