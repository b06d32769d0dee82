"""The whole of the chart's values: every slice's fields, put together."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from hub_config.base import JsonMap, Model, Reader
from hub_config.chart.common import PullSecrets
from hub_config.chart.hub_pod import HubPod
from hub_config.chart.image_puller import PrePuller
from hub_config.chart.network import ReleaseNetwork
from hub_config.chart.preflight import Preflight
from hub_config.chart.proxy_pod import Proxy
from hub_config.chart.quota import LimitRange, Quota
from hub_config.chart.routing import HttpRoute, Ingress
from hub_config.hub.app import AppOptions, Debug
from hub_config.hub.budgets import Budget
from hub_config.hub.culling import Cull
from hub_config.hub.database import Database
from hub_config.hub.internal_tls import InternalTls
from hub_config.hub.login import LoginOptions
from hub_config.hub.passthrough import PassthroughOptions
from hub_config.hub.services import ServiceOptions
from hub_config.singleuser.files import FileOptions
from hub_config.singleuser.groups import GroupOptions
from hub_config.singleuser.image import ImageOptions, ImagePullSecret
from hub_config.singleuser.namespace import NamespaceOptions
from hub_config.singleuser.network import NetworkOptions
from hub_config.singleuser.pod import PodOptions
from hub_config.singleuser.profiles import ProfileOptions
from hub_config.singleuser.resources import ResourceOptions
from hub_config.singleuser.scheduling import Scheduling, SchedulingOptions
from hub_config.singleuser.security import SecurityOptions
from hub_config.singleuser.server import ServerOptions
from hub_config.singleuser.shares import GroupShares
from hub_config.singleuser.storage import Storage
from hub_config.singleuser.volumes import ExtraVolumes


class Hub(HubPod, ServiceOptions, PassthroughOptions, LoginOptions, AppOptions):
    """JupyterHub: who may log in, what it allows, where it keeps its state."""

    db: Annotated[Database, Reader.HUB] = Database()
    """The hub's database: users, servers and tokens; not the users' files."""


class UserStorage(GroupShares, ExtraVolumes, Storage):
    """Where a user's files live, and which other volumes there are."""


class Singleuser(
    PodOptions,
    NamespaceOptions,
    NetworkOptions,
    ProfileOptions,
    GroupOptions,
    FileOptions,
    SchedulingOptions,
    SecurityOptions,
    ResourceOptions,
    ServerOptions,
    ImageOptions,
):
    """What each user gets: image, resources, storage, choices."""

    storage: Annotated[UserStorage, Reader.HUB] = UserStorage()
    """Where a user's files live, and which other volumes there are."""


class Rbac(Model):
    """Rights in Kubernetes."""

    create: bool = True
    """Whether the chart makes the Roles and RoleBindings that its pods need."""


class Global(Model):
    """Helm's values for all charts of an umbrella."""

    model_config = ConfigDict(extra="allow")

    safe_to_show_values: bool = False
    """Kept for Zero to JupyterHub's users; the notes after an install never show secrets here."""


class Values(Model):
    """The values of the chart `jupyterhub`."""

    fullname_override: Annotated[str | None, Reader.HUB] = ""
    """"" names resources plainly (`hub`, `proxy-public`), null puts the release's name before, a text that text."""
    name_override: Annotated[str | None, Reader.HUB] = None
    """The application's name in labels; null takes the chart's name."""
    enabled: bool | None = None
    """For parent charts: their condition to include this chart; ignored by the chart itself."""
    custom: Annotated[JsonMap, Reader.HUB] = {}
    """Anything of your own: `hub.extraConfig` finds it as `custom`. Other charts' global values go to `global`."""
    image_pull_secret: ImagePullSecret = ImagePullSecret()
    """A Secret with a registry's login that the chart makes."""
    image_pull_secrets: Annotated[PullSecrets, Reader.HUB] = []
    """Names of Secrets of yours with logins of registries, for all pods of the release."""
    hub: Hub = Hub()
    """JupyterHub: who may log in, what it allows, where it keeps its state."""
    rbac: Rbac = Rbac()
    """Rights in Kubernetes."""
    proxy: Proxy = Proxy()
    """The proxy that all users' traffic goes through."""
    singleuser: Singleuser = Singleuser()
    """What each user gets: image, resources, storage, choices."""
    scheduling: Scheduling = Scheduling()
    """Which nodes the pods run on."""
    network_policy: ReleaseNetwork = ReleaseNetwork()
    """What holds for the network of all pods; hub, proxy and user pods each have a `networkPolicy` of their own too."""
    internal_tls: InternalTls = InternalTls()
    """Encryption inside the cluster."""
    pre_puller: PrePuller = PrePuller()
    """Pulling images before users need them."""
    preflight: Preflight = Preflight()
    """Checks before an install or upgrade, with the new hub image and the new values; on failure nothing is changed."""
    ingress: Ingress = Ingress()
    """An Ingress that leads to the proxy."""
    http_route: HttpRoute = HttpRoute()
    """An HTTPRoute of the Gateway API, which this chart does not make yet."""
    quota: Quota = {}
    """What pods and claims of the release's namespace may use together, as Kubernetes `ResourceQuotaSpec`; empty: all.
    """
    limit_range: LimitRange = {}
    """What one container, pod or claim there may use, and gets by default, as Kubernetes `LimitRangeSpec`."""
    budgets: Annotated[dict[str, Budget], Reader.HUB] = {}
    """What users or groups may use at a time, any name to a budget; a start beyond it is refused with its reason."""
    cull: Cull = Cull()
    """Stop servers that nobody uses."""
    debug: Debug = Debug()
    """Verbose logs."""
    global_: Annotated[Global, Field(alias="global")] = Global()
    """Helm's values for all charts of an umbrella."""

    reader: ClassVar[Reader] = Reader.TEMPLATES
