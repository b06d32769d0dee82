"""`internalTls.enabled`: hub, proxy and servers speak https with each other, and nobody else is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ci.progress import run, wait_until
from tests.harness.hub import Hub, seconds_until_ok
from tests.harness.kube import Object
from tests.harness.release import Release
from tests.harness.server import UserServer

pytestmark = pytest.mark.cluster

SERVICE_TOKEN_KEY = "hub.services.tests.apiToken"
SCOPES = ["admin:users", "admin:servers", "access:servers", "read:hub"]
SECRETS = ("hub-internal-tls", "proxy-internal-tls")
HUB_SECONDS = 60.0
EXEC_SECONDS = 30
ASK = """
import http.client, json, ssl, sys
def ask(scheme, host, port, pair=()):
    if scheme == "http":
        connection = http.client.HTTPConnection(host, port, timeout=5)
    else:
        # Who answers is not the question here, only whether somebody does.
        context = ssl._create_unverified_context()
        if pair:
            context.load_cert_chain(*pair)
        connection = http.client.HTTPSConnection(host, port, timeout=5, context=context)
    try:
        connection.request("GET", "/hub/api/")
        return connection.getresponse().status
    except (http.client.HTTPException, OSError) as error:
        return type(error).__name__
print(json.dumps({" ".join(map(str, each)): ask(*each) for each in json.loads(ARGUMENTS)}))
"""
"""Prints for each [scheme, host, port, [certificate, key]] the status of the answer, or why there is none."""


def values(*, enabled: bool) -> dict[str, Any]:
    return {
        "internalTls": {"enabled": enabled},
        "hub": {
            "allowNamedServers": True,
            "services": {"tests": {}},
            "loadRoles": {"tests": {"scopes": SCOPES, "services": ["tests"]}},
        },
        "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
        "singleuser": {"memory": {"guarantee": "160M"}, "cpu": {"guarantee": 0.05}},
    }


@pytest.fixture(scope="module")
def release(new_release: Callable[[str], Release]) -> Release:
    release = new_release("tls")
    release.install(values(enabled=True))
    return release


@pytest.fixture(scope="module")
def hub(release: Release) -> Hub:
    return Hub(release.url(), release.credentials()[SERVICE_TOKEN_KEY])


@pytest.fixture(scope="module")
def server(hub: Hub) -> UserServer:
    return hub.spawn("ada")


def test_a_cell_runs(server: UserServer) -> None:
    assert server.kernel().run("print(6 * 7)").strip() == "42"


def test_who_has_no_certificate_of_the_release_is_not_answered(release: Release, server: UserServer) -> None:
    own = ["/etc/jupyterhub/ssl/ssl.crt", "/etc/jupyterhub/ssl/ssl.key"]
    found = _asked(
        server.kernel().run,
        [["http", "hub", 8081], ["https", "hub", 8081], ["https", "hub", 8081, own], ["http", "localhost", 8888]],
    )
    assert found.pop(f"https hub 8081 {own}") == 200
    assert [answer for answer in found.values() if isinstance(answer, int)] == [], found
    address = release.user_pod("ada")["status"]["podIP"]
    ours = [f"/run/internal-tls/store/hub-internal/hub-internal.{each}" for each in ("crt", "key")]
    found = _asked(
        lambda code: _in_hub(release, code),
        [
            *(["http", host, port] for host, port in ((address, 8888), ("proxy-api", 8001))),
            *(["https", host, port] for host, port in ((address, 8888), ("proxy-api", 8001))),
            ["https", "proxy-api", 8001, ours],
        ],
    )
    assert found.pop(f"https proxy-api 8001 {ours}") == 404  # is answered, though there is no such path
    assert [answer for answer in found.values() if isinstance(answer, int)] == [], found


def test_the_culler_talks_with_the_hub(release: Release) -> None:
    def log() -> str:
        command = [str(release.access.kubectl), "-n", release.namespace, "logs", "deploy/hub"]
        return run(command, timeout=EXEC_SECONDS, env=release.access.environment).stdout

    wait_until("the culler's look at the users", lambda: "jupyterhub-idle-culler@" in log(), timeout=30)


def test_a_hub_restart_leaves_servers_running_and_reachable(release: Release, hub: Hub, server: UserServer) -> None:
    before, kernel = _uid(release.user_pod("ada")), server.kernel()
    kernel.run("kept = 41")
    old = release.wait_ready("hub")["metadata"]
    release.kube.delete("Pod", old["name"], release.namespace)
    release.wait_ready("hub", other_than=old["uid"], timeout=HUB_SECONDS)
    hub.wait_reachable(timeout=HUB_SECONDS)
    assert kernel.run("print(kept + 1)").strip() == "42"
    assert hub.servers("ada")[""]["ready"]
    assert _uid(release.user_pod("ada")) == before


def test_servers_of_one_user_that_start_together_have_certificates_of_their_own(hub: Hub, server: UserServer) -> None:
    """And so have those that a hub starts which has restarted, as it has here."""
    names = ("one", "two")
    for name in names:
        hub.call("POST", f"users/{server.user}/servers/{name}")
    for name in names:
        seconds_until_ok(f"{server.base}/{name}/api", timeout=60, headers=server.headers)
        hub.call("DELETE", f"users/{server.user}/servers/{name}", json={"remove": True})
    wait_until("both to be gone", lambda: hub.servers(server.user).keys() == {""}, timeout=60)


def test_an_upgrade_without_a_change_restarts_nothing(release: Release, server: UserServer) -> None:
    pods, made = _running(release), [_data(release, name) for name in SECRETS]
    release.install(values(enabled=True))
    assert _running(release) == pods
    assert [_data(release, name) for name in SECRETS] == made
    assert not any(name.endswith("-ca.key") for name in made[1])
    assert server.version()


def test_off_again_the_hub_stops_what_it_cannot_reach_and_starts_servers_as_before(
    release: Release, hub: Hub, server: UserServer
) -> None:
    release.install(values(enabled=False))
    hub.wait_reachable(timeout=HUB_SECONDS)
    hub.wait_stopped(server.user)
    for kind in ("Secret", "Service"):
        release.kube.wait_gone(kind, release.namespace, f"hub.jupyter.org/username={server.user}", timeout=60)
    run_cell = hub.spawn(server.user).kernel().run
    assert run_cell("print(6 * 7)").strip() == "42"
    assert _asked(run_cell, [["http", "hub", 8081]]) == {"http hub 8081": 200}


def _asked(execute: Callable[[str], str], questions: list[list[Any]]) -> dict[str, int | str]:
    answers: dict[str, int | str] = json.loads(execute(ASK.replace("ARGUMENTS", repr(json.dumps(questions)))))
    return answers


def _in_hub(release: Release, code: str) -> str:
    command = [str(release.access.kubectl), "-n", release.namespace, "exec", "deploy/hub", "--", "python", "-c", code]
    return run(command, timeout=EXEC_SECONDS, env=release.access.environment).stdout


def _uid(pod: Object) -> str:
    return str(pod["metadata"]["uid"])


def _running(release: Release) -> list[str]:
    """Return the uids of the pods that are no job's, and are not about to go."""
    pods = [pod for part in ("hub", "proxy", "singleuser-server") for pod in release.pods(part)]
    return sorted(_uid(pod) for pod in pods if "deletionTimestamp" not in pod["metadata"])


def _data(release: Release, secret: str) -> dict[str, str]:
    return dict(release.kube.get("Secret", secret, release.namespace)["data"])
