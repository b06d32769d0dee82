"""A hub that came to the claims of an older one: they are listed once, found, and labelled meanwhile."""

# ruff: noqa: D102 - methods bear the names of those that they stand for
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException

from hub_config.runtime import older_claims
from hub_config.runtime.home_claim import ClaimKeeping
from hub_config.runtime.ownership import KEY, USERNAME, key_of
from tests.harness.homes import HomeHub
from tests.harness.paper_api import PaperApi
from tests.unit.composed import composed

pytestmark = pytest.mark.unit

PEOPLE = 1000


class CountingApi(PaperApi):
    """Counts the claims that lists had in them; labels none while it `is_closed`."""

    def __init__(self) -> None:
        super().__init__()
        self.listed = 0
        self.is_closed = False

    async def list_namespaced_persistent_volume_claim(self, label_selector: str, **named: Any) -> Any:
        answer = await super().list_namespaced_persistent_volume_claim(label_selector, **named)
        self.listed += (await answer.text()).count('"spec"')
        return answer

    async def patch_namespaced_persistent_volume_claim(self, name: str, body: Any, **named: Any) -> Any:
        if self.is_closed:
            await asyncio.sleep(3600)
        return await super().patch_namespaced_persistent_volume_claim(name, body, **named)


@pytest.fixture
def hub() -> Iterator[HomeHub]:
    hub = HomeHub(CountingApi())
    hub.config = composed()
    for number in range(PEOPLE):
        put(hub, f"Person{number}")
    yield hub
    for task in asyncio.all_tasks(hub.loop):
        task.cancel()
        hub.loop.run_until_complete(asyncio.wait({task}))
    hub.close()


def put(hub: HomeHub, user: str, label: str = "") -> None:
    body = {
        "metadata": {
            "name": f"volume-of-{user.lower()}",
            "annotations": {USERNAME: user},
            "labels": {"component": "singleuser-storage", USERNAME: label or user.lower()},
        },
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}},
    }
    hub.run(hub.api.create_namespaced_persistent_volume_claim(body))


def labelling(hub: HomeHub) -> asyncio.Task[None]:
    task = ClaimKeeping._older_claims[hub.namespace]._labelling
    assert task is not None
    return task


def test_they_are_listed_once_and_all_labelled(hub: HomeHub) -> None:
    assert hub.home("Person1") == "volume-of-person1"
    assert hub.api.listed == PEOPLE
    hub.run(labelling(hub))
    found = [claim["metadata"] for claim in hub.api.claims.values()]
    labels = {each["annotations"][USERNAME]: each["labels"] for each in found}
    assert {user: each[KEY] for user, each in labels.items()} == {user: key_of(user) for user in labels}
    assert len(labels) == PEOPLE
    hub.api.listed = 0
    assert [hub.home(f"Person{number}") for number in (2, 3)] == ["volume-of-person2", "volume-of-person3"]
    assert hub.api.listed == 2


def test_while_they_are_labelled_each_home_is_found_and_none_is_listed_again(hub: HomeHub) -> None:
    hub.api.is_closed = True
    older = ClaimKeeping._older_claims.setdefault(hub.namespace, older_claims.OlderClaims())
    claims = older_claims.Claims(hub.api, hub.namespace, 5)

    def names(user: str) -> list[str]:
        return [each["metadata"]["name"] for each in hub.run(older.alike(claims, user, [user.lower()]))]

    assert names("Person1") == ["volume-of-person1"]
    assert names("person2") == ["volume-of-person2"], "in another spelling"
    assert names("nobody") == []
    assert hub.api.listed == PEOPLE + 1
    put(hub, "grace")
    assert names("grace") == ["volume-of-grace"], "made since"
    assert not labelling(hub).done()


def test_many_starts_at_once_list_once(hub: HomeHub) -> None:
    hub.api.is_closed = True
    older = older_claims.OlderClaims()
    claims = older_claims.Claims(hub.api, hub.namespace, 5)

    async def all_at_once() -> list[list[Any]]:
        return await asyncio.gather(*(older.alike(claims, f"Person{number}", []) for number in range(50)))

    found = hub.run(all_at_once())
    assert [each["metadata"]["name"] for [each] in found] == [f"volume-of-person{number}" for number in range(50)]
    assert hub.api.listed == PEOPLE


def test_a_refused_label_is_no_reason_to_list_all_at_each_start(hub: HomeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(self: Any, claim: Any, change: Any) -> None:
        raise TimeoutError("busy")

    older = older_claims.OlderClaims()
    claims = older_claims.Claims(hub.api, hub.namespace, 5)
    monkeypatch.setattr(older_claims.Claims, "patch", refuse)
    for number in range(3):
        [found] = hub.run(older.alike(claims, f"Person{number}", []))
        assert found["metadata"]["name"] == f"volume-of-person{number}"
    assert hub.api.listed == PEOPLE


def test_another_spelling_is_still_refused(hub: HomeHub) -> None:
    assert hub.home("Person1") == "volume-of-person1"
    with pytest.raises(SpawnException, match="spelt alike"):
        hub.start("person2")
    hub.run(labelling(hub))
    with pytest.raises(SpawnException, match="spelt alike"):
        hub.start("person3")
