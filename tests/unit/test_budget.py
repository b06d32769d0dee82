"""`runtime.budget`: who may start what, said in a sentence, at once, and fairly."""

from __future__ import annotations

import asyncio
import gc
import time
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException

from hub_config.runtime.budget import Budget, BudgetedSpawner, Charge, Ledger, refusal
from hub_config.runtime.spawner import PromptKubeSpawner
from tests.unit.composed import composed

pytestmark = pytest.mark.unit

GIB = 1024**3
CHEMISTRY = {"displayName": "Chemistry", "groups": ["chem"], "contact": "chem-it@example.org"}


class Server:
    """What the ledger asks of a spawner."""

    def __init__(self, charge: Charge | None = None, *, active: bool = True) -> None:
        self.charge: Charge | None = charge
        self.active = active


def charge(user: str, server: str = "", groups: tuple[str, ...] = ("chem",), **amounts: float) -> Charge:
    return Charge(user, server, frozenset(groups), {"servers": 1.0, **amounts})


def budget(**limits: float) -> Budget:
    return Budget("Chemistry", limits, frozenset({"chem"}), contact="chem-it@example.org")


@pytest.mark.parametrize(
    ("wanted", "held", "choice", "sentence"),
    [
        (
            charge("ada", memory=4 * GIB),
            [charge("ada", "train", memory=4 * GIB), charge("bob", memory=10 * GIB)],
            True,
            (
                "The budget of Chemistry has no room for this server: 14 GiB of 16 GiB of memory are in use by "
                "your server “train” and one server of another person, and this one takes 4 GiB of memory. Stop "
                "your server “train”, choose a smaller server, wait until somebody else has stopped theirs, or "
                "ask chem-it@example.org for more."
            ),
        ),
        (
            charge("ada"),
            [charge("bob"), charge("eve"), charge("eve", "x")],
            False,
            (
                "The budget of Chemistry has no room for this server: 3 of 3 servers are running, 3 servers of "
                "others. Wait until somebody else has stopped theirs, or ask chem-it@example.org for more."
            ),
        ),
        (
            charge("ada", **{"nvidia.com/gpu": 4.0}),
            [],
            False,
            "The budget of Chemistry is 2 GPUs, and this server takes 4 GPUs. Ask chem-it@example.org for more.",
        ),
    ],
    ids=["memory", "servers", "never"],
)
def test_the_sentence_says_whose_budget_what_uses_it_and_what_to_do(
    wanted: Charge, held: list[Charge], choice: bool, sentence: str
) -> None:
    limits = {"memory": 16.0 * GIB, "servers": 3.0, "nvidia.com/gpu": 2.0}
    assert refusal(budget(**limits), wanted, held, choice=choice) == sentence


def test_a_budget_of_ones_own_names_ones_servers() -> None:
    own = Budget("guests", {"servers": 2.0}, shared=False)
    said = refusal(own, charge("ada", "new"), [charge("ada"), charge("ada", "x")], choice=False)
    assert said == (
        "Your budget (guests) has no room for this server: 2 of 2 servers are running, your servers (the unnamed "
        "one, “x”). Stop one of your servers (the unnamed one, “x”), or ask your administrator for more."
    )


@pytest.mark.parametrize(
    ("used", "wanted", "refused"),
    [(1.0, 1.0, False), (1.0, 1.001, True), (0.1 + 0.2, 1.7, False), (2.0, 0.0, False)],
)
def test_exactly_full_is_allowed(used: float, wanted: float, refused: bool) -> None:
    said = refusal(budget(cpu=2.0), charge("ada", cpu=wanted), [charge("bob", cpu=used)], choice=False)
    assert (said is not None) == refused


def test_what_counts_against_whom() -> None:
    ledger = Ledger()
    servers = [
        Server(),
        Server(),
        Server(),
        Server(active=False),
    ]
    for each, one in zip(
        servers, [charge("ada"), charge("bob"), charge("eve", groups=()), charge("bob", "gone")], strict=True
    ):
        ledger.enter(each, one)
    me = Server()

    def users(budget: Budget, user: str = "ada", but: Server = me) -> list[str]:
        return sorted(each.user for each in ledger.held(budget, user, but))

    assert users(budget(servers=1)) == ["ada", "bob"]
    assert users(Budget("all", {})) == ["ada", "bob", "eve"]
    assert users(Budget("each", {}, shared=False)) == ["ada"]
    assert users(Budget("mixed", {}, frozenset({"chem"}), frozenset({"eve", "bob"}))) == ["ada", "bob", "eve"]
    assert users(budget(servers=1), but=servers[0]) == ["bob"], "a server does not stand in its own way"
    ledger.strike(servers[1])
    assert users(Budget("all", {})) == ["ada", "eve"]
    ledger.enter(servers[0], charge("ada", groups=()))
    assert users(budget(servers=1)) == [], "a charge replaces the one before"


def test_the_ledger_keeps_no_spawner_alive() -> None:
    ledger = Ledger()
    server = Server()
    ledger.enter(server, charge("ada"))
    del server
    gc.collect()
    assert ledger.held(Budget("all", {}), "ada", Server()) == []


