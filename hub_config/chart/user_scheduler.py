"""A scheduler of the release's own, and pods that keep room for users.

The chart makes neither yet: switching them on is told about (`z2jh_keys.py`, `TAKEN`); all keys are typed already.
"""

from __future__ import annotations

from hub_config.base import Int, JsonMap, Model, NonNegativeInt, StringMap
from hub_config.chart.common import NOBODY, ImagePart, PodDisruptionBudget, ServiceAccount, restricted
from hub_config.kubernetes import PodSpecPart, ResourceRequirements, SecurityContext, Toleration


class Plugin(Model):
    """A plugin of kube-scheduler."""

    name: str
    """Its name, such as `NodeResourcesFit`; `*` stands for all that are on by default."""
    weight: Int | None = None
    """How much its score counts."""


class PluginSet(Model):
    """Plugins at one of the scheduler's extension points."""

    enabled: list[Plugin] = []
    """Plugins that are switched on."""
    disabled: list[Plugin] = []
    """Plugins that are switched off."""


class PluginConfig(Model):
    """The arguments of a plugin of kube-scheduler."""

    name: str
    """The plugin's name."""
    args: JsonMap = {}
    """Its arguments, which the plugin knows."""


PACKING = {
    "score": PluginSet(
        disabled=[
            Plugin(name="NodeResourcesBalancedAllocation"),
            Plugin(name="NodeAffinity"),
            Plugin(name="InterPodAffinity"),
            Plugin(name="NodeResourcesFit"),
            Plugin(name="ImageLocality"),
        ],
        enabled=[
            Plugin(name="NodeAffinity", weight=14631),
            Plugin(name="InterPodAffinity", weight=1331),
            Plugin(name="NodeResourcesFit", weight=121),
            Plugin(name="ImageLocality", weight=11),
        ],
    )
}
"""Fill a node before the next: the fullest nodes score highest."""
FULLEST_FIRST = [
    PluginConfig(
        name="NodeResourcesFit",
        args={
            "scoringStrategy": {
                "type": "MostAllocated",
                "resources": [{"name": "cpu", "weight": 1}, {"name": "memory", "weight": 1}],
            }
        },
    )
]


class UserScheduler(Model):
    """A scheduler that fills one node with users before the next, which this chart does not run yet."""

    enabled: bool = False
    """Has no effect: the cluster's scheduler places user pods, or one that `singleuser.schedulerName` names."""
    revision_history_limit: Int | None = None
    """How many old ReplicaSets Kubernetes keeps."""
    replicas: NonNegativeInt = 2
    """How many pods of it there are; one at a time works."""
    log_level: NonNegativeInt = 4
    """How much it logs."""
    plugins: dict[str, PluginSet] = PACKING
    """Its plugins: extension point, such as `score`, to plugins that are switched on and off there."""
    plugin_config: list[PluginConfig] = FULLEST_FIRST
    """Arguments of its plugins."""
    container_security_context: SecurityContext = restricted(NOBODY, NOBODY)
    """Security context of the container."""
    image: ImagePart = ImagePart()
    """Its image, of kube-scheduler."""
    node_selector: StringMap = {}
    """Labels of the nodes that it may run on."""
    tolerations: list[Toleration] = []
    """Its tolerations, besides `scheduling.corePods.tolerations`."""
    labels: StringMap = {}
    """More labels of its pods."""
    annotations: StringMap = {}
    """More annotations of its pods."""
    pdb: PodDisruptionBudget = PodDisruptionBudget(enabled=True, max_unavailable=1, min_available=None)
    """Its PodDisruptionBudget."""
    resources: ResourceRequirements = {}
    """CPU and memory, as Kubernetes `ResourceRequirements`."""
    service_account: ServiceAccount = ServiceAccount()
    """Its service account."""
    extra_pod_spec: PodSpecPart = {}
    """More keys of the pods' spec, as Kubernetes `PodSpec`."""


class UserPlaceholder(Model):
    """Pods that keep room for users and make way for them, which this chart does not make yet."""

    enabled: bool = True
    """Whether there are any; how many, `replicas` says."""
    image: ImagePart = ImagePart()
    """Their image, which does nothing."""
    revision_history_limit: Int | None = None
    """How many old ControllerRevisions Kubernetes keeps."""
    replicas: NonNegativeInt = 0
    """Has no effect: the cluster's autoscaler keeps spare nodes."""
    labels: StringMap = {}
    """More labels of the pods."""
    annotations: StringMap = {}
    """More annotations of the pods."""
    container_security_context: SecurityContext = restricted(NOBODY, NOBODY)
    """Security context of the container."""
    resources: ResourceRequirements = {}
    """CPU and memory, as Kubernetes `ResourceRequirements`; null or empty takes those of a user's server."""
    extra_pod_spec: PodSpecPart = {}
    """More keys of the pods' spec, as Kubernetes `PodSpec`."""
