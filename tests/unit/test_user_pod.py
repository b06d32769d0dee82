"""`runtime.user_pod`: the preflight job asks for the admission of the very pod that KubeSpawner will make."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes_asyncio import client

from hub_config.runtime import user_pod
from tests.unit.composed import composed, pod, singleuser

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    async def close() -> None:
        return None

    api = SimpleNamespace(api_client=SimpleNamespace(close=close))
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)
    monkeypatch.setattr("kubespawner.spawner.shared_client", lambda _: api)


def tried(own: dict[str, Any]) -> dict[str, Any] | None:
    async def make() -> dict[str, Any] | None:
        async with client.ApiClient() as api:
            return await user_pod.user_pod(composed(own), api)

    return asyncio.run(make())


def test_it_asks_what_the_values_ask() -> None:
    own = singleuser(allowPrivilegeEscalation=True, uid=1234, extraLabels={"team": "science"})
    made, real = tried(own), pod(own)
    assert made is not None
    (container,), (really,) = made["spec"]["containers"], real["spec"]["containers"]
    assert container["securityContext"] == really["securityContext"]
    assert container["resources"] == really["resources"]
    assert made["spec"]["securityContext"] == real["spec"]["securityContext"]
    assert made["metadata"]["labels"]["team"] == "science"
    assert "name" not in made["metadata"]


def test_another_spawner_is_not_judged() -> None:
    assert tried({"hub": {"config": {"JupyterHub": {"spawner_class": "simple"}}}}) is None


def test_a_spawner_that_wants_more_than_a_name_is_no_obstacle(capsys: pytest.CaptureFixture[str]) -> None:
    assert tried(singleuser(podNameTemplate="{no_such_thing}")) is None
    assert "KeyError" in capsys.readouterr().out
