"""Volumes that the members of groups share, to read or to write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import Model, Reader
from hub_config.facts import Facts
from hub_config.kubernetes import VolumeSource

if TYPE_CHECKING:
    from hub_config.values import Values

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,55}[a-z0-9])?")
"""What is left of a Kubernetes name (RFC 1123 label) behind `share-`."""


class GroupShare(Model):
    """A volume for the members of groups."""

    reader: ClassVar[Reader] = Reader.HUB

    volume: VolumeSource
    """The volume, as a Kubernetes `Volume` without its name, such as `persistentVolumeClaim: {claimName: course}`."""
    mount_path: Annotated[str, Field(pattern="^/")]
    """Where it appears in the container."""
    sub_path: str | None = None
    """A folder in the volume; null mounts the whole."""
    read_only: list[str] = []
    """Groups whose members may read."""
    read_write: list[str] = []
    """Groups whose members may read and write; who is in one of these and in one of the former may write."""


class GroupShares(Model):
    """Volumes of groups."""

    reader: ClassVar[Reader] = Reader.HUB

    group_shares: dict[str, GroupShare] = {}
    """Volumes that only members of groups get: a name to a volume, where it is mounted, and who may do what."""

    @model_validator(mode="after")
    def _shares_can_be_mounted(self) -> Self:
        for name, share in self.group_shares.items():
            key = f"groupShares.{name}"
            if not _NAME.fullmatch(name):
                raise ValueError(f"{key}: a name of a share may have lower-case letters, digits and dashes only")
            if "name" in share.volume or len(share.volume) != 1:
                raise ValueError(f"{key}.volume: write one kind of volume, and no name: the chart names it")
            if not share.read_only and not share.read_write:
                raise ValueError(f"{key}: nobody would get it: write groups in readOnly or readWrite")
        return self


def configure(values: Values, _facts: Facts) -> Config:
    """Configure JupyterHub's `Spawner.group_overrides`; they are applied in the order of their names."""
    overrides: dict[str, Any] = {}
    for name, share in values.singleuser.storage.group_shares.items():
        volume = f"share-{name}"
        mount: dict[str, Any] = {"name": volume, "mountPath": share.mount_path}
        if share.sub_path is not None:
            mount["subPath"] = share.sub_path
        for order, groups, read_only in ((1, share.read_only, True), (2, share.read_write, False)):
            if groups:
                overrides[f"share {name} {order}"] = {
                    "groups": groups,
                    "spawner_override": {
                        "volumes": {volume: {"name": volume, **share.volume}},
                        "volume_mounts": {volume: {**mount, "readOnly": read_only}},
                    },
                }
    config = Config()
    if overrides:
        config.KubeSpawner.group_overrides = overrides
    return config
