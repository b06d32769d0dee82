"""`runtime.database_check`: what is wrong with a database is told, and nothing in it is changed.

SQLite files stand for every server: how the servers' own refusals read is tested with real ones, on a cluster.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text
from traitlets.config import Config

from hub_config.runtime.database_check import Hub, database_problem, why_not_checked
from jupyterhub import orm

pytestmark = pytest.mark.unit

OF_JUPYTERHUB_5 = "4621fec11365"
OF_THE_FUTURE = "ffffffffffff"


def hub(url: str, *, args: tuple[str, ...] = (), container: dict[str, Any] | None = None, **app: Any) -> Hub:
    config = Config()
    config.JupyterHub.update({"db_url": url, **app})
    hubs = {"name": "hub", "args": list(args), **(container or {})}
    return Hub(config, {"spec": {"containers": [{"name": "sidecar"}, hubs]}})


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with this JupyterHub's tables."""
    url = f"sqlite:///{tmp_path}/hub.sqlite"
    orm.new_session_factory(url)().close()
    return url


def stamp(url: str, revision: str | None) -> None:
    with create_engine(url).begin() as connection:
        if revision is None:
            connection.execute(text("DROP TABLE alembic_version"))
        else:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


def test_tables_of_this_jupyterhub_are_fine(url: str) -> None:
    assert database_problem(hub(url)) is None


def test_an_empty_database_is_fine_and_stays_empty(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    assert database_problem(hub(url)) is None
    assert inspect(create_engine(url)).get_table_names() == []


@pytest.mark.parametrize("revision", [OF_JUPYTERHUB_5, None], ids=["5", "before revisions"])
@pytest.mark.parametrize(
    ("asked", "refused"),
    [({}, True), ({"args": ("--upgrade-db",)}, False), ({"upgrade_db": True}, False)],
    ids=["no upgrade", "by the chart", "by hub.config"],
)
def test_older_tables_need_an_upgrade(url: str, revision: str | None, asked: dict[str, Any], refused: bool) -> None:
    stamp(url, revision)
    said = database_problem(hub(url, **asked))
    assert (said is not None) is refused
    if said is not None:
        assert said.startswith("hub.db.upgrade: the database's tables are of an older JupyterHub (revision ")
        assert said.endswith("make a backup of the database, then write hub.db.upgrade: true")
    assert ("alembic_version" in inspect(create_engine(url)).get_table_names()) is (revision is not None)


@pytest.mark.parametrize("args", [(), ("--upgrade-db",)])
def test_tables_of_a_newer_jupyterhub_are_refused_in_any_case(url: str, args: tuple[str, ...]) -> None:
    stamp(url, OF_THE_FUTURE)
    said = database_problem(hub(url, args=args))
    assert said is not None
    assert "are of a newer JupyterHub than this one" in said


def test_a_database_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            (tmp_path / "later").mkdir()

    url = f"sqlite:///{tmp_path}/later/hub.sqlite"
    assert database_problem(hub(url), seconds=60, pause=pause) is None
    assert len(pauses) == 2


def test_a_database_that_never_answers(tmp_path: Path) -> None:
    said = database_problem(hub(f"sqlite:///{tmp_path}/none/hub.sqlite"), seconds=0)
    assert said is not None
    assert said.startswith("hub.db.url: the database does not answer: unable to open database file.")
    assert said.endswith("write preflight.database: false")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "hub.db.url: is no address of a database"),
        ("oracle+none://hub@db/hub", "the hub's image has drivers for postgresql://"),
        ("mysql+mysqldb://hub:swordfish@db/hub", "the hub's image has drivers for postgresql://"),
    ],
)
def test_an_address_that_leads_nowhere(url: str, said: str) -> None:
    found = database_problem(hub(url))
    assert found is not None
    assert said in found
    assert "swordfish" not in found


MOUNT = {"volumeMounts": [{"name": "tmp", "mountPath": "/hub"}, {"name": "ca", "mountPath": "/etc/ca/"}]}


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (hub("postgresql://hub@db/hub"), None),
        (hub("postgresql://hub@db/hub", container=MOUNT), None),
        (hub("sqlite:///jupyterhub.sqlite"), "an SQLite file is on the hub's own volume"),
        (hub("postgresql://hub@localhost/hub"), "its address leads to the hub's own pod"),
        (hub("postgresql://hub@/hub?host=/run/sql"), "its address leads to the hub's own pod"),
        (hub("postgresql://hub@db/hub?sslrootcert=/etc/ca/root.pem", container=MOUNT), "it needs /etc/ca/"),
        (
            hub("mysql+pymysql://hub@db/hub", db_kwargs={"connect_args": {"ssl_ca": "/etc/ca/a"}}, container=MOUNT),
            "it needs /etc/ca/",
        ),
        (
            hub("postgresql://hub@db/hub", container={"env": [{"name": "PGSSLROOTCERT", "value": "/a"}]}),
            "the variable PGSSLROOTCERT is set in the hub's pod alone",
        ),
        (
            hub(
                "postgresql://hub@db/hub",
                container={"env": [{"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"key": "hub.db.password"}}}]},
            ),
            None,
        ),
    ],
)
def test_what_only_the_hubs_pod_can_see_is_not_judged(of: Hub, why: str | None) -> None:
    found = why_not_checked(of)
    assert found is None if why is None else (found or "").startswith(why)
