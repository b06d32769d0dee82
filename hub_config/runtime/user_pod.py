"""The pods that KubeSpawner would make for users, so that their admission can be asked for before an install."""

from __future__ import annotations

import logging
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from kubernetes_asyncio import client
from traitlets.config import Config

from hub_config.hub.app import SPAWNER
from hub_config.pod_security.hardening import hardened
from hub_config.runtime.secured import SecuredKubeSpawner

_NAME = "preflight"
_KUBESPAWNER = (SPAWNER, "kubespawner", "kubespawner.KubeSpawner")


async def user_pods(config: Config, api: client.ApiClient) -> list[dict[str, Any]]:
    """Return users' pods under `config`, each `{"name": in words, "pod": labels, annotations and spec}`.

    One for a user who has no profile, and one for each profile, whomever it is offered to, with its default choices.
    Those are left out that cannot be told beforehand: with another spawner, of profiles that code makes, or when
    KubeSpawner needs a real user.
    """
    if config.JupyterHub.get("spawner_class") not in _KUBESPAWNER:
        return []
    profiles = config.KubeSpawner.get("profile_list", [])
    asked: list[tuple[str, list[dict[str, Any]]]] = [("user", [])]
    if isinstance(profiles, list):
        asked += [(f"user (profile {profile['display_name']})", [profile]) for profile in profiles]
    found = [(name, await _pod(name, config, one, api)) for name, one in asked]
    return [{"name": name, "pod": pod} for name, pod in found if pod is not None]


async def _pod(
    name: str, config: Config, profiles: list[dict[str, Any]], api: client.ApiClient
) -> dict[str, Any] | None:
    """Return the pod of a user who has these profiles to choose from, and takes the default."""
    user = SimpleNamespace(name=_NAME, id=0, url=f"/user/{_NAME}/", escaped_name=_NAME)
    hub = SimpleNamespace(public_host="", url="/hub/", base_url="/hub/", api_url="/hub/api")
    quiet = logging.getLogger(__name__)
    quiet.setLevel(logging.CRITICAL)
    own = deepcopy(config)
    own.KubeSpawner.profile_list = profiles
    try:
        spawner = SecuredKubeSpawner(user=user, hub=hub, config=own, log=quiet)
        await spawner.load_user_options()
        pod = api.sanitize_for_serialization(await spawner.get_pod_manifest())
        if config.JupyterHub.spawner_class == SPAWNER:
            pod = hardened(pod, spawner.hardening)
        await spawner.api.api_client.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no reason to refuse an install
        print(f"Whether the pod {name} is admitted was not asked: {type(error).__name__}: {error}")
        return None
    metadata = {key: pod["metadata"][key] for key in ("labels", "annotations") if key in pod["metadata"]}
    return {"metadata": metadata, "spec": pod["spec"]}
