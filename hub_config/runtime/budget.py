"""Budgets at work: what runs is known by who runs it, and a start that no budget has room for is refused in words.

The hub decides by itself, from what it knows. It is one process and nothing is awaited between the look at a budget and
the entry in the books: two starts at once cannot both take the last place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from weakref import WeakSet

from kubespawner import KubeSpawner
from traitlets import Dict, List

from hub_config.runtime.amounts import in_words, of, requested
from hub_config.runtime.refusal import Refused

STATE = "budget"
"""The key in a server's saved state: what it takes outlives a restart of the hub."""
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Charge:
    """What a server takes, and on whose account: resource name to amount, groups as they were at its start."""

    user: str
    server: str
    groups: frozenset[str]
    amounts: Mapping[str, float]


@dataclass(frozen=True)
class Budget:
    """A budget as `hub_config/hub/budgets.py` hands it over."""

    name: str
    limits: Mapping[str, float]
    groups: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    shared: bool = True
    contact: str | None = None

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Budget:
        """Return the budget that a map of the configuration means."""
        sets = {key: frozenset(plain.get(key, ())) for key in ("groups", "users")}
        return cls(
            plain["name"], plain["limits"], shared=plain.get("shared", True), contact=plain.get("contact"), **sets
        )

    def covers(self, user: str, groups: Iterable[str]) -> bool:
        """Tell whether a person is a member."""
        return not (self.groups or self.users) or user in self.users or not self.groups.isdisjoint(groups)


class Holder(Protocol):
    """A spawner: its charge counts while it is active, from the request of a start until the pod is gone."""

    charge: Charge | None

    @property
    def active(self) -> bool: ...  # noqa: D102 - JupyterHub `Spawner.active`


@dataclass
class Ledger:
    """Who holds what, found by user and by group. Holders are looked at, never counted up, so no count goes wrong."""

    _users: dict[str, WeakSet[Holder]] = field(default_factory=dict)
    _groups: dict[str, WeakSet[Holder]] = field(default_factory=dict)
    _all: WeakSet[Holder] = field(default_factory=WeakSet)

    def enter(self, holder: Holder, charge: Charge) -> None:
        """Put a holder's charge in the books, instead of an earlier one."""
        self.strike(holder)
        holder.charge = charge
        for book in (self._all, *self._books(charge)):
            book.add(holder)

    def strike(self, holder: Holder) -> None:
        """Take a holder's charge out of the books."""
        if (charge := holder.charge) is not None:
            for book in (self._all, *self._books(charge)):
                book.discard(holder)
            holder.charge = None

    def _books(self, charge: Charge) -> Iterator[WeakSet[Holder]]:
        yield self._users.setdefault(charge.user, WeakSet())
        for group in charge.groups:
            yield self._groups.setdefault(group, WeakSet())

    def held(self, budget: Budget, user: str, but: Holder) -> list[Charge]:
        """Return the charges that count against the budget of `user`, that of the holder `but` left out."""
        holders: set[Holder] = set()
        if not budget.shared:
            holders.update(self._users.get(user, ()))
        elif not (budget.groups or budget.users):
            holders.update(self._all)
        else:
            for name in budget.groups:
                holders.update(self._groups.get(name, ()))
            for name in budget.users:
                holders.update(self._users.get(name, ()))
        return [each.charge for each in holders if each is not but and each.charge is not None and each.active]


def refusal(budget: Budget, charge: Charge, held: list[Charge], *, choice: bool) -> str | None:
    """Return why `budget`, of which `held` is taken, has no room for `charge`; None when it has.

    `choice` says whether the user may choose another kind of server.
    """
    for resource, limit in budget.limits.items():
        wanted = charge.amounts.get(resource, 0.0)
        used = sum(each.amounts.get(resource, 0.0) for each in held)
        if wanted and used + wanted > limit + _TOLERANCE:
            return _sentence(budget, charge, held, resource, choice=choice)
    return None


