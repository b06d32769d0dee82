"""Whether the hub's database can be used as the values say: asked by the preflight job, which changes nothing in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import alembic.config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from jupyterhub.dbutil import ALEMBIC_DIR
from jupyterhub.orm import Base
from sqlalchemy import Connection, create_engine, exc, inspect, text
from traitlets.config import Config

from hub_config.hub.database import PASSWORD_KEY

RETRY_SECONDS = 15.0
"""Seconds for which a database that does not answer is asked again: a network may need a moment to know a new pod."""
_PAUSE_SECONDS = 1.0
_SWITCH = "preflight.database: false"
_LOCAL = ("", "localhost", "127.0.0.1", "::1")
_REFUSED_LOGINS = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "Access denied for user",
    "does not exist",
    "Unknown database",
)
"""What servers say, once reached, of a login or a database that will not do at the next attempt either."""
_MISSING_PASSWORDS = ("no password supplied", "(using password: NO)")


@dataclass(frozen=True)
class Hub:
    """What matters of the hub's pod: its configuration, its manifest, and the keys of the Secrets that it mounts."""

    config: Config
    pod: Mapping[str, Any]
    credentials: Collection[str] = ()

    @property
    def url(self) -> str:
        """The database's address."""
        return str(self.config.JupyterHub.db_url)

    @property
    def container(self) -> Mapping[str, Any]:
        """The hub's own container."""
        return next(each for each in self.pod["spec"]["containers"] if each["name"] == "hub")

    @property
    def upgrades(self) -> bool:
        """Whether the hub brings the tables up to date when it starts."""
        return "--upgrade-db" in self.container.get("args", []) or bool(self.config.JupyterHub.get("upgrade_db"))


def why_not_checked(hub: Hub) -> str | None:
    """Return why this job cannot see the database as the hub will; None when it can."""
    parts = urlsplit(hub.url)
    if parts.scheme.startswith("sqlite"):
        return "an SQLite file is on the hub's own volume"
    if (parts.hostname or "") in _LOCAL:
        return "its address leads to the hub's own pod"
    said = f"{hub.url} {hub.config.JupyterHub.get('db_kwargs')}"
    for mount in hub.container.get("volumeMounts", []):
        if mount["mountPath"].rstrip("/") in said and mount["name"] != "tmp":
            return f"it needs {mount['mountPath']}, which is mounted in the hub's pod alone"
    for variable in hub.container.get("env", []):
        source = variable.get("valueFrom", {}).get("secretKeyRef", {})
        if variable["name"].startswith("PG") and source.get("key") != PASSWORD_KEY:
            return f"the variable {variable['name']} is set in the hub's pod alone"
    return None


def database_problem(
    hub: Hub, *, seconds: float = RETRY_SECONDS, pause: Callable[[float], None] = time.sleep
) -> str | None:
    """Return what keeps the hub from using its database; None when nothing does. Reads, and writes nothing."""
    try:
        engine = create_engine(hub.url, **hub.config.JupyterHub.get("db_kwargs", {}))
    except (exc.NoSuchModuleError, ModuleNotFoundError) as error:
        return (
            f"hub.db.url: {error}: the hub's image has drivers for postgresql://, postgresql+psycopg2:// and "
            "mysql+pymysql://; another one needs an image of your own"
        )
    except exc.ArgumentError:
        return "hub.db.url: is no address of a database: write it like postgresql://hub@db/hub"
    except TypeError as error:
        return f"hub.config.JupyterHub.db_kwargs: {error}"
    deadline = time.monotonic() + seconds
    while True:
        try:
            with engine.connect() as connection:
                return schema_problem(connection, upgrades=hub.upgrades)
        except exc.DBAPIError as error:
            said = " ".join(str(error.orig).split())
            final = any(each in said for each in _REFUSED_LOGINS)
            if final or time.monotonic() >= deadline:
                return _refusal(said, final=final, has_password=PASSWORD_KEY in hub.credentials)
            pause(_PAUSE_SECONDS)
        finally:
            engine.dispose()


def _refusal(said: str, *, final: bool, has_password: bool) -> str:
    if final and any(each in said for each in _MISSING_PASSWORDS) and not has_password:
        return (
            f"hub.db.password: the database asks for a password and there is none ({said}): put it into the Secret "
            f"that hub.existingSecret names, under the key {PASSWORD_KEY}"
        )
    if final:
        return (
            f"hub.db: the database cannot be used: {said}. Write the right user and database name in hub.db.url, and "
            f"the password in the Secret that hub.existingSecret names, under the key {PASSWORD_KEY}"
        )
    return (
        f"hub.db.url: the database does not answer: {said}. Correct the address, or bring the database up first; where "
        f"it admits the hub's pod only, or comes with this very release, write {_SWITCH}"
    )


def schema_problem(connection: Connection, *, upgrades: bool) -> str | None:
    """Tell tables that this JupyterHub cannot use (JupyterHub `orm.check_db_revision`, without its writing)."""
    tables = set(inspect(connection).get_table_names())
    if not tables & set(Base.metadata.tables):
        return None  # An empty database: the hub makes its tables.
    found = None
    if "alembic_version" in tables:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    settings = alembic.config.Config()
    settings.set_main_option("script_location", ALEMBIC_DIR)
    scripts = ScriptDirectory.from_config(settings)
    needed = scripts.get_current_head()
    if found == needed or (upgrades and _is_known(scripts, found)):
        return None
    if not _is_known(scripts, found):
        return (
            f"hub.db: its tables (revision {found}) are of a newer JupyterHub than this one, which knows {needed}: go "
            "back to the newer chart, or restore the backup that was made before it"
        )
    return (
        f"hub.db.upgrade: the database's tables are of an older JupyterHub (revision {found}, this one needs "
        f"{needed}): make a backup of the database, then write hub.db.upgrade: true"
    )


def _is_known(scripts: ScriptDirectory, revision: str | None) -> bool:
    """Tell whether JupyterHub can start from `revision`; tables without one are from before it kept them."""
    if revision is None:
        return True
    try:
        return scripts.get_revision(revision) is not None
    except CommandError:
        return False
