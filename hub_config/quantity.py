"""Amounts of CPU, memory and the like: as Kubernetes writes them, as JupyterHub does, and as people read them."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import Field

_UNITS = {
    **{unit: 1000.0**power for power, unit in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), start=-3)},
    **{unit: 1024.0**power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
}
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i)?)")
_SIZES = ("memory", "storage")

Bytes = Annotated[
    Annotated[int, Field(ge=0)]
    | Annotated[float, Field(ge=0)]
    | Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?[KMGT]?$")],
    Field(union_mode="left_to_right"),
]
"""A size: a number of bytes, or a text such as `512M` or `1.5G` in powers of 1024 (JupyterHub `ByteSpecification`)."""

Quantity = Annotated[
    Annotated[int, Field(ge=0)]
    | Annotated[float, Field(ge=0)]
    | Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?([numkMGTPE]|[KMGTPE]i)?$")],
    Field(union_mode="left_to_right"),
]
"""An amount as Kubernetes writes it: a number, or a text such as `500m` or `1.5Gi` (Kubernetes API "Quantity")."""

_JUPYTERHUB_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


def to_bytes(size: float | str) -> float:
    """Return the number of bytes that a `Bytes` value means."""
    if isinstance(size, int | float):
        return size
    match = re.fullmatch(r"([0-9.]+)([KMGT]?)", size)
    if match is None:
        raise ValueError(f"{size!r} is no size: write a number with K, M, G or T, such as 512M")
    return float(match[1]) * _JUPYTERHUB_UNITS[match[2]]


def quantity(text: Any) -> float:
    """Return a Kubernetes quantity as a number (Kubernetes API "Quantity"). Raises `ValueError`."""
    match = _QUANTITY.fullmatch(str(text))
    if match is None or isinstance(text, bool):
        raise ValueError(f"{text!r} is no amount: write a number, with a unit such as m, M, Mi or Gi where one belongs")
    number, exponent, unit = match.groups()
    return float(number) * (10.0 ** int(exponent) if exponent else _UNITS[unit or ""])


def shown(resource: str, amount: float) -> str:
    """Return an amount as Kubernetes writes it, rounded up: sizes in the largest exact unit, anything else plainly."""
    if not resource.endswith(_SIZES):
        return f"{math.ceil(round(amount * 1000, 3)) / 1000:g}"
    if amount < _UNITS["Mi"]:
        return f"{math.ceil(amount)}"
    whole, unit = math.ceil(amount / _UNITS["Mi"]), "Mi"
    for larger in ("Gi", "Ti", "Pi"):
        if whole % 1024:
            break
        whole, unit = whole // 1024, larger
    return f"{whole}{unit}"
