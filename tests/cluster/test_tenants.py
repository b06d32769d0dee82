"""Departments on one cluster: users in a namespace apart, quotas and budgets that refuse at once, and no way across."""

from __future__ import annotations

import os
import ssl
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from kubernetes import client

from tests.harness.hub import Hub, seconds_until_ok
from tests.harness.measurements import Measurements
from tests.harness.release import OWNER_LABEL, Release

pytestmark = [pytest.mark.cluster, pytest.mark.alone]

SERVICE_TOKEN_KEY = "hub.services.tests.apiToken"
REFUSED_SECONDS = 1.0
TIMES = 3
NOISE_SECONDS = 1.0
"""By how much the median of a few starts may be above the slowest of a few others."""
GUESTS = "The budget of Guests has no room for this server: 1 of 1 server is running, one server of another person."
SCOPES = ["admin:users", "admin:groups", "admin:servers", "access:servers"]


def values(users: str) -> dict[str, Any]:
    """Return values of a department whose users' namespace holds three servers, and whose guests may have one."""
    labels = {OWNER_LABEL: str(os.getpid())}
    return {
        "hub": {"services": {"tests": {}}, "loadRoles": {"tests": {"scopes": SCOPES, "services": ["tests"]}}},
        "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
        "singleuser": {
            "namespace": {
                "name": users,
                "labels": labels,
                "quota": {"hard": {"requests.memory": "480Mi", "persistentvolumeclaims": 20}},
                "limitRange": {"limits": [{"type": "Container", "default": {"cpu": "900m"}}]},
            },
            "memory": {"guarantee": "160M"},
            "cpu": {"guarantee": 0.05},
            "extraFiles": {"where": {"mountPath": "/etc/where.txt", "stringData": "users"}},
            "profileList": [
                {"display_name": "Usual", "slug": "usual", "default": True},
                {
                    "display_name": "Enormous",
                    "slug": "enormous",
                    "kubespawner_override": {"cpu_guarantee": 4000, "cpu_limit": 4000},
                },
            ],
        },
        "budgets": {"guests": {"displayName": "Guests", "groups": ["guests"], "servers": 1}},
    }


@pytest.fixture(scope="module")
def tenant(new_release: Callable[[str], Release]) -> Iterator[Release]:
    """A department with its users in the namespace `<its own>-users`, which the chart makes."""
    release = new_release("tenant")
    release.install(values(users_of(release)))
    yield release
    release.kube.delete("Namespace", users_of(release))


@pytest.fixture(scope="module")
def hub(tenant: Release) -> Hub:
    """Its hub, with two guests."""
    hub = Hub(tenant.url(), tenant.credentials()[SERVICE_TOKEN_KEY])
    guests = ["gil", "gus"]
    for name in guests:
        hub.user(name)
    hub.call("POST", "groups/guests")
    hub.call("POST", "groups/guests/users", json={"users": guests})
    return hub


def users_of(release: Release) -> str:
    return f"{release.namespace}-users"


def refusal(hub: Hub, user: str) -> tuple[str, float]:
    """Ask for a server that is refused; return what the user reads, and the seconds until then."""
    hub.user(user)
    begin = time.monotonic()
    hub.call("POST", f"users/{user}/server", json={})
    events = list(hub.progress(user, timeout=30))
    seconds = time.monotonic() - begin
    assert events[-1].get("failed"), events
    return str(events[-1]["message"]), seconds


def start_seconds(hub: Hub, user: str) -> list[float]:
    """Return how long a few starts of a returning user take."""
    server = hub.spawn(user)
    took = []
    for _ in range(TIMES):
        hub.stop(user)
        begin = time.monotonic()
        hub.start(user)
        seconds_until_ok(f"{server.base}/api", timeout=60, headers=server.headers)
        took.append(time.monotonic() - begin)
    hub.stop(user)
    return took


def test_pod_home_and_files_are_in_the_users_namespace(tenant: Release, hub: Hub) -> None:
    kernel = hub.spawn("gil").kernel()
    users = users_of(tenant)
    (pod,) = tenant.kube.list("Pod", users)
    assert pod["metadata"]["labels"]["hub.jupyter.org/username"] == "gil"
    assert pod["spec"]["containers"][0]["resources"]["limits"]["cpu"] == "900m", "the limit range's default"
    assert [each["metadata"]["name"] for each in tenant.kube.list("PersistentVolumeClaim", users)] == ["claim-gil"]
    assert {pod["metadata"]["labels"]["component"] for pod in tenant.pods()} == {"hub", "proxy"}
    assert kernel.run("print(open('/etc/where.txt').read())").strip() == "users"
    ask = "import os, urllib.request as r; print(r.urlopen(os.environ['JUPYTERHUB_API_URL'], timeout=5).status)"
    assert kernel.run(ask).strip() == "200", "the hub is found from the other namespace"


def test_a_budget_refuses_at_once_and_in_words(hub: Hub, measurements: Measurements) -> None:
    refusals = [refusal(hub, "gus") for _ in range(TIMES)]
    assert {GUESTS in said for said, _ in refusals} == {True}, refusals
    seconds = [each for _, each in refusals]
    measurements.record("start beyond a budget: until the sentence", seconds, "s", goal=REFUSED_SECONDS)
    assert min(seconds) < REFUSED_SECONDS, "other work of the machine only adds to it"


