"""The connection to Kubernetes' API from inside a pod, and its errors in words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kubernetes_asyncio import client, config

_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
REQUEST_TIMEOUT = 20.0
"""Seconds that one request to the API may take."""


@asynccontextmanager
async def connection() -> AsyncIterator[client.ApiClient]:
    """Give a client with the pod's own service account."""
    config.load_incluster_config()  # type: ignore[no-untyped-call]
    async with client.ApiClient() as api:
        yield api


def own_namespace() -> str:
    """Return the namespace that this pod runs in."""
    return _NAMESPACE_FILE.read_text(encoding="utf-8").strip()


def reason(error: client.ApiException) -> str:
    """Return the API's own sentence about a refused request."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (TypeError, ValueError, KeyError):
        return f"{error.status} {error.reason}"
