"""Everything about the hub's pod, Service and rights that is not JupyterHub's own configuration."""

from __future__ import annotations

from typing import Literal

from hub_config.base import Int, JsonMap, Model, NodePort, StringMap
from hub_config.chart.common import (
    UNBUILT_TAG,
    EgressAllowRules,
    Image,
    NetworkPolicy,
    PodDisruptionBudget,
    Probe,
    Service,
    ServiceAccount,
    ServiceType,
    resources,
    restricted,
)
from hub_config.kubernetes import (
    Container,
    Lifecycle,
    PodSecurityContext,
    PodSpecPart,
    ResourceRequirements,
    SecurityContext,
    Toleration,
    Volume,
    VolumeMount,
)


class HubServicePorts(Model):
    """Details of the Service's port."""

    node_port: NodePort | None = None
    """The node's port, with `type: NodePort`; null lets Kubernetes choose."""
    app_protocol: str | None = None
    """The port's `appProtocol`, for service meshes."""


class HubService(Service):
    """The Service `hub`, through which proxy and user pods reach the hub."""

    type: ServiceType = "ClusterIP"
    """Who reaches it: the cluster alone (and an Ingress), every node's port, or a cloud's load balancer."""
    ports: HubServicePorts = HubServicePorts()
    """Details of the Service's port."""


class DeploymentStrategy(Model):
    """How Kubernetes replaces the pod when it changes."""

    type: Literal["Recreate", "RollingUpdate"] = "Recreate"
    """`Recreate` ends the old pod before it starts the new one: database and routes have one owner."""
    rolling_update: JsonMap | None = None
    """Details of a rolling update, as in a Kubernetes Deployment."""


class HubPod(Model):
    """The hub's pod."""

    image: Image = Image(name="jupyterhub-chart/hub", tag=UNBUILT_TAG)
    """The hub's image; it also runs the chart's own jobs."""
    command: list[str] = []
    """Replaces the image's entrypoint. Templates (`{{ }}`) are rendered by Helm."""
    args: list[str] = []
    """Replaces the whole command line `jupyterhub --config ...`. Templates (`{{ }}`) are rendered by Helm."""
    labels: StringMap = {}
    """More labels of the hub's pod."""
    annotations: StringMap = {}
    """More annotations of the hub's pod."""
    resources: ResourceRequirements = resources("100m", "256Mi", "2Gi")
    """CPU and memory of the hub's container, as Kubernetes `ResourceRequirements`."""
    pod_security_context: PodSecurityContext = {
        "runAsNonRoot": True,
        "fsGroup": 1000,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    """Security context of the hub's pod."""
    container_security_context: SecurityContext = restricted(1000, 1000)
    """Security context of the hub's container."""
    lifecycle: Lifecycle = {}
    """Lifecycle hooks of the hub's container."""
    init_containers: list[Container] = []
    """Containers that run to their end before the hub starts."""
    extra_containers: list[Container] = []
    """Containers beside the hub's."""
    extra_volumes: list[Volume] = []
    """More volumes of the hub's pod."""
    extra_volume_mounts: list[VolumeMount] = []
    """More mounts of the hub's container."""
    extra_pod_spec: PodSpecPart = {}
    """More keys of the pod's spec, as Kubernetes `PodSpec`."""
    node_selector: StringMap = {}
    """Labels of the nodes that the hub may run on."""
    tolerations: list[Toleration] = []
    """Tolerations of the hub's pod, besides `scheduling.corePods.tolerations`."""
    deployment_strategy: DeploymentStrategy = DeploymentStrategy()
    """How the hub's pod is replaced when it changes."""
    revision_history_limit: Int | None = None
    """How many old ReplicaSets Kubernetes keeps."""
    service: HubService = HubService()
    """The Service `hub`."""
    service_account: ServiceAccount = ServiceAccount()
    """The hub's service account."""
    pdb: PodDisruptionBudget = PodDisruptionBudget()
    """The hub's PodDisruptionBudget."""
    network_policy: NetworkPolicy = NetworkPolicy(
        egress_allow_rules=EgressAllowRules(cloud_metadata_server=True, private_ips=True)
    )
    """Which traffic may reach and leave the hub."""
    liveness_probe: Probe = Probe(initial_delay_seconds=300)
    """Restarts a hub that no longer answers; late enough for a long database upgrade."""
    readiness_probe: Probe = Probe(period_seconds=2, failure_threshold=1000, timeout_seconds=1)
    """Says when the hub is up."""
