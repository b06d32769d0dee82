"""Login: the authenticator that `hub.config` names, and the passwords of the one that a hub has by default."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from traitlets.config import Config

from hub_config.base import ConfigurationError
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

SHARED_PASSWORD = "shared-password"  # noqa: S105 - the authenticator's name
USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"  # noqa: S105 - a key of the Secret
ADMIN_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.admin_password"  # noqa: S105 - a key of the Secret
DEFAULT_ADMIN = "admin"
_WHO_KEYS = ("allow_all", "allowed_users", "allow_existing_users")


def configure(values: Values, facts: Facts) -> Config:
    """Check the authenticator's name, set the cookie secret, and fill in the default authenticator's passwords.

    What `hub.config` itself says is not repeated here: the passthrough sets it afterwards, and so wins.
    """
    config = Config()
    _check_authenticator(values, facts)
    if secret := facts.credentials.get("hub.config.JupyterHub.cookie_secret"):
        config.JupyterHub.cookie_secret = secret
    if keys := facts.credentials.get("hub.config.CryptKeeper.keys"):
        config.CryptKeeper["keys"] = keys.split(";")
    if _authenticator(values) == SHARED_PASSWORD:
        config.merge(_shared_password(values, facts))
    return config


def _authenticator(values: Values) -> Any:
    return values.hub.config.get("JupyterHub", {}).get("authenticator_class", SHARED_PASSWORD)


def _check_authenticator(values: Values, facts: Facts) -> None:
    name = _authenticator(values)
    if not isinstance(name, str) or not name:
        raise ConfigurationError(
            "hub.config.JupyterHub.authenticator_class: write the name of an authenticator, such as "
            f"{SHARED_PASSWORD}, not {name!r}"
        )
    # A class by its import path is the user's own: JupyterHub itself says when it cannot be imported.
    if "." in name or not facts.authenticators or name in facts.authenticators:
        return
    near = get_close_matches(name, facts.authenticators, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise ConfigurationError(
        f"hub.config.JupyterHub.authenticator_class: {name!r} is not in the hub's image.{meant} "
        f"It has: {', '.join(sorted(facts.authenticators))}. For a class of your own write its path, module.Class."
    )


def _shared_password(values: Values, facts: Facts) -> Config:
    """Let everybody in who knows the generated password, and `admin` with a password of its own."""
    config = Config()
    own = config.SharedPasswordAuthenticator
    own.user_password = facts.credentials.get(USER_PASSWORD_KEY)
    own.admin_password = facts.credentials.get(ADMIN_PASSWORD_KEY)
    said = {**values.hub.config.get("Authenticator", {}), **values.hub.config.get("SharedPasswordAuthenticator", {})}
    if not any(key in said for key in _WHO_KEYS):
        own.allow_all = True
    if "admin_users" not in said:
        own.admin_users = {DEFAULT_ADMIN}
    return config
