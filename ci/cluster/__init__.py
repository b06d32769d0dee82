"""Bring up a real Kubernetes for tests: by k3d, from Go modules (`embedded`), or use the current context.

>>> cluster = choose("auto")
>>> cluster.up()
>>> cluster.load_images(["jupyterhub-chart/hub:1.0.0"])
"""

from ci.cluster.base import Cluster
from ci.cluster.choice import choose
from ci.cluster.tools import tools

__all__ = ["Cluster", "choose", "tools"]
