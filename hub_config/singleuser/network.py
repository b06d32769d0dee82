"""What user pods may reach, and who may reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import model_validator
from traitlets.config import Config

from hub_config.base import Model, Reader, StringMap
from hub_config.chart.common import NetworkPolicy
from hub_config.chart.network import Address
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values


class CloudMetadata(Model):
    """The cloud's metadata server, which hands the node's credentials to whoever asks."""

    block_with_iptables: bool = False
    """Always false here: `networkPolicy.egressAllowRules.cloudMetadataServer: false` keeps users away from it."""
    ip: Address = "169.254.169.254"
    """The metadata server's address."""

    @model_validator(mode="after")
    def _no_privileged_container(self) -> Self:
        if self.block_with_iptables:
            raise ValueError(
                "blockWithIptables: true would run a privileged container in every user pod; remove it: "
                "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer: false blocks the metadata server"
            )
        return self


class NetworkOptions(Model):
    """Network of user pods."""

    network_policy: NetworkPolicy = NetworkPolicy()
    """Which traffic may reach and leave user pods."""
    cloud_metadata: CloudMetadata = CloudMetadata()
    """The cloud's metadata server, which hands the node's credentials to whoever asks."""
    extra_labels: Annotated[StringMap, Reader.HUB] = {"hub.jupyter.org/network-access-hub": "true"}
    """More labels of user pods. The one that is there lets them through the hub's network policy."""
    services_enabled: Annotated[bool, Reader.HUB] = False
    """Whether each user's pod gets a Service, by whose name it is then reached: some service meshes ask for that."""
    dns_name_template: Annotated[str | None, Reader.HUB] = None
    """The name by which that Service is reached; null leaves it to KubeSpawner: `{name}.{namespace}.svc.cluster.local`.
    """
    pod_connect_ip: Annotated[str | None, Reader.HUB] = None
    """The address by which a user's pod is reached, such as `jupyter-{user_server}.example`; null takes the pod's own.
    """

    reader: ClassVar[Reader] = Reader.TEMPLATES


def configure(values: Values, _facts: Facts) -> Config:
    """Configure the labels of user pods that network policies select on, and how the pods are reached."""
    config = Config()
    spawner, user = config.KubeSpawner, values.singleuser
    spawner.extra_labels = user.extra_labels
    spawner.services_enabled = user.services_enabled
    for trait in ("dns_name_template", "pod_connect_ip"):
        if (value := getattr(user, trait)) is not None:
            spawner[trait] = value
    return config
