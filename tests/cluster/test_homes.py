"""Homes on a real API: random lives in which each server keeps its own, and volumes that grow where they may."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from kubernetes_asyncio import client, config

from tests.harness.home_model import HomeMachine
from tests.harness.homes import HomeHub
from tests.harness.measurements import Measurements
from tests.harness.release import Release

pytestmark = pytest.mark.cluster

LIVES = 500
STEPS = 5
"""Starts and changes of a life, before all its servers start once more."""
GROWING = "homes-that-grow"


@pytest.fixture(scope="module")
def namespace(new_release: Callable[[str], Release]) -> Release:
    """A namespace without a release: the tests are the hub."""
    return new_release("homes")


@pytest.fixture(scope="module")
def hub(namespace: Release) -> Iterator[HomeHub]:
    hub = HomeHub(None, namespace.namespace)

    async def connect() -> client.CoreV1Api:
        file = Path(namespace.access.environment["KUBECONFIG"])
        return client.CoreV1Api(await config.new_client_from_config(config_file=str(file)))

    hub.api = hub.run(connect())
    yield hub
    hub.run(hub.api.api_client.close())
    hub.close()


def test_in_500_random_lives_each_server_mounts_its_own_home(hub: HomeHub, measurements: Measurements) -> None:
    class OnTheApi(HomeMachine):
        pass

    OnTheApi.hub = hub
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        OnTheApi,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=os.environ.get("HYPOTHESIS_SEED") is None,
            suppress_health_check=quiet,
        ),
    )
    assert OnTheApi.lives >= LIVES
    measurements.record("servers started in random lives of homes", [float(hub.starts)], "", goal=None)
