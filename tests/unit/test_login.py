"""Logins at a real hub: its own pages and cookies over HTTP, with the configuration that the chart gives it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub_config.generate import default_values
from hub_config.runtime.login import secure_logins
from tests.unit.composed import composed, facts, merged, mount, values
from tests.unit.conftest import NOWHERE
from tests.unit.test_real_jupyterhub import CREDENTIALS

pytestmark = [pytest.mark.unit, pytest.mark.process]

CONFIG_FILE = """
from pathlib import Path
from hub_config.load import load_jupyterhub_config
from hub_config.runtime import login

async def look(self):
    return {"127.0.0.1"}

login.OurProxies._look = look
login.MOUNTED = Path("mounted")
login.LoginGuard.__init__.__defaults__ = (Path("mounted"),)
c = get_config()
login.secure_logins(c, *load_jupyterhub_config(c, Path("mounted"), Path("snippets")))
"""
SCRIPT = """
import asyncio, json, sys
import httpx
from jupyterhub.app import JupyterHub
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

async def main():
    app = JupyterHub()
    await app.initialize(["--config", "jupyterhub_config.py"])
    socket, port = bind_unused_port()
    HTTPServer(app.tornado_application, xheaders=True).add_socket(socket)
    seen = []
    for step in json.load(open("steps.json")):
        headers = step.get("headers", {})
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as browser:
            page = await browser.get("/hub/login")
            fields = {"username": step["user"], "password": step["password"]}
            # A cookie that is for https alone comes back over https alone: this is behind what ends it.
            cookies = {cookie.name: cookie.value for cookie in browser.cookies.jar}
            if step.get("xsrf", True):
                fields["_xsrf"] = cookies["_xsrf"]
            answer = await browser.post("/hub/login", data=fields, headers={
                "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
            seen.append({"status": answer.status_code, "text": answer.text,
                         "cookies": [*page.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")],
                         "page": dict(page.headers), "answer": dict(answer.headers)})
    print("RESULT" + json.dumps(seen))

asyncio.run(main())
"""
ADMIN = CREDENTIALS["hub.config.SharedPasswordAuthenticator.admin_password"]
WRONG = "not-the-password"
USER = CREDENTIALS["hub.config.SharedPasswordAuthenticator.user_password"]


def visit(folder: Path, own: dict[str, Any], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Log in as `steps` say, one after the other, each from a new browser; return what came of each."""
    memory = {"hub": {"db": {"type": "sqlite-memory"}}, "cull": {"enabled": False}}
    root = mount(folder / "mounted", merged(default_values(), memory, own))
    for name, text in CREDENTIALS.items():
        (root / "credentials" / name).write_text(text, encoding="utf-8")
    for name, text in {"jupyterhub_config.py": CONFIG_FILE, "steps.json": json.dumps(steps)}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "kubeconfig").write_text(json.dumps(NOWHERE), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "CONFIGPROXY_AUTH_TOKEN": "x", "KUBECONFIG": str(folder / "kubeconfig")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: list[dict[str, Any]] = json.loads(done.stdout.rpartition("RESULT")[2])
    return result


def step(user: str = "ada", password: str = WRONG, address: str = "1.2.3.4", **more: Any) -> dict[str, Any]:
    """Return a login: a new browser, who tries what, and from where."""
    headers = {"X-Forwarded-For": address, **more.pop("headers", {})}
    return {"user": user, "password": password, "headers": headers, **more}


STEPS: dict[str, dict[str, Any]] = {
    "guess 1": step("admin"),
    "guess 2": step("admin"),
    "guess 3": step("admin"),
    "right but late": step("admin", ADMIN),
    "with a forged address": step("admin", ADMIN, "6.6.6.6, 1.2.3.4"),
    "somebody else there": step("ada", USER),
    "the same elsewhere": step("admin", ADMIN, "5.6.7.8"),
    "http": step("bea", USER),
    "https at an Ingress": step("cem", USER, headers={"X-Forwarded-Proto": "https,http"}),
    "https at a load balancer": step("dai", USER, headers={"X-Forwarded-Proto": "https"}),
    "without the form's token": step("eva", USER, xsrf=False),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of `STEPS` at one hub that allows three failures in ten minutes."""
    own = {"hub": {"loginLimit": {"perUserAndAddress": 3, "seconds": 600}}}
    return dict(zip(STEPS, visit(tmp_path_factory.mktemp("hub"), own, list(STEPS.values())), strict=True))


def test_guessing_is_limited_and_nobody_else_is(seen: dict[str, dict[str, Any]]) -> None:
    assert [each["status"] for each in seen.values()][:7] == [403, 403, 403, 429, 429, 302, 302]
    assert "Invalid username or password" in seen["guess 3"]["text"]
    late = seen["right but late"]
    assert re.search(r"Too many failed logins\. Try again in \d+ minutes\.", late["text"])
    assert 500 < int(late["answer"]["retry-after"]) <= 600
    assert 'name="password"' in late["text"], "the form is there to try again"


def test_an_authenticator_of_ones_own_is_limited_too(tmp_path: Path) -> None:
    code = """
from jupyterhub.auth import Authenticator

class Mine(Authenticator):
    async def authenticate(self, handler, data):
        return data["username"] if data["password"] == "mine" else None

c.JupyterHub.authenticator_class = Mine
c.Mine.allow_all = True
"""
    own = {"hub": {"extraConfig": {"mine": code}, "loginLimit": {"perUserAndAddress": 2}}}
    found = visit(tmp_path, own, [step(password="mine"), step(), step(), step(password="mine")])
    assert [each["status"] for each in found] == [302, 403, 403, 429]


@pytest.mark.parametrize("name", ["shared-password", "pam", "jupyterhub.auth.DummyAuthenticator"])
def test_the_limit_keeps_the_class_and_can_be_switched_off(name: str) -> None:
    for enabled in (True, False):
        own = {"hub": {"config": {"JupyterHub": {"authenticator_class": name}}, "loginLimit": {"enabled": enabled}}}
        config = composed(own)
        secure_logins(config, values(own), facts())
        found = config.JupyterHub.authenticator_class
        assert (found == name) is not enabled
        if enabled:
            plain = found.__mro__[1]
            assert (found.__name__, found.__module__) == (plain.__name__, plain.__module__)


def flags(cookies: list[str]) -> dict[str, set[str]]:
    """Return the flags of each cookie; one that is set twice has those that both have."""
    found: dict[str, set[str]] = {}
    for text in cookies:
        name = text.partition("=")[0]
        words = {part.strip().lower() for part in text.split(";")[1:]} & {"secure", "httponly", "samesite=lax"}
        found[name] = found.get(name, words) & words
    return found


@pytest.mark.parametrize(
    ("name", "secure"),
    [("http", set()), ("https at an Ingress", {"secure"}), ("https at a load balancer", {"secure"})],
)
def test_cookies(seen: dict[str, dict[str, Any]], name: str, secure: set[str]) -> None:
    assert seen[name]["status"] == 302
    cookies = flags(seen[name]["cookies"])
    assert {"jupyterhub-hub-login", "jupyterhub-session-id", "_xsrf"} <= cookies.keys()
    for cookie, words in cookies.items():
        # The page itself sends the token back, so a script must be able to read that cookie.
        assert words == {"samesite=lax", *secure} | (set() if cookie == "_xsrf" else {"httponly"}), cookie


def test_pages_may_not_be_framed_and_forms_need_their_token(seen: dict[str, dict[str, Any]]) -> None:
    refused = seen["without the form's token"]
    assert refused["status"] == 403
    assert "Login form invalid or expired" in refused["text"]
    assert "frame-ancestors 'none'" in refused["page"]["content-security-policy"]
