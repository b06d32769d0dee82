"""Say in words why a text is no YAML, and where."""

from __future__ import annotations

import yaml

_WORDS = (
    ("mapping values are not allowed", "a `:` too many: quote a text that contains `: `, or mend the indentation"),
    (
        "could not find expected ':'",
        "a line without `key: value`: add the colon, or indent the line if it continues a text",
    ),
    ("did not find expected key", "the indentation does not fit the lines above: align keys of one map"),
    ("did not find expected '-' indicator", "an item of a list without `- `, or a key not aligned with its map"),
    ("did not find expected ',' or ']'", "a `[` without its `]`, or a `,` missing between items"),
    ("did not find expected ',' or '}'", "a `{` without its `}`, or a `,` missing between keys"),
    ("found unexpected end of stream", "a quoted text without its end"),
    ("block sequence entries are not allowed", "a list's item (`- `) cannot be here: begin it on a line of its own"),
    ("found undefined alias", "`*` refers to an anchor (`&`) that is not above: quote the text if none is meant"),
    (
        "found unknown escape character",
        "a `\\` in double quotes begins an escape: write `\\\\`, or use single quotes (\"...\" to '...')",
    ),
    ("control characters are not allowed", "an invisible control character: delete it"),
)
_RESERVED = {"@", "`", "%"}


def sentence(error: yaml.MarkedYAMLError, text: str) -> tuple[str, int, int]:
    """Return (what is wrong, line, column); the text of the file is not repeated, as it may hold a secret."""
    problem = error.problem or error.context or "unreadable"
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"this is no YAML: {problem}", 1, 1
    lines = text.splitlines() or [""]
    here = lines[mark.line] if mark.line < len(lines) else ""
    at_end = mark.line >= len(lines)
    line, column = (len(lines), len(lines[-1]) + 1) if at_end else (mark.line + 1, mark.column + 1)
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return "a tab in the indentation: YAML takes spaces only", line, here.index("\t") + 1
    if "cannot start any token" in problem:
        return _token(here[mark.column : mark.column + 1]), line, column
    words = next((words for part, words in _WORDS if part in problem), None)
    begun = error.context_mark
    if words and begun is not None and begun.line + 1 != line:
        words += f" (what it belongs to begins in line {begun.line + 1})"
    return words or f"this is no YAML: {problem}", line, column


def _token(character: str) -> str:
    if character == "\t":
        return "a tab where YAML wants a space"
    if character in _RESERVED:
        return f"a text may not begin with {character}: put it in quotes"
    return f"{character or 'this'} cannot begin anything here: put the text in quotes"
