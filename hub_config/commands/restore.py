"""`hub-config restore`: let the hub take a backup of its SQLite database at its next start. Runs in the hub's pod."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from hub_config.base import ConfigurationError
from hub_config.commands.sqlite_place import SqlitePlace, sqlite_place
from hub_config.runtime.sqlite_backup import BACKUP_MODE, RECEIVED, BackupError, new_name

HELP = "let the hub take a backup of its SQLite database at its next start (in the hub's pod)"
DESCRIPTION = """\
Verify a backup and lay it ready; the hub puts it in the place of its database when it starts the next time, and keeps
the one before beside it. Until then the hub goes on with what it has.

exit codes:
  0  it lies ready
  1  the backup cannot be used, and the reason is told; nothing was changed
  2  the command line itself is wrong"""
EPILOG = """\
examples:
  kubectl exec deploy/hub -- hub-config restore scheduled-20261125T030000Z.sqlite
  kubectl exec -i deploy/hub -- hub-config restore - < hub.sqlite
  kubectl exec deploy/hub -- hub-config restore --cancel

then:
  kubectl rollout restart deploy/hub"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "restore",
        help=HELP,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("backup", nargs="?", help="a name from `backup --list`, a file, or `-` for the standard input")
    which.add_argument("--cancel", action="store_true", help="take back a restore that the hub has not made yet")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Lay a backup ready, or take that back; return the exit code."""
    try:
        place = sqlite_place("restore")
        # Only here: JupyterHub's tables are known where JupyterHub is.
        from hub_config.runtime.sqlite_restore import laid_ready, lay_ready  # noqa: PLC0415

        if options.cancel:
            was_there = laid_ready(place.database).exists()
            laid_ready(place.database).unlink(missing_ok=True)
            print("Taken back: the hub keeps its database." if was_there else "There was nothing to take back.")
            return 0
        backup = _received(place) if options.backup == "-" else _named(options.backup, place)
        try:
            lay_ready(backup, place.database)
        except BackupError:
            if options.backup == "-":
                backup.unlink(missing_ok=True)
            raise
    except (ConfigurationError, BackupError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{backup} lies ready. The hub takes it when it starts: kubectl rollout restart deploy/hub")
    return 0


def _named(name: str, place: SqlitePlace) -> Path:
    """Return the backup of that name, or the file at that path."""
    there = place.folder / name
    return there if there.is_file() or not Path(name).is_file() else Path(name)


def _received(place: SqlitePlace) -> Path:
    """Write the standard input among the backups, and return where."""
    backup = place.folder / new_name(RECEIVED, time.time())
    try:
        backup.parent.mkdir(parents=True, exist_ok=True)
        backup.touch(mode=BACKUP_MODE)
        with backup.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
    except OSError as error:
        backup.unlink(missing_ok=True)
        raise BackupError(f"{backup} cannot be written: {error.strerror or error}") from error
    return backup
