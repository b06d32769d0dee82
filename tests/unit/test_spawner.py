"""`runtime.spawner` and `runtime.pod_watch`: waits that end when what they wait for is there."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

import pytest
from kubespawner import KubeSpawner
from kubespawner.spawner import PodReflector

from hub_config.runtime.home import HomeKeeping
from hub_config.runtime.home_claim import ClaimKeeping
from hub_config.runtime.pod_watch import PodWatch
from hub_config.runtime.spawner import PromptKubeSpawner, until_open

pytestmark = pytest.mark.unit

OVERRIDDEN = {
    "_start_reflector": ["self", "kind", "reflector_class", "replace", "kwargs"],
    "_make_create_pod_request": ["self", "pod", "request_timeout"],
    "_make_create_resource_request": ["self", "kind", "manifest"],
    "_start": ["self"],
}


FOR_HOMES = {
    "_make_create_pvc_request": ["self", "pvc", "request_timeout"],
    "_make_create_pod_request": ["self", "pod", "request_timeout"],
    "get_pvc_manifest": ["self"],
    "load_state": ["self", "state"],
    "get_state": ["self"],
    "clear_state": ["self"],
    "delete_forever": ["self"],
    "progress": ["self"],
    "_start": ["self"],
}


@pytest.mark.parametrize(("name", "parameters"), FOR_HOMES.items())
def test_kubespawner_still_has_what_homes_override(name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(KubeSpawner, name)).parameters) == parameters
    assert name in {*vars(HomeKeeping), *vars(ClaimKeeping)}


def test_kubespawner_still_asks_for_the_claim_at_every_start_that_has_not_found_it() -> None:
    source = inspect.getsource(KubeSpawner._start)
    before, after = source.split("self._make_create_pvc_request")
    assert before.rindex("if not self._pvc_exists:") > before.rindex("handle_legacy_names")
    assert "await self.get_pod_manifest()" in after


@pytest.mark.parametrize(("name", "parameters"), OVERRIDDEN.items())
def test_kubespawner_still_has_what_is_overridden(name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(KubeSpawner, name)).parameters) == parameters
    assert name in vars(PromptKubeSpawner)


def test_the_reflector_still_keeps_pods_in_resources() -> None:
    source = inspect.getsource(PodReflector._watch_and_update)
    assert "self.resources[ref_key] = resource" in source
    assert "self.resources.pop(ref_key, None)" in source


@pytest.mark.parametrize(
    "change",
    [
        lambda watch: watch.resources.__setitem__("ns/jupyter-ada", {}),
        lambda watch: watch.resources.pop("ns/jupyter-ada", None),
        lambda watch: setattr(watch, "resources", {}),
    ],
    ids=["a pod changed", "a pod went", "all were listed anew"],
)
def test_a_change_wakes_all_who_wait(change: Any) -> None:
    async def scenario() -> None:
        watch = PodWatch(namespace="ns")
        watch.resources = {"ns/jupyter-ada": {"status": {"phase": "Pending"}}}
        waiting = [asyncio.ensure_future(watch.change()) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        change(watch)
        async with asyncio.timeout(1):
            await asyncio.gather(*waiting)

    asyncio.run(scenario())


def test_an_open_port_is_noticed_soon() -> None:
    async def scenario() -> float:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        waiting = asyncio.ensure_future(until_open(f"http://127.0.0.1:{port}"))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        opened = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)
        begin = time.monotonic()
        async with asyncio.timeout(5), opened:
            await waiting
        return time.monotonic() - begin

    assert asyncio.run(scenario()) < 0.5
