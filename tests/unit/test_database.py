"""`hub.database`: one address for each type."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from hub_config.problems import problems
from tests.unit.composed import composed, values

pytestmark = pytest.mark.unit

POSTGRES = {"type": "postgres", "url": "postgresql://hub@db/hub"}
MYSQL = {"type": "mysql", "url": "mysql+pymysql://hub@db/hub"}


@pytest.mark.parametrize(
    ("database", "url"),
    [
        ({}, "sqlite:///jupyterhub.sqlite"),
        ({"type": "sqlite-memory"}, "sqlite://"),
        (POSTGRES, POSTGRES["url"]),
        (MYSQL, MYSQL["url"]),
        ({"type": "other", "url": "cockroachdb://hub@db/hub"}, "cockroachdb://hub@db/hub"),
    ],
)
def test_address(database: dict[str, Any], url: str) -> None:
    assert composed({"hub": {"db": database}}).JupyterHub.db_url == url


@pytest.mark.parametrize(
    ("database", "url"),
    [
        (POSTGRES, "postgresql://hub:sword%2Ffish%20%25@db/hub"),
        ({**POSTGRES, "url": "postgresql+psycopg2://hub@db:5433/hub?sslmode=require"}, None),
        (MYSQL, "mysql+pymysql://hub:sword%2Ffish%20%25@db/hub"),
        ({**MYSQL, "url": "mysql+pymysql://hub:own@db/hub"}, "mysql+pymysql://hub:own@db/hub"),
        ({**POSTGRES, "url": "postgresql://db/hub"}, "postgresql://db/hub"),
        ({"type": "other", "url": "cockroachdb://hub@db/hub"}, "cockroachdb://hub@db/hub"),
        ({}, "sqlite:///jupyterhub.sqlite"),
    ],
    ids=["postgres", "its query stays", "mysql", "one in the address wins", "nobody named", "other", "sqlite"],
)
def test_password(database: dict[str, Any], url: str | None) -> None:
    """In the address, where JupyterHub's migrations find it as well as the hub."""
    config = composed({"hub": {"db": database}}, credentials={"hub.db.password": "sword/fish %"})
    expected = url or "postgresql+psycopg2://hub:sword%2Ffish%20%25@db:5433/hub?sslmode=require"
    assert config.JupyterHub.db_url == expected
    if "sword" in expected:
        assert make_url(expected).password == "sword/fish %"


@pytest.mark.parametrize(
    ("database", "names"),
    [
        (
            POSTGRES,
            {"connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"},
        ),
        (MYSQL, {"connect_timeout", "read_timeout", "write_timeout"}),
        ({**POSTGRES, "url": "postgresql+pg8000://hub@db/hub"}, None),
        ({**POSTGRES, "type": "other"}, None),
        ({}, None),
    ],
    ids=["libpq", "pymysql", "another driver", "another server", "sqlite"],
)
def test_no_attempt_and_no_silence_lasts(database: dict[str, Any], names: set[str] | None) -> None:
    arguments = composed({"hub": {"db": database}}).JupyterHub.get("db_kwargs")
    assert (set(arguments["connect_args"]) if arguments else None) == names


def test_settings_of_ones_own_replace_the_charts() -> None:
    own = {"pool_size": 7}
    config = composed({"hub": {"db": POSTGRES, "config": {"JupyterHub": {"db_kwargs": own}}}})
    assert config.JupyterHub.db_kwargs == own


@pytest.mark.parametrize(
    ("database", "sentence"),
    [
        ({"type": "postgres"}, "type postgres needs url"),
        ({"type": "mysql", "password": "x"}, "type mysql needs url"),
        ({"type": "other", "url": ""}, "type other needs url"),
        ({"url": "postgresql://db"}, "type sqlite-pvc takes no url and no password"),
        ({"type": "sqlite-memory", "password": "x"}, "type sqlite-memory takes no url and no password"),
    ],
)
def test_what_does_not_fit_the_type_is_refused(database: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values({"hub": {"db": database}})
    (line,) = problems(caught.value)
    assert line.startswith(f"hub.db: {sentence}")
