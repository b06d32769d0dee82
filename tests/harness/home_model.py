"""Random lives of users and their homes, and the one rule that must hold in all of them: each server mounts its own.

The model knows nothing of claims' names: it numbers homes in the order in which they were made, and demands that a
server which has one gets that one and no other, whatever was renamed, restarted or configured since.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from jupyterhub.spawner import SpawnException
from traitlets.config import Config

from tests.harness.homes import HomeHub
from tests.unit.composed import composed, merged

PEOPLE = ("ada", "Ada", "ada@example.org", "ada-40example-2eorg", "bob--x", "bobx", "bob", "ä" * 240)
"""Names: short, long, escaped, and alike in all the ways in which escapings and templates have confused them."""
FEW = st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=3, unique=True)
"""The names of one life: few, so that one name is often that of two people, one after the other."""
NUMBERS = st.integers(0, 5)
SERVERS = st.sampled_from(("", "x"))
PROFILES = ("small", "big")
SIZES = (1, 2, 5)
"""Gi."""
CHANGES = st.sampled_from(("rename", "rename", "upgrade", "restart", "stop", "resize"))
RELEASES: tuple[dict[str, Any], ...] = (
    {},
    {"singleuser": {"slugScheme": "escape", "storage": {"dynamic": {"pvcNameTemplate": "c-{safe_user_server}"}}}},
    {"singleuser": {"storage": {"dynamic": {"pvcNameTemplate": "claim-{safe_username}{safe_servername}"}}}},
    {"singleuser": {"storage": {"dynamic": {"pvcNameTemplate": "home-{userid}-{safe_servername}"}}}},
    {"singleuser": {"handleLegacyNames": False, "storage": {"dynamic": {"storageClass": "fast"}}}},
)
PROFILE_VALUES = {
    "singleuser": {
        "profileList": [
            {"display_name": "Small", "slug": "small", "default": True},
            {"display_name": "Big", "slug": "big", "kubespawner_override": {"storage_capacity": "20Gi"}},
        ]
    }
}
_CONFIGS: dict[int, dict[int, Config]] = {}


def config(release: int, gibibytes: int) -> Config:
    """Return the hub's configuration with one of `RELEASES` and a size of homes; each is made once."""
    sizes = _CONFIGS.setdefault(release, {})
    if gibibytes not in sizes:
        size = {"singleuser": {"storage": {"capacity": f"{gibibytes}Gi"}}}
        sizes[gibibytes] = composed(merged(PROFILE_VALUES, RELEASES[release], size))
    return sizes[gibibytes]


class HomeMachine(RuleBasedStateMachine):
    """Lives of homes on `hub`, which subclasses give. Names are unique to a life: many share one namespace."""

    hub: HomeHub
    lives = 0

    @initialize(names=FEW)
    def begin(self, names: list[str]) -> None:
        """Begin a life with a hub that knows nobody."""
        self.names = names
        type(self).lives += 1
        self.prefix = f"u{self.lives}"
        self.homes: dict[tuple[int, str], str] = {}
        """From (a user's number, server) to the claim that is its home."""
        self.people: dict[str, int] = {}
        self.unchanged: set[tuple[int, str]] = set()
        self.release, self.size = 0, 1
        self.hub.forget_everything()
        self._configure()

    def _configure(self) -> None:
        self.hub.config = config(self.release, self.size)
        self.hub.restart()

    def _who(self, name: str) -> int:
        return self.people.setdefault(name, len(self.people))

    @rule(number=NUMBERS, server=SERVERS, profile=st.sampled_from(PROFILES))
    def start(self, number: int, server: str, profile: str) -> None:
        """Start somebody's server."""
        self._start(self.names[number % len(self.names)], server, profile)

    def _start(self, name: str, server: str, profile: str) -> None:
        """Start a server: it has its home, or is refused for names that are spelt alike, and then had none."""
        key = self._who(name), server
        claim, refusal = self._home(self.prefix + name, server, profile)
        if claim is None:
            assert "spelt alike" in refusal
            assert key not in self.homes, f"refused, though its home is {self.homes[key]}: {refusal}"
            return
        if key in self.homes:
            assert claim == self.homes[key], f"{name!r}/{server} had {self.homes[key]} and got {claim}"
        assert all(claim != other for owner, other in self.homes.items() if owner != key), f"{claim} is another's"
        self.homes[key] = claim
        self.unchanged.add(key)

    def _home(self, user: str, server: str, profile: str) -> tuple[str | None, str]:
        try:
            return self.hub.home(user, server, profile=profile), ""
        except SpawnException as refused:
            return None, str(refused.message)

    @rule(change=CHANGES, server=SERVERS, number=st.integers(0, 9))
    def change(self, change: str, server: str, number: int) -> None:
        """Let one of `CHANGES` happen."""
        name, other = (self.names[each % len(self.names)] for each in (number, number + 1))
        self.unchanged.clear()
        if change == "stop" and name in self.people:
            self.hub.stop(self.prefix + name, server)
        elif change == "rename" and name in self.people and other not in self.people:  # as the admin page demands
            self.hub.rename(self.prefix + name, self.prefix + other)
            self.people[other] = self.people.pop(name)
        elif change == "upgrade":
            self.release = number % len(RELEASES)
            self._configure()
        elif change == "resize":
            self.size = SIZES[number % len(SIZES)]
            self._configure()
        elif change == "restart":
            self.hub.restart()

    def teardown(self) -> None:
        """Start once more whoever has a home and did not start since something changed: it is still theirs."""
        for name, number in list(self.people.items()):
            for server in ("", "x"):
                if (number, server) in self.homes.keys() - self.unchanged:
                    self._start(name, server, PROFILES[0])
