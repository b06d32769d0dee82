"""What is in a namespace, in forms that can be compared: all objects, and the pods with their restarts."""

from __future__ import annotations

from ci.progress import CiError, wait_until
from tests.harness.kube import Kubernetes, Object, restarts
from tests.harness.release import Release

SETTLE_SECONDS = 45
"""Seconds that hooks' pods and their like may take to be gone after Helm has returned."""
_HELM_RECORD = "sh.helm.release.v1."
_OF_THE_CLUSTER = {"EndpointSlice", "Endpoints", "ReplicaSet", "ControllerRevision"}
"""Made by Kubernetes for other objects, and gone with them."""


def inventory(kube: Kubernetes, namespace: str) -> dict[str, str]:
    """Return each object of a namespace, `Kind/name`, with its uid; Helm's own records are left out."""
    return {
        f"{kind}/{item['metadata']['name']}": item["metadata"]["uid"]
        for kind, items in kube.everything(namespace).items()
        for item in items
        if kind not in _OF_THE_CLUSTER and not item["metadata"]["name"].startswith(_HELM_RECORD)
    }


def assert_inventory(release: Release, before: dict[str, str]) -> None:
    """Assert that a namespace holds what it held `before`, the very same objects, as soon as it has settled."""
    now: dict[str, str] = {}

    def same() -> bool:
        now.clear()
        now.update(inventory(release.kube, release.namespace))
        return now == before

    try:
        wait_until("the namespace to be as before", same, timeout=SETTLE_SECONDS, interval=1)
    except CiError as error:
        stayed, lost = sorted(now.keys() - before.keys()), sorted(before.keys() - now.keys())
        replaced = sorted(key for key in now.keys() & before.keys() if now[key] != before[key])
        raise AssertionError(f"stayed: {stayed}; lost: {lost}; replaced: {replaced}") from error


def pods(release: Release) -> dict[str, tuple[str, int]]:
    """Return name to (uid, restarts) of the release's lasting pods: those of hooks, which come and go, are left out."""
    return {
        pod["metadata"]["name"]: (pod["metadata"]["uid"], restarts(pod))
        for pod in release.pods()
        if not pod["metadata"].get("deletionTimestamp") and not _of_a_hook(pod)
    }


def _of_a_hook(pod: Object) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    return pod["metadata"]["name"].startswith("hook-") or any(owner["kind"] == "Job" for owner in owners)
