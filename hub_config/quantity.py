"""Amounts of CPU, memory and the like: as Kubernetes writes them, as JupyterHub does, and as people read them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from hub_config.base import JsonMap

_UNITS = {
    **{unit: 1000.0**power for power, unit in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), start=-3)},
    **{unit: 1024.0**power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
}
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i)?)")
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_SIZES = ("memory", "storage")

Bytes = Annotated[
    Annotated[int, Field(ge=0)]
    | Annotated[float, Field(ge=0)]
    | Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?[KMGT]?$")],
    Field(union_mode="left_to_right"),
]
"""A size: a number of bytes, or a text such as `512M` or `1.5G` in powers of 1024 (JupyterHub `ByteSpecification`)."""

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
    """Return an amount as Kubernetes writes it: sizes in binary units, anything else as a plain number."""
    if not resource.endswith(_SIZES):
        return f"{round(amount, 3):g}"
    unit = ""
    for each in _BINARY:
        if amount < 1024:
            break
        amount, unit = amount / 1024, each
    return f"{round(amount, 1):g}{unit}"


def _quantities(amounts: JsonMap) -> JsonMap:
    for name, amount in amounts.items():
        try:
            quantity(amount)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return amounts


Quantities = Annotated[JsonMap, AfterValidator(_quantities)]
"""Resource names to Kubernetes quantities."""
