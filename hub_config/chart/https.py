"""Https at the proxy: how it is asked for, and the pod with traefik that Zero to JupyterHub ends it in.

The chart has no such pod yet, so `proxy.https.enabled: true` is refused (`z2jh_keys.py`, `TAKEN`); all other keys are
typed already.
"""

from __future__ import annotations

from typing import Literal

from hub_config.base import Int, JsonMap, Model, NonNegativeInt, StringMap
from hub_config.chart.common import (
    NOBODY,
    EgressAllowRules,
    Environment,
    ImagePart,
    NetworkPolicy,
    PodDisruptionBudget,
    ServiceAccount,
    restricted,
)
from hub_config.kubernetes import (
    Container,
    ContainerPort,
    PodSpecPart,
    ResourceRequirements,
    SecurityContext,
    Toleration,
    Volume,
    VolumeMount,
)


class Letsencrypt(Model):
    """Certificates of Let's Encrypt, with `type: letsencrypt`."""

    contact_email: str | None = None
    """Where Let's Encrypt writes to before a certificate ends."""
    acme_server: str | None = "https://acme-v02.api.letsencrypt.org/directory"
    """The address of the ACME server."""


class ManualCertificate(Model):
    """A certificate in the values, with `type: manual`."""

    key: str | None = None
    """The private key, as PEM."""
    cert: str | None = None
    """The certificate, as PEM."""


class CertificateSecret(Model):
    """A certificate in a Secret of yours, with `type: secret`."""

    name: str | None = None
    """The Secret's name."""
    key: str | None = "tls.key"
    """The Secret's key with the private key."""
    crt: str | None = "tls.crt"
    """The Secret's key with the certificate."""


class Https(Model):
    """Https at the proxy, which this chart does not have yet."""

    enabled: bool | None = False
    """Refused when true: https ends at an Ingress (`ingress.tls`) or at the load balancer."""
    type: Literal["", "letsencrypt", "manual", "offload", "secret"] | None = "letsencrypt"
    """Where the certificate comes from; `offload` leaves https to the load balancer."""
    letsencrypt: Letsencrypt = Letsencrypt()
    """Certificates of Let's Encrypt."""
    manual: ManualCertificate = ManualCertificate()
    """A certificate in the values."""
    secret: CertificateSecret = CertificateSecret()
    """A certificate in a Secret of yours."""
    hosts: list[str] = []
    """Host names to get certificates for."""


class Hsts(Model):
    """How browsers are told to use https alone."""

    include_subdomains: bool = False
    """Whether that holds for all names below the host's."""
    preload: bool = False
    """Whether browsers may have the host in the list that they come with."""
    max_age: NonNegativeInt = 15724800
    """Seconds for which they keep to it."""


class Traefik(Model):
    """The pod that ends https with `proxy.https.type: letsencrypt`, which this chart does not have yet."""

    command: list[str] = []
    """Replaces the image's entrypoint."""
    args: list[str] = []
    """Replaces the image's arguments."""
    revision_history_limit: Int | None = None
    """How many old ReplicaSets Kubernetes keeps."""
    container_security_context: SecurityContext = restricted(NOBODY, NOBODY)
    """Security context of the container."""
    image: ImagePart = ImagePart()
    """Its image."""
    hsts: Hsts = Hsts()
    """How browsers are told to use https alone."""
    resources: ResourceRequirements = {}
    """CPU and memory, as Kubernetes `ResourceRequirements`."""
    labels: StringMap = {}
    """More labels of the pod."""
    extra_init_containers: list[Container] = []
    """Containers that run to their end before it starts."""
    extra_env: Environment = {}
    """More environment variables: name to a text, or to the rest of a Kubernetes `EnvVar`; or a list of these."""
    extra_volumes: list[Volume] = []
    """More volumes of the pod."""
    extra_volume_mounts: list[VolumeMount] = []
    """More mounts of the container."""
    extra_static_config: JsonMap = {}
    """More of traefik's static configuration."""
    extra_dynamic_config: JsonMap = {}
    """More of traefik's dynamic configuration."""
    node_selector: StringMap = {}
    """Labels of the nodes that the pod may run on."""
    tolerations: list[Toleration] = []
    """Tolerations of the pod, besides `scheduling.corePods.tolerations`."""
    extra_ports: list[ContainerPort] = []
    """More ports of the container, as Kubernetes `ContainerPort`."""
    network_policy: NetworkPolicy = NetworkPolicy(
        egress_allow_rules=EgressAllowRules(cloud_metadata_server=True, private_ips=True),
        allowed_ingress_ports=["http", "https"],
    )
    """Which traffic may reach and leave the pod."""
    pdb: PodDisruptionBudget = PodDisruptionBudget()
    """The pod's PodDisruptionBudget."""
    service_account: ServiceAccount = ServiceAccount()
    """The pod's service account."""
    extra_pod_spec: PodSpecPart = {}
    """More keys of the pod's spec, as Kubernetes `PodSpec`."""


class SecretSync(Model):
    """The container that keeps the certificate of `proxy.traefik` in a Secret, which this chart does not have yet."""

    container_security_context: SecurityContext = restricted(NOBODY, NOBODY)
    """Security context of the container."""
    image: ImagePart = ImagePart()
    """Its image."""
    resources: ResourceRequirements = {}
    """CPU and memory, as Kubernetes `ResourceRequirements`."""
