"""The server process in the user's container: how it is called, how the hub reaches it, waits for it and ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from traitlets.config import Config

from hub_config.base import Model, NonNegativeInt, Port, PositiveInt, Reader
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

_OPTIONAL = (
    "port",
    "ip",
    "notebook_dir",
    "working_dir",
    "http_timeout",
    "poll_interval",
    "poll_jitter",
    "delete_grace_period",
    "delete_stopped_pods",
    "slow_spawn_message",
    "slow_spawn_message_threshold",
    "slow_spawn_message_frequency",
)
"""Values that bear their trait's name, and that null leaves to KubeSpawner."""


class ServerOptions(Model):
    """The user's server process."""

    reader: ClassVar[Reader] = Reader.HUB

    args: list[str] = []
    """More arguments of `singleuser.cmd`."""
    port: Port | None = None
    """The port that the server listens on, also in network policies; null leaves it to KubeSpawner: 8888."""
    ip: str | None = None
    """The address that the server listens on; null leaves it to KubeSpawner: 0.0.0.0, all of IPv4. `"::"` adds IPv6."""
    notebook_dir: str | None = None
    """The folder that the file browser shows, such as `~/notebooks`; null leaves it to the server: `workingDir`."""
    working_dir: str | None = None
    """The folder that the server starts in; null takes the image's own."""
    disable_user_config: bool = False
    """Whether the server ignores configuration files in the user's home."""
    http_timeout: PositiveInt | None = None
    """Seconds that a server may take to answer once its pod runs; null leaves it to JupyterHub: 30."""
    poll_interval: NonNegativeInt | None = None
    """Seconds between two looks whether a server still runs; null leaves it to JupyterHub: 30. 0 switches it off."""
    poll_jitter: Annotated[float, Field(ge=0)] | None = None
    """How far `pollInterval` varies, as a part of it, so that looks do not coincide; null: JupyterHub's 0.1."""
    delete_grace_period: NonNegativeInt | None = None
    """Seconds that a user's processes have to end when their server stops; null leaves it to KubeSpawner: 1."""
    delete_stopped_pods: bool | None = None
    """Whether the pod of a server that ended by itself is deleted; null leaves it to KubeSpawner, which does so."""
    slow_spawn_message: str | None = None
    """What users read on the progress page when a start is slow; null leaves it to KubeSpawner."""
    slow_spawn_message_threshold: NonNegativeInt | None = None
    """Seconds after which a start counts as slow; null leaves it to KubeSpawner: 60."""
    slow_spawn_message_frequency: PositiveInt | None = None
    """Seconds between two such messages; null leaves it to KubeSpawner: 5."""
    server_token_scopes: list[str] = []
    """What the server may do at the hub's API, besides knowing its user and reporting activity: JupyterHub scopes."""
    oauth_client_allowed_scopes: list[str] = []
    """What the server may do in the name of who visits it, besides knowing who that is: JupyterHub scopes."""


def configure(values: Values, _facts: Facts) -> Config:
    """Configure arguments, address, folders, timeouts and rights of the user's server."""
    config = Config()
    spawner, user = config.KubeSpawner, values.singleuser
    spawner.args = user.args
    spawner.disable_user_config = user.disable_user_config
    spawner.server_token_scopes = user.server_token_scopes
    spawner.oauth_client_allowed_scopes = user.oauth_client_allowed_scopes
    for trait in _OPTIONAL:
        if (value := getattr(user, trait)) is not None:
            spawner[trait] = value
    return config
