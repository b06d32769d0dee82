"""Authenticators with passwords of their own, in a real JupyterHub that answers over HTTP: nobody else checks them.

NativeAuthenticator and FirstUseAuthenticator were written for earlier releases of JupyterHub than the hub's image has.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from jupyterhub.app import JupyterHub
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from hub_config.runtime.native import NOT_YET
from tests.unit.composed import composed

pytestmark = [pytest.mark.unit, pytest.mark.process]

Steps = Callable[["Site"], Awaitable[None]]
PASSWORD = "correct-horse"
OTHER = "battery-staple"


class Site:
    """The hub's pages, as browsers see them."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """Open a browser with cookies of its own."""
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as client:
            yield client

    async def send(self, browser: httpx.AsyncClient, page: str, **fields: str) -> httpx.Response:
        """Open a page and send its form, as a person does."""
        form = await browser.get(page, follow_redirects=True)
        form.raise_for_status()
        token = re.search(r'name="_xsrf"\s+value="([^"]+)"', form.text)
        assert token, f"{page} has no form with an XSRF token:\n{form.text}"
        return await browser.post(page, data={**fields, "_xsrf": token[1]})

    async def log_in(self, browser: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
        """Fill in the login form; the answer is a redirect when it is right."""
        return await self.send(browser, "/hub/login", username=name, password=password)


def on_a_hub(folder: Path, monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], steps: Steps) -> None:
    """Run `steps` on a JupyterHub with the authenticator that `config`, a `hub.config`, chooses."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "as-the-deployment-sets-it")
    made = composed({"hub": {"config": config}})
    for trait in ("spawner_class", "services", "load_roles"):
        made.JupyterHub.pop(trait, None)
    made.JupyterHub.update({"db_url": "sqlite://", "spawner_class": "simple", "cookie_secret": b"1" * 32})

    async def run() -> None:
        app = JupyterHub(config=made)
        await app.initialize([])
        server = HTTPServer(app.tornado_application)
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        try:
            await steps(Site(sockets[0].getsockname()[1]))
        finally:
            server.stop()
            await server.close_all_connections()

    asyncio.run(run())


def test_native(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(site: Site) -> None:
        async with site.browser() as admin, site.browser() as grace:
            await sign_up(site, admin, "ada")
            assert (await site.log_in(admin, "ada", PASSWORD)).status_code == 302
            await sign_up(site, grace, "grace")
            refused = await site.log_in(grace, "grace", PASSWORD)
            assert (refused.status_code, NOT_YET in refused.text) == (403, True)
            wrong = await site.log_in(grace, "grace", OTHER)
            assert (wrong.status_code, NOT_YET in wrong.text) == (403, False)
            assert "Invalid username or password" in wrong.text
            fields = {"username": "grace", "password": PASSWORD, "_xsrf": "forged"}
            forged = await grace.post("/hub/login", data=fields, headers={"Sec-Fetch-Mode": "navigate"})
            assert (forged.status_code, NOT_YET in forged.text) == (403, False), "no guess that nobody counts"
            assert "Login form invalid or expired" in forged.text

            assert (await admin.get("/hub/authorize/grace")).status_code == 405, "a link must not authorize"
            assert (await admin.post("/hub/authorize/grace")).status_code == 403, "nor a form of another site"
            assert (await site.log_in(grace, "grace", PASSWORD)).status_code == 403
            assert (await site.send(admin, "/hub/authorize")).status_code == 405
            page = (await admin.get("/hub/authorize")).text
            assert 'action="/hub/authorize/grace"' in page
            assert 'action="/hub/discard/grace"' in page
            await toggle(admin, page, "grace")
            assert (await site.log_in(grace, "grace", PASSWORD)).status_code == 302

            home = (await grace.get("/hub/home")).text
            assert "/hub/change-password" in home
            assert "Authorize users" not in home
            assert "Authorize users" in (await admin.get("/hub/home")).text
            assert (await grace.get("/hub/authorize")).status_code == 403
            new = {"new_password": OTHER, "new_password_confirmation": OTHER}
            changed = await site.send(grace, "/hub/change-password", old_password=PASSWORD, **new)
            assert "changed successfully" in changed.text
        async with site.browser() as again:
            assert (await site.log_in(again, "grace", PASSWORD)).status_code == 403
            assert (await site.log_in(again, "grace", OTHER)).status_code == 302

    config = {
        "JupyterHub": {"authenticator_class": "native"},
        "NativeAuthenticator": {"admin_users": ["ada"], "allow_all": True, "minimum_password_length": 8},
    }
    on_a_hub(tmp_path, monkeypatch, config, steps)


async def sign_up(site: Site, browser: httpx.AsyncClient, name: str) -> None:
    fields = {"username": name, "signup_password": PASSWORD, "signup_password_confirmation": PASSWORD}
    done = await site.send(browser, "/hub/signup", **fields)
    expected = "The signup was successful" if name == "ada" else "An administrator must authorize you"
    assert expected in done.text


async def toggle(admin: httpx.AsyncClient, page: str, name: str) -> None:
    token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)
    assert token
    answer = await admin.post(f"/hub/authorize/{name}", data={"_xsrf": token[1]})
    assert answer.status_code == 302


def test_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(site: Site) -> None:
        async with site.browser() as first, site.browser() as second:
            assert "yours from then on" in (await first.get("/hub/login")).text
            assert "Password too short" in (await site.log_in(first, "grace", "short")).text
            assert (await site.log_in(first, "grace", PASSWORD)).status_code == 302
            assert (await site.log_in(second, "grace", OTHER)).status_code == 403
            stranger = await site.log_in(second, "mallory", OTHER)
            assert stranger.status_code == 403
            assert "/hub/auth/change-password" in (await first.get("/hub/home")).text
            changed = await site.send(first, "/hub/auth/change-password", password=OTHER)
            assert "changed successfully" in changed.text
            assert (await site.log_in(second, "grace", OTHER)).status_code == 302

    config = {
        "JupyterHub": {"authenticator_class": "firstuse"},
        "FirstUseAuthenticator": {"allowed_users": ["grace"]},
    }
    on_a_hub(tmp_path, monkeypatch, config, steps)
    assert list(tmp_path.glob("passwords.dbm*")), "the file is in the hub's working directory, which is its volume"
