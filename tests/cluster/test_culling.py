"""Resources come back: from idle servers, and at logout where that is wanted."""

from __future__ import annotations

import time

import pytest

from tests.harness.hub import Hub, log_in, log_out
from tests.harness.kube import ready
from tests.harness.release import Release

pytestmark = pytest.mark.cluster

CULL_TIMEOUT = 20
"""As in full.yaml."""
CULL_SECONDS = CULL_TIMEOUT + 3 + 30
USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"


def test_an_idle_server_is_culled_and_a_busy_one_is_not(full: Release, full_hub: Hub) -> None:
    kernel = full_hub.spawn("busy").kernel()
    kernel.send("import time\nwhile True: time.sleep(1)")  # and prints nothing
    kernel.close()  # as when the tab is closed
    begin, busy = time.monotonic(), full.user_pod("busy")["metadata"]["uid"]
    full_hub.spawn("idle")
    full.wait_no_user_pod("idle", timeout=CULL_SECONDS)
    full_hub.wait_stopped("idle")
    full.kube.watch_over(
        "busy runs on",
        "Pod",
        lambda pods: [pod["metadata"]["uid"] for pod in pods] == [busy],
        seconds=max(0, begin + 1.5 * CULL_TIMEOUT - time.monotonic()),
        namespace=full.namespace,
        selector="hub.jupyter.org/username=busy",
    )
    assert ready(full.user_pod("busy"))
    assert full_hub.server("busy").call("GET", f"kernels/{kernel.id}").json()["execution_state"] == "busy"
    full_hub.stop("busy")


def test_logout_returns_the_resources(full: Release, full_hub: Hub) -> None:
    browser = log_in(full.url(), "leaver", full.credentials()[USER_PASSWORD_KEY])
    full_hub.spawn("leaver")
    assert ready(full.user_pod("leaver"))
    log_out(browser)
    full.wait_no_user_pod("leaver", timeout=45)
    full_hub.wait_stopped("leaver")
    assert full.kube.get("PersistentVolumeClaim", "claim-leaver", full.namespace) is not None
