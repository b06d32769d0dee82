"""Find everything that is wrong with merged value files, and where it was written."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from hub_config import traits
from hub_config.base import ConfigurationError
from hub_config.commands.findings import Finding, Mark, in_order
from hub_config.commands.layers import Layers, over_defaults
from hub_config.commands.rules import broken
from hub_config.commands.scalars import reads_as, resolve
from hub_config.compose import configure
from hub_config.facts import Facts
from hub_config.places import Path, annotation_at
from hub_config.problems import Problem, as_json, dotted, found, is_secret, spawner_problems
from hub_config.spawner_traits import wrong_in
from hub_config.values import Values
from hub_config.z2jh_keys import Idle, switched_on

_ROUNDS = 50
_NAMES = (
    *("hub", "hub-credentials", "hub-db-dir", "image-pull-secret", "priority"),
    *("proxy-api", "proxy-public", "singleuser"),
)
_KEY_FIRST = re.compile(r"([A-Za-z][\w.\[\]-]*): (.*)", re.DOTALL)
_VERSIONS = ("tag", "version", "image")


@dataclass
class Examined:
    """What was found, and the values: without what is wrong in them, so that they are always valid."""

    values: Values
    findings: list[Finding] = field(default_factory=list)


def examine(layers: Layers) -> Examined:
    """Return every mistake of the merged files, each once, in the order of files and lines.

    What is wrong is put aside and the rest looked at again, so that one mistake does not hide another; a rule over
    several values is told only when none of them was put aside.
    """
    examiner = _Examiner(layers)
    values = examiner.valid()
    if layers.complete:
        examiner.together(values)
    findings = [*layers.findings, *examiner.findings, *_doubtful(layers)]
    return Examined(values, in_order(findings, layers.files))


def offline_facts(release: str = "jupyterhub", namespace: str = "jupyterhub") -> Facts:
    """Return facts of a release that is not installed, with the authenticators of the chart's own hub image."""
    names = {name: name for name in _NAMES}
    return Facts(
        release=release,
        namespace=namespace,
        chart_name="jupyterhub",
        names=names,
        authenticators=traits.authenticators(),
    )


class _Examiner:
    def __init__(self, layers: Layers) -> None:
        self.layers = layers
        self.aside: list[Path] = []
        self.findings: list[Finding] = []

    def valid(self) -> Values:
        """Return the values without what is wrong in them; each mistake becomes a finding."""
        own = copy.deepcopy(self.layers.own)
        for _ in range(_ROUNDS):
            try:
                return Values.model_validate(over_defaults(own), by_alias=True, by_name=False)
            except ValidationError as error:
                problems = found(error, self._as_text)
            for problem in problems:
                if problem.is_missing and problem.path in self.aside:
                    continue
                if not (problem.together and (not self.layers.complete or self._undecided(problem))):
                    self._tell(problem)
            put = {_nearest(own, problem.path) for problem in problems} - {()}
            for path in put:
                _delete(own, path)
            # A key that is not there because it is misspelt counts as put aside, too.
            meant = [each.meant for each in problems if each.meant]
            self.aside += [*put, *(path for path in meant if _nearest(own, path) != path)]
        raise AssertionError("values that stay wrong whatever is left out")

    def together(self, values: Values) -> None:
        """Tell which rules over several values are broken."""
        for each in broken(values):
            self._tell_rule(each.paths, each.text)
        self._tell_what_has_no_effect()
        try:
            configure(values, offline_facts())
        except ConfigurationError as error:
            self._tell_error(values, error)
        said = traits.findings(values.hub.config, traits.pinned())
        for line in said.errors:
            self._tell_error(values, ConfigurationError(line))
        self._notes(said.notes)
        for section in ("KubeSpawner", "Spawner"):
            for wrong in wrong_in(values.hub.config.get(section, {}), shapes_alone=True):
                for problem in spawner_problems(("hub", "config", section, *wrong.path), wrong, self._as_text):
                    self._tell(problem)
        for name, code in values.hub.extra_config.items():
            self._compile(("hub", "extraConfig", name), code)

    def _tell_what_has_no_effect(self) -> None:
        for key, said in switched_on(self.layers.own):
            path = tuple(key.split("."))
            told = any(each.key == self._shown(path) for each in self.findings)
            if isinstance(said, Idle) and not told and not self._touched(path):
                self.findings.append(Finding(self.layers.mark(path), self._shown(path), said.sentence, "warning"))

    def _tell_error(self, values: Values, error: ConfigurationError) -> None:
        match = _KEY_FIRST.fullmatch(str(error))
        path, text = (_path(match[1]), match[2]) if match else ((), str(error))
        shown = self._shown(path)
        if any(each.key == shown for each in self.findings) or self._is_told(path):
            return
        if path[-1:] == ("authenticator_class",) and values.hub.image != Values().hub.image:
            doubt = text.replace("the hub's image", "the chart's image")
            self.findings.append(Finding(self.layers.mark(path), shown, doubt, "warning"))
        else:
            self._tell_rule([path], text)

    def _is_told(self, path: Path) -> bool:
        """Tell whether a key of `hub.config` whose name has dots, and which is told already, is meant."""
        return path[:2] == ("hub", "config") and any(
            each.key.startswith('hub.config["') and each.severity == "error" for each in self.findings
        )

    def _notes(self, notes: list[str]) -> None:
        for note in notes:
            key, _, text = note.partition(": ")
            path = tuple(key.split("."))
            self.findings.append(Finding(self.layers.mark(path), self._shown(path), text, "warning"))

    def _compile(self, path: Path, code: str) -> None:
        try:
            compile(code, dotted(path), "exec")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            reason = getattr(error, "msg", None) or str(error)
            mark = self.layers.mark(path)
            if path in self.layers.blocks:
                mark = Mark(mark.file, self.layers.blocks[path] + line)
            text = f"line {line} of this code is no Python: {reason}"
            self.findings.append(Finding(mark, self._shown(path), text))

    def _tell_rule(self, paths: list[Path], text: str) -> None:
        if any(self._touched(path) for path in paths):
            return
        nearest = next((path for path in paths if path in self.layers.marks), paths[0])
        mark = self._mark_together(nearest, text)
        text += self._where([path for path in paths if path in self.layers.marks])
        self.findings.append(Finding(mark, self._shown(paths[0]), text))

    def _tell(self, problem: Problem) -> None:
        path, text = problem.path, problem.text
        if not problem.key and (clause := self._trap(path)):
            text = f"{text} ({clause})"
        mark = self._mark_together(path, text) if problem.together else self.layers.mark(path)
        if problem.together:
            below = self.layers.written_below(path)
            text += self._where([each for each in below if each != path and _names(text, each[-1])])
        self.findings.append(Finding(mark, self._shown(path), text))

    def _mark_together(self, path: Path, text: str) -> Mark:
        """Return the place, at or below `path`, of a key that the sentence names; the last one written."""
        said = [below for below in self.layers.written_below(path) if below != path and _names(text, below[-1])]
        return self.layers.marks[said[-1]] if said else self.layers.mark(path)

    def _where(self, paths: list[Path]) -> str:
        """Return a clause that names the place of each key, when they were written in several files."""
        marks = {path: self.layers.marks[path] for path in paths}
        if len({mark.file for mark in marks.values()}) < 2:
            return ""
        said = [f"{path[-1]} is in {mark.file}:{mark.line}" for path, mark in marks.items()]
        return f" ({', '.join(said)})"

    def _trap(self, path: Path) -> str | None:
        text = self.layers.texts.get(path)
        return reads_as(text, resolve(text)) if text is not None and not is_secret(path) else None

    def _as_text(self, path: Path, value: Any) -> str:
        return self.layers.texts.get(path, as_json(path, value))

    def _shown(self, path: Path) -> str:
        return dotted((*self.layers.prefix, *path))

    def _undecided(self, problem: Problem) -> bool:
        """Tell whether a sentence over several values is about one that was put aside."""
        path = problem.path
        below = [put for put in self.aside if put[: len(path)] == path and len(put) > len(path)]
        above = any(path[: len(put)] == put for put in self.aside)
        return above or any(_names(problem.text, put[-1]) for put in below)

    def _touched(self, path: Path) -> bool:
        return any(path[: len(put)] == put or put[: len(path)] == path for put in self.aside)


