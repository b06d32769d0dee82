"""Plain scalars as Helm reads them: YAML 1.1 with the exceptions of Go's library.

`yes` is true, `0644` is 420 and `1.20` is 1.2, as in YAML 1.1; dates and `1:30:00` stay texts, as in JSON.
"""

from __future__ import annotations

import math
import re

_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUE = {each for word in ("y", "yes", "true", "on") for each in (word, word.capitalize(), word.upper())}
_FALSE = {each for word in ("n", "no", "false", "off") for each in (word, word.capitalize(), word.upper())}
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_NUMBERS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_BASES = {"0x": 16, "0b": 2, "0o": 8}

Scalar = str | int | float | bool | None


def resolve(text: str) -> Scalar:
    """Return what Helm makes of a plain scalar."""
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] in "+-.0123456789":
        return _number(text)
    return text


def _number(text: str) -> Scalar:
    digits = text.replace("_", "")
    if match := _INTEGER.fullmatch(digits):
        sign = -1 if match[1] == "-" else 1
        return sign * _integer(match[2].lower())
    if _FLOAT.fullmatch(digits):
        value = float(digits)
        return text if math.isinf(value) else value
    return text


def _integer(text: str) -> int:
    if text[:2] in _BASES:
        return int(text[2:], _BASES[text[:2]])
    return int(text, 8) if text.startswith("0") else int(text)


def is_no_json_number(text: str) -> bool:
    """Tell whether a plain scalar is an infinity or no number, which Helm refuses."""
    return _NOT_NUMBERS.fullmatch(text) is not None


def reads_as(text: str, value: Scalar) -> str | None:
    """Return, for a plain scalar that YAML takes for something else than it looks like, a clause that says so."""
    if isinstance(value, bool) and text.lower() not in ("true", "false"):
        return f"YAML reads {text} as {str(value).lower()}; in quotes it stays a text"
    if isinstance(value, int | float) and not isinstance(value, bool) and text != _printed(value):
        return f"YAML reads {text} as the number {_printed(value)}; in quotes it stays as it is"
    return None


def _printed(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
