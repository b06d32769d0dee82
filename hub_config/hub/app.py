"""JupyterHub's own application: where it listens, its limits, its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from traitlets.config import Config

from hub_config.base import JsonMap, Model, NonNegativeInt, Reader
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

SPAWNER = "hub_config.runtime.spawner.PromptKubeSpawner"
SECONDS_BETWEEN_ROUTE_CHECKS = 60


class AppOptions(Model):
    """The hub's application."""

    reader: ClassVar[Reader] = Reader.HUB

    base_url: str = Field(default="/", pattern="^/")
    """The path below which the whole hub is served, such as `/` or `/jupyter/`."""
    concurrent_spawn_limit: NonNegativeInt | None = 64
    """Servers that may be starting at once; more are asked to try again later. 0 means no limit, null leaves it to
    JupyterHub: 100."""
    active_server_limit: NonNegativeInt | None = None
    """Servers that may be active at once; null or 0 means no limit."""
    consecutive_failure_limit: NonNegativeInt | None = 5
    """Failed starts in a row after which the hub restarts itself, in hope of a cure. 0 or null switches that off."""
    allow_named_servers: bool | None = False
    """Whether a user may have more than one server, each with a name; null means no."""
    named_server_limit_per_user: NonNegativeInt | None = None
    """How many named servers a user may have; null or 0 means no limit."""
    authenticate_prometheus: bool | None = None
    """Whether `/hub/metrics` asks for a token; null leaves it to JupyterHub, which does."""
    redirect_to_server: bool | None = None
    """Whether a user lands in the server right after login; null leaves it to JupyterHub, which does so."""
    shutdown_on_logout: bool | None = None
    """Whether a user's servers stop at logout; null leaves it to JupyterHub, which keeps them running."""
    template_paths: list[str] = []
    """Folders with page templates that are looked up before JupyterHub's."""
    template_vars: JsonMap = {}
    """Variables for the page templates."""


class Debug(Model):
    """Verbose logs."""

    reader: ClassVar[Reader] = Reader.HUB

    enabled: bool = False
    """Whether hub and user servers log at the level DEBUG."""


def configure(values: Values, facts: Facts) -> Config:
    """Configure `JupyterHub`: addresses from `facts`, limits and pages from `hub.*`, the log from `debug.enabled`."""
    config = Config()
    hub, app = values.hub, config.JupyterHub
    app.spawner_class = SPAWNER
    # Empty host: all addresses, IPv6 as well, whichever the cluster has.
    app.hub_bind_url = f"{facts.scheme}://:{facts.hub_port}"
    app.hub_connect_url = facts.hub_url
    # A hub that restarts finds the users' servers again.
    app.cleanup_servers = False
    app.last_activity_interval = SECONDS_BETWEEN_ROUTE_CHECKS
    # Users see the progress page at once instead of a page that hangs.
    app.tornado_settings = {"slow_spawn_timeout": 0}
    app.base_url = hub.base_url
    app.template_paths = hub.template_paths
    app.template_vars = hub.template_vars
    if hub.consecutive_failure_limit is not None:
        config.Spawner.consecutive_failure_limit = hub.consecutive_failure_limit
    for trait in (
        "concurrent_spawn_limit",
        "allow_named_servers",
        "active_server_limit",
        "named_server_limit_per_user",
        "authenticate_prometheus",
        "redirect_to_server",
        "shutdown_on_logout",
    ):
        if (value := getattr(hub, trait)) is not None:
            app[trait] = value
    if values.debug.enabled:
        app.log_level = "DEBUG"
        config.Spawner.debug = True
    return config
