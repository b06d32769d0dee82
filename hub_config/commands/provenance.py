"""Which value key decides a field: found by leaving out, one after the other, the keys that somebody wrote."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from hub_config.base import ConfigurationError
from hub_config.commands.layers import Layers, over_defaults, paths_in
from hub_config.places import Path
from hub_config.values import Values

_ABSENT = object()


def leaves(data: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted path, value) of everything in `data` that is no map or list, and of empty ones."""
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from leaves(value, _join(prefix, key) if prefix else key)
    elif isinstance(data, list) and data:
        for index, value in enumerate(data):
            yield from leaves(value, f"{prefix}[{_name(value, index)}]")
    else:
        yield prefix, data


def _join(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if key.isidentifier() else f'{prefix}["{key}"]'


def _name(item: Any, index: int) -> str:
    """Return an item's own name where it has one: it stays the same when items before it go."""
    return str(item["name"]) if isinstance(item, dict) and isinstance(item.get("name"), str) else str(index)


def sources(layers: Layers, make: Callable[[Values], Any]) -> dict[str, list[Path]]:
    """Return, for each leaf of what `make` makes of the values, the written keys that change it when left out."""
    whole = dict(leaves(make(_values(layers.own))))
    found: dict[str, list[Path]] = {leaf: [] for leaf in whole}
    for path in _written(layers.own):
        without = _without(layers.own, path, make)
        if without is None:
            continue
        key, made = without
        other = dict(leaves(made))
        for leaf, value in whole.items():
            if other.get(leaf, _ABSENT) != value and key not in found[leaf]:
                found[leaf].append(key)
    return found


def _written(own: dict[str, Any]) -> list[Path]:
    """Return the keys that somebody wrote and that hold no map; a list counts as one value."""
    paths = [path for path in paths_in(own) if path and all(isinstance(part, str) for part in path)]
    return [path for path in paths if not isinstance(_at(own, path), dict) or not _at(own, path)]


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _without(own: dict[str, Any], path: Path, make: Callable[[Values], Any]) -> tuple[Path, Any] | None:
    """Make it all again without a key; where that cannot be, without the map that the key is in."""
    for length in range(len(path), 0, -1):
        less = copy.deepcopy(own)
        del _at(less, path[: length - 1])[path[length - 1]]
        try:
            return path[:length], make(_values(less))
        except (ValidationError, ConfigurationError):
            continue
    return None


def _values(own: dict[str, Any]) -> Values:
    return Values.model_validate(over_defaults(own), by_alias=True, by_name=False)
