"""Backups of an SQLite database that is in use: made, verified, kept and pruned.

Standard library only, because the hub runs this very file as a managed service, which sleeps nearly always: 15 MB so,
where the package's models alone make it 61. The backup is SQLite's own ("SQLite Online Backup API"): a consistent copy
while the hub writes, made by a process of its own, so the hub's event loop goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEDULED, MANUAL, RECEIVED = "scheduled", "manual", "received"
"""How a backup came to be, and so what its name begins with; only scheduled ones are pruned."""
RETRY_SECONDS = 600
"""Seconds after which a scheduled backup that failed is tried again."""
_LOCK_SECONDS = 30
_STALE_SECONDS = 3600
_PART = ".part"
_FORMAT = "%Y%m%dT%H%M%SZ"
BACKUP_MODE = 0o660
"""Owner and group: it holds hashes of tokens, and a volume's group is what stays when a pod's user changes."""


class BackupError(Exception):
    """A backup or restore that cannot be: the message says what is wrong and what to do."""


def new_name(kind: str, now: float) -> str:
    """Return the name of a backup made at `now`, seconds since the epoch, such as `manual-20261125T030000Z.sqlite`."""
    return f"{kind}-{datetime.fromtimestamp(now, UTC).strftime(_FORMAT)}.sqlite"


def backups(folder: Path, kind: str = "*") -> list[Path]:
    """Return the backups in `folder` that have a name of ours, oldest first."""
    found = [(made, path) for path in folder.glob(f"{kind}-*.sqlite") if (made := made_at(path)) is not None]
    return [path for _, path in sorted(found)]


def made_at(path: Path) -> float | None:
    """Return the time in a backup's name, in seconds since the epoch; None for another name."""
    try:
        return datetime.strptime(path.stem.rpartition("-")[2], _FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def back_up(database: Path, target: Path) -> Path:
    """Write a verified copy of `database`, which may be in use, as the file `target`, and return it.

    `target` appears whole or not at all. Raises `BackupError`, with the database as it was.
    """
    if not database.is_file():
        raise BackupError(f"{database} is not there: the hub makes it when it starts with hub.db.type: sqlite-pvc")
    with _new_file(target) as part:
        _check_room(database.stat().st_size, target.parent)
        copy(database, part)
        if problem := content_problem(part):
            raise BackupError(
                f"{database} is damaged, and no backup was made of it: {problem}. Restore an older one: "
                "hub-config backup --list, hub-config restore NAME"
            )
    return target


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Give an empty file that becomes `target` when all went well, and is gone otherwise."""
    part = target.with_name(f".{target.name}.{os.getpid()}{_PART}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, BACKUP_MODE))
        try:
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            for leftover in (part, part.with_name(f"{part.name}-journal")):
                leftover.unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}") from error


def _check_room(size: int, folder: Path) -> None:
    """Refuse a copy that would leave the database, which may be on the same volume, no room to grow."""
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        raise BackupError(
            f"{folder} has {_megabytes(free)} free, and a backup of {_megabytes(size)} must leave as much for the "
            "database itself: delete old backups (hub-config backup --list), lower hub.db.backup.keep, or enlarge "
            "the volume"
        )


def copy(source: Path, target: Path) -> None:
    """Copy the database `source` over the file `target`. Raises `BackupError`.

    In one step, for which writers of `source` wait: 1 to 2 s for 100 MB on a busy machine, where a hub has 1 MB for a
    thousand users, and itself waits 5 s for a lock. Steps would begin anew whenever the hub writes. What is on the disk
    is made sure of afterwards, when nobody waits.
    """
    try:
        # `rw` opens what is there and makes nothing; what a crash left half-written is rolled back first.
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=_LOCK_SECONDS)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            new.execute("PRAGMA synchronous=OFF")
            old.backup(new)
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied to {target.parent}: {error}") from error


def content_problem(file: Path) -> str | None:
    """Return why a file is no sound database of a JupyterHub; None when it is one."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                return " ".join(str(said).split())
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        return str(error)
    missing = {"users", "servers", "api_tokens"} - tables
    return f"it has no table {', '.join(sorted(missing))} of JupyterHub" if missing else None


def prune(folder: Path, keep: int, now: float) -> list[Path]:
    """Delete all but the `keep` newest scheduled backups, and what a killed process left; return the backups deleted.

    Never called after a failure: then the old ones are all there is.
    """
    for part in folder.glob(f".*{_PART}*"):
        with contextlib.suppress(FileNotFoundError):
            if now - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()
    old = backups(folder, SCHEDULED)[:-keep]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def seconds_until_due(folder: Path, every: int, now: float) -> float:
    """Return the seconds until the next scheduled backup, 0 when it is due; the hub's restarts do not change it."""
    made = [made_at(path) or 0.0 for path in backups(folder, SCHEDULED)]
    # A clock that was wrong once must not put backups off for long.
    return min(max(0.0, made[-1] + every - now), float(every)) if made else 0.0


def run_scheduled(database: Path, folder: Path, keep: int, now: float) -> str:
    """Make a scheduled backup, prune, and return a line about it. Raises `BackupError`."""
    made = back_up(database, folder / new_name(SCHEDULED, now))
    pruned = prune(folder, keep, now)
    more = f"; deleted {', '.join(path.name for path in pruned)}" if pruned else ""
    return f"Backed up {database} to {made} ({_megabytes(made.stat().st_size)}){more}"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def serve(database: Path, folder: Path, every: int, keep: int, pause: Callable[[float], None] = time.sleep) -> None:
    """Make backups for ever; one that fails is told, and tried again soon."""
    while True:
        if seconds := seconds_until_due(folder, every, time.time()):
            pause(seconds)
            continue
        try:
            print(run_scheduled(database, folder, keep, time.time()), file=sys.stderr, flush=True)
        except (BackupError, OSError) as error:
            print(f"NO BACKUP of the hub's database: {error}", file=sys.stderr, flush=True)
            pause(min(every, RETRY_SECONDS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--every", type=int, required=True)
    parser.add_argument("--keep", type=int, required=True)
    options = parser.parse_args()
    serve(options.database, options.folder, options.every, options.keep)
