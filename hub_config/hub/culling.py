"""Culling: stop servers that nobody uses, by jupyterhub-idle-culler, which runs beside the hub."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

from traitlets.config import Config

from hub_config.base import Model, NonNegativeInt, PositiveInt, Reader
from hub_config.certificates import STORE
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

NAME = "jupyterhub-idle-culler"
SCOPES = ("list:users", "read:users:activity", "read:servers", "delete:servers")
"""What the culler needs, as its README "Permissions" lists it."""


class Cull(Model):
    """Stop servers that nobody uses. Null leaves a number or a switch to the culler's own default."""

    reader: ClassVar[Reader] = Reader.HUB

    enabled: bool = True
    """Whether idle servers are stopped. Files and running servers of active users are not touched."""
    users: bool | None = False
    """Whether idle users are deleted as well."""
    admin_users: bool | None = True
    """Whether servers of administrators are culled too."""
    remove_named_servers: bool | None = False
    """Whether a named server that was stopped is forgotten too."""
    timeout: PositiveInt | None = 3600
    """Seconds without activity after which a server is stopped."""
    every: PositiveInt | None = 600
    """Seconds between two looks."""
    concurrency: PositiveInt | None = 10
    """Requests to the hub at once."""
    max_age: NonNegativeInt | None = 0
    """Seconds after which a server is stopped even when it is used. 0 means never."""


def configure(values: Values, facts: Facts) -> Config:
    """Add the culler as a service that the hub runs, with a role of exactly the scopes that it uses."""
    config = Config()
    cull = values.cull
    if not cull.enabled:
        return config
    api = f"{facts.scheme}://localhost:{facts.hub_port}{values.hub.base_url.rstrip('/')}/hub/api"
    options: dict[str, object] = {
        "url": api,
        "timeout": cull.timeout,
        "cull-every": cull.every,
        "concurrency": cull.concurrency,
        "max-age": cull.max_age,
        "cull-users": cull.users,
        "cull-admin-users": cull.admin_users,
        "remove-named-servers": cull.remove_named_servers,
    }
    if values.internal_tls.enabled:
        options |= {"ssl-enabled": "true", "internal-certs-location": STORE}
    said = [f"--{name}={value}" for name, value in options.items() if value is not None]
    command = [sys.executable, "-m", "jupyterhub_idle_culler", *said]
    scopes = [*SCOPES, "admin:users"] if cull.users else list(SCOPES)
    config.JupyterHub.services = [{"name": NAME, "command": command}]
    config.JupyterHub.load_roles = [{"name": NAME, "scopes": scopes, "services": [NAME]}]
    return config
