"""What runs on the cluster from the start: DNS and the default storage class."""

from __future__ import annotations

from pathlib import Path
from string import Template

from ci.cluster.embedded.images import IMAGES, SANDBOX
from ci.cluster.embedded.packages import name_servers
from ci.cluster.embedded.settings import Settings

ADDONS = Path(__file__).parent / "addons"
DEPLOYMENTS = ("coredns", "local-path-provisioner")
"""Deployments in `kube-system` that make a cluster ready."""


def manifests(settings: Settings) -> str:
    """Return the manifests of all add-ons."""
    images = {image.bundle.folder: image.name for image in IMAGES}
    # Without a name server, a name outside of the cluster is refused at once instead of after a time limit.
    forward = f"forward . {' '.join(servers)}" if (servers := name_servers()) else ""
    values = {
        "domain": settings.cluster_domain,
        "dns_service": settings.dns_service,
        "forward": forward,
        "volumes": str(settings.state / "volumes"),
        "coredns_image": images["coredns"],
        "provisioner_image": images["local-path-provisioner"],
        "tools_image": SANDBOX,
    }
    texts = [path.read_text(encoding="utf-8") for path in sorted(ADDONS.glob("*.yaml"))]
    return "\n---\n".join(Template(text).substitute(values) for text in texts)
