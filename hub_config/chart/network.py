"""The network of the release as a whole: where Kubernetes' API is, and whether policies must be enforced."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub_config.base import Model

Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"({_OCTET}\.){{3}}{_OCTET}"
_IPV6 = r"[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}"
_IPV6_LENGTH = r"(12[0-8]|1[01][0-9]|[1-9]?[0-9])"
Address = Annotated[str, Field(pattern=rf"^({_IPV4}|{_IPV6})$")]
"""An address, such as `10.0.0.1`."""
Cidr = Annotated[str, Field(pattern=rf"^({_IPV4}/(3[0-2]|[12]?[0-9])|{_IPV6}/{_IPV6_LENGTH})$")]
"""A block of addresses, such as `10.0.0.1/32`."""


class KubernetesApi(Model):
    """Where Kubernetes' API server is, which no NetworkPolicy can name."""

    ports: list[Port] = [443, 6443, 8443, 16443]
    """Ports that API servers listen on, behind the Service `kubernetes`: the hub and the chart's jobs reach them."""
    cidrs: list[Cidr] = []
    """The API server's addresses. Empty leaves those ports open to any address; with addresses, the hub and the jobs
    reach only these, and user pods never."""


class ReleaseNetwork(Model):
    """What holds for the network of all pods; hub, proxy and user pods each have a `networkPolicy` of their own too."""

    enabled: bool = True
    """Whether the pods without a value of their own (the chart's jobs, the image pullers) get a NetworkPolicy too."""
    kubernetes_api: KubernetesApi = KubernetesApi()
    """Where Kubernetes' API server is, which no NetworkPolicy can name."""
    required: bool = False
    """Whether an install or upgrade fails where the cluster's network does not enforce NetworkPolicy; else Helm's
    output and the hub's log say so."""
