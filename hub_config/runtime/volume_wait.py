"""Notice that a pod waits for its volumes, and say why, long before the time of a start is over."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Iterable
from typing import Any

from hub_config.runtime.pod_watch import PodWatch

_ABOUT_VOLUMES = re.compile(r"volume node affinity|PersistentVolume|persistentvolumeclaim|unbound immediate", re.I)
"""What the scheduler says when a volume keeps a pod from all nodes (its plugins VolumeBinding and VolumeZone)."""
_FAILED = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
_HARMLESS = ("Scheduled", "SuccessfulAttachVolume", "TriggeredScaleUp", "NotTriggerScaleUp", "FailedScheduling")


async def stuck_pod(watch: PodWatch, reference: str, limit: float) -> dict[str, Any] | None:
    """Return the pod `namespace/name` once it has waited `limit` seconds for volumes; None once it is past them."""
    since: float | None = None
    while True:
        pod: dict[str, Any] | None = watch.pods.get(reference)
        if pod is not None and is_past_volumes(pod):
            return None
        if pod is None or not may_wait_for_volumes(pod):
            since = None
        elif since is None:
            since = time.monotonic()
        elif time.monotonic() - since >= limit:
            return pod
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if since is None else since + limit - time.monotonic()):
                await watch.change()


def _condition(pod: dict[str, Any], kind: str) -> dict[str, Any]:
    conditions = pod.get("status", {}).get("conditions") or []
    return next((each for each in conditions if each["type"] == kind), {})


def is_past_volumes(pod: dict[str, Any]) -> bool:
    """Tell whether the kubelet has set up the pod, and so its volumes."""
    status = pod.get("status", {})
    if _condition(pod, "PodReadyToStartContainers").get("status") == "True":
        return True
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    return any(each.get("containerID") for each in containers)


def may_wait_for_volumes(pod: dict[str, Any]) -> bool:
    """Tell whether volumes may be what the pod waits for: it has a node, or no node can have its volumes."""
    scheduled = _condition(pod, "PodScheduled")
    return scheduled.get("status") == "True" or bool(_ABOUT_VOLUMES.search(scheduled.get("message") or ""))


async def events_of(api: Any, pod: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """Return the events of a pod, oldest first; none when the API does not tell in `seconds`.

    `api` is a `CoreV1Api`.
    """
    metadata = pod["metadata"]
    try:
        answer = await api.list_namespaced_event(
            metadata["namespace"],
            field_selector=f"involvedObject.name={metadata['name']},involvedObject.uid={metadata['uid']}",
            _preload_content=False,
            _request_timeout=seconds,
        )
        found: list[dict[str, Any]] = json.loads(await answer.text()).get("items", [])
    except (OSError, TimeoutError, ValueError):
        return []
    return sorted(found, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))


def reason(pod: dict[str, Any], events: Iterable[dict[str, Any]]) -> str | None:
    """Return why a pod waits for its volumes, None when it waits for something else."""
    scheduled = _condition(pod, "PodScheduled")
    if scheduled.get("status") != "True":
        return str(scheduled.get("message"))
    failed = [str(event.get("message")) for event in events if event.get("reason") in _FAILED]
    if failed:
        return failed[-1]
    if any(event.get("reason") not in _HARMLESS for event in events):
        return None
    ready = _condition(pod, "PodReadyToStartContainers")
    return "the node is still mounting them, so a server of files does not answer" if ready else None