def _path(key: str) -> Path:
    """Return the path of a key as sentences have it, such as `hub.tolerations[0].key`."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", key))


def _names(text: str, key: int | str) -> bool:
    """Tell whether a sentence names a key."""
    return re.search(rf"\b{re.escape(str(key))}\b", text) is not None


def _nearest(own: dict[str, Any], path: Path) -> Path:
    """Return `path`, or the nearest path above that a file wrote; a list stands for everything in it.

    A list is put aside as a whole, as its other items would have other numbers afterwards.
    """
    at: Any = own
    for length, part in enumerate(path):
        if not isinstance(at, dict) or part not in at:
            return path[:length]
        at = at[part]
    return path


def _delete(own: dict[str, Any], path: Path) -> None:
    at: Any = own
    for part in path[:-1]:
        at = at.get(part) if isinstance(at, dict) else None
    if isinstance(at, dict):
        at.pop(path[-1], None)


def _doubtful(layers: Layers) -> Iterator[Finding]:
    """Yield warnings about plain scalars, in what is free-form, that YAML takes for something else."""
    for path, text in layers.texts.items():
        clause = reads_as(text, resolve(text))
        is_word = clause is not None and isinstance(resolve(text), bool) and isinstance(path[-1], int)
        is_version = clause is not None and isinstance(resolve(text), float) and str(path[-1]) in _VERSIONS
        if (is_word or is_version) and annotation_at(path) is Any and not is_secret(path[:1]):
            shown = dotted((*layers.prefix, *path))
            yield Finding(layers.mark(path), shown, f'{clause}: write "{text}" if a text is meant', "warning")
        if str(path[-1]) in ("mode", "defaultMode") and text in _DECIMAL_MODES:
            shown = dotted((*layers.prefix, *path))
            meant = f"{int(text)} is 0{int(text):o} in octal: write 0{text} if the permissions {text} are meant"
            yield Finding(layers.mark(path), shown, meant, "warning")


_DECIMAL_MODES = {
    "400",
    "440",
    "444",
    "500",
    "550",
    "555",
    "600",
    "640",
    "644",
    "660",
    "664",
    "700",
    "750",
    "755",
    "777",
}


def without_marks(finding: Finding) -> Finding:
    """Return the finding as if it were about no place, to compare what was said."""
    return replace(finding, mark=Mark(""))
