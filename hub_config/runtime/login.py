"""Logins in the hub's process: guessing of passwords is limited, and cookies are for https where the browser has it."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.traitlets import EntryPointType
from jupyterhub.utils import get_browser_protocol
from kubernetes_asyncio import client
from kubernetes_asyncio.config import ConfigException
from tornado.web import HTTPError
from traitlets import HasTraits
from traitlets.config import Config

from hub_config.facts import Facts
from hub_config.mounted import MOUNTED
from hub_config.runtime.api import REQUEST_TIMEOUT, connection
from hub_config.runtime.login_limit import Failures, Limits, visitor
from hub_config.values import Values

TOO_MANY_REQUESTS = 429
SECONDS_BETWEEN_LOOKS = 5.0
"""Least pause between two questions to Kubernetes which pods are the proxy's."""


class OurProxies:
    """The addresses of the proxy's pods, whose `X-Forwarded-For` alone is believed."""

    def __init__(self, namespace: str, release: str) -> None:
        self._namespace, self._selector = namespace, f"component=proxy,release={release}"
        self._known: set[str] = set()
        self._looked = -SECONDS_BETWEEN_LOOKS

    async def has(self, address: str) -> bool:
        """Tell whether `address` is one of theirs; Kubernetes is asked about one that is new."""
        if address not in self._known and time.monotonic() - self._looked >= SECONDS_BETWEEN_LOOKS:
            self._looked = time.monotonic()
            self._known = await self._look()
        return address in self._known

    async def _look(self) -> set[str]:
        async with connection() as api:
            pods = await client.CoreV1Api(api).list_namespaced_pod(
                self._namespace, label_selector=self._selector, _request_timeout=REQUEST_TIMEOUT
            )
        return {each.ip for pod in pods.items for each in pod.status.pod_ips or []}


class LoginGuard:
    """Refuses logins after too many failures, whatever the authenticator."""

    def __init__(self, values: Values, proxies: OurProxies, root: Path = MOUNTED) -> None:
        limit = values.hub.login_limit
        self._failures = Failures(
            Limits(limit.seconds, limit.per_user_and_address, limit.per_user, limit.per_address),
        )
        self._in_front, self._proxies = limit.proxies_in_front, proxies
        self._front = root / "values" / "front.json"

    async def address(self, handler: Any) -> str:
        """Return whom a request comes from."""
        peer = _plain(handler.request.connection.context.address[0])
        try:
            is_ours = await self._proxies.has(peer)
        except (client.ApiException, ConfigException, OSError, TimeoutError) as error:
            handler.log.warning("Which pods are the proxy's is not known, so all visitors are taken for one: %s", error)
            is_ours = False
        header = ",".join(handler.request.headers.get_list("X-Forwarded-For"))
        return visitor(peer, header, is_our_proxy=is_ours, proxies_in_front=self._proxies_in_front())

    async def attempt(self, handler: Any, user: str, login: Callable[[], Awaitable[Any]]) -> Any:
        """Let `login` check a password and return what it returns: None for a wrong one.

        Raises an `HTTPError`, whose sentence the login page shows, when `user` has to wait at this address.
        """
        address = await self.address(handler)
        if seconds := self._failures.wait(user, address, is_known=handler.find_user(user) is not None):
            handler.log.warning("Login of %r from %s refused for %s s: too many failures", user[:32], address, seconds)
            error = HTTPError(TOO_MANY_REQUESTS, f"Too many failed logins. Try again in {in_words(seconds)}.")
            error.headers = {"Retry-After": str(seconds)}  # type: ignore[attr-defined]  # JupyterHub sends them
            raise error
        mark = self._failures.begin(user, address)
        try:
            found = await login()
        except BaseException:
            self._failures.take_back(user, address, mark)
            raise
        if found is None:
            self._failures.fail(user, address)
        else:
            self._failures.forgive(user, address, mark)
        return found

    def _proxies_in_front(self) -> int:
        """Return how many proxies add to `X-Forwarded-For`; the chart's own word is read anew, without a restart."""
        if self._in_front is not None:
            return self._in_front
        return int(json.loads(self._front.read_text(encoding="utf-8"))["proxiesInFront"])


def guarded(kind: type[Authenticator], guard: LoginGuard) -> type[Authenticator]:
    """Return `kind` with `guard` before its passwords; its name, and so its configuration, stays."""

    async def get_authenticated_user(self: Any, handler: Any, data: Any) -> Any:
        async def login() -> Any:
            return await super(made, self).get_authenticated_user(handler, data)

        if isinstance(data, dict) and data.get("username") and "password" in data:
            return await guard.attempt(handler, self.normalize_username(data["username"]), login)
        return await login()  # no password to guess

    body = {"get_authenticated_user": get_authenticated_user, "__module__": kind.__module__, "__doc__": kind.__doc__}
    made: type[Authenticator] = type(kind.__name__, (kind,), body)
    return made


def secure_cookies() -> None:
    """Make every cookie of the hub `Secure` where the browser came by https, and `SameSite=Lax` unless told otherwise.

    JupyterHub looks at the last hop alone, which behind an Ingress is plain http between proxy and hub.
    """
    if hasattr(BaseHandler.set_cookie, "__wrapped__"):
        return
    original = BaseHandler.set_cookie

    @wraps(original)
    def set_cookie(self: Any, name: str, value: Any, *arguments: Any, **options: Any) -> None:
        if get_browser_protocol(self.request) == "https":
            options.setdefault("secure", True)
        options.setdefault("samesite", "Lax")
        original(self, name, value, *arguments, **options)

    BaseHandler.set_cookie = set_cookie


def secure_logins(config: Config, values: Values, facts: Facts) -> None:
    """Put all of this in place, once the whole configuration, the administrator's code included, is there."""
    secure_cookies()
    if values.hub.login_limit.enabled:
        guard = LoginGuard(values, OurProxies(facts.namespace, facts.release))
        config.JupyterHub.authenticator_class = guarded(_class(config), guard)


def _class(config: Config) -> type[Authenticator]:
    """Return the class that `c.JupyterHub.authenticator_class` means: one, or its name or path."""

    class Holder(HasTraits):
        kind = EntryPointType(klass=Authenticator, entry_point_group="jupyterhub.authenticators")

    found: type[Authenticator] = Holder(kind=config.JupyterHub.authenticator_class).kind
    return found


def in_words(seconds: int) -> str:
    """Return a time to wait as people say it."""
    if seconds < 120:
        return f"{seconds} second{'s' * (seconds != 1)}"
    return f"{-(-seconds // 60)} minutes"


def _plain(address: str) -> str:
    return address.removeprefix("::ffff:")
