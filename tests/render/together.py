"""Several mistakes in one render: Helm tells all that the schema finds at once, and the chart all that is left.

A start of Helm costs a fifth of a second, most of it for the schema, and there are hundreds of mistakes to try. Those
that go together have nothing in common: no value of one is a value of another, and no key that must be named is
another's or lies within it. So whatever a line says of a key is said of one mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Key = tuple[str, ...]
Case = TypeVar("Case")
_PART = re.compile(r'\["([^"]+)"\]|\[(\d+)\]|([^.\[\]]+)')
_POINTER = re.compile(r"- at '(/?[^']*)': (.*)")
_SAID_OF = re.compile(r"(?:Error: .*?: )?([^\s:]+)(?:: | may not be null: )")


def key(dotted: str) -> Key:
    """Return the parts of a key as `hub-config check` writes it: `hub.tolerations[0].kee`, `hub.config["a.b"]`."""
    return tuple("".join(found) for found in _PART.findall(dotted))


def related(one: Key, other: Key) -> bool:
    """Tell whether the keys are the same or one is within the other."""
    short = min(len(one), len(other))
    return one[:short] == other[:short]


def groups(cases: Sequence[Case], of: Callable[[Case], tuple[dict[str, Any], Key]]) -> list[list[Case]]:
    """Put cases together that have nothing in common; `of` returns a case's values and the key that must be named."""
    made: list[list[Case]] = []
    for case in cases:
        fitting = (group for group in made if not any(_in_common(of(case), of(each)) for each in group))
        if (group := next(fitting, None)) is None:
            made.append([case])
        else:
            group.append(case)
    return made


def _in_common(one: tuple[dict[str, Any], Key], other: tuple[dict[str, Any], Key]) -> bool:
    return related(one[1], other[1]) or _overlap(one[0], other[0])


def _overlap(one: Any, other: Any) -> bool:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return True
    return any(_overlap(one[name], other[name]) for name in one.keys() & other.keys())


def refusals(
    cases: Sequence[Case],
    of: Callable[[Case], tuple[dict[str, Any], Key]],
    helm: Callable[[list[Case]], str | None],
) -> list[tuple[Case, list[str] | None]]:
    """Return for each case the lines that name its key, and None for what Helm takes.

    `helm` renders cases together and returns its refusal, None when there is none. The schema is checked before the
    templates run, so what a refusal does not name is tried again without what it names, until nothing more is named.
    """
    found: list[tuple[Case, list[str] | None]] = []
    for group in groups(cases, of):
        left = group
        while left:
            refusal = helm(left)
            if refusal is None:
                found += [(case, None) for case in left]
                break
            said = [(case, said_of(refusal, of(case)[1])) for case in left]
            named = [(case, lines) for case, lines in said if lines]
            found += named or said
            left = [case for case, lines in said if not lines] if named else []
    return found


def said_of(refusal: str, named: Key) -> list[str]:
    """Return the lines of a refusal that are about a key: about itself, what is in it, or that it may not be there."""
    return [line for line in refusal.splitlines() if any(related(each, named) for each in _told(line, named))]


def _told(line: str, named: Key) -> Iterator[Key]:
    """Yield the keys that a line is about; of what is above `named` only when the line has its next part in quotes."""
    if f"invalid propertyName '{named[-1]}'" in line:
        yield named  # The library that Helm checks with names another place then.
    elif found := _POINTER.search(line):
        where = tuple(part.replace("~1", "/").replace("~0", "~") for part in found[1].split("/")[1:])
        if len(where) >= len(named) or f"'{named[len(where)]}'" in found[2]:
            yield where
    elif (found := _SAID_OF.match(line)) and related(key(found[1]), key(".".join(named))):
        yield named
