"""Read a value file as Helm reads it, with the place of every key, and tell what is wrong with it as YAML."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import yaml

from hub_config.commands.findings import Finding, Mark, Severity
from hub_config.commands.scalars import is_no_json_number, reads_as, resolve
from hub_config.commands.yaml_errors import sentence
from hub_config.places import Path
from hub_config.problems import dotted

_PLAIN = "!plain"
_MOST_BYTES = 4 * 2**20
_MOST_NODES = 200_000
_DEEPEST = 100
_MERGE = "<<"


class _Loader(yaml.CSafeLoader):
    """Composes nodes and leaves plain scalars unresolved: PyYAML's rules for them are not Helm's."""

    yaml_implicit_resolvers: dict[Any, Any] = {None: [(_PLAIN, re.compile(""))]}


@dataclass
class ValueFile:
    """A value file: its values, and for the path of each key and item its place and, when it is plain, its text.

    `data` is None when the file cannot be read at all; `findings` says why.
    """

    name: str
    data: dict[str, Any] | None = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    blocks: dict[Path, int] = field(default_factory=dict)
    """The line before the first of a text that is a block (`|`)."""
    findings: list[Finding] = field(default_factory=list)


class _UnreadableError(Exception):
    """Why a file cannot be read, and where."""

    def __init__(self, text: str, line: int = 1, column: int = 1) -> None:
        super().__init__(text)
        self.text, self.line, self.column = text, line, column


def read(name: str) -> ValueFile:
    """Return the value file `name`; `-` is the standard input. Never raises for what is in the file."""
    found = ValueFile("<stdin>" if name == "-" else name)
    try:
        node = _map_of(_composed(_text(name)))
        if node is None:
            found.data = {}
        else:
            found.data = _Builder(found).mapping(node, ())
    except _UnreadableError as reason:
        mark = Mark(found.name, reason.line, reason.column)
        found.findings.append(Finding(mark, "", reason.text))
        found.data = None
    return found


def _text(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read(_MOST_BYTES + 1) if name == "-" else File(name).read_bytes()
    except FileNotFoundError:
        raise _UnreadableError("there is no such file") from None
    except IsADirectoryError:
        raise _UnreadableError("this is a folder, not a file") from None
    except OSError as error:
        raise _UnreadableError(f"the file cannot be read: {error.strerror}") from None
    if len(raw) > _MOST_BYTES:
        raise _UnreadableError(
            f"the file is larger than {_MOST_BYTES >> 20} MiB, and Helm keeps values in a Secret of at most 1 MiB: is "
            "this the right file? Large contents belong into an image or a ConfigMap"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _UnreadableError("this is no UTF-8 text: save the file as UTF-8", line) from None


def _composed(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        documents: list[yaml.Node] = []
        while loader.check_node():
            node: Any = loader.get_node()
            documents.append(node)
            if len(documents) == 2:
                line = node.start_mark.line + 1
                raise _UnreadableError(
                    "a second document begins here (`---`): some versions of Helm leave it out; write one document a "
                    "file, and give each file with -f",
                    line,
                )
    except yaml.MarkedYAMLError as error:
        raise _UnreadableError(*sentence(error, text)) from None
    except yaml.reader.ReaderError as error:
        at = min(error.position, len(text) - 1)
        reason = f"a character that YAML forbids (U+{ord(text[at]):04X}): delete it"
        raise _UnreadableError(reason, text.count("\n", 0, at) + 1) from None
    except RecursionError:
        raise _UnreadableError(f"more than {_DEEPEST} maps or lists inside each other") from None
    finally:
        loader.dispose()
    return documents[0] if documents else None


def _map_of(node: yaml.Node | None) -> yaml.MappingNode | None:
    if node is None or isinstance(node, yaml.MappingNode):
        return node
    if node.tag == _PLAIN and resolve(str(node.value)) is None:  # only `---`
        return None
    kind = "a list" if isinstance(node, yaml.SequenceNode) else "a text"
    raise _UnreadableError(f"this file is {kind}: write a map, `key: value`", node.start_mark.line + 1)


class _Builder:
    """Builds values from nodes, and notes places and mistakes in `found`."""

    def __init__(self, found: ValueFile) -> None:
        self.found = found
        self.nodes = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise _UnreadableError(
                f"aliases (`*name`) make more than {_MOST_NODES} values of this file: write it without"
            )
        if len(path) > _DEEPEST:
            raise _UnreadableError(f"more than {_DEEPEST} maps or lists inside each other", node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        raise AssertionError(node)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _PLAIN and key_node.value == _MERGE:
                merged = {**self._merge(value_node, path), **merged}
                continue
            key = self._key(key_node, path)
            below = (*path, key)
            if key in lines:
                self._tell(key_node, below, f"is written twice, first in line {lines[key]}: only this one counts")
                self._forget(below)
            lines.setdefault(key, key_node.start_mark.line + 1)
            self.found.marks[below] = self._mark(key_node)
            own[key] = self.value(value_node, below)
        return {**merged, **own}

    def _forget(self, path: Path) -> None:
        for places in (self.found.marks, self.found.texts, self.found.blocks):
            _remove_below(places, path)

    def _merge(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        """Return the maps that `<<` brings in; the first of several wins."""
        maps = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(each, yaml.MappingNode) for each in maps):
            raise _UnreadableError("`<<` takes a map, or a list of maps", node.start_mark.line + 1)
        result: dict[str, Any] = {}
        for each in maps:
            result = {**self.value(each, path), **result}
        return result

    def _item(self, node: yaml.Node, path: Path) -> Any:
        self.found.marks[path] = self._mark(node)
        return self.value(node, path)

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        if node.style in ("|", ">"):
            self.found.blocks[path] = node.start_mark.line + 1
        if node.tag != _PLAIN:
            return str(node.value)
        if is_no_json_number(node.value):
            self._tell(node, path, f"{node.value} is no number that Helm takes: write a finite one, or quote it")
        self.found.texts[path] = node.value
        return resolve(node.value)

    def _key(self, node: yaml.Node, path: Path) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise _UnreadableError(
                "a map or list as a key. Helm renders no templates in value files: put `{{ ... }}` in quotes",
                node.start_mark.line + 1,
                node.start_mark.column + 1,
            )
        value = resolve(node.value) if node.tag == _PLAIN else node.value
        if isinstance(value, str):
            return value
        if value is None:
            raise _UnreadableError("a key is empty or null: write its name", node.start_mark.line + 1)
        key = str(value).lower() if isinstance(value, bool) else str(value)
        if clause := reads_as(node.value, value):
            self._tell(node, (*path, key), f'the key {node.value} is no text: {clause}: write "{node.value}"')
        return key

    def _mark(self, node: yaml.Node) -> Mark:
        return Mark(self.found.name, node.start_mark.line + 1, node.start_mark.column + 1)

    def _tell(self, node: yaml.Node, path: Path, text: str, severity: Severity = "error") -> None:
        self.found.findings.append(Finding(self._mark(node), dotted(path), text, severity))


def _remove_below(places: dict[Path, Any], path: Path) -> None:
    for each in [each for each in places if each[: len(path)] == path]:
        del places[each]
