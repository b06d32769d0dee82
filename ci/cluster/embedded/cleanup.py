"""Remove every trace of the embedded cluster, in whatever state a killed run has left it.

The order matters: processes first, since they hold mounts and make new ones; then mounts, since deleting a folder
must never reach through one; then the network; then folders.
"""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
import socket
from pathlib import Path

from ci.cluster.embedded import cgroups, cilium, namespace, network
from ci.cluster.embedded.packages import SYSTEM_PATH
from ci.cluster.embedded.processes import kill_all
from ci.cluster.embedded.settings import Settings
from ci.progress import CiError, run, say

UMOUNT_TIMEOUT = 60.0
POD_LOGS = Path("/var/log/pods")
CONTAINER_LOG_LINKS = Path("/var/log/containers")
DEVICE_PLUGINS = Path("/var/lib/kubelet/device-plugins")


def clean(settings: Settings) -> None:
    """Leave nothing of the cluster but cached binaries. Raises `CiError` when something resists."""
    killed = kill_all(settings)
    if not (killed or settings.state.exists() or namespace.exists(settings)):
        return  # nothing of ours is here, so a Kubernetes that is here is somebody else's
    say(f"Removing the embedded cluster ({killed} processes)")
    unmount(settings)
    network.remove(settings)
    _remove_logs(settings)
    cgroups.remove(settings)
    _remove_shared_folders()
    _remove_state(settings)


def mounts(settings: Settings, table: Path = Path("/proc/mounts")) -> list[str]:
    """Return the mount points below the state folder, the deepest and latest first."""
    inside = f"{settings.state}/"
    points = [_unescape(line.split(" ")[1]) for line in table.read_text(errors="replace").splitlines()]
    return [point for point in reversed(points) if point.startswith(inside)]


def unmount(settings: Settings) -> None:
    """Unmount everything below the state folder. Raises `CiError` naming what stays."""
    points = mounts(settings)
    if points:
        environment = {"PATH": SYSTEM_PATH}
        run(["umount", *points], timeout=UMOUNT_TIMEOUT, env=environment, check=False)
    left = mounts(settings)
    if left:
        # Held by a process that is not ours (a shell standing in the folder): detach, it goes when that ends.
        run(["umount", "--lazy", *left], timeout=UMOUNT_TIMEOUT, env={"PATH": SYSTEM_PATH}, check=False)
    still = mounts(settings)
    if still:
        raise CiError(f"cannot unmount {', '.join(still[:5])}: nothing is deleted below a mount, unmount it first")


def _unescape(text: str) -> str:
    r"""Return a path of /proc/mounts with its `\040` (space) and the like replaced."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def _remove_logs(settings: Settings) -> None:
    """Remove our pods' logs outside of the state folder: links by new kubelets, logs themselves by old ones."""
    pods = settings.state / "kubelet" / "pods"
    identifiers = [folder.name for folder in pods.iterdir()] if pods.exists() else []
    folders = [folder for identifier in identifiers for folder in POD_LOGS.glob(f"*_{identifier}")]
    if CONTAINER_LOG_LINKS.exists():
        for link in CONTAINER_LOG_LINKS.iterdir():
            target = link.readlink() if link.is_symlink() else link
            if settings.state in target.parents or any(folder in target.parents for folder in folders):
                link.unlink()
    for folder in folders:
        shutil.rmtree(folder)


def _remove_shared_folders() -> None:
    """Remove the folders that kubelet and Cilium make whatever they are told, unless another cluster uses them."""
    listener = DEVICE_PLUGINS / "kubelet.sock"
    if listener.exists():
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(listener)) == errno.ECONNREFUSED:
                listener.unlink()
    # Cilium's own folder is empty: its files were in a mount that has gone with it.
    for folder in (DEVICE_PLUGINS, DEVICE_PLUGINS.parent, cilium.RUN):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _remove_state(settings: Settings) -> None:
    if settings.state.exists():
        # Moved aside first: a state folder is there whole or not at all, even when the removal is killed.
        graveyard = settings.home / "removing"
        graveyard.mkdir(parents=True, exist_ok=True)
        settings.state.rename(graveyard / f"{settings.state.stat().st_ctime_ns}")
    if (settings.home / "removing").exists():
        shutil.rmtree(settings.home / "removing")
