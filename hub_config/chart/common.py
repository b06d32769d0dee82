"""Shapes that several parts of the chart share: images, probes, network policies, disruption budgets, accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hub_config.base import Int, JsonMap, Model, NonNegativeInt, PositiveInt, StringMap
from hub_config.kubernetes import (
    EnvVar,
    EnvVarPart,
    LocalObjectReference,
    NetworkPolicyEgressRule,
    NetworkPolicyIngressRule,
    ServicePort,
)

PullPolicy = Literal["", "Always", "IfNotPresent", "Never"]
PullSecrets = list[str | LocalObjectReference]
"""Names of Secrets, plain or as Kubernetes has them: `name: ...`."""
Environment = dict[str, str | EnvVarPart] | list[EnvVar]
"""Environment variables: name to a text or to the rest of an `EnvVar`, or a list as Kubernetes has it."""
NOBODY = 65534
"""The user and group `nobody`, for containers that own no files."""
UNBUILT_TAG = "set-by-chartpress"


class Image(Model):
    """A container image."""

    name: str
    """The image's name, with its registry when it has one, without its tag."""
    tag: str
    """The image's tag, or `tag@digest`."""
    pull_policy: PullPolicy | None = None
    """When the kubelet pulls it; null or empty leaves it to Kubernetes (`IfNotPresent`, or `Always` for `latest`)."""
    pull_secrets: PullSecrets = []
    """Names of Secrets with the registry's login, besides `imagePullSecrets`."""


class ImagePart(Model):
    """A container image, as far as it is not the chart's own choice."""

    name: str | None = None
    """The image's name; null takes the chart's choice."""
    tag: str | None = None
    """The image's tag; null takes the chart's choice."""
    pull_policy: PullPolicy | None = None
    """When the kubelet pulls it; null or empty leaves it to Kubernetes."""
    pull_secrets: PullSecrets = []
    """Names of Secrets with the registry's login, besides `imagePullSecrets`."""


class Probe(Model):
    """How the kubelet asks a container whether it is well."""

    enabled: bool = True
    """Whether the probe is made at all."""
    initial_delay_seconds: NonNegativeInt = 0
    """Seconds from the container's start to the first probe."""
    period_seconds: PositiveInt = 10
    """Seconds between two probes."""
    failure_threshold: PositiveInt = 30
    """Failures in a row after which the container counts as not well."""
    timeout_seconds: PositiveInt = 3
    """Seconds after which a probe without an answer counts as failed."""


PERCENTAGE = r"^[0-9]+%$"
Percentage = Annotated[str, Field(pattern=PERCENTAGE)]
"""A share of the pods, such as `10%`."""


class PodDisruptionBudget(Model):
    """How many of the pods a voluntary disruption (such as draining a node) may take away at once."""

    enabled: bool = False
    """Whether a PodDisruptionBudget is made. With one replica it blocks draining the node until the pod is deleted."""
    max_unavailable: Int | Percentage | None = None
    """Pods that may be away at once, as a number or a percentage."""
    min_available: Int | Percentage | None = 1
    """Pods that must stay, as a number or a percentage."""


class ServiceAccount(Model):
    """The service account that a pod runs under."""

    create: bool = True
    """Whether the chart makes the service account."""
    name: str | None = None
    """The account's name; null takes the chart's own name when it makes it, else `default`."""
    annotations: StringMap = {}
    """Annotations of the account, such as a cloud's workload identity."""


ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer"]


class Service(Model):
    """A Service in front of one of the chart's pods."""

    annotations: StringMap = {}
    """Annotations of the Service."""
    extra_ports: list[ServicePort] = []
    """More ports, as Kubernetes `ServicePort`."""
    load_balancer_ip: Annotated[str | None, Field(alias="loadBalancerIP")] = None
    """The address to ask of the cloud, with `type: LoadBalancer`."""
    ip_family_policy: Literal["SingleStack", "PreferDualStack", "RequireDualStack"] = "PreferDualStack"
    """IPv4, IPv6 or both."""
    ip_families: list[Literal["IPv4", "IPv6"]] = []
    """The address families, in order; empty lets the cluster choose."""


