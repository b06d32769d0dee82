"""What a command found in value files: where it is, what to do about it, and the forms that it is printed in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Format = Literal["text", "json", "github"]
FORMATS: tuple[Format, ...] = ("text", "json", "github")


@dataclass(frozen=True, order=True)
class Mark:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """Return the place as compilers print it, which editors make clickable."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Finding:
    """One sentence about one place; `key` is the dotted key, empty when the file itself is meant."""

    mark: Mark
    key: str
    text: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return the line that people read."""
        kind = "" if self.severity == "error" else "warning: "
        return f"{self.mark}: {kind}{self.key}: {self.text}" if self.key else f"{self.mark}: {kind}{self.text}"


def in_order(findings: Iterable[Finding], files: Sequence[str]) -> list[Finding]:
    """Return each finding once, by file as the files were given, then by line."""
    rank = {name: position for position, name in enumerate(files)}
    unique = list(dict.fromkeys(findings))
    return sorted(unique, key=lambda each: (rank.get(each.mark.file, len(rank)), each.mark, each.key))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Tell whether one of the findings is an error."""
    return any(each.severity == "error" for each in findings)


def rendered(findings: Sequence[Finding], form: Format, files: Sequence[str]) -> str:
    """Return the findings as text for people, JSON, or annotations of GitHub's workflow commands."""
    if form == "json":
        return json.dumps({"ok": not has_errors(findings), "findings": [_object(each) for each in findings]}, indent=1)
    if form == "github":
        return "\n".join(_annotation(each) for each in findings)
    return "\n".join([*map(str, findings), _summary(findings, files)])


def _object(finding: Finding) -> dict[str, str | int]:
    mark = finding.mark
    return {
        "file": mark.file,
        "line": mark.line,
        "column": mark.column,
        "key": finding.key,
        "severity": finding.severity,
        "message": finding.text,
    }


def _annotation(finding: Finding) -> str:
    """Return a workflow command (GitHub Actions "Setting an error message")."""
    mark = finding.mark
    place = f"file={_property(mark.file)},line={mark.line},col={mark.column}"
    title = f",title={_property(finding.key)}" if finding.key else ""
    text = f"{finding.key}: {finding.text}" if finding.key else finding.text
    return f"::{finding.severity} {place}{title}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _summary(findings: Sequence[Finding], files: Sequence[str]) -> str:
    errors = sum(each.severity == "error" for each in findings)
    warnings = len(findings) - errors
    names = ", ".join(files)
    if not findings:
        return f"{names}: fine"
    counted = [_counted(errors, "error")] * bool(errors) + [_counted(warnings, "warning")] * bool(warnings)
    return f"{names}: {' and '.join(counted)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
