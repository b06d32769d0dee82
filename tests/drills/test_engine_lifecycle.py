"""A Docker engine that was started here goes without a trace, and comes back with its images."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ci.engine import PID_FILE, engine_answers, ensure_engine
from ci.engine_stop import BRIDGE, DATA, stop_engine

pytestmark = pytest.mark.drill

SECONDS = 30


def test_stop_and_start() -> None:
    if not PID_FILE.exists():
        pytest.skip("the Docker engine was not started by ci.engine, so it is not ours to stop")
    before = _images()
    stop_engine()
    assert not engine_answers()
    assert not PID_FILE.exists()
    assert not Path("/sys/class/net", BRIDGE).exists()
    assert f" {DATA}" not in Path("/proc/mounts").read_text()
    assert "DOCKER" not in _output("iptables-save")
    stop_engine()  # nothing to stop is fine
    ensure_engine()
    assert engine_answers()
    assert _images() == before


def _images() -> list[str]:
    return sorted(_output("docker", "image", "ls", "--quiet", "--no-trunc").split())


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
