"""kubelet's control groups. It deletes those of pods that it does not know, so clusters side by side need their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from ci.cluster.embedded.settings import Settings

CGROUPS = Path("/sys/fs/cgroup")


def root(settings: Settings) -> str:
    """Return the group below which kubelet makes the pods'."""
    return f"/{settings.name}" if settings.instance else "/"


def create(settings: Settings) -> None:
    """Make that group in each hierarchy of version 1, or in the only one of version 2."""
    if root(settings) == "/":
        return
    for top in _hierarchies():
        controllers = top / "cgroup.controllers"
        group = top / settings.name
        group.mkdir(exist_ok=True)
        if controllers.exists():
            enabled = " ".join(f"+{name}" for name in controllers.read_text(encoding="utf-8").split())
            (top / "cgroup.subtree_control").write_text(enabled, encoding="utf-8")
        if (group / "cpuset.cpus").exists() and not controllers.exists():
            # In version 1 a new group may use no CPU at all until it is told which.
            for name in ("cpuset.cpus", "cpuset.mems"):
                (group / name).write_text((top / name).read_text(encoding="utf-8"), encoding="utf-8")


def remove(settings: Settings) -> None:
    """Remove the groups, which are empty by now."""
    name = settings.name if settings.instance else "kubepods"
    for top in (each / name for each in _hierarchies()):
        if top.exists():
            folders = [path for path in top.rglob("*") if path.is_dir()]
            for folder in [*sorted(folders, reverse=True), top]:
                # A group with processes, which would be another cluster's, cannot be removed, and stays.
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _hierarchies() -> Iterable[Path]:
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    return [path for path in CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()]
