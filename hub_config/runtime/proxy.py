"""The hub's side of configurable-http-proxy, which gives a proxy that came back its routes again within seconds.

configurable-http-proxy keeps its routes in memory. JupyterHub compares them only as often as it records activity, once
a minute, so after a restart of the proxy's pod all users meet 404s or the hub's pages for up to that minute. Here a
mark is left in the proxy, a route that JupyterHub does not look at, and asked for every two seconds: when it is gone
the proxy is a new one, and JupyterHub's own check puts every route back.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError
from jupyterhub.httpclient import fetch
from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets import Float, Unicode

from hub_config.runtime.enforcement import warn_unless_enforced

ANSWER_SECONDS = 5.0
MARK = "-/routes-are-kept"
"""Path of the marking route. Without `jupyterhub` in its data it is none of JupyterHub's, which leaves it alone."""


class RouteKeepingProxy(ConfigurableHTTPProxy):  # type: ignore[misc]  # JupyterHub has no type information
    """See the module."""

    mark_interval = Float(2.0, config=True, help="Seconds between two looks whether the proxy still has its routes.")

    public_address = Unicode(
        "",
        config=True,
        help="`host:port` at which users reach the proxy, and the hub must not. Empty: nothing is tried.",
    )

    _keeper: asyncio.Task[None] | None = None
    _look: asyncio.Task[None] | None = None

    async def check_routes(self, user_dict: Any, service_dict: Any, routes: Any = None) -> None:
        """Compare and mend all routes, as JupyterHub does, then mark the proxy; the first call starts the keeper."""
        await super().check_routes(user_dict, service_dict, routes)
        await self.api_request(MARK, method="POST", body={"target": self.hub.host})
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
            if self.public_address:  # which is open now: the proxy has just answered
                host, _, port = self.public_address.rpartition(":")
                self._look = asyncio.create_task(warn_unless_enforced(host, int(port), self.log))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self.mark_interval)
            try:
                if not await self.is_marked():
                    self.log.warning("The proxy is a new one without routes: putting them back")
                    await self.check_routes(self.app.users, self.app._service_map)
            except (ClientError, OSError, TimeoutError) as error:
                # A proxy that is away has no routes to keep; JupyterHub says so wherever it needs it.
                self.log.debug("The proxy does not answer: %s", error)
            except Exception:
                # The keeper must outlive whatever one look meets, or the next restart of the proxy goes unseen.
                self.log.exception("Routes could not be put back; the next look is in %s s", self.mark_interval)

    async def is_marked(self) -> bool:
        """Ask the proxy, once, whether it has the mark. Raises `ClientError` or `OSError` when it does not answer."""
        url = f"{self.api_url.rstrip('/')}/api/routes/{MARK}"
        headers = {"Authorization": f"token {self.auth_token}"}
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await fetch(url, headers=headers, raise_for_status=False)
        return bool(answer.status != HTTPStatus.NOT_FOUND)
