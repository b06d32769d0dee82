"""What every cluster backend offers to the rest of `ci`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

NAME = "jupyterhub-chart"
"""Name of the clusters that this package makes: k3d's cluster and the embedded cluster's only node."""
PUBLISHED = range(30080, 30100)
"""Node ports that this machine reaches at 127.0.0.1; others are reached at the node's own address."""


class Cluster(ABC):
    """A Kubernetes cluster that tests and people can be pointed at."""

    name: str
    """The backend's name as `CLUSTER` spells it: `k3d`, `embedded` or `current`."""
    kubeconfig: Path
    """The kubeconfig file; it exists once `up` has returned."""

    @abstractmethod
    def up(self) -> None:
        """Return once the node is Ready, cluster DNS answers and a default storage class is there.

        A healthy cluster of the wanted version is left alone. Raises `CiError` with what to look at.
        """

    @abstractmethod
    def down(self) -> None:
        """Remove everything that `up` made, except cached binaries. Nothing to remove is fine."""

    @abstractmethod
    def load_images(self, references: Sequence[str]) -> None:
        """Make the local Docker images `references` available to pods, skipping those already there unchanged.

        Raises `CiError` naming the images that the Docker engine does not have.
        """

    @abstractmethod
    def address(self, node_port: int) -> str:
        """Return the `http://host:port` at which this machine reaches a Service's `node_port`."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return what to export to work with the cluster: `KUBECONFIG`, and `PATH` with kubectl and helm in front."""

    @abstractmethod
    def diagnostics(self) -> str:
        """Return what a person wants to read when something is wrong; must not raise when the cluster is broken."""