class EgressAllowRules(Model):
    """Ready-made holes for outgoing traffic."""

    cloud_metadata_server: bool = False
    """Allow the cloud's metadata server (`169.254.169.254`), which hands the node's credentials to whoever asks."""
    dns_ports_cloud_metadata_server: bool = True
    """Allow the DNS ports (53) of the metadata server: Google Cloud resolves names there."""
    dns_ports_kube_system_namespace: bool = True
    """Allow the DNS ports (53) of pods in the namespace `kube-system`."""
    dns_ports_private_ips: Annotated[bool, Field(alias="dnsPortsPrivateIPs")] = True
    """Allow the DNS ports (53) of private addresses."""
    non_private_ips: Annotated[bool, Field(alias="nonPrivateIPs")] = True
    """Allow all addresses but private ones and the metadata server: the internet."""
    web_ports_non_private_ips: Annotated[bool, Field(alias="webPortsNonPrivateIPs")] = False
    """Allow the web's ports (80 and 443) of those addresses; `nonPrivateIPs` allows all ports."""
    private_ips: Annotated[bool, Field(alias="privateIPs")] = False
    """Allow private addresses (`10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`, `100.64.0.0/10`): nodes, pods, the
    office."""


class NetworkPolicy(Model):
    """Which traffic may reach and leave the pods; needs a cluster whose network enforces NetworkPolicy."""

    enabled: bool = True
    """Whether a NetworkPolicy is made; without one all traffic is allowed."""
    ingress: list[NetworkPolicyIngressRule] = []
    """More rules for incoming traffic, as Kubernetes `NetworkPolicyIngressRule`."""
    egress: list[NetworkPolicyEgressRule] = []
    """More rules for outgoing traffic, as Kubernetes `NetworkPolicyEgressRule`."""
    egress_allow_rules: EgressAllowRules = EgressAllowRules()
    """Ready-made holes for outgoing traffic."""
    inter_namespace_access_labels: Literal["accept", "ignore"] = "ignore"
    """Whether pods with the right `hub.jupyter.org/network-access-*` label in other namespaces may connect."""
    allowed_ingress_ports: list[Int | str] = []
    """Ports that everybody may reach."""


class ExtraFile(Model):
    """A file to place in a container; exactly one of `data`, `stringData` and `binaryData` holds its content."""

    mount_path: str
    """Where the file appears: its absolute path in the container. A folder that is there keeps its other files."""
    data: JsonMap | None = None
    """Content as a map, written as YAML, JSON or TOML after the ending of `mountPath` (.yaml, .yml, .json, .toml)."""
    string_data: str | None = None
    """Content as text."""
    binary_data: str | None = None
    """Content as base64."""
    mode: NonNegativeInt | None = None
    """The file's permission bits as a number; write octal with a leading 0, as in 0644."""


RESTRICTED_USER = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What the level `restricted` of the Kubernetes Pod Security Standards asks of a container, and a read-only root."""


def restricted(uid: int, gid: int) -> JsonMap:
    """Return the security context of a container that runs as `uid` and `gid` under the `restricted` level."""
    return {"runAsUser": uid, "runAsGroup": gid, **RESTRICTED_USER}


def resources(cpu: str, memory: str, memory_limit: str, disk_limit: str = "1Gi") -> JsonMap:
    """Return requests and limits (Kubernetes quantities); no CPU limit: it only slows.

    Disk is what logs and empty folders take of the node's.
    """
    return {
        "requests": {"cpu": cpu, "memory": memory, "ephemeral-storage": "64Mi"},
        "limits": {"memory": memory_limit, "ephemeral-storage": disk_limit},
    }
