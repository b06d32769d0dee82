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


def all_tried(own: dict[str, Any]) -> dict[str, dict[str, Any]]:
    async def make() -> list[dict[str, Any]]:
        async with client.ApiClient() as api:
            return await user_pod.user_pods(composed(own), api)

    return {each["name"]: each["pod"] for each in asyncio.run(make())}


def tried(own: dict[str, Any]) -> dict[str, Any] | None:
    return all_tried(own).get("user")


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


def test_each_profile_is_asked_for_whomever_it_is_offered_to() -> None:
    """A profile that the namespace does not admit is told before the install, not to the user who chose it."""
    own = singleuser(
        profileList=[
            {"display_name": "Small"},
            {
                "display_name": "Root",
                "allowed_groups": ["staff"],
                "kubespawner_override": {"uid": 0},
                "profile_options": {
                    "disk": {
                        "display_name": "Disk",
                        "choices": {
                            "a": {"display_name": "A"},
                            "b": {"display_name": "B", "default": True, "kubespawner_override": {"privileged": True}},
                        },
                    }
                },
            },
        ]
    )
    pods = all_tried(own)
    assert list(pods) == ["user", "user (profile Small)", "user (profile Root)"]
    contexts = [pod["spec"]["containers"][0]["securityContext"] for pod in pods.values()]
    assert [(each["runAsUser"], each.get("privileged", False)) for each in contexts] == [
        (1000, False),
        (1000, False),
        (0, True),
    ]


def test_a_profile_that_cannot_be_told_leaves_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {"display_name": "Wrong", "kubespawner_override": {"extra_labels": {"of": "{nobody}"}}}
    assert list(all_tried(singleuser(profileList=[wrong]))) == ["user"]
    assert "the pod user (profile Wrong) is admitted was not asked: KeyError: 'nobody'" in capsys.readouterr().out
