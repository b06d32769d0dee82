"""Homes: the volume that a user's files live on, and other volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import ConfigurationError, Model, Reader, StringMap
from hub_config.facts import Facts
from hub_config.kubernetes import AccessMode, LabelSelector, Volume, VolumeMount

if TYPE_CHECKING:
    from hub_config.values import Values


class StaticStorage(Model):
    """With `type: static`: one claim of yours for all users, a folder each."""

    reader: ClassVar[Reader] = Reader.HUB

    pvc_name: str | None = None
    """The claim's name, in the namespace of the release."""
    sub_path: str = "{username}"
    """The user's folder in the volume; KubeSpawner fills in `{username}` and the like."""


class DynamicStorage(Model):
    """With `type: dynamic`: a claim for each user, made at the first start and kept."""

    reader: ClassVar[Reader] = Reader.HUB

    storage_class: str | None = None
    """The storage class; null takes the cluster's default."""
    pvc_name_template: str | None = None
    """The claim's name; null leaves it to KubeSpawner: `claim-{user_server}`. Claims that exist are found again."""
    volume_name_template: str = "volume-{user_server}"
    """The volume's name in the pod."""
    storage_access_modes: list[AccessMode] = ["ReadWriteOnce"]
    """How the volume may be mounted."""
    sub_path: str | None = None
    """A folder in the volume to use instead of its root."""
    selector: LabelSelector = {}
    """Which volumes a claim may take, as Kubernetes `LabelSelector`; texts may have `{username}` and the like."""
    delete_pvc: bool = True
    """Whether a user's claim, and so all files, is deleted with the user (or the named server). Stopping keeps it."""
    remember_pvc_name: bool | None = None
    """Whether a server keeps its claim when the template of names changes; null leaves it to KubeSpawner, which does.
    """


class Storage(Model):
    """Where a user's files live."""

    reader: ClassVar[Reader] = Reader.HUB

    type: Literal["dynamic", "static", "none"] = "dynamic"
    """`dynamic`: a claim for each user; `static`: a folder each in one claim of yours; `none`: nothing lasts."""
    extra_labels: StringMap = {}
    """More labels of the users' claims."""
    extra_annotations: StringMap = {}
    """Annotations of the users' claims."""
    extra_volumes: list[Volume] | dict[str, Volume] | None = None
    """More volumes of the user's pod: a list, or any name to a volume (a map can be merged over several files)."""
    extra_volume_mounts: list[VolumeMount] | dict[str, VolumeMount] | None = None
    """More mounts of the user's container: a list, or any name to a mount."""
    static: StaticStorage = StaticStorage()
    """With `type: static`: one claim of yours for all users, a folder each."""
    capacity: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?([EPTGMK]i|[EPTGMk])?$")] = "10Gi"
    """Size of each user's volume, with `type: dynamic`."""
    home_mount_path: Annotated[str, Field(pattern="^/")] = "/home/jovyan"
    """Where the user's files appear in the container."""
    dynamic: DynamicStorage = DynamicStorage()
    """With `type: dynamic`: a claim for each user, made at the first start and kept."""

    @model_validator(mode="after")
    def _block_fits_type(self) -> Self:
        if self.type == "static" and not self.static.pvc_name:
            raise ValueError(
                "type static needs static.pvcName: the claim, in the namespace of the release, with the homes"
            )
        if self.type != "static" and self.static.pvc_name:
            raise ValueError(f"static.pvcName is set, but type is {self.type}: write type: static, or remove static")
        if self.type != "dynamic" and (self.dynamic.storage_class or self.dynamic.pvc_name_template):
            raise ValueError(f"dynamic is set, but type is {self.type}: write type: dynamic, or remove dynamic")
        return self


def configure(values: Values, _facts: Facts) -> Config:
    """Configure the home's claim, the volumes and their mounts (name to Kubernetes object; KubeSpawner >= 7)."""
    config = Config()
    storage, spawner = values.singleuser.storage, config.KubeSpawner
    home_volume, home_mount, claim = _home(storage)
    spawner.update(claim)
    spawner.storage_extra_labels = storage.extra_labels
    spawner.storage_extra_annotations = storage.extra_annotations
    spawner.volumes = {**home_volume, **named(storage.extra_volumes)}
    spawner.volume_mounts = {**home_mount, **named(storage.extra_volume_mounts, numbered=True)}
    return config


def _home(storage: Storage) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the home's volume, its mount, and the KubeSpawner traits of its claim."""
    if storage.type == "none":
        return {}, {}, {"storage_pvc_ensure": False}
    mount: dict[str, Any] = {"mountPath": storage.home_mount_path}
    if storage.type == "static":
        if storage.static.pvc_name is None:
            raise ConfigurationError("singleuser.storage.static.pvcName is missing: storage.type static needs it")
        volume = {"name": "home", "persistentVolumeClaim": {"claimName": storage.static.pvc_name}}
        mount |= {"name": "home", "subPath": storage.static.sub_path}
        return {"home": volume}, {"home": mount}, {"storage_pvc_ensure": False}
    dynamic = storage.dynamic
    name = dynamic.volume_name_template
    volume = {"name": name, "persistentVolumeClaim": {"claimName": "{pvc_name}"}}
    mount |= {"name": name} | ({"subPath": dynamic.sub_path} if dynamic.sub_path else {})
    claim: dict[str, Any] = {
        "storage_pvc_ensure": True,
        "storage_capacity": storage.capacity,
        "storage_access_modes": dynamic.storage_access_modes,
        "storage_selector": dynamic.selector,
        "delete_pvc": dynamic.delete_pvc,
    }
    if dynamic.remember_pvc_name is not None:
        claim["remember_pvc_name"] = dynamic.remember_pvc_name
    if dynamic.pvc_name_template:
        claim["pvc_name_template"] = dynamic.pvc_name_template
    if dynamic.storage_class is not None:
        claim["storage_class"] = dynamic.storage_class
    return {name: volume}, {name: mount}, claim


def named(extra: list[dict[str, Any]] | dict[str, dict[str, Any]] | None, *, numbered: bool = False) -> dict[str, Any]:
    """Turn a list of volumes or mounts into a map; `numbered`, as one volume may be mounted in several places."""
    if isinstance(extra, list):
        return {f"{index}-{item['name']}" if numbered else item["name"]: item for index, item in enumerate(extra)}
    return extra or {}
