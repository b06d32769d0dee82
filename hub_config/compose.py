"""The slices in their order, and the rule by which their results become one configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets.config import Config

from hub_config.facts import Facts
from hub_config.hub import (
    app,
    auth,
    budgets,
    culling,
    database,
    internal_tls,
    login,
    pages,
    passthrough,
    proxy,
    services,
)
from hub_config.singleuser import (
    files,
    groups,
    image,
    namespace,
    network,
    pod,
    profiles,
    resources,
    scheduling,
    security,
    server,
    shares,
    storage,
    volumes,
)
from hub_config.values import Values

Slice = Callable[[Values, Facts], Config]

SLICES: tuple[Slice, ...] = (
    app.configure,
    pages.configure,
    database.configure,
    proxy.configure,
    internal_tls.configure,
    auth.configure,
    login.configure,
    services.configure,
    culling.configure,
    budgets.configure,
    namespace.configure,
    pod.configure,
    image.configure,
    server.configure,
    resources.configure,
    storage.configure,
    volumes.configure,
    security.configure,
    scheduling.configure,
    files.configure,
    profiles.configure,
    groups.configure,
    shares.configure,
    network.configure,
)
"""Each configures what no other does; lists and maps that several add to are joined in this order."""


def configure(values: Values, facts: Facts) -> Config:
    """Return JupyterHub's configuration for `values`; `hub.config` comes last and wins.

    Pure: the same arguments give the same configuration, and nothing else is read or written. Raises
    `ConfigurationError` for a mistake that only the slices together can see.
    """
    config = Config()
    for one in SLICES:
        join(config, one(values, facts))
    for section, traits in passthrough.configure(values, facts).items():
        config[section].update(_with_ours(traits, config[section]))
    return config


def _with_ours(traits: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Return `traits` with the keys of our own in `tornado_settings`, a bag of things that have nothing in common."""
    settings = traits.get("tornado_settings")
    if not isinstance(settings, dict):
        return traits
    return {**traits, "tornado_settings": {**ours.get("tornado_settings", {}), **settings}}


def join(into: dict[str, Any], more: dict[str, Any], path: str = "c") -> None:
    """Add `more` to `into`: maps key by key, lists end to end. Two different values of one trait are a bug of ours."""
    for key, value in more.items():
        where = f"{path}.{key}"
        if key not in into:
            into[key] = value
        elif isinstance(value, dict) and isinstance(into[key], dict):
            join(into[key], value, where)
        elif isinstance(value, list) and isinstance(into[key], list):
            into[key] = [*into[key], *value]
        elif into[key] != value:
            raise AssertionError(f"two slices set {where}: {into[key]!r} and {value!r}")
