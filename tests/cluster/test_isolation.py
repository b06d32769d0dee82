"""Each release keeps to itself, and the hub's service account can do what it needs and no more."""

from __future__ import annotations

import pytest

from tests.harness.hub import Hub
from tests.harness.release import Release

pytestmark = pytest.mark.cluster

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
RESOURCES = {
    "": (
        *(
            "pods",
            "pods/exec",
            "pods/log",
            "pods/attach",
            "pods/portforward",
            "pods/eviction",
            "pods/ephemeralcontainers",
        ),
        *("persistentvolumeclaims", "secrets", "configmaps", "services", "events", "serviceaccounts"),
        *("serviceaccounts/token", "resourcequotas", "limitranges", "endpoints", "replicationcontrollers"),
    ),
    "apps": ("deployments", "daemonsets", "statefulsets", "replicasets"),
    "batch": ("jobs", "cronjobs"),
    "rbac.authorization.k8s.io": ("roles", "rolebindings"),
    "networking.k8s.io": ("networkpolicies", "ingresses"),
    "policy": ("poddisruptionbudgets",),
    "coordination.k8s.io": ("leases",),
}
NEEDED = {
    "pods": {"list", "watch", "create", "delete"},
    "persistentvolumeclaims": {"get", "list", "create", "patch"},
    "events": {"list", "watch"},
}
"""What KubeSpawner does: make and delete pods and claims, follow pods and their events."""


def test_the_hubs_account_can_do_exactly_what_it_needs(default: Release) -> None:
    account = f"{default.namespace}:{default.wait_ready('hub')['spec']['serviceAccountName']}"
    allowed = {
        resource: {verb for verb in VERBS if default.kube.allowed(account, default.namespace, verb, resource, group)}
        for group, resources in RESOURCES.items()
        for resource in resources
    }
    assert {resource: verbs for resource, verbs in allowed.items() if verbs} == NEEDED


def test_no_other_pod_of_the_release_has_a_service_account_token(default: Release) -> None:
    tokens = {
        pod["metadata"]["labels"]["component"]: any(_is_token(volume) for volume in pod["spec"].get("volumes", []))
        for pod in default.pods()
    }
    assert {component for component, has in tokens.items() if has} <= {"hub"}


def _is_token(volume: dict[str, dict[str, list[dict[str, object]]]]) -> bool:
    return any("serviceAccountToken" in source for source in volume.get("projected", {}).get("sources", []))


def test_two_releases_do_not_see_each_other(default: Release, default_hub: Hub, full: Release, full_hub: Hub) -> None:
    default_hub.spawn("only-default")
    full_hub.user("only-full")
    users = {hub.url: {user["name"] for user in hub.call("GET", "users").json()} for hub in (default_hub, full_hub)}
    assert "only-default" not in users[full_hub.url]
    assert "only-full" not in users[default_hub.url]
    assert Hub(full.url(), default_hub.token).client.get("users").status_code == 403
    assert Hub(default.url(), full_hub.token).client.get("users").status_code == 403
    assert [
        pod for pod in full.pods() if pod["metadata"]["labels"].get("hub.jupyter.org/username") == "only-default"
    ] == []
    for ours, other in ((default, full), (full, default)):
        for account in ours.kube.list("ServiceAccount", ours.namespace):
            who = f"{ours.namespace}:{account['metadata']['name']}"
            for verb, resource in (("list", "pods"), ("create", "pods"), ("get", "secrets"), ("list", "events")):
                assert not ours.kube.allowed(who, other.namespace, verb, resource), f"{who} may {verb} {resource}"
    default_hub.stop("only-default")
