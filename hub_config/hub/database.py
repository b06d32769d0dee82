"""The hub's database: users, servers and tokens; not the users' files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import model_validator
from traitlets.config import Config

from hub_config.base import ConfigurationError, Model, Reader, StringMap
from hub_config.facts import Facts
from hub_config.kubernetes import AccessMode, LabelSelector

if TYPE_CHECKING:
    from hub_config.values import Values


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


class Database(Model):
    """The hub's database."""

    reader: ClassVar[Reader] = Reader.HUB

    type: Literal["sqlite-pvc", "sqlite-memory", "mysql", "postgres", "other"] = "sqlite-pvc"
    """`sqlite-pvc` on a volume of its own, `sqlite-memory` (forgets at each restart), or a server that `url` names."""
    upgrade: bool | None = None
    """Whether the tables are brought up to date at start; null does so for `sqlite-pvc` only."""
    pvc: Annotated[DatabasePvc, Reader.TEMPLATES] = DatabasePvc()
    """The volume, with `type: sqlite-pvc`."""
    url: Annotated[str | None, Reader.HUB_SECRET] = None
    """SQLAlchemy's address, with `type: mysql`, `postgres` or `other`, such as `postgresql://hub@db/hub`."""
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
        return self


def configure(values: Values, facts: Facts) -> Config:
    """Configure `JupyterHub.db_url`; a MySQL password goes beside it, so that it is in no address that a log may show.

    PostgreSQL's library reads the password from `PGPASSWORD`, which the Deployment sets from the same Secret.
    """
    config = Config()
    database = values.hub.db
    if database.type == "sqlite-pvc":
        config.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
    elif database.type == "sqlite-memory":
        config.JupyterHub.db_url = "sqlite://"
    elif database.url is None:
        raise ConfigurationError(f"hub.db.url is missing: hub.db.type {database.type} needs it")
    else:
        config.JupyterHub.db_url = database.url
    password = facts.credentials.get("hub.db.password")
    if database.type == "mysql" and password:
        config.JupyterHub.db_kwargs = {"connect_args": {"password": password}}
    return config
