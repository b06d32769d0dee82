"""Ask our API server, trusting our own authority only, so that no other cluster's answer is taken for ours."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from ci.cluster.embedded.addons import DEPLOYMENTS
from ci.cluster.embedded.settings import Settings

REQUEST_TIMEOUT = 5.0
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def get(settings: Settings, path: str) -> str:
    """Return the answer to a GET of `path`. Raises `OSError` when there is none, or an error."""
    pki = settings.certificates
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(str(pki / "admin.crt"), str(pki / "admin.key"))
    no_proxy = urllib.request.ProxyHandler({})
    opener = urllib.request.build_opener(no_proxy, urllib.request.HTTPSHandler(context=context))
    with opener.open(settings.api_url + path, timeout=REQUEST_TIMEOUT) as answer:
        text: bytes = answer.read()
        return text.decode()


def items(settings: Settings, path: str) -> list[dict[str, Any]]:
    """Return the objects of a list. Raises `OSError` as `get` does."""
    objects: list[dict[str, Any]] = json.loads(get(settings, path))["items"]
    return objects


def live(settings: Settings) -> bool:
    """Tell whether the API server is ready. Raises `OSError` when it does not answer."""
    return get(settings, "/readyz") == "ok"


def lacking(settings: Settings) -> list[str]:
    """Return what keeps the cluster from being ready, in words; empty when it is. Raises `OSError` as `get` does."""
    missing = []
    nodes = items(settings, "/api/v1/nodes")
    if not nodes or not all(_has_condition(node, "Ready") for node in nodes):
        missing.append("a Ready node")
    deployments = items(settings, "/apis/apps/v1/namespaces/kube-system/deployments")
    there = {each["metadata"]["name"] for each in deployments if _has_condition(each, "Available")}
    missing += [f"deployment kube-system/{name}" for name in DEPLOYMENTS if name not in there]
    classes = items(settings, "/apis/storage.k8s.io/v1/storageclasses")
    if not any(each["metadata"].get("annotations", {}).get(DEFAULT_CLASS) == "true" for each in classes):
        missing.append("a default storage class")
    return missing


def troubled_pods(settings: Settings) -> list[str]:
    """Return a line on each pod that neither is Ready nor has succeeded. Raises `OSError` as `get` does."""
    lines = []
    for pod in items(settings, "/api/v1/pods"):
        if _has_condition(pod, "Ready") or pod["status"].get("phase") == "Succeeded":
            continue
        states = [each.get("state", {}) for each in pod["status"].get("containerStatuses", [])]
        waits = [state["waiting"] for state in states if "waiting" in state]
        reasons = [f"{wait.get('reason')}: {wait.get('message', '')}" for wait in waits]
        conditions = [each["message"] for each in pod["status"].get("conditions", []) if each.get("message")]
        where = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        lines.append(f"{where} ({pod['status'].get('phase')}): {'; '.join(reasons or conditions)}")
    return lines


def healthy(settings: Settings) -> bool:
    """Tell whether the cluster is ready, without ever raising."""
    try:
        return live(settings) and not lacking(settings)
    except (OSError, ValueError, KeyError):
        return False


def _has_condition(thing: dict[str, Any], kind: str) -> bool:
    conditions = thing.get("status", {}).get("conditions", [])
    return any(each["type"] == kind and each["status"] == "True" for each in conditions)
