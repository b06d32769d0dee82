"""From values to what JupyterHub and KubeSpawner make of them, with their real classes and without a cluster."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kubernetes_asyncio import client
from traitlets.config import Config

from hub_config import __version__, configure
from hub_config.facts import Facts
from hub_config.generate import default_values
from hub_config.pod_security.hardening import Hardening, hardened
from hub_config.runtime.spawner import PromptKubeSpawner
from hub_config.values import Values

NAMES = {
    name: name
    for name in ("hub", "proxy-api", "proxy-public", "singleuser", "image-pull-secret", "hub-db-dir", "priority")
}
FACTS = {
    "release": "test",
    "namespace": "lab",
    "chartName": "jupyterhub",
    "names": NAMES,
    "hubPort": 8081,
    "proxyApiPort": 8001,
    "hubConfig": __version__,
}
"""`facts.json` as the chart writes it."""


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Merge value files as Helm does: maps key by key, anything else replaced."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            both_maps = isinstance(value, Mapping) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both_maps else copy.deepcopy(value)
    return result


def values(own: Mapping[str, Any] | None = None) -> Values:
    """Return the values of a person's file `own` over the defaults."""
    return Values.model_validate(merged(default_values(), own or {}), by_alias=True, by_name=False)


def facts(**changes: Any) -> Facts:
    return Facts(
        **{"release": "test", "namespace": "lab", "chart_name": "jupyterhub", "names": NAMES, **changes},
    )


def composed(own: Mapping[str, Any] | None = None, **changes: Any) -> Config:
    return configure(values(own), facts(**changes))


def singleuser(**fields: Any) -> dict[str, Any]:
    return {"singleuser": fields}


def spawner_traits(own: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return dict(composed(own).KubeSpawner)


def spawner(config: Config, **user_options: Any) -> PromptKubeSpawner:
    """Return the hub's spawner for the user `ada`, who is in no group; there is no cluster."""

    async def make() -> PromptKubeSpawner:
        user = SimpleNamespace(name="ada", id=1, url="/user/ada/", escaped_name="ada", groups=[])
        return PromptKubeSpawner(_mock=True, user=user, config=config, user_options=user_options)

    return asyncio.run(make())


def pod(own: Mapping[str, Any] | None = None, **user_options: Any) -> dict[str, Any]:
    """Return the manifest that KubeSpawner makes for the user `ada` who chose `user_options`, as the API gets it."""
    return _pod(own, user_options)[0]


def final_pod(own: Mapping[str, Any] | None = None, **user_options: Any) -> dict[str, Any]:
    """Return `pod` as the hub's spawner asks for it: hardened."""
    made, how = _pod(own, user_options)
    return hardened(made, how)


def _pod(own: Mapping[str, Any] | None, user_options: dict[str, Any]) -> tuple[dict[str, Any], Hardening]:
    made = spawner(composed(own), **user_options)

    async def manifest() -> Any:
        await made.load_user_options()
        found = await made.get_pod_manifest()
        async with client.ApiClient() as api:
            return api.sanitize_for_serialization(found)

    return asyncio.run(manifest()), made.hardening


def container(own: Mapping[str, Any] | None = None, **user_options: Any) -> dict[str, Any]:
    """Return the user's own container of `pod`."""
    return pod(own, **user_options)["spec"]["containers"][0]


def mount(root: Path, values: Mapping[str, Any], secret: Mapping[str, Any] | None = None, **facts: Any) -> Path:
    """Lay out below `root` the files that the chart mounts in the hub's pod; return `root`."""
    for folder in ("values", "secret", "credentials", "existing-secret"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "values" / "values.json").write_text(json.dumps(values), encoding="utf-8")
    (root / "values" / "facts.json").write_text(json.dumps({**FACTS, **facts}), encoding="utf-8")
    (root / "values" / "front.json").write_text(json.dumps({"proxiesInFront": 0}), encoding="utf-8")
    if secret is not None:
        (root / "secret" / "values.json").write_text(json.dumps(secret), encoding="utf-8")
    return root
