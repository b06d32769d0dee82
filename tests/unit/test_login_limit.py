"""`runtime.login_limit`: who waits after how many wrong passwords, and whose address counts."""

from __future__ import annotations

import pytest

from hub_config.runtime.login import in_words
from hub_config.runtime.login_limit import MOST_KEYS, Failures, Limits, visitor

pytestmark = pytest.mark.unit


class Clock:
    """A clock that stands still until told otherwise."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time, in seconds."""
        return self.now


class Door:
    """Logins at a time of the test's choice."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.failures = Failures(Limits(60, per_user_and_address=3, per_user=6, per_address=9), self.clock)

    def wrong(self, user: str, address: str, times: int = 1) -> None:
        """Try a wrong password, once a second."""
        for _ in range(times):
            self.failures.begin(user, address)
            self.failures.fail(user, address)
            self.clock.now += 1

    def right(self, user: str, address: str) -> None:
        """Try the right password."""
        self.failures.forgive(user, address, self.failures.begin(user, address))

    def wait(self, user: str, address: str, *, known: bool = True) -> int:
        """Return the seconds that the user has to wait."""
        return self.failures.wait(user, address, is_known=known)


@pytest.fixture
def door() -> Door:
    return Door()


def test_a_guesser_waits_until_the_oldest_failure_counts_no_more(door: Door) -> None:
    door.wrong("ada", "a", 2)
    assert door.wait("ada", "a") == 0
    door.wrong("ada", "a")
    assert door.wait("ada", "a") == 57
    door.clock.now += 56.5
    assert door.wait("ada", "a") == 1
    door.clock.now += 0.5
    assert door.wait("ada", "a") == 0
    door.failures.begin("ada", "a")
    assert door.wait("ada", "a") == 1, "two failures of this minute are left, and this one"


def test_names_that_differ_in_case_only_are_one(door: Door) -> None:
    door.wrong("Ada", "a", 3)
    assert door.wait("aDA", "a") > 0


def test_nobody_else_waits(door: Door) -> None:
    door.wrong("ada", "a", 3)
    assert (door.wait("ada", "b"), door.wait("grace", "a"), door.wait("new", "a", known=False)) == (0, 0, 0)


def test_many_machines_against_one_account(door: Door) -> None:
    for address in ("a", "b", "c"):
        door.wrong("ada", address, 2)
    assert door.wait("ada", "d") > 0
    assert door.wait("grace", "a") == 0


def test_one_password_tried_on_many_names_holds_up_new_names_only(door: Door) -> None:
    for number in range(9):
        door.wrong(f"guess-{number}", "school")
    assert door.wait("guess-10", "school", known=False) > 0
    assert door.wait("ada", "school") == 0, "the class behind the same address goes on"
    assert door.wait("guess-10", "home", known=False) == 0


def test_the_right_password_ends_the_count_there(door: Door) -> None:
    door.wrong("ada", "a", 2)
    door.right("ada", "a")
    door.wrong("ada", "a", 2)
    assert door.wait("ada", "a") == 0


def test_right_passwords_of_a_whole_class_count_for_nothing(door: Door) -> None:
    for number in range(500):
        door.right(f"pupil-{number}", "school")
        door.right("shared", "school")
    assert door.wait("new", "school", known=False) == door.wait("shared", "school") == 0


def test_attempts_that_are_under_way_count(door: Door) -> None:
    marks = [door.failures.begin("ada", "a") for _ in range(3)]
    assert door.wait("ada", "a") > 0
    assert door.wait("new", "a", known=False) == 0, "a class that logs in at once is no guesser"
    door.failures.take_back("ada", "a", marks[0])
    assert door.wait("ada", "a") == 0, "whose password could not be checked has not failed"


def test_memory_has_a_limit(door: Door) -> None:
    for number in range(MOST_KEYS):
        door.wrong("x" * 10_000 + str(number), str(number))
    assert len(door.failures._times) <= MOST_KEYS
    assert max(len(str(key)) for key in door.failures._times) < 400


@pytest.mark.parametrize(
    ("peer", "forwarded", "ours", "in_front", "address"),
    [
        ("10.0.0.9", "1.2.3.4", True, 0, "1.2.3.4"),
        ("10.0.0.9", "6.6.6.6, 1.2.3.4", True, 0, "1.2.3.4"),  # the visitor made the first one up
        ("10.0.0.9", "6.6.6.6,1.2.3.4,10.0.0.7", True, 1, "1.2.3.4"),
        ("10.0.0.9", "1.2.3.4,10.0.0.6, 10.0.0.7", True, 2, "1.2.3.4"),
        ("10.0.0.9", "1.2.3.4", True, 1, "1.2.3.4"),  # past the Ingress
        ("10.0.0.9", "", True, 0, "10.0.0.9"),
        ("10.0.0.8", "1.2.3.4", False, 0, "10.0.0.8"),  # a user's pod asks the hub directly
        ("::ffff:10.0.0.8", "1.2.3.4", False, 0, "10.0.0.8"),
        ("10.0.0.9", "::ffff:1.2.3.4", True, 0, "1.2.3.4"),
        ("10.0.0.9", "2001:db8:1:2:3:4:5:6", True, 0, "2001:db8:1:2::/64"),
        ("10.0.0.9", "nonsense" * 100, True, 0, ("nonsense" * 8)),
    ],
)
def test_visitors_address(peer: str, forwarded: str, ours: bool, in_front: int, address: str) -> None:
    assert visitor(peer, forwarded, is_our_proxy=ours, proxies_in_front=in_front) == address


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (241, "5 minutes")]
)
def test_a_time_to_wait_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
