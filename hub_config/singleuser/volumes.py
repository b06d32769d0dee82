"""Volumes beside the home: any of Kubernetes' kinds, for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from traitlets.config import Config

from hub_config.base import Model, Reader
from hub_config.facts import Facts
from hub_config.kubernetes import Volume, VolumeMount

if TYPE_CHECKING:
    from hub_config.values import Values


class ExtraVolumes(Model):
    """Volumes beside the home."""

    reader: ClassVar[Reader] = Reader.HUB

    extra_volumes: list[Volume] | dict[str, Volume] | None = None
    """More volumes of the user's pod: a list, or any name to a volume (a map can be merged over several files)."""
    extra_volume_mounts: list[VolumeMount] | dict[str, VolumeMount] | None = None
    """More mounts of the user's container: a list, or any name to a mount."""


def configure(values: Values, _facts: Facts) -> Config:
    """Configure KubeSpawner's volumes and their mounts (name to Kubernetes object; KubeSpawner >= 7)."""
    config = Config()
    storage = values.singleuser.storage
    config.KubeSpawner.volumes = named(storage.extra_volumes)
    config.KubeSpawner.volume_mounts = named(storage.extra_volume_mounts, numbered=True)
    return config


def named(extra: list[dict[str, Any]] | dict[str, dict[str, Any]] | None, *, numbered: bool = False) -> dict[str, Any]:
    """Turn a list of volumes or mounts into a map; `numbered`, as one volume may be mounted in several places."""
    if isinstance(extra, list):
        return {f"{index}-{item['name']}" if numbered else item["name"]: item for index, item in enumerate(extra)}
    return extra or {}
