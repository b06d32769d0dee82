"""The hub as its users and its REST API's clients see it: through the proxy, over HTTP."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx

from ci.progress import CiError, wait_until
from tests.harness.kube import WaitError
from tests.harness.server import UserServer

REQUEST_SECONDS = 20.0
SPAWN_SECONDS = 90.0
STOP_SECONDS = 60.0
REACH_SECONDS = 60.0


class LoginRefusedError(AssertionError):
    """The login form came back; the message is what it says."""


class SpawnFailedError(AssertionError):
    """A server did not start; `messages` are those that its user saw."""

    def __init__(self, user: str, messages: list[str]) -> None:
        super().__init__("\n".join([f"the server of {user} did not start:", *messages]))
        self.messages = messages


class Hub:
    """The hub's REST API with a token.

    `url` is the proxy's address; the hub's base URL is `/`.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        headers = {"Authorization": f"token {token}"}
        self.client = httpx.Client(base_url=f"{url}/hub/api/", headers=headers, timeout=REQUEST_SECONDS)

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request to `/hub/api/PATH`; an error status is raised with the hub's own words."""
        response = self.client.request(method, path, **arguments)
        if response.is_error:
            raise AssertionError(f"{method} {response.url}: {response.status_code}: {response.text[:500]}")
        return response

    def user(self, name: str) -> dict[str, Any]:
        """Return a user as the API describes it, made when missing."""
        response = self.client.get(f"users/{name}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return dict(self.call("POST", f"users/{name}").json())
        response.raise_for_status()
        return dict(response.json())

    def start(self, user: str, options: dict[str, Any] | None = None) -> None:
        """Ask for a user's server, without waiting for it."""
        self.user(user)
        self.call("POST", f"users/{user}/server", json=options or {})

    def spawn(self, user: str, options: dict[str, Any] | None = None, *, timeout: float = SPAWN_SECONDS) -> UserServer:
        """Start a user's server and return it once it is ready. Raises `SpawnFailedError`."""
        self.start(user, options)
        messages = []
        for event in self.progress(user, timeout=timeout):
            messages.append(str(event.get("message", "")))
            if event.get("ready"):
                return self.server(user)
            if event.get("failed"):
                break
        raise SpawnFailedError(user, messages)

    def progress(self, user: str, *, timeout: float) -> Iterator[dict[str, Any]]:
        """Yield the events of a start as they come; stops, with a last event that says so, after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        try:
            with self.client.stream("GET", f"users/{user}/server/progress", timeout=timeout) as response:
                response.raise_for_status()
                for line in response.iter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))
                    if time.monotonic() >= deadline:
                        break
                else:
                    return
        except httpx.ReadTimeout:
            pass
        yield {"failed": True, "message": f"waited {timeout:.0f} s for the server to be ready"}

    def stop(self, user: str) -> None:
        """Stop a user's server and return once the hub says that it is gone."""
        self.call("DELETE", f"users/{user}/server")
        self.wait_stopped(user)

    def wait_stopped(self, user: str) -> None:
        """Return once the hub says that a user's servers are gone, whoever stopped them."""
        wait_until(f"the server of {user} to be stopped", lambda: not self.servers(user), timeout=STOP_SECONDS)

    def servers(self, user: str) -> dict[str, Any]:
        """Return a user's servers, by name, that run, start or stop."""
        return dict(self.call("GET", f"users/{user}").json()["servers"])

    def server(self, user: str) -> UserServer:
        """Return a user's server, with this hub's token for its API."""
        return UserServer(self.url, user, self.token)

    def wait_reachable(self, *, timeout: float = REACH_SECONDS) -> float:
        """Wait until the hub answers through the proxy, and return the seconds that it took."""
        return seconds_until_ok(f"{self.url}/hub/health", timeout=timeout)


def seconds_until_ok(url: str, *, timeout: float, headers: dict[str, str] | None = None) -> float:
    """Ask for `url` until it answers 200; return the seconds that it took. Raises `WaitError`."""
    saw = ""
    with httpx.Client(headers=headers, timeout=2) as client:
        begin = time.monotonic()

        def answers() -> bool:
            nonlocal saw
            try:
                response = client.get(url)
            except httpx.HTTPError as error:
                saw = f"{type(error).__name__}: {error}"
                return False
            saw = f"{response.status_code}: {response.text[:200]}"
            return response.status_code == httpx.codes.OK

        try:
            wait_until(f"{url} to answer 200", answers, timeout=timeout, interval=0.1)
        except CiError as error:
            raise WaitError(f"waited {timeout:.0f} s for {url} to answer 200; last saw {saw}") from error
        return time.monotonic() - begin


def log_in(url: str, user: str, password: str, headers: dict[str, str] | None = None) -> httpx.Client:
    """Fill in the login form as a browser does; return the client with its cookies. Raises `LoginRefusedError`."""
    browser = httpx.Client(base_url=url, timeout=REQUEST_SECONDS, headers=headers)
    form = browser.get("/hub/login", follow_redirects=True)
    form.raise_for_status()
    fields = {"username": user, "password": password, "_xsrf": xsrf(browser)}
    answer = browser.post("/hub/login", data=fields)
    if answer.status_code != httpx.codes.FOUND:
        said = re.search(r'class="login_error">\s*(.*?)\s*<', answer.text, re.DOTALL)
        raise LoginRefusedError(f"{answer.status_code}: {said[1] if said else answer.text[:500]}")
    return browser


def log_out(browser: httpx.Client) -> None:
    """Log out as the button does."""
    browser.get("/hub/logout", follow_redirects=True).raise_for_status()


def new_token(browser: httpx.Client, user: str, note: str = "tests") -> str:
    """Return a new API token, with all the rights of `user`, who is logged in in `browser`."""
    browser.get("/hub/token", follow_redirects=True).raise_for_status()
    headers = {"X-XSRFToken": xsrf(browser), "Referer": f"{browser.base_url}/hub/token"}
    answer = browser.post(f"/hub/api/users/{user}/tokens", json={"note": note}, headers=headers)
    if answer.is_error:
        raise AssertionError(f"no token for {user}: {answer.status_code}: {answer.text[:500]}")
    return str(answer.json()["token"])


def xsrf(browser: httpx.Client) -> str:
    """Return the hub's XSRF token among the cookies: the one with the longest path is the hub's own."""
    found = [cookie for cookie in browser.cookies.jar if cookie.name == "_xsrf"]
    assert found, f"the hub set no _xsrf cookie, only {[cookie.name for cookie in browser.cookies.jar]}"
    return str(max(found, key=lambda cookie: len(cookie.path)).value)