def test_five_thousand_running_servers_are_no_wait() -> None:
    ledger = Ledger()
    running = [Server() for _ in range(5000)]
    for number, each in enumerate(running):
        ledger.enter(each, charge(f"user-{number}", groups=("chem", f"team-{number % 50}"), memory=GIB))
    begin = time.perf_counter()
    held = ledger.held(budget(memory=5000 * GIB), "ada", Server())
    said = refusal(budget(memory=5000.0 * GIB), charge("ada", memory=GIB), held, choice=False)
    seconds = time.perf_counter() - begin
    assert said is not None
    assert "5000 servers of others" in said
    assert seconds < 0.5, f"{seconds:.3f} s"


def spawners(own: dict[str, Any], *users: str, groups: tuple[str, ...] = ("chem",)) -> list[PromptKubeSpawner]:
    """Make spawners of the hub's class, whose start is asked for; to be called where a loop runs."""
    config = composed(own)
    made = []
    for user in users:
        person = SimpleNamespace(
            name=user, id=1, url="/user/", escaped_name=user, groups=[SimpleNamespace(name=name) for name in groups]
        )
        one = PromptKubeSpawner(_mock=True, user=person, config=config)
        one._spawn_pending = True
        made.append(one)
    return made


@pytest.fixture(autouse=True)
def _own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BudgetedSpawner, "ledger", Ledger())


def test_two_starts_at_once_cannot_both_take_the_last_place() -> None:
    async def scenario() -> list[BaseException | None]:
        three = spawners({"budgets": {"chemistry": {**CHEMISTRY, "servers": 2}}}, "ada", "bob", "eve")
        return await asyncio.gather(*(each.load_user_options() for each in three), return_exceptions=True)

    outcomes = asyncio.run(scenario())
    assert outcomes[:2] == [None, None]
    refused = outcomes[2]
    assert isinstance(refused, SpawnException), "JupyterHub counts it apart, and does not restart itself for it"
    assert (refused.reason, refused.status_code) == ("budget", 409)
    assert "2 of 2 servers are running" in refused.message


def test_a_place_is_free_again_once_a_server_is_gone() -> None:
    async def scenario() -> None:
        ada, bob = spawners({"budgets": {"chemistry": {**CHEMISTRY, "servers": 1}}}, "ada", "bob")
        await ada.load_user_options()
        with pytest.raises(SpawnException):
            await bob.load_user_options()
        ada.clear_state()  # as JupyterHub does when a server has stopped, and before each start
        await bob.load_user_options()
        bob._spawn_pending = False  # as when a start has failed and nobody tidied up
        await ada.load_user_options()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("singleuser", "amounts"),
    [
        ({}, {"servers": 1.0, "memory": 1.0 * GIB}),
        ({"cpu": {"limit": 2}, "memory": {"guarantee": None}}, {"servers": 1.0, "cpu": 2.0}),
        (
            {
                "cpu": {"guarantee": 0.5, "limit": 2},
                "extraResource": {"limits": {"nvidia.com/gpu": "1"}},
                "extraContainers": [{"name": "x", "image": "x", "resources": {"requests": {"cpu": "250m"}}}],
            },
            {"servers": 1.0, "cpu": 0.75, "memory": 1.0 * GIB, "nvidia.com/gpu": 1.0},
        ),
        (
            {
                "profileList": [
                    {"display_name": "Large", "kubespawner_override": {"mem_guarantee": "4G", "cpu_guarantee": 3}}
                ]
            },
            {"servers": 1.0, "cpu": 3.0, "memory": 4.0 * GIB},
        ),
        (
            {"extraContainerConfig": {"resources": {"requests": {"memory": "2Gi"}}}},
            {"servers": 1.0, "memory": 2.0 * GIB},
        ),
    ],
    ids=["default", "limits alone", "all containers", "profile", "own resources"],
)
def test_what_a_server_takes(singleuser: dict[str, Any], amounts: dict[str, float]) -> None:
    async def scenario() -> Any:
        (ada,) = spawners({"singleuser": singleuser}, "ada")
        await ada.load_user_options()
        return ada.charge

    taken = asyncio.run(scenario())
    assert taken.amounts == amounts
    assert (taken.user, taken.groups) == ("ada", {"chem"})


def test_what_runs_counts_after_a_restart_of_the_hub() -> None:
    own = {"budgets": {"chemistry": {**CHEMISTRY, "memory": "3G"}}}

    async def scenario() -> str:
        (ada,) = spawners(own, "ada")
        ada.mem_guarantee = 3 * GIB
        await ada.load_user_options()
        state = ada.get_state()
        BudgetedSpawner.ledger = Ledger()  # the hub is another process now, and members have left their group
        again, bob = spawners(own, "ada", groups=()) + spawners(own, "bob")
        again.load_state(state)
        with pytest.raises(SpawnException) as refused:
            await bob.load_user_options()
        again.clear_state()
        assert "budget" not in again.get_state()
        await bob.load_user_options()
        return str(refused.value.message)

    assert "3 GiB of 3 GiB of memory are in use by one server of another person" in asyncio.run(scenario())


def test_who_is_no_member_minds_no_budget() -> None:
    async def scenario() -> None:
        own = {"budgets": {"chemistry": {**CHEMISTRY, "servers": 0}}}
        (ada,) = spawners(own, "ada", groups=("physics",))
        await ada.load_user_options()
        (bob,) = spawners(own, "bob")
        with pytest.raises(SpawnException, match="The budget of Chemistry is 0 servers"):
            await bob.load_user_options()

    asyncio.run(scenario())
