"""Homes last, and restarts of hub and proxy leave the servers that run alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.harness.hub import Hub, seconds_until_ok
from tests.harness.measurements import Measurements
from tests.harness.release import Release
from tests.harness.server import UserServer

pytestmark = pytest.mark.cluster

HUB_SECONDS = 60.0
PROXY_SECONDS = 30.0
USER = "stays"


@pytest.fixture(scope="module")
def server(default_hub: Hub) -> Iterator[UserServer]:
    """A running server with a file in its home."""
    server = default_hub.spawn(USER)
    server.write("kept.txt", "written before")
    yield server
    default_hub.stop(USER)


def test_a_home_survives_stop_and_start(default: Release, default_hub: Hub, server: UserServer) -> None:
    before = default.user_pod(USER)["metadata"]["uid"]
    default_hub.stop(USER)
    default.wait_no_user_pod(USER, timeout=60)
    default_hub.spawn(USER)
    assert default.user_pod(USER)["metadata"]["uid"] != before
    assert server.read("kept.txt") == "written before"


def test_a_hub_restart_leaves_servers_running_and_reachable(
    default: Release, default_hub: Hub, server: UserServer, measurements: Measurements
) -> None:
    user_pod, kernel = default.user_pod(USER)["metadata"]["uid"], server.kernel()
    kernel.run("kept = 41")
    begin = _delete_pod(default, "hub")
    assert kernel.run("print(kept + 1)").strip() == "42"  # while the hub is away
    default.wait_ready("hub", other_than=begin.uid, timeout=HUB_SECONDS)
    default_hub.wait_reachable(timeout=HUB_SECONDS)
    measurements.record("hub pod deleted until the hub answers", [begin.elapsed()], "s", goal=HUB_SECONDS)
    assert kernel.run("print(kept + 2)").strip() == "43"
    assert server.read("kept.txt") == "written before"
    assert default.user_pod(USER)["metadata"]["uid"] == user_pod
    assert default_hub.servers(USER)[""]["ready"]
    assert begin.elapsed() < HUB_SECONDS


def test_a_proxy_restart_leaves_servers_running_and_reachable(
    default: Release, default_hub: Hub, server: UserServer, measurements: Measurements
) -> None:
    user_pod = default.user_pod(USER)["metadata"]["uid"]
    begin = _delete_pod(default, "proxy")
    default.wait_ready("proxy", other_than=begin.uid, timeout=PROXY_SECONDS)
    default_hub.wait_reachable(timeout=PROXY_SECONDS)
    measurements.record("proxy pod deleted until the hub answers", [begin.elapsed()], "s", goal=PROXY_SECONDS)
    seconds_until_ok(f"{server.base}/api", timeout=PROXY_SECONDS, headers=server.headers)
    took = begin.elapsed()
    measurements.record("proxy pod deleted until a running server answers", [took], "s", goal=PROXY_SECONDS)
    assert server.read("kept.txt") == "written before"
    assert default.user_pod(USER)["metadata"]["uid"] == user_pod
    assert took < PROXY_SECONDS


@dataclass(frozen=True)
class _Deletion:
    """A pod that was deleted, and when."""

    uid: str
    at: float

    def elapsed(self) -> float:
        """Return the seconds since."""
        return time.monotonic() - self.at


def _delete_pod(release: Release, component: str) -> _Deletion:
    pod = release.wait_ready(component)["metadata"]
    release.kube.delete("Pod", pod["name"], release.namespace)
    return _Deletion(pod["uid"], time.monotonic())
