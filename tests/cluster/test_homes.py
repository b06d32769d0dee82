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
from tests.harness.kube import Object
from tests.harness.measurements import Measurements
from tests.harness.release import Release
from tests.unit.composed import composed

pytestmark = pytest.mark.cluster

LIVES = 500
STEPS = 8
"""Starts and changes of a life, before all its servers start once more."""


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


def test_a_home_grows_where_its_storage_class_allows_it(namespace: Release, hub: HomeHub) -> None:
    """Both classes are without a provisioner: a claim is bound to a volume that is there, as only such may grow."""
    sizes = {}
    for user, may_grow in (("grows", True), ("stays", False)):
        name = f"{namespace.namespace}-{user}"
        kinds = _class_and_volume(name, f"claim-{user}", namespace.namespace, may_grow=may_grow)
        try:
            for manifest in kinds:
                namespace.kube.create(manifest)
            for capacity in ("1Gi", "2Gi"):
                hub.config = composed(
                    {"singleuser": {"storage": {"capacity": capacity, "dynamic": {"storageClass": name}}}}
                )
                hub.restart()
                assert hub.home(user) == f"claim-{user}"
                sizes[user] = namespace.kube.wait(
                    f"the claim of {user} to be bound",
                    "PersistentVolumeClaim",
                    lambda claims, claim=f"claim-{user}": next(map(_size, filter(_bound(claim), claims)), None),
                    timeout=60,
                    namespace=namespace.namespace,
                )
        finally:
            for manifest in kinds:
                namespace.kube.delete(manifest["kind"], name)
    assert sizes == {"grows": "2Gi", "stays": "1Gi"}


def _class_and_volume(name: str, claim: str, namespace: str, *, may_grow: bool) -> tuple[Object, Object]:
    storage_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": "kubernetes.io/no-provisioner",
        "allowVolumeExpansion": may_grow,
    }
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": name,
        "hostPath": {"path": f"/srv/{name}"},
        "claimRef": {"namespace": namespace, "name": claim},
    }
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}
    return storage_class, volume


def _bound(name: str) -> Callable[[Object], bool]:
    return lambda claim: claim["metadata"]["name"] == name and claim["status"].get("phase") == "Bound"


def _size(claim: Object) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])
