"""What tests ask of every pod: the level `restricted`, and more."""

from __future__ import annotations

from typing import Any

from hub_config.pod_security.standards import containers, violations

__all__ = ["lax_resources", "violations", "writable_roots"]


def writable_roots(spec: dict[str, Any]) -> list[str]:
    """Return the containers whose root file system can be written to: a rule of this chart, not of the level."""
    contexts = {each["name"]: each.get("securityContext", {}) for each in containers(spec)}
    return [name for name, context in contexts.items() if not context.get("readOnlyRootFilesystem")]


def lax_resources(spec: dict[str, Any]) -> list[str]:
    """Return what containers do not say about what they need at least, and may use at most."""
    wanted = {"requests": ("cpu", "memory", "ephemeral-storage"), "limits": ("memory", "ephemeral-storage")}
    return [
        f"{each['name']}: {kind}.{name}"
        for each in containers(spec)
        for kind, names in wanted.items()
        for name in names
        if name not in each.get("resources", {}).get(kind, {})
    ]
