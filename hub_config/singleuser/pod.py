"""The rest of a user's pod: its name, labels, other containers, and how long its start may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field
from traitlets.config import Config

from hub_config.base import JsonMap, Model, PositiveInt, Reader, StringMap
from hub_config.facts import Facts
from hub_config.kubernetes import Container, ContainerPart, Lifecycle, PodSpecPart

if TYPE_CHECKING:
    from hub_config.values import Values

_OPTIONAL = (
    "pod_name_template",
    "slug_scheme",
    "handle_legacy_names",
    "k8s_api_request_timeout",
    "k8s_api_request_retry_timeout",
)
"""Values that bear their trait's name, and that null leaves to KubeSpawner."""


class PodOptions(Model):
    """The user's pod."""

    reader: ClassVar[Reader] = Reader.HUB

    pod_name_template: str | None = None
    """The pod's name; null leaves it to KubeSpawner: `jupyter-{user_server}`."""
    slug_scheme: Literal["safe", "escape"] | None = None
    """How names of users become names in Kubernetes; null leaves it to KubeSpawner: `safe`. `escape` is older."""
    handle_legacy_names: bool | None = None
    """Whether pods and claims that KubeSpawner before 7 named are found; null leaves it to KubeSpawner, which does."""
    start_timeout: PositiveInt | None = 300
    """Seconds that a start may take, pulling the image included; null leaves it to JupyterHub: 60."""
    events: bool | None = True
    """Whether users see Kubernetes' events while their server starts; null means KubeSpawner's own: they do."""
    extra_annotations: StringMap = {}
    """Annotations of the user's pod."""
    lifecycle_hooks: Lifecycle = {}
    """Lifecycle hooks of the user's container, as Kubernetes `Lifecycle`."""
    init_containers: list[Container] = []
    """Containers that run to their end before the user's server starts."""
    extra_containers: list[Container] = []
    """Containers beside the user's."""
    extra_container_config: ContainerPart = {}
    """More keys of the user's container, as Kubernetes `Container`."""
    extra_pod_config: PodSpecPart = {}
    """More keys of the pod's spec, as Kubernetes `PodSpec`."""
    k8s_api_request_timeout: Annotated[PositiveInt | None, Field(alias="k8sApiRequestTimeout")] = None
    """Seconds after which the hub gives up one request to Kubernetes' API; null leaves it to KubeSpawner: 3."""
    k8s_api_request_retry_timeout: Annotated[PositiveInt | None, Field(alias="k8sApiRequestRetryTimeout")] = None
    """Seconds for which such a request is tried again; null leaves it to KubeSpawner: 30."""


def common_labels(facts: Facts, name_override: str | None) -> JsonMap:
    """Return the labels of all objects that KubeSpawner makes: those that dashboards select on, and Kubernetes' own.

    The chart's version is not among them: a user's pod does not change with it, and the hub need not restart for it.
    """
    name = name_override or facts.chart_name
    return {
        "app": name,
        "release": facts.release,
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": facts.release,
        "app.kubernetes.io/managed-by": "kubespawner",
    }


def configure(values: Values, facts: Facts) -> Config:
    """Configure name, labels, containers and start time of the user's pod."""
    config = Config()
    spawner, user = config.KubeSpawner, values.singleuser
    spawner.common_labels = common_labels(facts, values.name_override)
    for trait in _OPTIONAL:
        if (value := getattr(user, trait)) is not None:
            spawner[trait] = value
    if user.start_timeout is not None:
        spawner.start_timeout = user.start_timeout
    if user.events is not None:
        spawner.events_enabled = user.events
    spawner.extra_annotations = user.extra_annotations
    spawner.lifecycle_hooks = user.lifecycle_hooks
    spawner.init_containers = user.init_containers
    spawner.extra_containers = user.extra_containers
    spawner.extra_container_config = user.extra_container_config
    spawner.extra_pod_config = user.extra_pod_config
    return config
