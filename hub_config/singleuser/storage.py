"""Homes: the storage that a user's files live on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import Model, PositiveInt, Reader, StringMap
from hub_config.facts import Facts
from hub_config.kubernetes import AccessMode, LabelSelector, LocalObjectReference, VolumeSource

if TYPE_CHECKING:
    from hub_config.values import Values


class StaticStorage(Model):
    """With `type: static`: one claim of yours for all users, a folder each."""

    reader: ClassVar[Reader] = Reader.HUB

    pvc_name: str | None = None
    """The claim's name, in the namespace of the release."""
    sub_path: str = "{username}"
    """The user's folder in the volume; KubeSpawner fills in `{username}` and the like."""


class NfsStorage(Model):
    """With `type: nfs`: a folder each in what an NFS server exports."""

    reader: ClassVar[Reader] = Reader.HUB

    server: str | None = None
    """The server's address, as the nodes know it."""
    path: Annotated[str, Field(pattern="^/")] = "/"
    """What it exports."""
    sub_path: str = "{username}"
    """The user's folder in it."""


class HostPathStorage(Model):
    """With `type: hostPath`: a folder each in a folder of the node, for clusters of one node or a disk on all."""

    reader: ClassVar[Reader] = Reader.HUB

    path: Annotated[str, Field(pattern="^/")] | None = None
    """The folder on the node, which must exist."""
    sub_path: str = "{username}"
    """The user's folder in it."""


class CsiStorage(Model):
    """With `type: csi`: a volume that a CSI driver mounts for the pod without a claim."""

    reader: ClassVar[Reader] = Reader.HUB

    driver: str | None = None
    """The driver's name, such as `smb.csi.k8s.io`."""
    fs_type: str | None = None
    """The file system; null leaves it to the driver."""
    volume_attributes: StringMap = {}
    """What the driver needs to know; texts may have `{username}` and the like."""
    node_publish_secret_ref: LocalObjectReference | None = None
    """The Secret, in the namespace of the release, with what the driver needs to log in: `name: ...`."""
    sub_path: str = "{username}"
    """The user's folder in the volume; "" takes the whole."""


class OtherStorage(Model):
    """With `type: volume`: a folder each in a volume of any kind that Kubernetes knows."""

    reader: ClassVar[Reader] = Reader.HUB

    source: VolumeSource | None = None
    """The volume, as a Kubernetes `Volume` without its name."""
    sub_path: str = "{username}"
    """The user's folder in it; "" takes the whole."""


class EphemeralStorage(Model):
    """With `type: ephemeral`: a volume for each server, of the size `capacity`, that ends with it."""

    reader: ClassVar[Reader] = Reader.HUB

    storage_class: str | None = None
    """The storage class; null takes the cluster's default."""
    access_modes: list[AccessMode] = ["ReadWriteOnce"]
    """How the volume may be mounted."""


class DynamicStorage(Model):
    """With `type: dynamic`: a claim for each user, made at the first start and kept."""

    reader: ClassVar[Reader] = Reader.HUB

    storage_class: str | None = None
    """The storage class; null takes the cluster's default."""
    pvc_name_template: str | None = None
    """The name of new claims; null leaves it to KubeSpawner: `claim-{user_server}`. Claims that exist are found by
    whose they are, whatever their name."""
    volume_name_template: str = "volume-{user_server}"
    """The volume's name in the pod."""
    storage_access_modes: list[AccessMode] = ["ReadWriteOnce"]
    """How the volume may be mounted."""
    sub_path: str | None = None
    """A folder in the volume to use instead of its root."""
    selector: LabelSelector = {}
    """Which volumes a claim may take, as Kubernetes `LabelSelector`; texts may have `{username}` and the like."""
    delete_pvc: bool = False
    """Whether a user's claim, and so all files, is deleted with the user (or the named server). Stopping keeps it."""
    remember_pvc_name: bool | None = None
    """False lets the template alone say which claim a server gets: for after you have copied homes to claims of other
    names. True and null keep each server's claim."""


