"""A rule over several values that is broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hub_config.places import Path
from hub_config.values import Values


@dataclass(frozen=True)
class Broken:
    """A rule that is broken: the key that it is told under, the other keys that have a part in it, the sentence."""

    key: str
    text: str
    others: tuple[str, ...] = ()
    at: Path | None = None
    """The path of the key where its name may hold a dot."""

    @property
    def paths(self) -> list[Path]:
        """The keys as paths, the one that it is told under first."""
        if self.at is not None:
            return [self.at]
        return [_path(key) for key in (self.key, *self.others)]


def _path(key: str) -> Path:
    """Return the path of a key such as `singleuser.initContainers[0]`."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", key)
    return tuple(int(index) if index else name for index, name in parts)


Rule = Callable[[Values], Iterator[Broken]]
