"""Upgrades change what was asked for and nothing else."""

from __future__ import annotations

import pytest

from tests.harness.hub import Hub
from tests.harness.release import Release
from tests.harness.state import pods

pytestmark = pytest.mark.cluster

USER = "remains"


def test_upgrades_restart_only_what_changed(default: Release, default_hub: Hub) -> None:
    server = default_hub.spawn(USER)
    server.write("kept.txt", "written before")
    kernel = server.kernel()
    kernel.run("kept = 41")
    before, credentials = pods(default), default.credentials()

    for _ in range(2):
        default.install(default.values)
        assert pods(default) == before
        assert default.credentials() == credentials

    default.install({"hub": {"activeServerLimit": 77}})
    default_hub.wait_reachable()
    after = pods(default)
    assert {name for name in before if not name.startswith("hub-")} == before.keys() & after.keys()
    assert all(after[name] == before[name] for name in before.keys() & after.keys())
    assert len(after) == len(before)
    assert default.credentials() == credentials
    assert kernel.run("print(kept + 1)").strip() == "42"
    assert server.read("kept.txt") == "written before"
    default_hub.stop(USER)
