"""Services beside the hub, and the roles that say who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import ConfigDict, Field
from traitlets.config import Config

from hub_config.base import JsonMap, Model, NonNegativeInt, Reader
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values


class JupyterHubShaped(Model):
    """A map whose keys JupyterHub reads itself, so they are snake_case in YAML too."""

    model_config = ConfigDict(alias_generator=None)
    reader: ClassVar[Reader] = Reader.HUB

    def given(self) -> JsonMap:
        """Return the keys that somebody wrote."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)


class Service(JupyterHubShaped):
    """A service, as JupyterHub `services` has it."""

    name: str | None = None
    """Its name; null takes the map's key."""
    url: str | None = None
    """Where it answers; the hub then offers it below `/services/NAME/`."""
    command: str | list[str] | None = None
    """What the hub runs as the service; null means that something else runs it."""
    cwd: str | None = None
    """The folder in which the command runs."""
    user: str | None = None
    """The system user that the command runs as."""
    environment: JsonMap | None = None
    """Environment variables of the command."""
    admin: bool | None = None
    """Whether it may do all that administrators may; roles say it more narrowly."""
    api_token: str | None = None
    """Its token for the hub's API; the same as `apiToken`."""
    chart_token: Annotated[str | None, Field(alias="apiToken")] = None
    """Its token for the hub's API; null lets the chart make one."""
    display: bool | None = None
    """Whether users see it in the menu of services."""
    info: JsonMap | None = None
    """Anything that is handed on to pages and API."""
    timeout: NonNegativeInt | None = None
    """Seconds that the hub waits for it."""
    oauth_client_id: str | None = None
    """Its name for OAuth; null takes `service-NAME`."""
    oauth_redirect_uri: str | None = None
    """Where users are sent back to after they logged in."""
    oauth_no_confirm: bool | None = None
    """Whether users are not asked whether it may know who they are."""
    oauth_client_allowed_scopes: list[str] | None = None
    """What it may do in the name of a user."""
    oauth_roles: list[str] | None = None
    """The older form of `oauth_client_allowed_scopes`: roles."""


class Role(JupyterHubShaped):
    """A role, as JupyterHub `load_roles` has it."""

    name: str | None = None
    """Its name; null takes the map's key."""
    description: str | None = None
    """What it is for."""
    scopes: list[str] | None = None
    """What it allows, such as `list:users`."""
    users: list[str] | None = None
    """The users who have it."""
    groups: list[str] | None = None
    """The groups whose members have it."""
    services: list[str] | None = None
    """The services that have it."""


class ServiceOptions(Model):
    """Services and roles."""

    reader: ClassVar[Reader] = Reader.HUB

    services: Annotated[dict[str, Service], Reader.HUB_SECRET] = {}
    """Services: name to the keys of `JupyterHub.services`. An `apiToken` that is missing is made by the chart."""
    load_roles: dict[str, Role] = {}
    """Roles: name to the keys of `JupyterHub.load_roles`."""


def token_key(service: str) -> str:
    """Return the key, in the hub's Secrets, of a service's token."""
    return f"hub.services.{service}.apiToken"


def configure(values: Values, facts: Facts) -> Config:
    """Turn the maps `hub.services` and `hub.loadRoles` into JupyterHub's lists; the map's key is the default name."""
    config = Config()
    services = []
    for key, service in values.hub.services.items():
        entry = {"name": key, **{name: value for name, value in service.given().items() if name != "apiToken"}}
        token = facts.credentials.get(token_key(key)) or service.chart_token or service.api_token
        services.append({**entry, "api_token": token} if token else entry)
    config.JupyterHub.services = services
    config.JupyterHub.load_roles = [{"name": key, **role.given()} for key, role in values.hub.load_roles.items()]
    return config
