"""Where the hub's SQLite database and its backups are, for the commands that run in the hub's pod."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub_config.base import ConfigurationError
from hub_config.hub.database import SQLITE_FILE, is_sqlite_file
from hub_config.load import read_values
from hub_config.mounted import MOUNTED


@dataclass(frozen=True)
class SqlitePlace:
    """The database's file and the folder of its backups, from the folder in which hub and commands run."""

    database: Path
    folder: Path


def sqlite_place(command: str, root: Path = MOUNTED) -> SqlitePlace:
    """Return where they are by the values mounted below `root`; raises `ConfigurationError` where there are none."""
    if not (root / "values").is_dir():
        raise ConfigurationError(f"this runs in the hub's pod: kubectl exec deploy/hub -- hub-config {command}")
    values = read_values(root)
    if not is_sqlite_file(values):
        kind = values.hub.db.type if values.hub.db.type != "sqlite-pvc" else "sqlite-pvc with a db_url of your own"
        raise ConfigurationError(
            f"the hub's database is of hub.db.type {kind}, which this command cannot copy: use the database's own "
            "tools, such as pg_dump and pg_restore; docs/databases.md has the commands"
        )
    return SqlitePlace(Path(SQLITE_FILE), Path(values.hub.db.backup.folder))