class Storage(Model):
    """Where a user's files live."""

    reader: ClassVar[Reader] = Reader.HUB

    type: Literal["dynamic", "static", "nfs", "hostPath", "csi", "volume", "ephemeral", "none"] = "dynamic"
    """`dynamic`: a claim for each user. `static`: a folder each in one claim of yours; `nfs`, `hostPath`, `csi` and
    `volume`: in a volume without claim. `ephemeral`: a disk as long as the server runs; `none`: nothing lasts."""
    extra_labels: StringMap = {}
    """More labels of the users' claims."""
    extra_annotations: StringMap = {}
    """Annotations of the users' claims."""
    static: StaticStorage = StaticStorage()
    """With `type: static`: one claim of yours for all users, a folder each."""
    nfs: NfsStorage = NfsStorage()
    """With `type: nfs`: a folder each in what an NFS server exports."""
    host_path: HostPathStorage = HostPathStorage()
    """With `type: hostPath`: a folder each in a folder of the node."""
    csi: CsiStorage = CsiStorage()
    """With `type: csi`: a volume that a CSI driver mounts for the pod without a claim."""
    volume: OtherStorage = OtherStorage()
    """With `type: volume`: a folder each in a volume of any kind that Kubernetes knows."""
    ephemeral: EphemeralStorage = EphemeralStorage()
    """With `type: ephemeral`: a volume for each server that ends with it."""
    capacity: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?([EPTGMK]i|[EPTGMk])?$")] = "10Gi"
    """Size of each user's volume, with `type: dynamic` or `ephemeral`. When it is raised, volumes that exist grow at
    the next start where their storage class allows it; they never shrink."""
    home_mount_path: Annotated[str, Field(pattern="^/")] = "/home/jovyan"
    """Where the user's files appear in the container."""
    dynamic: DynamicStorage = DynamicStorage()
    """With `type: dynamic`: a claim for each user, made at the first start and kept."""
    homes_moved: bool = False
    """Whether you have moved the files to where the values now say (another type, volume or folder). While false, a
    server whose home was elsewhere is refused, as an empty home would look like the loss of all files."""
    volume_timeout: PositiveInt | None = 180
    """Seconds that a server's volumes may take to be attached and mounted; then its start fails and says why. null
    leaves it to `singleuser.startTimeout`."""

    @model_validator(mode="after")
    def _block_fits_type(self) -> Self:
        for kind, (block, key, what) in _NEEDED.items():
            value = getattr(getattr(self, block), _snake(key))
            if self.type == kind and not value:
                raise ValueError(f"type {kind} needs {kind}.{key}: {what}")
            if self.type != kind and value:
                raise ValueError(f"{kind}.{key} is set, but type is {self.type}: write type: {kind}, or remove {kind}")
        if self.type != "dynamic" and (self.dynamic.storage_class or self.dynamic.pvc_name_template):
            raise ValueError(f"dynamic is set, but type is {self.type}: write type: dynamic, or remove dynamic")
        return self


_NEEDED = {
    "static": ("static", "pvcName", "the claim, in the namespace of the release, with the homes"),
    "nfs": ("nfs", "server", "the address of the NFS server"),
    "hostPath": ("host_path", "path", "the folder on the node"),
    "csi": ("csi", "driver", "the name of the CSI driver"),
    "volume": ("volume", "source", "the volume, as Kubernetes has it"),
}
"""From a type to the field of its block, the key without which the type cannot be, and what that is."""
_VOLUME = "home"
"""The volume's name in the pod, where it has no template."""


def _snake(key: str) -> str:
    return "pvc_name" if key == "pvcName" else key


def configure(values: Values, _facts: Facts) -> Config:
    """Configure the home's claim, its volume and its mount, and what the spawner must know to look after it."""
    config = Config()
    storage, spawner = values.singleuser.storage, config.KubeSpawner
    spawner.storage_extra_labels = storage.extra_labels
    spawner.storage_extra_annotations = storage.extra_annotations
    spawner.storage_pvc_ensure = storage.type == "dynamic"
    spawner.volumes, spawner.volume_mounts = {}, {}
    config.HomeKeeping.homes_moved = storage.homes_moved
    config.HomeKeeping.volume_timeout = float(storage.volume_timeout or 0)
    config.HomeKeeping.home_place = {"type": "none"}
    if storage.type == "none":
        return config
    if storage.type == "dynamic":
        spawner.update(_claim(storage))
        name, folder = storage.dynamic.volume_name_template, storage.dynamic.sub_path or ""
        source: dict[str, Any] = {"persistentVolumeClaim": {"claimName": "{pvc_name}"}}
        config.HomeKeeping.home_place = {"type": "dynamic", "folder": folder}
    elif storage.type == "ephemeral":
        name, folder, source = _VOLUME, "", _ephemeral(storage)
    else:
        name, (source, folder) = _VOLUME, _disk(storage)
        config.HomeKeeping.home_place = {"type": storage.type, "volume": source, "folder": folder}
    mount = {"name": name, "mountPath": storage.home_mount_path} | ({"subPath": folder} if folder else {})
    spawner.volumes, spawner.volume_mounts = {name: {"name": name, **source}}, {name: mount}
    return config


def _claim(storage: Storage) -> dict[str, Any]:
    """Return the KubeSpawner traits of a user's claim."""
    dynamic = storage.dynamic
    claim: dict[str, Any] = {
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
    return claim


def _disk(storage: Storage) -> tuple[dict[str, Any], str]:
    """Return the source of the volume that all homes are on, and the template of a home's folder in it."""
    if storage.type == "static":
        return {"persistentVolumeClaim": {"claimName": storage.static.pvc_name}}, storage.static.sub_path
    if storage.type == "nfs":
        return {"nfs": {"server": storage.nfs.server, "path": storage.nfs.path}}, storage.nfs.sub_path
    if storage.type == "hostPath":
        return {"hostPath": {"path": storage.host_path.path, "type": "Directory"}}, storage.host_path.sub_path
    if storage.type == "volume":
        return dict(storage.volume.source or {}), storage.volume.sub_path
    csi = storage.csi
    details = {
        "driver": csi.driver,
        "fsType": csi.fs_type,
        "volumeAttributes": csi.volume_attributes or None,
        "nodePublishSecretRef": csi.node_publish_secret_ref,
    }
    return {"csi": {key: value for key, value in details.items() if value is not None}}, csi.sub_path


def _ephemeral(storage: Storage) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "accessModes": storage.ephemeral.access_modes,
        "resources": {"requests": {"storage": storage.capacity}},
    }
    if storage.ephemeral.storage_class is not None:
        spec["storageClassName"] = storage.ephemeral.storage_class
    return {"ephemeral": {"volumeClaimTemplate": {"spec": spec}}}
