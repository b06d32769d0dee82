"""Services beside the hub, and the roles that say who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from traitlets.config import Config

from hub_config.base import JsonMap, Model, Reader
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values


class ServiceOptions(Model):
    """Services and roles."""

    reader: ClassVar[Reader] = Reader.HUB

    services: Annotated[dict[str, JsonMap], Reader.HUB_SECRET] = {}
    """Services: name to the keys of `JupyterHub.services`. An `apiToken` that is missing is made by the chart."""
    load_roles: dict[str, JsonMap] = {}
    """Roles: name to the keys of `JupyterHub.load_roles`."""


def token_key(service: str) -> str:
    """Return the key, in the hub's Secrets, of a service's token."""
    return f"hub.services.{service}.apiToken"


def configure(values: Values, facts: Facts) -> Config:
    """Turn the maps `hub.services` and `hub.loadRoles` into JupyterHub's lists; the map's key is the default name."""
    config = Config()
    services = []
    for key, service in values.hub.services.items():
        entry = {"name": key, **{name: value for name, value in service.items() if name != "apiToken"}}
        token = facts.credentials.get(token_key(key)) or service.get("apiToken") or service.get("api_token")
        services.append({**entry, "api_token": token} if token else entry)
    config.JupyterHub.services = services
    config.JupyterHub.load_roles = [{"name": key, **role} for key, role in values.hub.load_roles.items()]
    return config
