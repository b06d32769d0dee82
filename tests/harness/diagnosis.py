"""What a person wants to read when a test on a cluster fails: pods, events and the end of the logs that matter."""

from __future__ import annotations

from typing import Any

from tests.harness.kube import Kubernetes, Object, ready, summary

LOG_LINES = 40
EVENTS = 25


def diagnose(kube: Kubernetes, namespace: str) -> str:
    """Return the state of `namespace` in words; never raises."""
    parts = {"pods": _pods, "events": _events, "logs": _logs}
    texts = []
    for title, part in parts.items():
        try:
            text = part(kube, namespace)
        except Exception as error:  # noqa: BLE001 - the reason for the failure must not be hidden by another one
            text = f"{type(error).__name__}: {error}"
        texts.append(f"--- {namespace}: {title}\n{text}")
    return "\n".join(texts)


def _pods(kube: Kubernetes, namespace: str) -> str:
    pods = kube.list("Pod", namespace)
    return "\n".join(f"{'ready' if ready(pod) else 'NOT ready'}: {summary(pod)}" for pod in pods) or "none"


def _events(kube: Kubernetes, namespace: str) -> str:
    events = sorted(kube.list("Event", namespace), key=_when)[-EVENTS:]
    lines = []
    for event in events:
        about = event.get("involvedObject", {})
        lines.append(
            f"{_when(event)} {event.get('reason')} {about.get('kind')}/{about.get('name')}: {event.get('message')}"
        )
    return "\n".join(lines) or "none"


def _when(event: Object) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"])


def _logs(kube: Kubernetes, namespace: str) -> str:
    """Return the ends of the logs of the hub and of every container that is not well."""
    texts = []
    for pod in kube.list("Pod", namespace):
        is_hub = pod["metadata"].get("labels", {}).get("component") == "hub"
        if is_hub or not ready(pod):
            texts += [_log(kube, namespace, pod, container) for container in pod["spec"]["containers"]]
    return "\n".join(texts) or "none"


def _log(kube: Kubernetes, namespace: str, pod: Object, container: Any) -> str:
    name = pod["metadata"]["name"]
    text = kube.logs(name, namespace, container["name"], lines=LOG_LINES)
    return f"[{name}/{container['name']}]\n{text}"
