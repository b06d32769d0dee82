"""Which nodes user pods (and the hub and proxy) run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from traitlets.config import Config

from hub_config.base import Int, Model, Reader, StringMap
from hub_config.chart.user_scheduler import UserPlaceholder, UserScheduler
from hub_config.facts import Facts
from hub_config.kubernetes import (
    NodeSelectorTerm,
    PodAffinityTerm,
    PreferredSchedulingTerm,
    Toleration,
    WeightedPodAffinityTerm,
)

if TYPE_CHECKING:
    from hub_config.values import Values

PURPOSE_LABEL = "hub.jupyter.org/node-purpose"


def _dedicated(purpose: str) -> list[dict[str, str]]:
    """Return tolerations of nodes dedicated to a purpose; the second spelling is for clouds that forbid slashes."""
    return [
        {"key": key, "operator": "Equal", "value": purpose, "effect": "NoSchedule"}
        for key in ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")
    ]


class NodeAffinity(Model):
    """How pods are drawn to nodes with the label `hub.jupyter.org/node-purpose`."""

    match_node_purpose: Literal["ignore", "prefer", "require"] = "prefer"
    """Whether nodes with the pod's purpose (`core` or `user`) are ignored, preferred or required."""


class CorePods(Model):
    """Hub, proxy and the chart's jobs."""

    reader: ClassVar[Reader] = Reader.TEMPLATES

    tolerations: list[Toleration] = _dedicated("core")
    """Taints that these pods tolerate."""
    node_affinity: NodeAffinity = NodeAffinity()
    """How these pods are drawn to nodes with the label `hub.jupyter.org/node-purpose: core`."""


class UserNodeAffinity(NodeAffinity):
    """How user pods are drawn to nodes with the label `hub.jupyter.org/node-purpose: user`."""

    reader: ClassVar[Reader] = Reader.HUB

    match_node_purpose: Literal["ignore", "prefer", "require"] = "prefer"
    """Whether nodes with the label `hub.jupyter.org/node-purpose: user` are ignored, preferred or required."""


class UserPods(Model):
    """The users' pods."""

    reader: ClassVar[Reader] = Reader.HUB

    tolerations: list[Toleration] = _dedicated("user")
    """Taints that user pods tolerate."""
    node_affinity: UserNodeAffinity = UserNodeAffinity()
    """How user pods are drawn to nodes with the label `hub.jupyter.org/node-purpose: user`."""


class PodPriority(Model):
    """Priority classes for the release's pods; making them takes rights in the whole cluster."""

    enabled: Annotated[bool, Reader.HUB] = False
    """Whether the classes are made, and used for hub, proxy and user pods, and for the continuous image puller."""
    global_default: bool = False
    """Whether all pods of the cluster that name no class get the default priority below."""
    default_priority: Int = 0
    """Priority of hub, proxy and user pods. Kubernetes never changes it in a class that exists."""
    image_puller_priority: Int = -5
    """Priority of the continuous image puller: lower, so that it makes way for users."""
    user_placeholder_priority: Int = -10
    """Priority of the pods of `scheduling.userPlaceholder`, which this chart does not make yet: the lowest."""


class Scheduling(Model):
    """Which nodes the pods run on, and which go first."""

    user_scheduler: UserScheduler = UserScheduler()
    """A scheduler that fills one node with users before the next, which this chart does not run yet."""
    pod_priority: PodPriority = PodPriority()
    """Priority classes for the release's pods; making them takes rights in the whole cluster."""
    user_placeholder: UserPlaceholder = UserPlaceholder()
    """Pods that keep room for users and make way for them, which this chart does not make yet."""
    core_pods: CorePods = CorePods()
    """Hub, proxy and the chart's jobs."""
    user_pods: UserPods = UserPods()
    """The users' pods."""


class ExtraNodeAffinity(Model):
    """More node affinity of user pods."""

    reader: ClassVar[Reader] = Reader.HUB

    required: list[NodeSelectorTerm] = []
    """Nodes must match one of these, as Kubernetes `NodeSelectorTerm`."""
    preferred: list[PreferredSchedulingTerm] = []
    """Nodes that match are preferred, as Kubernetes `PreferredSchedulingTerm`."""


class ExtraPodAffinity(Model):
    """More affinity, or anti-affinity, of user pods to other pods."""

    reader: ClassVar[Reader] = Reader.HUB

    required: list[PodAffinityTerm] = []
    """Must be met, as Kubernetes `PodAffinityTerm`."""
    preferred: list[WeightedPodAffinityTerm] = []
    """Are preferred, as Kubernetes `WeightedPodAffinityTerm`."""


class SchedulingOptions(Model):
    """Which nodes user pods run on."""

    reader: ClassVar[Reader] = Reader.HUB

    scheduler_name: str | None = None
    """The scheduler that places user pods; null takes the cluster's default."""
    priority_class_name: str | None = None
    """The priority class of user pods; null takes that of `scheduling.podPriority`, else the cluster's default."""
    extra_tolerations: list[Toleration] = []
    """Tolerations of user pods, besides `scheduling.userPods.tolerations`."""
    node_selector: StringMap = {}
    """Labels of the nodes that user pods may run on."""
    extra_node_affinity: ExtraNodeAffinity = ExtraNodeAffinity()
    """More node affinity of user pods."""
    extra_pod_affinity: ExtraPodAffinity = ExtraPodAffinity()
    """More affinity of user pods to other pods."""
    extra_pod_anti_affinity: ExtraPodAffinity = ExtraPodAffinity()
    """More anti-affinity of user pods to other pods."""


def configure(values: Values, facts: Facts) -> Config:
    """Configure scheduler, priority, tolerations, node selector and affinities of user pods."""
    config = Config()
    spawner, user, pods = config.KubeSpawner, values.singleuser, values.scheduling.user_pods
    required, preferred = list(user.extra_node_affinity.required), list(user.extra_node_affinity.preferred)
    term = {"matchExpressions": [{"key": PURPOSE_LABEL, "operator": "In", "values": ["user"]}]}
    if pods.node_affinity.match_node_purpose == "require":
        # Terms are alternatives to each other, so the purpose must become part of each.
        required = [
            {**each, "matchExpressions": [*each.get("matchExpressions", []), *term["matchExpressions"]]}
            for each in required
        ]
        required = required or [term]
    elif pods.node_affinity.match_node_purpose == "prefer":
        preferred.append({"weight": 100, "preference": term})
    if user.scheduler_name is not None:
        spawner.scheduler_name = user.scheduler_name
    if priority := user.priority_class_name or (values.scheduling.pod_priority.enabled and facts.names["priority"]):
        spawner.priority_class_name = priority
    spawner.tolerations = [*pods.tolerations, *user.extra_tolerations]
    spawner.node_selector = user.node_selector
    spawner.node_affinity_required = required
    spawner.node_affinity_preferred = preferred
    spawner.pod_affinity_required = user.extra_pod_affinity.required
    spawner.pod_affinity_preferred = user.extra_pod_affinity.preferred
    spawner.pod_anti_affinity_required = user.extra_pod_anti_affinity.required
    spawner.pod_anti_affinity_preferred = user.extra_pod_anti_affinity.preferred
    return config
