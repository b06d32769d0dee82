"""A backup in the place of an SQLite database: laid ready while the hub runs, and put in place when it starts.

Between the two the hub goes on with what it has; nothing that the old process still writes gets into the restored
database. The replaced one is kept beside it.
"""

from __future__ import annotations

import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from jupyterhub.app import JupyterHub
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from traitlets.config import Application, Config

from hub_config.runtime.database_check import schema_problem
from hub_config.runtime.sqlite_backup import BackupError, back_up, backups, content_problem

_JOURNALS = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a database, by name: another database of that name must not get it (SQLite "How To Corrupt
An SQLite Database File", unlinking or renaming)."""


def laid_ready(database: Path) -> Path:
    """Return where a backup lies that the hub takes at its next start."""
    return database.with_name(f"{database.name}.restore")


def lay_ready(backup: Path, database: Path) -> None:
    """Let the hub take a copy of `backup` at its next start. Raises `BackupError` for one that it could not use."""
    if not backup.is_file():
        raise BackupError(f"{backup} is not there: hub-config backup --list tells what is")
    if problem := content_problem(backup):
        raise BackupError(f"{backup} cannot be restored: {problem}")
    engine = create_engine("sqlite://", creator=lambda: _open(backup))
    try:
        with engine.connect() as connection:
            # An older one's tables are brought up to date by the hub, which asks for that itself.
            problem = schema_problem(connection, upgrades=True)
    finally:
        engine.dispose()
    if problem:
        raise BackupError(f"{backup} cannot be restored: {problem}")
    back_up(backup, laid_ready(database))


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def take(database: Path, now: datetime) -> Path | None:
    """Put what lies ready in the place of `database`, which nobody may have open; return where the replaced one is.

    Killed at any point, the next call goes on where this one ended. None when nothing lies ready.
    """
    ready = laid_ready(database)
    if not ready.exists():
        return None
    replaced = database.with_name(f"{database.name}.replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    for ending in ("", *_JOURNALS):
        old = database.with_name(database.name + ending)
        if old.exists():
            old.rename(replaced.with_name(replaced.name + ending))
    ready.rename(database)
    return replaced


def restore_at_start(config: Config, folder: Path) -> None:
    """Take what lies ready, in the hub's process before it opens its database; other commands leave it alone."""
    url = make_url(config.JupyterHub.db_url)
    if not _is_the_hub() or url.get_backend_name() != "sqlite" or not url.database:
        return
    database = Path(url.database)
    if replaced := take(database, datetime.now(UTC)):
        print(f"Restored {database} from a backup; the one before is {replaced}", file=sys.stderr)
    elif not database.exists() and (found := backups(folder)):
        print(
            f"{database} is not there and is made anew, EMPTY. There are backups, the newest is {found[-1].name}: "
            f"hub-config restore {found[-1].name}",
            file=sys.stderr,
        )


def _is_the_hub() -> bool:
    """Tell whether this process is about to be the hub: `jupyterhub token` and the like read its files as well."""
    app = Application.instance() if Application.initialized() else None
    return isinstance(app, JupyterHub) and app.subapp is None
