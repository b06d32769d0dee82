"""Ways into the cluster from outside: an Ingress in front of the Service `proxy-public`."""

from __future__ import annotations

from typing import Literal

from hub_config.base import Model, Port, StringMap
from hub_config.kubernetes import HTTPIngressPath, IngressTLS


class ParentRef(Model):
    """A Gateway, or a part of one, that a route belongs to (Gateway API `ParentReference`)."""

    group: str | None = None
    """The API group of the kind; null means `gateway.networking.k8s.io`."""
    kind: str | None = None
    """The kind; null means `Gateway`."""
    namespace: str | None = None
    """The Gateway's namespace; null means the release's."""
    name: str
    """The Gateway's name."""
    section_name: str | None = None
    """The listener's name; null means all listeners."""
    port: Port | None = None
    """The listeners' port; null means all ports."""


class HttpRoute(Model):
    """An HTTPRoute of the Gateway API, which this chart does not make yet."""

    enabled: bool = False
    """Refused when true: write an HTTPRoute of your own that leads to the Service `proxy-public`."""
    annotations: StringMap = {}
    """Annotations of the route."""
    hostnames: list[str] = []
    """Host names; empty takes those of the Gateway."""
    parent_refs: list[ParentRef] = []
    """The Gateways that the route belongs to."""


class Ingress(Model):
    """An Ingress that leads to the proxy."""

    enabled: bool = False
    """Whether an Ingress is made; the cluster needs an ingress controller."""
    annotations: StringMap = {}
    """Annotations of the Ingress, which most controllers are configured by."""
    ingress_class_name: str | None = None
    """The class of controller; null takes the cluster's default."""
    hosts: list[str] = []
    """Host names; empty matches every host."""
    path_suffix: str | None = None
    """Text after the path, such as `*` for controllers that want it."""
    path_type: Literal["Prefix", "Exact", "ImplementationSpecific"] = "Prefix"
    """How the path is matched."""
    tls: list[IngressTLS] = []
    """Certificates, as Kubernetes `IngressTLS`."""
    extra_paths: list[HTTPIngressPath] = []
    """Paths before the hub's, as Kubernetes `HTTPIngressPath`."""
