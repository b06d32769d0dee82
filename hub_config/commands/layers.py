"""Merge value files over the chart's defaults as Helm does, and remember which file and line each key came from."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub_config.base import Model, submodel
from hub_config.commands.findings import Finding, Mark
from hub_config.commands.read import ValueFile, read
from hub_config.generate import default_values
from hub_config.places import Path
from hub_config.values import Values


@dataclass
class Layers:
    """Value files merged in their order, without the defaults, and the place of each key that is left."""

    files: list[str]
    own: dict[str, Any] = field(default_factory=dict)
    marks: dict[Path, Mark] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    blocks: dict[Path, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    complete: bool = True
    """Whether every file could be read."""
    prefix: Path = ()
    """Where the chart's values are in the files: not at the top in those of a parent chart."""

    def add(self, file: ValueFile) -> None:
        """Merge one more file over the others: maps key by key, anything else replaced."""
        self.findings += file.findings
        if file.data is None:
            self.complete = False
            return
        data = self._below_prefix(file)
        if data is not None:
            self._merge(self.own, data, (), file)

    def _below_prefix(self, file: ValueFile) -> dict[str, Any] | None:
        data: Any = file.data
        for length, part in enumerate(self.prefix):
            if not isinstance(data, dict):
                break
            data = data.get(str(part))
            if data is None:
                return None
            if not isinstance(data, dict):
                mark = file.marks[self.prefix[: length + 1]]
                key = ".".join(map(str, self.prefix[: length + 1]))
                self.findings.append(Finding(mark, key, "write a map: the chart's values"))
                return None
        return data if isinstance(data, dict) else None

    def _merge(self, into: dict[str, Any], more: dict[str, Any], path: Path, file: ValueFile) -> None:
        for key, value in more.items():
            below = (*path, key)
            if isinstance(value, dict) and isinstance(into.get(key), dict):
                self._note(below, file)
                self._merge(into[key], value, below, file)
            else:
                self._forget(below, into.get(key))
                into[key] = value
                self._take(below, value, file)

    def _note(self, path: Path, file: ValueFile) -> None:
        if (mark := file.marks.get((*self.prefix, *path))) is not None:
            self.marks[path] = mark

    def _forget(self, path: Path, value: Any) -> None:
        for each in paths_in(value, path):
            self.marks.pop(each, None)
            self.texts.pop(each, None)
            self.blocks.pop(each, None)

    def _take(self, path: Path, value: Any, file: ValueFile) -> None:
        for each in paths_in(value, path):
            whole = (*self.prefix, *each)
            if whole in file.marks:
                self.marks[each] = file.marks[whole]
            if whole in file.texts:
                self.texts[each] = file.texts[whole]
            if whole in file.blocks:
                self.blocks[each] = file.blocks[whole]

    def mark(self, path: Path) -> Mark:
        """Return the place of the key at `path`, or of the nearest key above it that somebody wrote."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.marks:
                return self.marks[path[:length]]
        return Mark(self.files[-1])

    def written_below(self, path: Path) -> list[Path]:
        """Return the paths that the files write at or below `path`."""
        return [each for each in self.marks if each[: len(path)] == path]


def paths_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield `path` and the paths of everything inside `value`, which is there."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from paths_in(below, (*path, key))


def load(names: list[str], prefix: Path = ()) -> Layers:
    """Read and merge value files, in the order in which Helm gets them with `-f`."""
    layers = Layers(["<stdin>" if name == "-" else name for name in names], prefix=prefix)
    for name in names:
        layers.add(read(name))
    return layers


def over_defaults(own: dict[str, Any]) -> dict[str, Any]:
    """Return the defaults with `own` over them, as Helm does, but null kept where a model has the key.

    Helm drops a key of the defaults that is set to null. Whether a key of a model may be null is for the model to say;
    any other key is dropped here too.
    """
    return _over(default_values(), own, Values)


def _over(defaults: dict[str, Any], own: dict[str, Any], model: type[Model] | None) -> dict[str, Any]:
    fields = {each.alias or name: each for name, each in model.model_fields.items()} if model else {}
    result = dict(defaults)
    for key, value in own.items():
        default = result.get(key)
        if value is None and key in defaults and key not in fields:
            del result[key]
        elif isinstance(value, dict) and isinstance(default, dict):
            inner = submodel(fields[key].annotation) if key in fields else None
            result[key] = _over(default, value, inner)
        else:
            result[key] = copy.deepcopy(value)
    return result
