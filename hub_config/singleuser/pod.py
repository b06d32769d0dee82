"""The rest of a user's pod: its name, labels, other containers, and how long its start may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from traitlets.config import Config

from hub_config.base import JsonMap, Model, PositiveInt, Reader, StringMap
from hub_config.facts import Facts
from hub_config.kubernetes import Container, Lifecycle, PodSpecPart

if TYPE_CHECKING:
    from hub_config.values import Values


class PodOptions(Model):
    """The user's pod."""

    reader: ClassVar[Reader] = Reader.HUB

    pod_name_template: str | None = None
    """The pod's name; null leaves it to KubeSpawner: `jupyter-{user_server}`."""
    start_timeout: PositiveInt = 300
    """Seconds that a start may take, pulling the image included."""
    events: bool = True
    """Whether users see Kubernetes' events while their server starts."""
    extra_annotations: StringMap = {}
    """Annotations of the user's pod."""
    lifecycle_hooks: Lifecycle = {}
    """Lifecycle hooks of the user's container, as Kubernetes `Lifecycle`."""
    init_containers: list[Container] = []
    """Containers that run to their end before the user's server starts."""
    extra_containers: list[Container] = []
    """Containers beside the user's."""
    extra_pod_config: PodSpecPart = {}
    """More keys of the pod's spec, as Kubernetes `PodSpec`."""


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
    spawner.namespace = facts.namespace
    spawner.common_labels = common_labels(facts, values.name_override)
    if user.pod_name_template is not None:
        spawner.pod_name_template = user.pod_name_template
    spawner.start_timeout = user.start_timeout
    spawner.events_enabled = user.events
    spawner.extra_annotations = user.extra_annotations
    spawner.lifecycle_hooks = user.lifecycle_hooks
    spawner.init_containers = user.init_containers
    spawner.extra_containers = user.extra_containers
    spawner.extra_pod_config = user.extra_pod_config
    return config
