"""How often a password may be guessed: failed logins by user name and address, and who has to wait for how long.

Three counts, because one cannot do. A user name from one address bears a guesser beside the rightful user; a user name
from everywhere bears many machines against one account; an address alone bears one password tried on many names, but a
whole class may sit behind one address, so that only names that are new to the hub wait for it.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

MOST_KEYS = 20_000
"""Names and addresses that are remembered; the one that failed longest ago is forgotten first."""
_LONGEST_NAME = 255
_Key = tuple[Hashable, int]
"""What failures are counted under, and how many are allowed."""


@dataclass(frozen=True)
class Limits:
    """Failures of the last `seconds` seconds that are allowed."""

    seconds: float
    per_user_and_address: int
    per_user: int
    per_address: int


class Failures:
    """Failed logins of the last while."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._times: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def wait(self, user: str, address: str, *, is_known: bool) -> int:
        """Return the seconds until `user` may try again from `address`; 0 when now. `is_known` to the hub or not."""
        by_name, by_address = self._keys(user, address)
        keys = by_name if is_known else [*by_name, by_address]
        return math.ceil(max(self._wait(key, most) for key, most in keys))

    def begin(self, user: str, address: str) -> float:
        """Count an attempt as a failure until its end is known, or many at once would all pass; return its mark."""
        mark = self._clock()
        for key, most in self._keys(user, address)[0]:
            self._add(key, most, mark)
        return mark

    def fail(self, user: str, address: str) -> None:
        """End an attempt with a wrong password: it counts for the address too."""
        key, most = self._keys(user, address)[1]
        self._add(key, most, self._clock())

    def take_back(self, user: str, address: str, mark: float) -> None:
        """End an attempt that was none: the password could not be checked."""
        for key, _ in self._keys(user, address)[0]:
            times = self._times.get(key)
            if times and mark in times:
                times.remove(mark)

    def forgive(self, user: str, address: str, mark: float) -> None:
        """End an attempt with the right password: who knows it is no guesser, there."""
        self.take_back(user, address, mark)
        self._times.pop(self._keys(user, address)[0][0][0], None)

    def _add(self, key: Hashable, most: int, when: float) -> None:
        times = self._times.setdefault(key, deque(maxlen=most))
        times.append(when)
        self._times.move_to_end(key)
        if len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)

    def _keys(self, user: str, address: str) -> tuple[list[_Key], _Key]:
        """Return the keys that a user's failures are counted under, and that of the address."""
        name, limits = user[:_LONGEST_NAME].casefold(), self._limits
        by_name: list[_Key] = [
            (("both", name, address), limits.per_user_and_address),
            (("user", name), limits.per_user),
        ]
        return by_name, (("address", address), limits.per_address)

    def _wait(self, key: Hashable, most: int) -> float:
        """Return the seconds until the oldest of the last `most` failures counts no more."""
        times = self._times.get(key)
        if times is None or len(times) < most:
            return 0.0
        return max(0.0, times[0] + self._limits.seconds - self._clock())


def visitor(peer: str, forwarded_for: str, *, is_our_proxy: bool, proxies_in_front: int) -> str:
    """Return the address that a request came from.

    Each proxy adds, at the end of `X-Forwarded-For`, whom it was called by; what stands before the entries of proxies
    that are there can be anybody's invention. A peer that is not our proxy is taken for the visitor itself.
    """
    hops = [each.strip() for each in forwarded_for.split(",") if each.strip()]
    if not is_our_proxy or not hops:
        return network(peer)
    return network(hops[-min(proxies_in_front + 1, len(hops))])


def network(address: str) -> str:
    """Return what one visitor has: an IPv4 address, or the /64 of an IPv6 address; any other text as it is."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