def _sentence(budget: Budget, charge: Charge, held: list[Charge], resource: str, *, choice: bool) -> str:
    """Say whose budget it is, how much of it is used by what, and what to do."""
    limit, wanted = budget.limits[resource], charge.amounts[resource]
    takers = [each for each in held if each.amounts.get(resource)]
    used = sum(each.amounts[resource] for each in takers)
    own = sorted({each.server for each in takers if each.user == charge.user})
    others = sum(each.user != charge.user for each in takers)
    whose = f"The budget of {budget.name}" if budget.shared else f"Your budget ({budget.name})"
    ask = f"ask {budget.contact or 'your administrator'} for more"
    if wanted > limit + _TOLERANCE:
        ways = [*(["choose a smaller server"] if choice else []), ask]
        text = f"{whose} is {in_words(resource, limit)}, and this server takes {in_words(resource, wanted)}. "
        return text + _either(ways)
    by = " and ".join(part for part in (_yours(own), _theirs(others)) if part)
    are = "is" if used == 1 else "are"
    by = f"{are} running, {by}" if resource == "servers" else f"{are} in use by {by}"
    takes = "" if resource == "servers" else f", and this one takes {in_words(resource, wanted)}"
    ways = [
        *([f"stop {'one of ' if len(own) > 1 else ''}{_yours(own)}"] if own else []),
        *(["choose a smaller server"] if choice and resource != "servers" else []),
        *(["wait until somebody else has stopped theirs"] if others else []),
        ask,
    ]
    text = f"{whose} has no room for this server: {of(resource, used, limit)} {by}{takes}. "
    return text + _either(ways)


def _yours(servers: list[str]) -> str:
    named = [f"“{name}”" for name in servers if name]
    if not servers:
        return ""
    if servers == [""]:
        return "your running server"
    names = ", ".join((["the unnamed one"] if "" in servers else []) + named)
    return f"your server {names}" if len(servers) == 1 else f"your servers ({names})"


def _theirs(others: int) -> str:
    return "" if not others else "one server of another person" if others == 1 else f"{others} servers of others"


def _either(ways: list[str]) -> str:
    text = f"{', '.join(ways[:-1])}, or {ways[-1]}." if len(ways) > 1 else f"{ways[-1]}."
    return text[:1].upper() + text[1:]


class BudgetedSpawner(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """KubeSpawner that asks the budgets before it asks Kubernetes."""

    ledger: ClassVar[Ledger] = Ledger()
    charge: Charge | None = None
    budgets = List(Dict(), config=True, help="The budgets to mind, each with name, limits, groups, users, shared.")

    async def load_user_options(self) -> None:
        """Take over what the user chose; with it everything is known that a budget asks, and nothing is made yet."""
        await super().load_user_options()
        self.ledger.strike(self)
        charge = self._new_charge()
        for budget in map(Budget.of, self.budgets):
            if budget.covers(charge.user, charge.groups):
                held = self.ledger.held(budget, charge.user, self)
                if sentence := refusal(budget, charge, held, choice=bool(self.profile_list)):
                    raise Refused(sentence, reason="budget")
        self.ledger.enter(self, charge)

    def _new_charge(self) -> Charge:
        groups = frozenset(group.name for group in self.user.groups)
        return Charge(self.user.name, self.name, groups, requested(self))

    def get_state(self) -> dict[str, Any]:
        """Add what the server takes."""
        state: dict[str, Any] = super().get_state()
        if self.charge is not None:
            state[STATE] = {"groups": sorted(self.charge.groups), "amounts": dict(self.charge.amounts)}
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Put in the books what the server was saved with; one from before there were budgets takes the default."""
        super().load_state(state)
        if (saved := state.get(STATE)) is not None:
            charge = Charge(self.user.name, self.name, frozenset(saved["groups"]), saved["amounts"])
            self.ledger.enter(self, charge)
        elif self.server is not None:
            self.ledger.enter(self, self._new_charge())

    def clear_state(self) -> None:
        """Take the charge of a server that has stopped out of the books."""
        super().clear_state()
        self.ledger.strike(self)
