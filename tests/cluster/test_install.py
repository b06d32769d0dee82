"""An install without any values, and one with a full value file: everything runs, and people can log in."""

from __future__ import annotations

import pytest

from ci.progress import run
from tests.harness.hub import Hub, LoginRefusedError, log_in
from tests.harness.kube import ready
from tests.harness.release import Release
from tests.harness.server import UserServer

pytestmark = pytest.mark.cluster

USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"
ADMIN_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.admin_password"
GENERATED_KEYS = {
    "hub.config.JupyterHub.cookie_secret",
    "hub.config.ConfigurableHTTPProxy.auth_token",
    "hub.config.CryptKeeper.keys",
    USER_PASSWORD_KEY,
    ADMIN_PASSWORD_KEY,
}


@pytest.mark.parametrize("which", ["default", "full"])
def test_all_pods_are_ready_and_the_hooks_are_gone(which: str, request: pytest.FixtureRequest) -> None:
    release: Release = request.getfixturevalue(which)
    assert "STATUS: deployed" in release.said
    pods = {pod["metadata"]["labels"]["component"]: pod for pod in release.pods() if not _deleted(pod)}
    assert {"hub", "proxy", "continuous-image-puller"} <= pods.keys()
    assert [name for name, pod in pods.items() if not ready(pod)] == []
    assert release.kube.list("Job", release.namespace) == []
    assert release.kube.get("DaemonSet", "hook-image-puller", release.namespace) is None


def _deleted(pod: dict[str, dict[str, object]]) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def test_restricted_namespace_admits_every_pod(default: Release, default_hub: Hub) -> None:
    default_hub.spawn("admitted")
    default_hub.stop("admitted")
    refusals = [
        event["message"]
        for event in default.kube.list("Event", default.namespace)
        if "violates PodSecurity" in (event.get("message") or "")
    ]
    assert refusals == []


def test_credentials_are_all_generated(default: Release) -> None:
    credentials = default.credentials()
    assert credentials.keys() == GENERATED_KEYS
    assert [key for key, value in credentials.items() if len(value) < 16] == []


def test_the_notes_tell_how_to_read_the_password(default: Release) -> None:
    commands = [line.strip() for line in default.said.splitlines() if "get secret" in line]
    assert commands, f"no command that reads a password in:\n{default.said}"
    said = [run(["bash", "-c", each], timeout=20, env=default.access.environment).stdout.strip() for each in commands]
    assert default.credentials()[USER_PASSWORD_KEY] in said


def test_generated_passwords_log_in(default: Release) -> None:
    credentials = default.credentials()
    log_in(default.url(), "somebody", credentials[USER_PASSWORD_KEY])
    log_in(default.url(), "admin", credentials[ADMIN_PASSWORD_KEY])


@pytest.mark.parametrize("user", ["somebody", "admin"])
def test_a_wrong_password_is_refused_with_a_message(default: Release, user: str) -> None:
    with pytest.raises(LoginRefusedError, match="Invalid username or password"):
        log_in(default.url(), user, "not-the-password-but-long-enough-to-be-one")


def test_the_users_password_makes_nobody_an_administrator(default: Release) -> None:
    with pytest.raises(LoginRefusedError):
        log_in(default.url(), "admin", default.credentials()[USER_PASSWORD_KEY])


def test_full_values_reach_the_hub(full: Release, full_hub: Hub) -> None:
    pod = full.wait_ready("hub")
    assert pod["metadata"]["labels"]["example.org/team"] == "core"
    assert "extraEnv gave this to the hub" in full_hub.client.get(f"{full.url()}/hub/login").text


def test_a_services_token_is_generated_and_works(full: Release, full_hub: Hub) -> None:
    assert full.credentials().keys() == GENERATED_KEYS | {"hub.services.tests.apiToken"}
    assert full_hub.call("GET", "user").json()["name"] == "tests"


def test_a_stranger_gets_nowhere(full: Release, full_hub: Hub) -> None:
    server: UserServer = full_hub.spawn("guarded")
    stranger = UserServer(full.url(), server.user, "0" * 32)
    assert stranger.client.get("contents").status_code in (302, 403)
    assert Hub(full.url(), "0" * 32).client.get("users").status_code == 403
    full_hub.stop("guarded")
