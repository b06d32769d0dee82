"""`hub.app`: addresses, limits and pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.composed import composed

pytestmark = pytest.mark.unit

DEFAULTS = {
    "spawner_class": "hub_config.runtime.spawner.PromptKubeSpawner",
    "hub_bind_url": "http://:8081",
    "hub_connect_url": "http://hub:8081",
    "cleanup_servers": False,
    "base_url": "/",
    "concurrent_spawn_limit": 64,
    "allow_named_servers": False,
    "tornado_settings": {"slow_spawn_timeout": 0},
}
UNSET = ("active_server_limit", "named_server_limit_per_user", "authenticate_prometheus", "shutdown_on_logout")


@pytest.mark.parametrize(("trait", "expected"), DEFAULTS.items())
def test_default(trait: str, expected: Any) -> None:
    assert composed().JupyterHub[trait] == expected


@pytest.mark.parametrize("trait", UNSET)
def test_null_leaves_it_to_jupyterhub(trait: str) -> None:
    assert trait not in composed().JupyterHub


@pytest.mark.parametrize(
    ("key", "value", "trait"),
    [
        ("baseUrl", "/lab/", "base_url"),
        ("concurrentSpawnLimit", 0, "concurrent_spawn_limit"),
        ("activeServerLimit", 0, "active_server_limit"),
        ("activeServerLimit", 9, "active_server_limit"),
        ("allowNamedServers", True, "allow_named_servers"),
        ("namedServerLimitPerUser", 2, "named_server_limit_per_user"),
        ("authenticatePrometheus", False, "authenticate_prometheus"),
        ("redirectToServer", False, "redirect_to_server"),
        ("shutdownOnLogout", True, "shutdown_on_logout"),
        ("templateVars", {"a": {"b": 1}}, "template_vars"),
    ],
)
def test_value(key: str, value: Any, trait: str) -> None:
    assert composed({"hub": {key: value}}).JupyterHub[trait] == value


def test_failures_in_a_row_are_the_spawners_business() -> None:
    assert composed({"hub": {"consecutiveFailureLimit": 0}}).Spawner.consecutive_failure_limit == 0


def test_the_addresses_follow_the_release() -> None:
    config = composed(
        names={"hub": "lab-hub", "proxy-api": "lab-proxy-api", "proxy-public": "lab-proxy"},
        hub_port=18081,
        proxy_api_port=18001,
    )
    assert config.JupyterHub.hub_bind_url == "http://:18081"
    assert config.JupyterHub.hub_connect_url == "http://lab-hub:18081"
    assert config.ConfigurableHTTPProxy == {"should_start": False, "api_url": "http://lab-proxy-api:18001"}
    assert config.RouteKeepingProxy.public_address == "lab-proxy:80"


@pytest.mark.parametrize(("enabled", "level"), [(True, "DEBUG"), (False, None)])
def test_debug(enabled: bool, level: str | None) -> None:
    config = composed({"debug": {"enabled": enabled}})
    assert config.JupyterHub.get("log_level") == level
    assert config.Spawner.get("debug", False) is enabled
