"""Keys of Zero to JupyterHub's values that this chart has no place for, and what to write instead."""

from __future__ import annotations

from hub_config.meant import Path


def advice(path: Path) -> str | None:
    """Return what to write instead of a key of Zero to JupyterHub, None when it is none or is understood here."""
    return None
