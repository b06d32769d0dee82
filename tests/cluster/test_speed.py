"""How long a returning user waits, and how much memory the core pods take."""

from __future__ import annotations

import time

import pytest

from tests.harness.hub import Hub, seconds_until_ok
from tests.harness.measurements import Measurements
from tests.harness.release import Release

pytestmark = [pytest.mark.cluster, pytest.mark.alone]

START_GOAL = 3.0
MEMORY_GOAL = 350.0
TIMES = 10
MEBI = 1024**2


def test_a_returning_user_starts_quickly(default_hub: Hub, measurements: Measurements) -> None:
    user = "returning"
    server = default_hub.spawn(user)
    took = []
    for _ in range(TIMES):
        default_hub.stop(user)
        begin = time.monotonic()
        default_hub.start(user)
        seconds_until_ok(f"{server.base}/api", timeout=60, headers=server.headers)
        took.append(time.monotonic() - begin)
    default_hub.stop(user)
    median = measurements.record("returning user's start until /user/NAME/api answers", took, "s", goal=START_GOAL)
    assert median <= START_GOAL, f"{[round(each, 2) for each in took]}"


def test_core_pods_are_small(default: Release, default_hub: Hub, measurements: Measurements) -> None:
    default_hub.wait_reachable()
    total = 0.0
    for component in ("hub", "proxy"):
        used = _working_set(default, component) / MEBI
        measurements.record(f"memory of {component} (working set)", [used], "MiB")
        total += used
    measurements.record("memory of hub and proxy together", [total], "MiB", goal=MEMORY_GOAL)
    assert total <= MEMORY_GOAL


def _working_set(release: Release, component: str) -> float:
    """Return the bytes that the kubelet counts for a component's pod."""
    pod = release.wait_ready(component)
    summary = release.kube.node_summary(pod["spec"]["nodeName"])
    found = [each for each in summary["pods"] if each["podRef"]["uid"] == pod["metadata"]["uid"]]
    assert found, f"the kubelet has no figures for the pod {pod['metadata']['name']}"
    return float(found[0]["memory"]["workingSetBytes"])
