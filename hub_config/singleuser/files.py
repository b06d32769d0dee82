"""Files and environment variables that every user's server finds in place."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from traitlets.config import Config

from hub_config.base import ConfigurationError, JsonMap, Model, Reader
from hub_config.chart.common import Environment, ExtraFile
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

VOLUME = "files"


class FileOptions(Model):
    """Files and environment."""

    reader: ClassVar[Reader] = Reader.HUB

    extra_files: dict[str, ExtraFile] = {}
    """Files to place in the user's container: any name to a file."""
    extra_env: Annotated[Environment, Reader.HUB_SECRET] = {}
    """More environment variables of the user's container: name to a text, or to the rest of a Kubernetes `EnvVar`.
    Or a list of `EnvVar`, as Kubernetes has it."""


def configure(values: Values, facts: Facts) -> Config:
    """Configure the environment, and mount each file from the Secret `singleuser`, key by key."""
    config = Config()
    spawner, user = config.KubeSpawner, values.singleuser
    spawner.environment = _environment(user.extra_env)
    if user.extra_files:
        _check_name_is_free(values)
        items = [_item(key, file) for key, file in sorted(user.extra_files.items())]
        secret = {"secretName": facts.names["singleuser"], "items": items}
        spawner.volumes = {VOLUME: {"name": VOLUME, "secret": secret}}
        spawner.volume_mounts = {
            f"{index}-{VOLUME}": {"name": VOLUME, "mountPath": file.mount_path, "subPath": key}
            for index, (key, file) in enumerate(sorted(user.extra_files.items()))
        }
    return config


def _check_name_is_free(values: Values) -> None:
    extra = values.singleuser.storage.extra_volumes or []
    keys = extra if isinstance(extra, dict) else {}
    volumes = extra.values() if isinstance(extra, dict) else extra
    if VOLUME in {*keys, *(volume["name"] for volume in volumes)}:
        raise ConfigurationError(
            f"singleuser.storage.extraVolumes: the name {VOLUME} belongs to the volume of singleuser.extraFiles; "
            "choose another name"
        )


def _environment(variables: Environment) -> JsonMap:
    """Return what KubeSpawner's `environment` takes: name to a text, or to a Kubernetes `EnvVar` with its name."""
    if isinstance(variables, list):
        variables = {each["name"]: each for each in variables}
    return {name: _variable(name, each) for name, each in variables.items()}


def _variable(name: str, value: str | JsonMap) -> str | JsonMap:
    """Return what KubeSpawner's `environment` takes: a text, or a Kubernetes `EnvVar` with its name.

    Raises `ConfigurationError`, without the value, for braces that KubeSpawner would trip over at each start.
    """
    text = value if isinstance(value, str) else value.get("value", "")
    try:
        list(Formatter().parse(str(text)))
    except ValueError:
        raise ConfigurationError(
            f"singleuser.extraEnv.{name}: KubeSpawner fills in what stands in braces, such as {{username}}: "
            "write {{ and }} for braces themselves"
        ) from None
    return value if isinstance(value, str) else {"name": name, **value}


def _item(key: str, file: ExtraFile) -> dict[str, Any]:
    return {"key": key, "path": key} | ({"mode": file.mode} if file.mode is not None else {})
