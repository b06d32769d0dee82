"""What a person probably meant by a word, a number or a unit that is wrong; plain functions on texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

ALIKE = 0.6
VERY_ALIKE = 0.84
SLIP = 0.92
"""How much alike two long names are that differ by a letter or two."""
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_TRUE = {"true", "yes", "on", "y", "1", "enabled"}
_FALSE = {"false", "no", "off", "n", "0", "disabled"}


def fold(name: str) -> str:
    """Return a key without what people forget: case, `_` and `-`."""
    return name.replace("_", "").replace("-", "").lower()


def near(name: str, candidates: Sequence[str], cutoff: float = ALIKE) -> str | None:
    """Return the candidate that is most like `name`, None when none is like it."""
    folded: dict[str, list[str]] = {}
    for each in candidates:
        folded.setdefault(fold(each), []).append(each)
    found = get_close_matches(fold(name), list(folded), n=1, cutoff=cutoff)
    # Of two that differ in their spelling alone the one in the same style is meant.
    return min(folded[found[0]], key=lambda each: ("_" in each) != ("_" in name)) if found else None


def choice(value: Any, choices: Sequence[str]) -> str | None:
    """Return the choice that was probably meant."""
    return near(str(value), choices) if isinstance(value, str) else None


def boolean(value: Any) -> str | None:
    """Return `true` or `false` for a text or number that means it."""
    word = str(value).lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else None


def number(value: Any, *, whole: bool) -> str | None:
    """Return the number that a text means: `"64"`, `"1h"` in seconds, `"500m"` of CPU."""
    text = str(value).strip() if isinstance(value, str) else ""
    if re.fullmatch(r"-?[0-9]+" if whole else r"-?[0-9]*\.?[0-9]+", text):
        return text
    if whole and (match := re.fullmatch(r"([0-9]+) ?(s|m|min|h|d)", text)):
        return str(int(match[1]) * _SECONDS[match[2]])
    if not whole and (match := re.fullmatch(r"([0-9]+)m", text)):
        return f"{int(match[1]) / 1000:g}"
    return None


def unit(value: Any, pattern: str) -> str | None:
    """Return the text that fits `pattern` and differs from `value` by its unit alone (`1Gi` for `1G`, `10GB`)."""
    text = str(value).replace(" ", "")
    changes: tuple[Callable[[str], str], ...] = (
        lambda text: text,
        lambda text: text.removesuffix("B").removesuffix("b"),
        lambda text: text.removesuffix("B").removesuffix("b").removesuffix("i"),
        lambda text: text.upper(),
        lambda text: text.upper().removesuffix("B").removesuffix("I"),
        lambda text: re.sub(r"([kmgtpe])i?b?$", lambda match: match[1].upper() + "i", text, flags=re.IGNORECASE),
        lambda text: f"/{text}",
        lambda text: re.sub(r"([kmgtp])[a-z]*$", lambda match: match[1].upper(), text, flags=re.IGNORECASE),
    )
    fitting = (changed for change in changes if re.search(pattern, changed := change(text)))
    return next(fitting, None)
