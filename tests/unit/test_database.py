"""`hub.database`: one address for each type."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

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
    ("database", "arguments"),
    [(MYSQL, {"connect_args": {"password": "swordfish"}}), (POSTGRES, None), ({}, None)],
    ids=["mysql beside the address", "postgres by its own variable", "sqlite none"],
)
def test_password(database: dict[str, Any], arguments: Any) -> None:
    config = composed({"hub": {"db": database}}, credentials={"hub.db.password": "swordfish"})
    assert config.JupyterHub.get("db_kwargs") == arguments
    assert "swordfish" not in config.JupyterHub.db_url


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
