"""Login: the authenticator that `hub.config` names, and the passwords of the one that a hub has by default."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from traitlets.config import Config

from hub_config.authenticators import FIRST_USE, NATIVE, OUR_NATIVE, SHARED_PASSWORD, chosen
from hub_config.base import ConfigurationError
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"  # noqa: S105 - a key of the Secret
ADMIN_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.admin_password"  # noqa: S105 - a key of the Secret
DEFAULT_ADMIN = "admin"
_WHO_KEYS = ("allow_all", "allowed_users", "allow_existing_users")


def configure(values: Values, facts: Facts) -> Config:
    """Choose the authenticator, set the cookie secret, and fill in the default authenticator's passwords.

    What else `hub.config` says is not repeated here: the passthrough sets it afterwards, and so wins.
    """
    config = Config()
    name = _checked(chosen(values.hub.config), facts)
    config.JupyterHub.authenticator_class = OUR_NATIVE if name in NATIVE else name
    if name in FIRST_USE:
        _check_first_use(values)
    if secret := facts.credentials.get("hub.config.JupyterHub.cookie_secret"):
        config.JupyterHub.cookie_secret = secret
    if keys := facts.credentials.get("hub.config.CryptKeeper.keys"):
        config.CryptKeeper["keys"] = keys.split(";")
    if name == SHARED_PASSWORD:
        config.merge(_shared_password(values, facts))
    return config


def _checked(name: Any, facts: Facts) -> str:
    """Return the authenticator's name. Raises `ConfigurationError` when it cannot be one."""
    if not isinstance(name, str) or not name:
        raise ConfigurationError(
            "hub.config.JupyterHub.authenticator_class: write the name of an authenticator, such as "
            f"{SHARED_PASSWORD}, not {name!r}"
        )
    # A class by its import path is the user's own: JupyterHub itself says when it cannot be imported.
    if "." in name or not facts.authenticators or name in facts.authenticators:
        return name
    near = get_close_matches(name, facts.authenticators, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise ConfigurationError(
        f"hub.config.JupyterHub.authenticator_class: {name!r} is not in the hub's image.{meant} "
        f"It has: {', '.join(sorted(facts.authenticators))}. For a class of your own write its path, module.Class."
    )


def _check_first_use(values: Values) -> None:
    """Refuse a file of passwords that a restart of the hub forgets: names would be anybody's again, with their homes.

    The file is in the hub's working directory, which is a volume with an SQLite database only.
    """
    said = values.hub.config.get("FirstUseAuthenticator", {})
    if values.hub.db.type != "sqlite-pvc" and "dbm_path" not in said:
        raise ConfigurationError(
            f"hub.config.FirstUseAuthenticator.dbm_path: with hub.db.type {values.hub.db.type} the hub's folder is "
            "emptied by each restart, and the passwords with it: write a path on a volume of hub.extraVolumes, or "
            "choose the authenticator native, whose passwords are in the hub's database"
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
