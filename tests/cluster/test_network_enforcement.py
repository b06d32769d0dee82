"""The install and the hub tell whether the cluster's network enforces NetworkPolicy.

A policy that allows everything, beside the release's own, is to its pods what a network is that enforces none.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ci.cluster.embedded.cluster import Embedded
from ci.progress import wait_until
from tests.harness.release import InstallError, Release

pytestmark = pytest.mark.cluster

WARNING = "does not enforce NetworkPolicy"
LOG_SECONDS = 60
ALLOW_EVERYTHING = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [{}], "egress": [{}]},
}


def hub_says(release: Release, text: str) -> None:
    """Wait until the hub's log has `text`."""
    hub = release.wait_ready("hub")["metadata"]["name"]
    said = f"{text!r} in the log of the hub in {release.namespace}"
    wait_until(said, lambda: text in release.kube.logs(hub, release.namespace, lines=2000), timeout=LOG_SECONDS)


def test_a_network_that_enforces_policies_is_not_warned_of(default: Release) -> None:
    cluster = default.access.cluster
    if cluster.name == "current" or (isinstance(cluster, Embedded) and cluster.settings.network_policy == "none"):
        pytest.skip("this cluster's network is not known to enforce NetworkPolicy")
    assert "Values and cluster are fit for this release." in default.said
    assert WARNING not in default.said
    hub_says(default, "The cluster's network enforces the hub's NetworkPolicy")


def test_a_network_that_does_not_is_told_of_and_may_be_refused(new_release: Callable[[str], Release]) -> None:
    release = new_release("unenforced")
    metadata = {"name": "allow-everything", "namespace": release.namespace}
    release.kube.create({**ALLOW_EVERYTHING, "metadata": metadata})
    values = {"prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}}}
    with pytest.raises(InstallError) as caught:
        release.install({**values, "networkPolicy": {"required": True}})
    assert "networkPolicy.required is true" in caught.value.output
    assert release.kube.list("Deployment", release.namespace) == []
    assert WARNING in release.install(values)
    hub_says(release, WARNING)
