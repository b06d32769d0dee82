"""Two servers whose names give the same pod name: neither is stopped, shown or deleted for the other."""

# ruff: noqa: D102 - methods bear the names of those that they stand for
from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from kubespawner import KubeSpawner

from hub_config.runtime.ownership import USERNAME
from hub_config.runtime.pod_ownership import PodOwning
from hub_config.runtime.refusal import Refused
from tests.harness.homes import HomeHub, PaperPodSpawner
from tests.harness.paper_api import PaperApi
from tests.harness.slugs import alike_slugs
from tests.unit.composed import composed

pytestmark = pytest.mark.unit

OVERRIDDEN = {
    "_make_delete_pod_request": ["self", "pod_name", "delete_options", "grace_seconds", "request_timeout"],
    "_make_create_pod_request": ["self", "pod", "request_timeout"],
    "get_pod_manifest": ["self"],
    "load_state": ["self", "state"],
    "get_state": ["self"],
    "clear_state": ["self"],
    "poll": ["self"],
}


class PodSpawner(PaperPodSpawner):
    """The hub's spawner, whose pods are the API's."""

    @property
    def pod_reflector(self) -> Any:
        return SimpleNamespace(pods=self.api.seen)

    def is_pod_running(self, pod: Any) -> bool:
        return pod is not None

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        return await super(PaperPodSpawner, self)._make_create_pod_request(pod, request_timeout)


class SlowWatchApi(PaperApi):
    """An API whose watch does not tell of the pods in `unseen`, yet."""

    def __init__(self) -> None:
        super().__init__()
        self.unseen: set[str] = set()

    @property
    def seen(self) -> dict[str, Any]:
        return {
            reference: {**pod, "status": {"phase": "Pending"}}
            for reference, pod in self.pods.items()
            if reference not in self.unseen
        }


class PodHub(HomeHub):
    """A hub whose users' pods are there."""

    kind = PodSpawner

    def restart(self) -> None:
        """Restart the hub: what a process knows of pods' names is gone too."""
        super().restart()
        PodOwning._pod_holders.clear()

    def begin(self, user: str, server: str = "") -> PaperPodSpawner:
        """Start a server as JupyterHub does: what is active is known, and what fails is cleaned up after."""
        spawner = self.spawner(user, server)
        spawner._spawn_pending = True
        try:
            return self.start(user, server)
        except Exception:
            spawner._spawn_pending = False
            self.end(user, server)
            raise

    def end(self, user: str, server: str = "") -> None:
        """Stop a server as JupyterHub does: its pod is deleted when it is there."""
        spawner = self.spawner(user, server)
        if self.run(spawner.poll()) is None:
            self.run(spawner.stop(now=True))
        spawner._spawn_pending = False
        self.stop(user, server)


@pytest.fixture
def hub() -> Iterator[PodHub]:
    hub = PodHub(SlowWatchApi())
    hub.config = composed()
    yield hub
    hub.close()


def owners(hub: PodHub) -> dict[str, str]:
    return {reference: pod["metadata"]["annotations"][USERNAME] for reference, pod in hub.api.pods.items()}


@pytest.mark.parametrize(("name", "parameters"), OVERRIDDEN.items())
def test_kubespawner_still_has_what_is_overridden(name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(KubeSpawner, name)).parameters) == parameters
    assert name in vars(PodOwning)


def test_kubespawner_makes_the_manifest_before_it_uses_the_pods_name_and_deletes_pods_in_one_place() -> None:
    _, after = inspect.getsource(KubeSpawner._start).split("await self.get_pod_manifest()")
    assert "ref_key = " in after
    assert inspect.getsource(KubeSpawner).count("delete_namespaced_pod(") == 1


def test_two_users_whose_pods_would_have_one_name_both_have_a_server(hub: PodHub) -> None:
    one, other = alike_slugs()
    first = hub.begin(one)
    second = hub.begin(other)
    assert first.pod_name != second.pod_name
    assert second.pod_name in second.dns_name
    assert owners(hub) == {f"lab/{first.pod_name}": one, f"lab/{second.pod_name}": other}
    hub.end(other)
    assert owners(hub) == {f"lab/{first.pod_name}": one}
    assert hub.run(first.poll()) is None
    hub.end(one)
    assert hub.api.pods == {}


