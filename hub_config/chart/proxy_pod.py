"""The proxy: configurable-http-proxy's pod and the Services `proxy-public` and `proxy-api`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub_config.base import Int, Model, NodePort, Reader, StringMap
from hub_config.chart.common import (
    NOBODY,
    UNBUILT_TAG,
    EgressAllowRules,
    Environment,
    Image,
    NetworkPolicy,
    PodDisruptionBudget,
    Probe,
    Service,
    ServiceType,
    resources,
    restricted,
)
from hub_config.chart.https import Https, SecretSync, Traefik
from hub_config.chart.hub_pod import DeploymentStrategy
from hub_config.kubernetes import PodSpecPart, ResourceRequirements, SecurityContext, Toleration


class NodePorts(Model):
    """The node's ports, with `type: NodePort` or `LoadBalancer`."""

    http: NodePort | None = None
    """For http; null lets Kubernetes choose."""
    https: NodePort | None = None
    """For https; null lets Kubernetes choose."""


class ProxyService(Service):
    """The Service `proxy-public`, at which users arrive."""

    type: ServiceType | None = None
    """Who reaches it: the cluster alone (and an Ingress), every node's port, or a cloud's load balancer. Null takes
    `LoadBalancer` where an address or ranges of one are given, `NodePort` where a node's port is, else `ClusterIP`."""
    labels: StringMap = {}
    """More labels of the Service."""
    node_ports: NodePorts = NodePorts()
    """The node's ports."""
    disable_http_port: bool = False
    """Refused when true: it is the only port."""
    external_ips: Annotated[list[str], Field(alias="externalIPs")] = []
    """Addresses outside the cluster that lead to this Service."""
    load_balancer_source_ranges: list[str] = []
    """Address ranges that may connect, with `type: LoadBalancer`."""


class Chp(Model):
    """The configurable-http-proxy container."""

    image: Image = Image(name="jupyterhub-chart/proxy", tag=UNBUILT_TAG)
    """The proxy's image."""
    command: list[str] = ["configurable-http-proxy"]
    """The container's command."""
    extra_command_line_flags: list[str] = []
    """More flags of configurable-http-proxy."""
    default_target: str | None = None
    """Where requests without a route go; null means the hub."""
    error_target: str | None = None
    """Where error pages come from; null means the hub."""
    extra_env: Environment = {}
    """More environment variables: name to a text, or to the rest of a Kubernetes `EnvVar`; or a list of these."""
    resources: ResourceRequirements = resources("50m", "96Mi", "1Gi")
    """CPU and memory, as Kubernetes `ResourceRequirements`."""
    container_security_context: SecurityContext = restricted(NOBODY, NOBODY)
    """Security context of the container."""
    node_selector: StringMap = {}
    """Labels of the nodes that the proxy may run on."""
    tolerations: list[Toleration] = []
    """Tolerations of the proxy's pod, besides `scheduling.corePods.tolerations`."""
    network_policy: NetworkPolicy = NetworkPolicy(
        egress_allow_rules=EgressAllowRules(non_private_ips=False),
        allowed_ingress_ports=["http", "https"],
    )
    """Which traffic may reach and leave the proxy. The ports of services are open without a rule: they are taken from
    the addresses in `hub.services`."""
    pdb: PodDisruptionBudget = PodDisruptionBudget()
    """The proxy's PodDisruptionBudget."""
    liveness_probe: Probe = Probe(initial_delay_seconds=60)
    """Restarts a proxy that no longer answers."""
    readiness_probe: Probe = Probe(period_seconds=2, failure_threshold=1000, timeout_seconds=1)
    """Says when the proxy is up."""
    revision_history_limit: Int | None = None
    """How many old ReplicaSets Kubernetes keeps."""
    extra_pod_spec: PodSpecPart = {}
    """More keys of the pod's spec, as Kubernetes `PodSpec`."""


class Proxy(Model):
    """The proxy that all users' traffic goes through."""

    secret_token: Annotated[str | None, Reader.HUB_SECRET] = None
    """The token of the proxy's REST API; null takes `hub.config.ConfigurableHTTPProxy.auth_token` of
    `hub.existingSecret`, or lets the chart make one in the cluster."""
    annotations: StringMap = {}
    """More annotations of the proxy's pod."""
    labels: StringMap = {}
    """More labels of the proxy's pod."""
    deployment_strategy: DeploymentStrategy = DeploymentStrategy()
    """How the proxy's pod is replaced when it changes."""
    https: Https = Https()
    """Https at the proxy, which this chart does not have yet."""
    traefik: Traefik = Traefik()
    """The pod that ends https with `proxy.https.type: letsencrypt`, which this chart does not have yet."""
    secret_sync: SecretSync = SecretSync()
    """The container that keeps the certificate of `proxy.traefik`, which this chart does not have yet."""
    service: ProxyService = ProxyService()
    """The Service `proxy-public`."""
    chp: Chp = Chp()
    """The configurable-http-proxy container."""
