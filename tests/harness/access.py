"""A cluster with this work tree's images loaded, and all that is needed to talk to it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ci.build import build
from ci.cluster import Cluster, choose, tools
from ci.progress import step
from tests.harness.kube import Kubernetes, Object


@dataclass(frozen=True)
class Access:
    """See the module."""

    cluster: Cluster
    kube: Kubernetes
    environment: Mapping[str, str]
    """What commands need: `KUBECONFIG` and `PATH`."""
    helm: Path
    kubectl: Path
    chart: Path
    """The chart with the tags of the images that were built."""
    version: str
    """The chart's version."""
    images: Mapping[str, str]
    """From `hub`, `singleuser`, `proxy` to the image's reference."""

    @staticmethod
    def decode(secret: Object | None) -> dict[str, str]:
        """Return the data of a Secret as text."""
        assert secret is not None, "the Secret does not exist"
        return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}


def prepare(backend: str) -> Access:
    """Bring up the cluster that `CLUSTER=backend` names, and build and load the images; quick when all is there."""
    cluster = choose(backend)
    cluster.up()
    with step("Building images and chart"):
        built = build()
    cluster.load_images(list(built.images.values()))
    found = tools()
    return Access(
        cluster=cluster,
        kube=Kubernetes(cluster.kubeconfig),
        environment=cluster.environment(),
        helm=found["helm"],
        kubectl=found["kubectl"],
        chart=built.chart,
        version=built.version,
        images=built.images,
    )


def profile_image(access: Access, name: str) -> str:
    """Build an image that the chart's values do not name, load it into the cluster, and return its reference."""
    with step(f"Building the image {name}"):
        reference = build(also=[name]).images[name]
    access.cluster.load_images([reference])
    return reference
