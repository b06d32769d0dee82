"""The pod that KubeSpawner would make for a user, so that its admission can be asked for before an install."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

from kubernetes_asyncio import client
from traitlets.config import Config

from hub_config.hub.app import SPAWNER
from hub_config.pod_security.hardening import hardened
from hub_config.runtime.secured import SecuredKubeSpawner

_NAME = "preflight"
_KUBESPAWNER = (SPAWNER, "kubespawner", "kubespawner.KubeSpawner")


async def user_pod(config: Config, api: client.ApiClient) -> dict[str, Any] | None:
    """Return labels, annotations and spec of a user's pod under `config`, for a user who chose no profile.

    None where that cannot be told beforehand: with another spawner, or when KubeSpawner needs a real user for it.
    """
    if config.JupyterHub.get("spawner_class") not in _KUBESPAWNER:
        return None
    user = SimpleNamespace(name=_NAME, id=0, url=f"/user/{_NAME}/", escaped_name=_NAME)
    hub = SimpleNamespace(public_host="", url="/hub/", base_url="/hub/", api_url="/hub/api")
    quiet = logging.getLogger(__name__)
    quiet.setLevel(logging.CRITICAL)
    try:
        spawner = SecuredKubeSpawner(user=user, hub=hub, config=config, log=quiet)
        pod = api.sanitize_for_serialization(await spawner.get_pod_manifest())
        if config.JupyterHub.spawner_class == SPAWNER:
            pod = hardened(pod, spawner.hardening)
        await spawner.api.api_client.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no reason to refuse an install
        print(f"Whether users' pods are admitted was not asked: {type(error).__name__}: {error}")
        return None
    metadata = {key: pod["metadata"][key] for key in ("labels", "annotations") if key in pod["metadata"]}
    return {"metadata": metadata, "spec": pod["spec"]}
