"""`hub.services` and `hub.culling`: what runs beside the hub, and what it may do."""

from __future__ import annotations

from typing import Any

import pytest
from jupyterhub.scopes import scope_definitions
from jupyterhub_idle_culler import IdleCuller

from tests.unit.composed import composed

pytestmark = pytest.mark.unit

ALONE: dict[str, Any] = {"db": {"backup": {"enabled": False}}}
"""Without the hub's own backups, which are a service too."""
NO_CULLER = {"cull": {"enabled": False}, "hub": ALONE}


def services(own: dict[str, Any], credential: str | None = None) -> list[dict[str, Any]]:
    """Return JupyterHub's services; `credential` is the token that `load` found to be the one that counts."""
    credentials = {"hub.services.grader.apiToken": credential} if credential else {}
    made: list[dict[str, Any]] = composed({**NO_CULLER, "hub": {**ALONE, "services": own}}, credentials=credentials)[
        "JupyterHub"
    ]["services"]
    return made


@pytest.mark.parametrize(
    ("service", "credential", "expected"),
    [
        ({}, None, {"name": "grader"}),
        ({}, "made", {"name": "grader", "api_token": "made"}),
        ({"apiToken": "mine"}, "mine", {"name": "grader", "api_token": "mine"}),
        ({"apiToken": "mine"}, "of-existing-secret", {"name": "grader", "api_token": "of-existing-secret"}),
        ({"apiToken": "mine"}, None, {"name": "grader", "api_token": "mine"}),
        ({"api_token": "mine"}, None, {"name": "grader", "api_token": "mine"}),
        ({"name": "other", "url": "http://x"}, None, {"name": "other", "url": "http://x"}),
    ],
)
def test_service(service: dict[str, Any], credential: str | None, expected: dict[str, Any]) -> None:
    assert services({"grader": service}, credential) == [expected]


def test_roles_take_their_key_as_name() -> None:
    roles = {"readers": {"scopes": ["list:users"]}, "x": {"name": "writers", "scopes": []}}
    config = composed({**NO_CULLER, "hub": {"loadRoles": roles}})
    assert [role["name"] for role in config.JupyterHub.load_roles] == ["readers", "writers"]


def culler(cull: dict[str, Any] | None = None, **hub: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the culler's service and role, beside which there are others."""
    others = {**ALONE, "services": {"grader": {}}, "loadRoles": {"grader": {"scopes": []}}}
    config = composed({"cull": cull or {}, "hub": {**others, **hub}})
    first, service = config.JupyterHub.services
    _, role = config.JupyterHub.load_roles
    assert first["name"] == "grader"
    return service, role


def parsed(command: list[str]) -> IdleCuller:
    """Return what jupyterhub-idle-culler itself understands of its command line."""
    application = IdleCuller()
    application.parse_command_line(command[3:])
    return application


def test_culler_understands_its_command() -> None:
    service, role = culler(
        {"users": True, "adminUsers": False, "removeNamedServers": True, "timeout": 11, "every": 12}
        | {"concurrency": 13, "maxAge": 14},
        baseUrl="/lab/",
    )
    understood = parsed(service["command"])
    assert service["command"][1:3] == ["-m", "jupyterhub_idle_culler"]
    assert understood.url == "http://localhost:8081/lab/hub/api"
    assert (understood.timeout, understood.cull_every, understood.concurrency, understood.max_age) == (11, 12, 13, 14)
    assert (understood.cull_users, understood.cull_admin_users, understood.remove_named_servers) == (True, False, True)
    assert "admin:users" in role["scopes"]


def test_null_leaves_a_number_or_a_switch_to_the_culler() -> None:
    nulls = dict.fromkeys(("users", "adminUsers", "removeNamedServers", "timeout", "every", "concurrency", "maxAge"))
    service, _ = culler(nulls)
    assert service["command"][3:] == ["--url=http://localhost:8081/hub/api"]
    assert parsed(service["command"]).timeout == IdleCuller().timeout


def test_culler_by_default_may_only_stop_servers() -> None:
    service, role = culler()
    understood = parsed(service["command"])
    assert understood.url == "http://localhost:8081/hub/api"
    assert (understood.timeout, understood.cull_users, understood.cull_admin_users) == (3600, False, True)
    assert role["services"] == [service["name"]]
    assert sorted(role["scopes"]) == ["delete:servers", "list:users", "read:servers", "read:users:activity"]
    assert set(role["scopes"]) <= set(scope_definitions)


def test_culling_switched_off() -> None:
    config = composed(NO_CULLER)
    assert (config.JupyterHub.services, config.JupyterHub.load_roles) == ([], [])
