"""Where `ci` keeps what is worth keeping between runs, and a lock so that two runs never write it at the same time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ci.progress import CiError, say

CACHE_NAME = "jupyterhub-chart"
"""Name of the folder in the person's cache folder."""


def cache_root() -> Path:
    """Return `${XDG_CACHE_HOME:-~/.cache}/jupyterhub-chart`, which all is kept below; it may not exist yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / CACHE_NAME


def cache_folder(name: str) -> Path:
    """Return (and make) the folder `name` below `cache_root`."""
    folder = cache_root() / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(path: Path, *, what: str, timeout: float) -> Iterator[None]:
    """Hold the lock file `path`, waiting at most `timeout` seconds for whoever holds it, else raise `CiError`.

    The kernel drops the lock with the process that holds it: a killed run leaves nothing to clean up.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + timeout
    with path.open("a") as file:
        waiting = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise CiError(f"waited {timeout:.0f} s for another run to finish {what} ({path})") from None
                if not waiting:
                    say(f"waiting for another run that is busy with {what}")
                    waiting = True
                time.sleep(0.2)
        yield
