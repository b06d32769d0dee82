"""`hub-config backup`: a backup of the hub's SQLite database, now. Runs in the hub's pod."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from hub_config.base import ConfigurationError
from hub_config.commands.sqlite_place import sqlite_place
from hub_config.runtime.sqlite_backup import MANUAL, BackupError, back_up, backups, made_at, new_name

HELP = "a backup of the hub's SQLite database, now, while the hub runs (in the hub's pod)"
DESCRIPTION = """\
Copy the hub's database while it is in use, verify the copy, and print where it is. Backups that were made so are kept
until somebody deletes them; those that the hub makes by itself (hub.db.backup) are pruned.

exit codes:
  0  the backup is there and sound
  1  there is none, and the reason is told
  2  the command line itself is wrong"""
EPILOG = """\
examples:
  kubectl exec deploy/hub -- hub-config backup
  kubectl exec deploy/hub -- hub-config backup --output - > hub.sqlite
  kubectl exec deploy/hub -- hub-config backup --list"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "backup",
        help=HELP,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--output", metavar="FILE", help="write it there, `-` for the standard output, to take it away")
    what.add_argument("--list", action="store_true", help="make none, and list those that are there")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the list")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make a backup or list those that are there; return the exit code."""
    try:
        place = sqlite_place("backup")
        if options.list:
            _print_list(backups(place.folder), options.format)
        elif options.output == "-":
            _stream(place.database)
        else:
            target = Path(options.output) if options.output else place.folder / new_name(MANUAL, time.time())
            print(back_up(place.database, target))
    except (ConfigurationError, BackupError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _stream(database: Path) -> None:
    """Write a backup, verified first, to the standard output."""
    with tempfile.TemporaryDirectory() as folder, back_up(database, Path(folder) / "hub.sqlite").open("rb") as made:
        shutil.copyfileobj(made, sys.stdout.buffer)


def _print_list(found: list[Path], style: str) -> None:
    """Print name, size in bytes and time of each backup, the oldest first."""
    rows = [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "made": datetime.fromtimestamp(made_at(path) or 0, UTC).isoformat(),
        }
        for path in found
    ]
    if style == "json":
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print(f"{row['name']:42}  {row['bytes']:>12}  {row['made']}")
    if not rows:
        print("There are no backups.", file=sys.stderr)
