"""Choose the cluster backend that `CLUSTER` names."""

from __future__ import annotations

import os
import shutil

from ci import engine
from ci.cluster.base import Cluster
from ci.cluster.current import Current
from ci.cluster.embedded.cluster import Embedded
from ci.cluster.embedded.settings import Settings
from ci.cluster.k3d import K3d
from ci.progress import CiError

BACKENDS = ("auto", "k3d", "embedded", "current")


def choose(backend: str, kube_version: str | None = None) -> Cluster:
    """Return the cluster for `CLUSTER=backend`; nothing is started.

    `kube_version` is a `KUBE_VERSION`, by default the environment's. Raises `CiError` for an unknown backend.
    """
    version = kube_version or os.environ.get("KUBE_VERSION")
    if backend == "auto":
        backend = "k3d" if k3d_works(version) else "embedded"
    if backend == "k3d":
        return K3d(version)
    if backend == "embedded":
        return Embedded(version, Settings.from_environment())
    if backend == "current":
        return Current()
    raise CiError(f"CLUSTER={backend}: unknown; write one of {', '.join(BACKENDS)}")


def k3d_works(version: str | None) -> bool:
    """Tell whether k3d, a Docker engine and k3s's image are all there (or can be pulled)."""
    return shutil.which("k3d") is not None and engine.engine_answers() and K3d(version).image_available()
