"""Upgrades change what was asked for and nothing else."""

from __future__ import annotations

import copy

import pytest

from tests.harness.hub import Hub
from tests.harness.release import Release
from tests.harness.state import pods

pytestmark = pytest.mark.cluster

USER = "remains"


def test_upgrades_restart_only_what_changed(full: Release, full_hub: Hub) -> None:
    server = full_hub.spawn(USER)
    server.write("kept.txt", "written before")
    kernel = server.kernel()
    kernel.run("kept = 41")
    before, credentials = pods(full), full.credentials()

    for _ in range(2):
        full.install(full.values)
        kernel.run("pass")  # counts as activity
        assert pods(full) == before
        assert full.credentials() == credentials

    values = copy.deepcopy(full.values or {})
    values["hub"]["activeServerLimit"] = 77
    full.install(values)
    full_hub.wait_reachable()
    after = pods(full)
    assert {name for name in before if not name.startswith("hub-")} == before.keys() & after.keys()
    assert all(after[name] == before[name] for name in before.keys() & after.keys())
    assert len(after) == len(before)
    assert full.credentials() == credentials
    assert kernel.run("print(kept + 1)").strip() == "42"
    assert server.read("kept.txt") == "written before"
    full_hub.stop(USER)
