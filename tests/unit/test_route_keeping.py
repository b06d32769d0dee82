"""`runtime.proxy`: a proxy that lost its routes gets them back, on a real HTTP server in the proxy's place."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from jupyterhub.proxy import ConfigurableHTTPProxy

from hub_config.runtime.proxy import MARK, RouteKeepingProxy

pytestmark = pytest.mark.unit


class FakeProxy:
    """configurable-http-proxy's REST API, its routes in memory like the real one's."""

    def __init__(self) -> None:
        self.routes: dict[str, Any] = {}
        self.changed = asyncio.Event()
        self.port = 0

    @contextlib.asynccontextmanager
    async def serve(self) -> Any:
        """Listen on 127.0.0.1, on the same port again after the first time; give the address."""
        app = web.Application()
        app.router.add_get("/api/routes/{path:.*}", self._get)
        app.router.add_get("/api/routes", self._get)
        app.router.add_post("/api/routes/{path:.*}", self._post)
        app.router.add_post("/api/routes", self._post)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield f"http://127.0.0.1:{self.port}"
        finally:
            await runner.cleanup()

    async def _get(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info.get("path", "")
        if path == "/":
            return web.json_response(self.routes)
        return web.json_response(self.routes[path]) if path in self.routes else web.Response(status=404)

    async def _post(self, request: web.Request) -> web.Response:
        self.routes["/" + request.match_info.get("path", "").rstrip("/")] = await request.json()
        self.changed.set()
        return web.Response(status=201)

    async def until_marked(self) -> None:
        """Wait until the mark is there: it comes after all routes."""
        async with asyncio.timeout(10):
            while f"/{MARK}" not in self.routes:
                self.changed.clear()
                await self.changed.wait()


def _kept(address: str) -> RouteKeepingProxy:
    hub = SimpleNamespace(routespec="/", host="http://hub:8081")
    app = SimpleNamespace(users={}, _service_map={}, hub=hub)
    return RouteKeepingProxy(
        app=app, hub=hub, api_url=address, auth_token="x", should_start=False, host_routing=False, mark_interval=0.05
    )


def test_routes_that_are_lost_are_put_back() -> None:
    async def scenario() -> None:
        fake = FakeProxy()
        async with fake.serve() as address:
            proxy = _kept(address)
            await proxy.check_routes({}, {})
            assert fake.routes["/"]["target"] == "http://hub:8081"
            assert await proxy.is_marked()
            fake.routes.clear()  # what a restart does
            await fake.until_marked()
            assert fake.routes["/"]["target"] == "http://hub:8081"

    asyncio.run(scenario())


def test_a_proxy_that_is_away_is_waited_for() -> None:
    async def scenario() -> None:
        fake = FakeProxy()
        async with fake.serve() as address:
            proxy = _kept(address)
            await proxy.check_routes({}, {})
        fake.routes.clear()
        with pytest.raises(OSError, match="Cannot connect"):
            await proxy.is_marked()
        async with fake.serve():
            await fake.until_marked()
        assert fake.routes["/"]["target"] == "http://hub:8081"

    asyncio.run(scenario())


def test_the_mark_is_none_of_jupyterhubs_routes() -> None:
    async def scenario() -> None:
        fake = FakeProxy()
        async with fake.serve() as address:
            proxy = _kept(address)
            await proxy.check_routes({}, {})
            assert list(await ConfigurableHTTPProxy.get_all_routes(proxy)) == ["/"]

    asyncio.run(scenario())
