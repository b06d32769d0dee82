"""What user pods may reach, and who may reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from traitlets.config import Config

from hub_config.base import Model, Reader, StringMap
from hub_config.chart.common import ImagePart, NetworkPolicy
from hub_config.facts import Facts
from hub_config.kubernetes import ResourceRequirements

if TYPE_CHECKING:
    from hub_config.values import Values


class NetworkTools(Model):
    """The privileged container that changes the network of user pods in Zero to JupyterHub; here there is none."""

    image: ImagePart = ImagePart()
    """Has no effect: no such container runs."""
    resources: ResourceRequirements = {}
    """Has no effect: no such container runs."""


class CloudMetadata(Model):
    """The cloud's metadata server, which hands the node's credentials to whoever asks."""

    block_with_iptables: bool = False
    """Has no effect: no privileged container runs in user pods. The network policy must keep users away from it, as it
    does by default; where it does not, true is refused."""
    ip: str = "169.254.169.254"
    """The metadata server's address."""


class NetworkOptions(Model):
    """Network of user pods."""

    network_policy: NetworkPolicy = NetworkPolicy()
    """Which traffic may reach and leave user pods."""
    network_tools: NetworkTools = NetworkTools()
    """Has no effect: no container changes the network of user pods."""
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
