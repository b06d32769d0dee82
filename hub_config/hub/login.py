"""How safe a login is: who gets in from outside, how often a password may be guessed, whose pages share an origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from traitlets.config import Config

from hub_config.base import Model, NonNegativeInt, PositiveInt, Reader
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values


class LoginLimit(Model):
    """How often a password may be guessed. Failures of the last `seconds` count; a right password is never counted."""

    reader: ClassVar[Reader] = Reader.HUB

    enabled: bool = True
    """Whether wrong passwords are counted at all."""
    seconds: PositiveInt = 300
    """How long a wrong password counts, and so the longest that anybody has to wait."""
    per_user_and_address: PositiveInt = 10
    """Wrong passwords for one user name from one address, after which that user waits there, and nobody else does."""
    per_user: PositiveInt = 100
    """Wrong passwords for one user name from all addresses together, after which that user waits everywhere."""
    per_address: PositiveInt = 100
    """Wrong passwords from one address, after which names that the hub does not know wait there. A class behind one
    address that has logged in before is not held up."""
    proxies_in_front: NonNegativeInt | None = None
    """Proxies before the chart's own that add to `X-Forwarded-For`, as an ingress controller does; null counts one
    with `ingress.enabled`, else none. Too many, and a visitor can forge an address; too few, and all share one."""


class LoginOptions(Model):
    """Login."""

    reader: ClassVar[Reader] = Reader.HUB

    allow_open_login: Annotated[bool, Reader.TEMPLATES] = False
    """Whether a login that lets everybody in (`dummy`, `tmp`, `native` with `open_signup`) may be reached from outside
    the cluster."""
    login_limit: LoginLimit = LoginLimit()
    """How often a password may be guessed."""
    subdomain_host: Annotated[str | None, Field(pattern=r"^https?://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]+)?$")] = None
    """The hub's address, such as `https://hub.example.org`, to give each user a subdomain (`ada.hub.example.org`), so
    that no user's page can act in another's name. DNS, Ingress and certificate need `*.hub.example.org` too."""


def configure(values: Values, _facts: Facts) -> Config:
    """Configure subdomains; the limit is put before the authenticator when the whole configuration is there."""
    config = Config()
    if values.hub.subdomain_host is not None:
        config.JupyterHub.subdomain_host = values.hub.subdomain_host
    return config
