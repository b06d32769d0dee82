"""The hub's database: users, servers and tokens; not the users' files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import ConfigurationError, Model, PositiveInt, Reader, StringMap
from hub_config.facts import Facts
from hub_config.kubernetes import AccessMode, LabelSelector

if TYPE_CHECKING:
    from hub_config.values import Values

PASSWORD_KEY = "hub.db.password"  # noqa: S105 - a key of the Secret
SQLITE_FILE = "jupyterhub.sqlite"
"""Where the hub's process runs: in its image, `/srv/jupyterhub`."""
BACKUP_SERVICE = "database-backup"
_BACKUP_PROGRAM = Path(__file__).parents[1] / "runtime" / "sqlite_backup.py"
CONNECT_SECONDS = 10
"""Seconds after which an attempt to connect is given up: the hub stands still meanwhile."""
_LOST_SECONDS = 30
"""Seconds after which a connection whose other end is silent counts as lost; Linux alone waits for a quarter hour."""


class DatabasePvc(Model):
    """The volume of an SQLite database, with `type: sqlite-pvc`."""

    annotations: StringMap = {}
    """Annotations of the claim."""
    selector: LabelSelector = {}
    """Which volumes may be taken, as Kubernetes `LabelSelector`."""
    access_modes: list[AccessMode] = ["ReadWriteOnce"]
    """How the volume may be mounted."""
    storage: str = "1Gi"
    """Size of the volume."""
    sub_path: str | None = None
    """A folder in the volume to use instead of its root."""
    storage_class_name: str | None = None
    """The storage class; null takes the cluster's default, "" takes a volume without class."""


class DatabaseBackup(Model):
    """Backups of the database, with `type: sqlite-pvc`."""

    reader: ClassVar[Reader] = Reader.HUB

    enabled: bool | None = None
    """Whether the hub makes backups by itself; null makes them with `sqlite-pvc`. A server has backups of its own."""
    every: PositiveInt = 86400
    """Seconds between two backups."""
    keep: PositiveInt = 7
    """How many of them are kept. Backups that were made by hand are kept until somebody deletes them."""
    folder: Annotated[str, Field(min_length=1)] = "backups"
    """Where they are, from the database's folder: on the same volume, or `/PATH` of a volume in `hub.extraVolumes`."""


class Database(Model):
    """The hub's database."""

    reader: ClassVar[Reader] = Reader.HUB

    type: Literal["sqlite-pvc", "sqlite-memory", "mysql", "postgres", "other"] = "sqlite-pvc"
    """`sqlite-pvc` on a volume of its own, `sqlite-memory` (forgets at each restart), or a server that `url` names."""
    upgrade: bool | None = None
    """Whether tables of an older JupyterHub are brought up to date at start; null does so for `sqlite-pvc` only, where
    JupyterHub first copies the file. With a server of your own, make a backup, then write true."""
    pvc: Annotated[DatabasePvc, Reader.TEMPLATES] = DatabasePvc()
    """The volume, with `type: sqlite-pvc`."""
    backup: DatabaseBackup = DatabaseBackup()
    """Backups of the database, with `type: sqlite-pvc`."""
    url: Annotated[str | None, Reader.HUB_SECRET] = None
    """SQLAlchemy's address, with `type: mysql`, `postgres` or `other`, such as `postgresql://hub@db/hub` or
    `mysql+pymysql://hub@db/hub`. `hub.config.JupyterHub.db_kwargs` replaces the chart's settings of the connection."""
    password: Annotated[str | None, Reader.HUB_SECRET] = None
    """Its password, with `type: mysql` or `postgres`; better kept in `hub.existingSecret` as `hub.db.password`."""

    @model_validator(mode="after")
    def _url_fits_type(self) -> Self:
        if self.type in ("mysql", "postgres", "other") and not self.url:
            raise ValueError(
                f"type {self.type} needs url: the address of the database, such as postgresql://hub@db/hub"
            )
        if self.type.startswith("sqlite-") and (self.url or self.password):
            raise ValueError(
                f"type {self.type} takes no url and no password: remove them, or choose mysql, postgres, other"
            )
        if self.type != "sqlite-pvc" and self.backup.enabled:
            raise ValueError(
                f"type {self.type} is not backed up by the hub: remove backup.enabled, and see docs/databases.md for "
                "backups of a server"
            )
        return self


def configure(values: Values, facts: Facts) -> Config:
    """Configure `JupyterHub.db_url` and, for the two servers that are known, how their driver connects.

    The password goes into the address, as the one place that JupyterHub's migrations read as well as the hub; it
    strikes it out where it logs the address. An address that has a password keeps it.
    """
    config = Config()
    database = values.hub.db
    if database.type == "sqlite-pvc":
        config.JupyterHub.db_url = f"sqlite:///{SQLITE_FILE}"
        if is_sqlite_file(values) and database.backup.enabled is not False:
            config.JupyterHub.services = [_backup_service(database.backup)]
    elif database.type == "sqlite-memory":
        config.JupyterHub.db_url = "sqlite://"
    elif database.url is None:
        raise ConfigurationError(f"hub.db.url is missing: hub.db.type {database.type} needs it")
    elif database.type == "other":
        config.JupyterHub.db_url = database.url
    else:
        config.JupyterHub.db_url = with_password(database.url, facts.credentials.get(PASSWORD_KEY))
        if arguments := connect_args(database.url):
            config.JupyterHub.db_kwargs = {"connect_args": arguments}
    return config


def is_sqlite_file(values: Values) -> bool:
    """Tell whether the database is the chart's own SQLite file, the one kind that `hub-config backup` can copy."""
    return values.hub.db.type == "sqlite-pvc" and "db_url" not in values.hub.config.get("JupyterHub", {})


def _backup_service(backup: DatabaseBackup) -> dict[str, Any]:
    """Return a service that the hub runs and starts anew should it end; it has no rights at the hub's API.

    The program is run as a file: see there.
    """
    options = {"database": SQLITE_FILE, "folder": backup.folder, "every": backup.every, "keep": backup.keep}
    command = [sys.executable, "-I", str(_BACKUP_PROGRAM), *(f"--{name}={value}" for name, value in options.items())]
    return {"name": BACKUP_SERVICE, "command": command}


def with_password(url: str, password: str | None) -> str:
    """Return the address of a database with a password: its own when it has one."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    if not password or ":" in user or not at:
        return url
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}").geturl()


def connect_args(url: str) -> dict[str, Any]:
    """Return the driver's settings for a hub, which waits for each answer: no attempt and no silence may last.

    Of `psycopg` and `psycopg2` (libpq's parameters, PostgreSQL "Database Connection Control Functions") and of
    `pymysql`; another driver has other names for them, and gets none.
    """
    name, _, driver = urlsplit(url).scheme.partition("+")
    if name in ("postgresql", "postgres") and driver in ("", "psycopg", "psycopg2"):
        return {
            "connect_timeout": CONNECT_SECONDS,
            "keepalives_idle": _LOST_SECONDS,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": _LOST_SECONDS * 1000,
        }
    if driver == "pymysql":
        return {"connect_timeout": CONNECT_SECONDS, "read_timeout": _LOST_SECONDS, "write_timeout": _LOST_SECONDS}
    return {}
