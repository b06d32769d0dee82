"""NativeAuthenticator as JupyterHub 6 needs it: a login that works, and authorization that no link can give.

nativeauthenticator 1.3.0 was written for JupyterHub 5. Its login measures its time by `BaseHandler.statsd`, which
JupyterHub 6 no longer has, so that each login ends in an error 500; and an administrator who follows a link to
`/hub/authorize/NAME` lets NAME in, whoever made that link, since a GET request carries no XSRF token. Its settings, its
table in the hub's database and its pages' addresses are as they were.
"""

from __future__ import annotations

from typing import Any

import nativeauthenticator
from jupyterhub.handlers import login
from nativeauthenticator import handlers
from tornado import web
from tornado.escape import url_escape

NOT_YET = "An administrator has not authorized you yet. Try again later, or ask."


class LoginHandler(handlers.LoginHandler):  # type: ignore[misc]  # the package has no types
    """The login page, which tells those who signed up that they must wait."""

    is_waiting = False
    """Whether the authenticator found the right password of somebody who is not authorized."""

    def _render(
        self, login_error: str | None = None, username: str | None = None, *, sync: bool = False, **_more: Any
    ) -> Any:
        """Render the page; JupyterHub hands over more, and cannot wait, when it shows an error in the form."""
        if login_error and self.is_waiting:
            login_error = NOT_YET
        return self.render_template(
            "native-login.html",
            sync=sync,
            next=url_escape(self.get_argument("next", default="")),
            username=username,
            login_error=login_error,
            login_url=self.settings["login_url"],
            authenticator=self.authenticator,
            authenticator_login_url=self.authenticator.login_url(self.hub.base_url),
        )

    async def post(self) -> None:
        """Log in as JupyterHub itself does."""
        await login.LoginHandler.post(self)


class _PostOnly:
    """A page that changes something: for requests that carry the XSRF token alone."""

    async def get(self, _name: str) -> None:
        """Refuse: a link may come from anywhere."""
        raise web.HTTPError(405)


class ToggleAuthorizationHandler(_PostOnly, handlers.ToggleAuthorizationHandler):  # type: ignore[misc]
    """Authorize somebody, or take it back."""

    post = handlers.ToggleAuthorizationHandler.get


class DiscardHandler(_PostOnly, handlers.DiscardHandler):  # type: ignore[misc]
    """Forget somebody who signed up."""

    post = handlers.DiscardHandler.get


_OURS = {cls.__name__: cls for cls in (LoginHandler, ToggleAuthorizationHandler, DiscardHandler)}


class NativeAuthenticator(nativeauthenticator.NativeAuthenticator):  # type: ignore[misc]
    """See the module; of the same name, so that `hub.config.NativeAuthenticator` configures it."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> Any:
        """Check a password, and tell the page when it is right and of no use yet.

        Nowhere else is one checked, or what limits guessing (`login.py`, `allowed_failed_logins`) would not count it.
        """
        found = await super().authenticate(handler, data)
        name = self.normalize_username(data["username"])
        user = None if found or self.is_locked(name) else self.get_user(name)
        handler.is_waiting = bool(user and not user.is_authorized and user.is_valid_password(data["password"]))
        return found

    def is_locked(self, name: str) -> bool:
        """Tell whether a name has had too many failed logins for the package's own limit."""
        return bool(self.allowed_failed_logins and self.is_blocked(name))

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:
        """Return the pages, some of them ours."""
        return [(path, _OURS.get(cls.__name__, cls)) for path, cls in super().get_handlers(app)]
