"""Kubernetes quantities as numbers."""

from __future__ import annotations

import re

_UNITS = {
    **{unit: 1000.0**power for power, unit in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), start=-3)},
    **{unit: 1024.0**power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
}


def quantity(text: str) -> float:
    """Return a Kubernetes quantity as a number, 0 for what is none (Kubernetes API "Quantity")."""
    match = re.fullmatch(r"([0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)", text)
    return float(match[1]) * _UNITS.get(match[2], 1) if match else 0.0