@pytest.fixture
def filled(tenant: Release, hub: Hub, neighbour: list[float]) -> Iterator[Release]:
    """The department with as many real pods as its quota holds; gil's runs already."""
    assert neighbour, "how long a start of the other department takes was measured before"
    for user in ("ada", "bob"):
        hub.spawn(user)
    assert len(tenant.kube.list("Pod", users_of(tenant))) == 3, "gil, ada and bob"
    yield tenant
    for user in ("ada", "bob"):
        hub.stop(user)


@pytest.fixture
def neighbour(hub: Hub, default_hub: Hub) -> list[float]:
    """How long starts in the other department take while this one has room."""
    assert hub.servers("gil")
    return start_seconds(default_hub, "neighbour")


def test_a_full_department_refuses_at_once_and_slows_nobody_down(
    neighbour: list[float], filled: Release, hub: Hub, default_hub: Hub, measurements: Measurements
) -> None:
    uid = filled.wait_ready("hub")["metadata"]["uid"]
    refusals = [refusal(hub, f"late-{number}") for number in range(6)]
    after = start_seconds(default_hub, "neighbour")

    for said, _ in refusals:
        assert "There is no room for your server in the quota" in said
        assert "480 MiB of 480 MiB of memory are in use, and your server takes 160 MiB of memory" in said
    seconds = [each for _, each in refusals]
    measurements.record("start beyond the quota: until the sentence", seconds, "s", goal=REFUSED_SECONDS)
    assert min(seconds) < REFUSED_SECONDS
    hub_pod = filled.wait_ready("hub")
    restarts = [each["restartCount"] for each in hub_pod["status"]["containerStatuses"]]
    assert (hub_pod["metadata"]["uid"], restarts) == (uid, [0]), "refusals are no reason for the hub to restart itself"
    assert "JUPYTERHUB_API_TOKEN" not in filled.kube.logs(hub_pod["metadata"]["name"], filled.namespace, lines=2000)
    measurements.record("neighbour's start, before a department is full", neighbour, "s")
    measurements.record("neighbour's start, while a department is full", after, "s")
    assert statistics.median(after) < max(neighbour) + NOISE_SECONDS, f"{neighbour} {after}"


def test_a_server_that_no_node_can_hold_says_so(hub: Hub) -> None:
    hub.user("eve")
    hub.call("POST", "users/eve/server", json={"profile": "enormous"})
    said = []
    for event in hub.progress("eve", timeout=30):
        said.append(event.get("message", ""))
        if said[-1].startswith("Your server waits"):
            break
    assert "too little free CPU" in said[-1], said
    assert "It asks for 4000 CPUs" in said[-1]
    hub.client.delete("users/eve/server")
    hub.wait_stopped("eve")


def test_a_departments_hub_is_forbidden_everything_of_another(tenant: Release, default: Release) -> None:
    """Asked with the other hub's own token, and not only of the rules."""
    account = default.wait_ready("hub")["spec"]["serviceAccountName"]
    request = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=None))
    token = default.kube.core.create_namespaced_service_account_token(account, default.namespace, request).status.token
    api = default.kube.api.configuration
    headers = {"Authorization": f"Bearer {token}"}
    pod = {"metadata": {"name": "x"}, "spec": {"containers": [{"name": "x", "image": "x"}]}}
    with httpx.Client(
        base_url=api.host, verify=ssl.create_default_context(cafile=api.ssl_ca_cert), headers=headers
    ) as ask:
        own = ask.get(f"/api/v1/namespaces/{default.namespace}/pods")
        assert own.status_code == httpx.codes.OK, "the token works where it belongs"
        for namespace in (tenant.namespace, users_of(tenant)):
            core = f"/api/v1/namespaces/{namespace}"
            answers = {path: ask.get(path) for path in _paths(default, namespace)}
            answers["create a pod"] = ask.post(f"{core}/pods", json=pod)
            answers["delete a pod"] = ask.delete(f"{core}/pods/jupyter-gil")
            answers["read a secret"] = ask.get(f"{core}/secrets/hub-credentials")
            answers["the namespace itself"] = ask.get(core)
            found = {path: answer.status_code for path, answer in answers.items()}
            assert found == dict.fromkeys(found, httpx.codes.FORBIDDEN)
            assert len(found) > 20, found
        assert ask.get("/api/v1/pods").status_code == httpx.codes.FORBIDDEN


def _paths(release: Release, namespace: str) -> list[str]:
    """Return the address of the list of each kind that the cluster has, in a namespace."""
    return [
        f"/{each.prefix}/{each.group_version}/namespaces/{namespace}/{each.name}"
        for each in release.kube.listable_kinds()
    ]


def test_an_uninstall_keeps_the_users_namespace_and_homes(tenant: Release, hub: Hub) -> None:
    hub.stop("gil")
    tenant.uninstall()
    users = users_of(tenant)
    assert tenant.kube.get("Namespace", users) is not None
    claims = {each["metadata"]["name"] for each in tenant.kube.list("PersistentVolumeClaim", users)}
    assert "claim-gil" in claims
    assert tenant.kube.list("Role", users) == []