def test_after_a_restart_of_the_hub_each_has_their_own(hub: PodHub) -> None:
    names = {user: hub.begin(user).pod_name for user in alike_slugs()}
    hub.restart()
    for user, name in names.items():
        assert hub.spawner(user).pod_name == name
        assert hub.run(hub.spawner(user).poll()) is None
    one, other = names
    hub.end(one)
    assert owners(hub) == {f"lab/{names[other]}": other}


def test_a_start_that_is_refused_leaves_anothers_pod_alone(hub: PodHub, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = alike_slugs()
    hub.begin(one)
    before = owners(hub)

    async def refuse(_spawner: Any) -> None:
        raise Refused("No.", reason="budget")

    monkeypatch.setattr(PodSpawner, "load_user_options", refuse)
    with pytest.raises(Refused):
        hub.begin(other)
    assert owners(hub) == before


def test_a_pod_of_another_hub_that_the_watch_has_not_seen_is_not_deleted(hub: PodHub) -> None:
    one, other = alike_slugs()
    name = hub.begin(one).pod_name
    hub.restart()
    hub.api.unseen.add(f"lab/{name}")
    with pytest.raises(Refused, match="has just been taken by another server"):
        hub.begin(other)
    assert owners(hub) == {f"lab/{name}": one}


def test_a_pod_that_is_about_to_be_made_has_its_name_already(hub: PodHub) -> None:
    one, other = alike_slugs()
    for user in (one, other):
        hub.spawner(user)._spawn_pending = True

    async def both() -> set[str]:
        spawners = [hub.spawner(user) for user in (one, other)]
        manifests = await asyncio.gather(*(each.get_pod_manifest() for each in spawners))
        return {each.metadata.name for each in manifests}

    assert len(hub.run(both())) == 2


def test_ones_own_leftover_is_replaced(hub: PodHub) -> None:
    before = hub.begin("ada")
    uid = before.pod_id
    hub.stop("ada")  # the hub takes it for stopped, and the pod is there
    after = hub.begin("ada")
    assert after.pod_name == "jupyter-ada"
    assert owners(hub) == {"lab/jupyter-ada": "ada"}
    assert after.pod_id != uid


def test_a_renamed_user_keeps_the_server_and_the_next_of_that_name_gets_another(hub: PodHub) -> None:
    hub.begin("ada")
    hub.rename("ada", "lovelace")
    assert hub.run(hub.spawner("lovelace").poll()) is None
    second = hub.begin("ada")
    assert second.pod_name.startswith("jupyter-ada-")
    assert len(hub.api.pods) == 2
    hub.end("lovelace")
    assert owners(hub) == {f"lab/{second.pod_name}": "ada"}


def test_a_server_that_kubespawner_without_this_started_is_kept(hub: PodHub) -> None:
    hub.begin("ada")
    hub.stop("ada")
    hub.remember("lovelace", {"kubespawner_version": "7.0.0", "pod_name": "jupyter-ada", "namespace": "lab"})
    assert hub.run(hub.spawner("lovelace").poll()) is None
    hub.end("lovelace")
    assert hub.api.pods == {}


def test_a_start_that_is_cancelled_has_ended_when_it_says_so(hub: PodHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterHub cleans up at once after a start that took too long: nothing of it may still make a pod then."""
    spawner = hub.spawner("ada")
    spawner.volume_timeout = 60
    ended: list[str] = []

    async def endless(_spawner: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("start")

    monkeypatch.setattr(KubeSpawner, "_start", endless)

    async def too_long() -> list[str]:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.ensure_future(spawner._start()), 0.05)
        return list(ended)

    assert hub.run(too_long()) == ["start"]
    assert asyncio.all_tasks(hub.loop) == set()
