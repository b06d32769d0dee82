"""What the hub's database knows about the homes of other servers: the state that their spawners left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jupyterhub.orm import Spawner as Row
from sqlalchemy import Text, literal_column
from sqlalchemy.orm import object_session

from hub_config.runtime.ownership import Owner


def others(orm_spawner: Any, containing: str) -> Iterator[tuple[Owner, dict[str, Any]]]:
    """Yield (server, state) of the other servers whose state has the text `containing` as a value somewhere.

    Nothing where there is no database, as in `hub-config explain`.
    """
    session = object_session(orm_spawner) if isinstance(orm_spawner, Row) else None
    if session is None:
        return
    text = json.dumps(containing)
    column = literal_column(f"{Row.__tablename__}.state", Text)  # as text, not as what JupyterHub makes of it
    query = session.query(Row).filter(column.contains(text, autoescape=True))
    for other in query.filter(Row.id != orm_spawner.id):
        if other.user is not None and isinstance(other.state, dict):
            yield Owner(other.user.name, other.name), other.state
