"""A home once given is found again, for ever; no one gets another's; what cannot be told is refused with the remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from jupyterhub.spawner import SpawnException

from hub_config.runtime.ownership import KEY, NOT_HOME_OF, RETAINED, SERVERNAME, USERNAME
from jupyterhub import orm
from tests.harness.home_model import HomeMachine
from tests.harness.homes import HomeHub
from tests.harness.paper_api import PaperApi
from tests.harness.slugs import alike_slugs
from tests.unit.composed import composed, merged, singleuser

pytestmark = pytest.mark.unit

MAIL = "user@example.com"
OF_6, OF_7 = "claim-user-40example-2ecom", "claim-user-example-com---b4c9a289"
"""The names that KubeSpawner 6 and 7 give the claim of `MAIL`."""


def storage(**fields: Any) -> dict[str, Any]:
    return singleuser(storage=fields)


def dynamic(**fields: Any) -> dict[str, Any]:
    return storage(dynamic=fields)


@pytest.fixture
def hub() -> Iterator[HomeHub]:
    hub = HomeHub(PaperApi(growing=("growing",)))
    hub.config = composed()
    yield hub
    hub.close()


def upgrade(hub: HomeHub, *values: dict[str, Any]) -> None:
    """Give the hub other values, and so restart it."""
    hub.config = composed(merged(*values))
    hub.restart()


def put(
    hub: HomeHub, name: str, user: str | None = None, server: str | None = None, release: str | None = "test"
) -> None:
    """Put a claim there, as an older hub (`user`), or a person (no `user`), made it."""
    annotations = {} if user is None else {USERNAME: user} | ({SERVERNAME: server} if server else {})
    labels = {} if user is None else {"component": "singleuser-storage"} | ({"release": release} if release else {})
    body = {
        "metadata": {"name": name, "annotations": annotations, "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}},
    }
    answer = hub.run(hub.api.create_namespaced_persistent_volume_claim(body))
    assert answer.status == 201


def annotate(hub: HomeHub, claim: str, annotation: str, value: str) -> None:
    hub.run(hub.api.patch_namespaced_persistent_volume_claim(claim, {"metadata": {"annotations": {annotation: value}}}))


def refused(hub: HomeHub, user: str, *says: str, server: str = "") -> None:
    before = dict(hub.api.claims)
    with pytest.raises(SpawnException) as caught:
        hub.start(user, server)
    assert [words for words in says if words not in caught.value.message] == [], caught.value.message
    assert "nothing was changed" in caught.value.message
    assert hub.api.claims == before


# What others have lost homes by


def test_kubespawner_937_a_claim_of_version_6_is_found_after_a_stop_by_version_7(hub: HomeHub) -> None:
    put(hub, OF_6, MAIL)
    hub.remember(MAIL, {"pod_name": "jupyter-user-40example-2ecom", "namespace": "lab"})
    hub.stop(MAIL)
    assert hub.state(MAIL)["kubespawner_version"].startswith("7")
    hub.restart()
    assert hub.home(MAIL) == OF_6
    assert list(hub.api.claims) == [OF_6]


def test_kubespawner_880_a_claim_that_all_share_stays_when_one_of_them_is_deleted(hub: HomeHub) -> None:
    upgrade(hub, dynamic(pvcNameTemplate="claim-jupyter", subPath="{user_server}", deletePvc=True))
    assert [hub.home("ada"), hub.home("bob")] == ["claim-jupyter/ada", "claim-jupyter/bob"]
    assert USERNAME not in hub.api.claims["claim-jupyter"]["metadata"]["annotations"]
    hub.stop("ada")
    hub.delete("ada")
    assert list(hub.api.claims) == ["claim-jupyter"]
    assert hub.home("bob") == "claim-jupyter/bob"


def test_kubespawner_880_a_named_server_does_not_take_the_users_home_with_it(hub: HomeHub) -> None:
    upgrade(hub, dynamic(pvcNameTemplate="claim-{username}", deletePvc=True))
    assert [hub.home("ada"), hub.home("ada", "two")] == ["claim-ada", "claim-ada"]
    hub.stop("ada", "two")
    hub.run(hub.spawner("ada", "two").delete_forever())
    assert list(hub.api.claims) == ["claim-ada"]
    hub.stop("ada")
    hub.delete("ada")
    assert hub.api.claims == {}


def test_kubespawner_924_deleting_a_user_deletes_the_claim_of_an_older_name(hub: HomeHub) -> None:
    upgrade(hub, dynamic(deletePvc=True))
    put(hub, OF_6, MAIL)
    put(hub, "claim-other", "other")
    hub.remember(MAIL, {"kubespawner_version": "7.1.0"})
    hub.delete(MAIL)
    assert list(hub.api.claims) == ["claim-other"]


def test_z2jh_3574_a_named_servers_claim_of_an_older_template_is_found(hub: HomeHub) -> None:
    put(hub, "claim-test-40example-2eorg", "test@example.org")
    put(hub, "claim-test-40example-2eorgnamed", "test@example.org", "named")
    hub.remember("test@example.org", {"pod_name": "x"}, "named")
    assert hub.home("test@example.org", "named") == "claim-test-40example-2eorgnamed"
    assert hub.home("test@example.org") == "claim-test-40example-2eorg"


def test_z2jh_3536_the_pod_mounts_the_claim_that_was_found(hub: HomeHub) -> None:
    put(hub, "claim-abc000-40uit-2eno", "abc000@uit.no")
    hub.remember("abc000@uit.no", {"pod_name": "x"})
    assert hub.home("abc000@uit.no") == "claim-abc000-40uit-2eno"


# A home stays


CHANGES = [
    dynamic(pvcNameTemplate="other-{username}"),
    dynamic(pvcNameTemplate="other-{userid}-{servername}"),
    singleuser(slugScheme="escape"),
    singleuser(handleLegacyNames=False),
    storage(capacity="20Gi", dynamic={"storageClass": "fast"}),
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("is_database_lost", [False, True])
@pytest.mark.parametrize("user", ["ada", MAIL, "Ada Lovelace", "ä" * 255])
def test_values_that_change_move_no_home(
    hub: HomeHub, change: dict[str, Any], is_database_lost: bool, user: str
) -> None:
    before = hub.home(user)
    hub.stop(user)
    upgrade(hub, change)
    if is_database_lost:
        hub.forget_everything()
    assert hub.home(user) == before
    assert len(hub.api.claims) == 1


def test_a_renamed_user_keeps_the_home_and_the_next_of_that_name_gets_another(hub: HomeHub) -> None:
    assert hub.home("ada") == "claim-ada"
    hub.stop("ada")
    hub.rename("ada", "lovelace")
    second = hub.home("ada")
    assert second not in ("claim-ada", "claim-lovelace")
    assert hub.home("lovelace") == "claim-ada"
    hub.forget_everything()
    assert [hub.home("lovelace"), hub.home("ada")] == ["claim-ada", second]


def test_users_who_swap_names_keep_their_homes(hub: HomeHub) -> None:
    homes = {name: hub.home(name) for name in ("ada", "bob")}
    for old, new in (("ada", "x"), ("bob", "ada"), ("x", "bob")):
        hub.rename(old, new)
    assert [hub.home("ada"), hub.home("bob")] == [homes["bob"], homes["ada"]]
    hub.forget_everything()
    assert [hub.home("ada"), hub.home("bob")] == [homes["bob"], homes["ada"]]


def test_a_renamed_server_keeps_its_home(hub: HomeHub) -> None:
    first = hub.home("ada", "one")
    hub.rename_server("ada", "one", "two")
    assert hub.home("ada", "one") != first
    assert hub.home("ada", "two") == first


def test_a_claim_that_a_person_made_is_used_by_its_name_and_then_by_its_owner(hub: HomeHub) -> None:
    put(hub, "claim-ada")
    assert hub.home("ada") == "claim-ada"
    hub.forget_everything()
    upgrade(hub, dynamic(pvcNameTemplate="new-{username}"))
    assert hub.home("ada") == "claim-ada"


def test_remember_pvc_name_false_lets_the_template_decide(hub: HomeHub) -> None:
    assert hub.home("ada") == "claim-ada"
    change = dynamic(pvcNameTemplate="new-{username}", rememberPvcName=False)
    upgrade(hub, change)
    assert hub.home("ada") == "new-ada"
    put(hub, "new-bob", "somebody")
    other = hub.home("bob")
    assert other.startswith("new-bob-")
    hub.restart()
    assert hub.home("bob") == other


# Nobody gets another's


def test_two_names_that_escape_alike_share_no_home(hub: HomeHub) -> None:
    one, other = alike_slugs()
    homes = {hub.home(one), hub.home(other)}
    assert len(homes) == 2
    hub.forget_everything()
    assert {hub.home(other), hub.home(one)} == homes


def test_names_that_a_template_joins_alike_share_no_home(hub: HomeHub) -> None:
    upgrade(hub, dynamic(pvcNameTemplate="claim-{username}{servername}"))
    first = hub.home("ada", "x")
    assert hub.home("adax") != first
    hub.forget_everything()
    assert hub.home("adax") != first
    assert hub.home("ada", "x") == first


def test_a_folder_of_a_shared_disk_is_one_users(hub: HomeHub) -> None:
    one, other = alike_slugs()
    upgrade(hub, storage(type="static", static={"pvcName": "homes"}))
    assert hub.home(one).startswith("homes/a---")
    refused(hub, other, "is the home of another user")
    assert hub.home(one)


@pytest.mark.parametrize("name", ["../bob", "bob/files", "..", "a/../../bob", "/bob"])
def test_a_name_leads_out_of_no_folder(hub: HomeHub, name: str) -> None:
    upgrade(hub, storage(type="static", static={"pvcName": "homes", "subPath": "people/{unescaped_username}"}))
    refused(hub, name, "leads elsewhere", "{username}")
    upgrade(hub, storage(type="static", static={"pvcName": "homes"}))
    folder = hub.home(name).removeprefix("homes/")
    assert folder.replace("-", "").isalnum()


def test_a_home_of_another_release_is_not_taken(hub: HomeHub) -> None:
    put(hub, "claim-ada", "ada", release="old")
    refused(hub, "ada", "claim-ada is a home of the release old", "kubectl label pvc -l")


# What cannot be told


def test_two_claims_of_one_name_are_refused_until_one_is_set_aside(hub: HomeHub) -> None:
    put(hub, OF_6, MAIL)
    put(hub, OF_7, MAIL)
    refused(hub, MAIL, OF_6, OF_7, f"kubectl annotate pvc CLAIM --overwrite {NOT_HOME_OF}='{MAIL}'")
    annotate(hub, OF_7, NOT_HOME_OF, MAIL)
    assert hub.home(MAIL) == OF_6


def test_of_two_claims_the_database_knows_the_right_one(hub: HomeHub) -> None:
    put(hub, OF_6, MAIL)
    put(hub, OF_7, MAIL)
    hub.remember(MAIL, {"kubespawner_version": "7.1.0", "pvc_name": OF_7})
    assert hub.home(MAIL) == OF_7


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("Ada@Example.org", "ada@example.org"), ("ada%40example.org", "ada@example.org"), ("Straße", "STRASSE")],
)
@pytest.mark.parametrize("is_of_older_hub", [False, True])
def test_a_name_that_the_provider_spells_anew_is_refused_until_somebody_says_who_it_is(
    hub: HomeHub, was: str, becomes: str, is_of_older_hub: bool
) -> None:
    if is_of_older_hub:
        put(hub, "claim-was", was)
        home = "claim-was"
    else:
        home = hub.home(was)
        hub.stop(was)
    refused(hub, becomes, "spelt alike", home, f"{USERNAME}='{becomes}'", f"{NOT_HOME_OF}='{becomes}'")
    annotate(hub, home, USERNAME, becomes)
    assert hub.home(becomes) == home
    refused(hub, was, "spelt alike")  # the other way about now


def test_two_people_whose_names_are_spelt_alike(hub: HomeHub) -> None:
    home = hub.home("Ada")
    annotate(hub, home, NOT_HOME_OF, "ada")
    other = hub.home("ada")
    assert other != home
    assert [hub.home("Ada"), hub.home("ada")] == [home, other]


def test_a_home_that_is_gone_is_not_replaced_by_an_empty_one(hub: HomeHub) -> None:
    hub.home("ada")
    hub.api.claims.clear()
    refused(hub, "ada", "the claim claim-ada is gone", "delete the user in the hub's admin page")
    hub.delete("ada")
    assert hub.home("ada") == "claim-ada"


def test_a_home_that_is_being_deleted_or_has_lost_its_volume_is_not_mounted(hub: HomeHub) -> None:
    hub.home("ada")
    hub.api.claims["claim-ada"]["status"] = {"phase": "Lost"}
    refused(hub, "ada", "has lost its volume")
    hub.api.claims["claim-ada"]["status"] = {}
    hub.api.claims["claim-ada"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    refused(hub, "ada", "is being deleted")


def test_a_claim_that_two_users_have_by_the_database_is_refused(hub: HomeHub) -> None:
    put(hub, "claim-all")
    for user in ("ada", "bob"):
        hub.remember(user, {"kubespawner_version": "7.1.0", "pvc_name": "claim-all"})
    refused(hub, "ada", "claim-all is the home of bob as well")
    annotate(hub, "claim-all", USERNAME, "ada")
    assert hub.home("ada") == "claim-all"
    refused(hub, "bob", "claim-all is the home of ada as well")


def test_an_administrator_gives_a_home_to_another_user(hub: HomeHub) -> None:
    home = hub.home("ada")
    annotate(hub, home, USERNAME, "bob")
    change = {"metadata": {"labels": {KEY: None}}}  # the label of the name that was, as docs/storage.md says
    hub.run(hub.api.patch_namespaced_persistent_volume_claim(home, change))
    assert hub.home("bob") == home
    assert hub.home("ada") != home


MOVES = [
    (dynamic(), storage(type="static", static={"pvcName": "homes"})),
    (dynamic(), dynamic(subPath="files")),
    (dynamic(), storage(type="none")),
    (storage(type="static", static={"pvcName": "homes"}), dynamic()),
    (storage(type="static", static={"pvcName": "homes"}), storage(type="static", static={"pvcName": "disk"})),
    (
        storage(type="static", static={"pvcName": "homes"}),
        storage(type="static", static={"pvcName": "homes", "subPath": "people/{username}"}),
    ),
    (storage(type="nfs", nfs={"server": "one"}), storage(type="nfs", nfs={"server": "two"})),
    (storage(type="static", static={"pvcName": "homes"}), storage(type="ephemeral")),
]


@pytest.mark.parametrize(("before", "after"), MOVES, ids=[f"{old} to {new}" for old, new in MOVES])
def test_another_place_is_taken_only_when_the_values_say_that_the_files_are_there(
    hub: HomeHub, before: dict[str, Any], after: dict[str, Any]
) -> None:
    upgrade(hub, before)
    hub.start("ada")
    upgrade(hub, after)
    refused(hub, "ada", "singleuser.storage.homesMoved: true")
    hub.start("new")
    upgrade(hub, after, storage(homesMoved=True))
    hub.start("ada")
    upgrade(hub, after)
    hub.start("ada")


def test_a_folder_that_may_have_been_escaped_in_two_ways_is_refused(hub: HomeHub) -> None:
    static = storage(type="static", static={"pvcName": "homes"})
    upgrade(hub, static)
    for user in (MAIL, "ada"):
        hub.remember(user, {"pod_name": "x"})  # of KubeSpawner 6
    assert hub.home("ada") == "homes/ada"
    refused(hub, MAIL, "user-40example-2ecom", "{escaped_username}")
    upgrade(hub, static, storage(static={"subPath": "{escaped_username}"}))
    assert hub.home(MAIL) == "homes/user-40example-2ecom"


# Deletion, growth


def test_a_deleted_users_home_is_kept_marked_and_found_again(hub: HomeHub) -> None:
    home = hub.home("ada")
    hub.stop("ada")
    hub.delete("ada")
    assert RETAINED in hub.api.claims[home]["metadata"]["annotations"]
    assert hub.home("ada") == home
    assert RETAINED not in hub.api.claims[home]["metadata"]["annotations"]


def test_a_value_deletes_homes_with_their_users_and_no_others(hub: HomeHub) -> None:
    upgrade(hub, dynamic(deletePvc=True))
    homes = {name: hub.home(name) for name in ("ada", "bob")} | {"two": hub.home("ada", "two")}
    for server in ("", "two"):
        hub.stop("ada", server)
    hub.rename("ada", "lovelace")
    hub.delete("lovelace")
    assert list(hub.api.claims) == [homes["bob"]]


def test_a_user_who_never_started_a_server_takes_no_home_along(hub: HomeHub) -> None:
    upgrade(hub, dynamic(deletePvc=True, pvcNameTemplate="claim-{username}{servername}"))
    assert hub.home("ada", "x") == "claim-adax"
    hub.spawner("adax")
    hub.delete("adax")
    assert list(hub.api.claims) == ["claim-adax"]


def size(hub: HomeHub, claim: str) -> str:
    return str(hub.api.claims[claim]["spec"]["resources"]["requests"]["storage"])


def test_a_home_grows_where_its_class_allows_it_and_never_shrinks(hub: HomeHub) -> None:
    sizes = []
    for capacity in ("1Gi", "1024Mi", "2Gi", "1.5Gi"):
        upgrade(hub, storage(capacity=capacity, dynamic={"storageClass": "growing"}))
        sizes.append(size(hub, hub.home("ada")))
    assert sizes == ["1Gi", "1Gi", "2Gi", "2Gi"]


def test_a_home_that_cannot_grow_is_used_as_it_is_and_the_user_is_told(hub: HomeHub) -> None:
    upgrade(hub, storage(capacity="1Gi"))
    assert hub.home("ada") == "claim-ada"
    upgrade(hub, storage(capacity="2Gi"))
    spawner = hub.start("ada")
    assert size(hub, "claim-ada") == "1Gi"

    async def messages() -> list[str]:
        spawner._start_future = asyncio.get_running_loop().create_future()
        spawner._start_future.set_result(None)
        return [event["message"] async for event in spawner.progress()]

    assert any("keeps its 1Gi" in message for message in hub.run(messages()))


def test_size_and_class_by_profile_and_by_group(hub: HomeHub) -> None:
    big = {"storage_capacity": "50Gi", "storage_class": "growing"}
    profiles = [
        {"display_name": "Small", "slug": "small", "default": True},
        {"display_name": "Big", "slug": "big", "kubespawner_override": big},
    ]
    groups = {"staff": {"groups": ["staff"], "spawner_override": {"storage_capacity": "20Gi"}}}
    upgrade(hub, singleuser(profileList=profiles, groupOverrides=groups))
    cleo = hub.user("cleo")
    cleo.groups.append(orm.Group(name="staff"))
    hub.db.commit()
    found = {name: hub.home(name, **({"profile": "big"} if name == "bob" else {})) for name in ("ada", "bob", "cleo")}
    assert {name: size(hub, claim) for name, claim in found.items()} == {"ada": "10Gi", "bob": "50Gi", "cleo": "20Gi"}
    assert hub.api.claims[found["bob"]]["spec"]["storageClassName"] == "growing"
    assert hub.home("bob") == found["bob"], "another profile, the same home"


def test_a_name_too_long_for_kubernetes_is_refused_in_words(hub: HomeHub) -> None:
    upgrade(hub, singleuser(slugScheme="escape"))
    with pytest.raises(SpawnException, match=r"Kubernetes refuses your home: metadata\.name"):
        hub.start("ä" * 255)


def test_a_home_bears_the_exact_name_and_the_key_of_those_alike(hub: HomeHub) -> None:
    first = hub.api.claims[hub.home("ada@example.org")]["metadata"]
    second = {"Ada@Example.org", "ada%40example.org"}
    assert first["annotations"][USERNAME] == "ada@example.org"
    for name in second:
        refused(hub, name, "spelt alike")
    assert len(first["labels"][KEY]) == 32


def test_random_lives(hub: HomeHub) -> None:
    """The same as on a real API (tests/cluster/test_homes.py), in fewer lives."""

    class OnPaper(HomeMachine):
        pass

    OnPaper.hub = hub
    run_state_machine_as_test(OnPaper, settings=settings(max_examples=60, stateful_step_count=12, deadline=None))
