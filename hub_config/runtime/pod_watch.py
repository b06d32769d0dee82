"""KubeSpawner's watch of pods, and a way to await the next change in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from kubespawner.spawner import PodReflector
from traitlets import validate


class _Observed(dict[str, Any]):
    """The pods by reference; says so whenever one is added, replaced or removed."""

    def __init__(self, pods: dict[str, Any], changed: Callable[[], None]) -> None:
        super().__init__(pods)
        self._changed = changed

    def __setitem__(self, reference: str, pod: Any) -> None:
        super().__setitem__(reference, pod)
        self._changed()

    def pop(self, reference: str, *default: Any) -> Any:
        try:
            return super().pop(reference, *default)
        finally:
            self._changed()


class PodWatch(PodReflector):  # type: ignore[misc]  # KubeSpawner has no type information
    """A `PodReflector` whose changes can be awaited instead of asked for again and again."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        super().__init__(*arguments, **named)

    @validate("resources")
    def _observe(self, proposal: Any) -> _Observed:
        """Take every new list of pods under observation: the reflector replaces its dict when it lists anew."""
        self._changed()
        return _Observed(proposal["value"], self._changed)

    def _changed(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting = set()

    async def change(self) -> None:
        """Return at the next change of any pod."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
