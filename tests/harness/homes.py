"""A hub's part in homes without a hub: the real spawner and database, and pods that only exist on paper.

`HomeHub` starts and stops servers as `jupyterhub.user.User.spawn` does, in the same order, up to the moment when the
pod would be made, and says which claim or folder the pod would mount. Claims are those of the API that it is given: a
real one, or `PaperApi`, which answers as the real one does where it matters here.
"""

# ruff: noqa: D102 - methods bear the names of those that they stand for
from __future__ import annotations

import asyncio
import logging
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from kubespawner import spawner as library
from traitlets.config import Config

from hub_config.runtime.home_claim import ClaimKeeping
from hub_config.runtime.spawner import PromptKubeSpawner
from jupyterhub import orm
from tests.harness.paper_api import plain


class PaperPodSpawner(PromptKubeSpawner):
    """The hub's spawner; the pod it asks for runs at once."""

    made_pod: Any = None

    async def _start_watching_pods(self, replace: bool = False) -> None:
        pass

    async def _start_watching_events(self, replace: bool = False) -> None:
        pass

    @property
    def pod_reflector(self) -> Any:
        return SimpleNamespace(pods={f"{self.namespace}/{self.pod_name}": self.made_pod})

    def is_pod_running(self, pod: Any) -> bool:
        return pod is not None

    def _get_pod_url(self, pod: Any) -> str:
        return "http://127.0.0.1:0"

    async def _start(self) -> Any:
        return await super(PromptKubeSpawner, self)._start()

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        self.made_pod = {"metadata": {"uid": "1"}, "pod": pod}
        return True


@cache
def _database() -> Any:
    """Make one database for all, as that takes a while."""
    return orm.new_session_factory("sqlite:///:memory:")


class HomeHub:
    """A hub with a database; `run` runs a coroutine in its loop."""

    kind: type[PaperPodSpawner] = PaperPodSpawner

    def __init__(self, api: Any, namespace: str = "lab") -> None:
        self.loop = asyncio.new_event_loop()
        self.api, self.namespace = api, namespace
        self.config = Config()
        self.starts = 0
        self.db = _database()()
        self.forget_everything()

    def close(self) -> None:
        self.db.close()
        self.loop.close()

    def run(self, what: Any) -> Any:
        return self.loop.run_until_complete(what)

    def forget_everything(self) -> None:
        """Lose the database."""
        for table in reversed(orm.Base.metadata.sorted_tables):
            self.db.execute(table.delete())
        self.db.commit()
        self.db.expunge_all()
        self.restart()

    def restart(self) -> None:
        """Restart the hub: what is in memory is gone."""
        self.spawners: dict[int, PaperPodSpawner] = {}
        ClaimKeeping._older_claims.clear()

    def user(self, name: str) -> orm.User:
        found = orm.User.find(self.db, name)
        if found is None:
            found = orm.User(name=name)
            self.db.add(found)
            self.db.commit()
        return found

    def rename(self, old: str, new: str) -> None:
        """Give a user another name, as the admin page does."""
        self.user(old).name = new
        self.db.commit()

    def rename_server(self, user: str, old: str, new: str) -> None:
        self._row(user, old).name = new
        self.db.commit()
        self.restart()

    def delete(self, name: str) -> None:
        """Delete a user, as the admin page does."""
        user = self.user(name)
        for server in list(user.orm_spawners):
            self.run(self.spawner(name, server).delete_forever())
        self.restart()
        self.db.delete(user)
        self.db.commit()

    def _row(self, user: str, server: str) -> orm.Spawner:
        owner = self.user(user)
        row = owner.orm_spawners.get(server)
        if row is None:
            row = orm.Spawner(name=server)
            owner._orm_spawners.append(row)
            self.db.commit()
        return row

    def remember(self, user: str, state: dict[str, Any], server: str = "") -> None:
        """Put a state into the database, as another version of the hub left it."""
        self._row(user, server).state = state
        self.db.commit()
        self.restart()

    def state(self, user: str, server: str = "") -> dict[str, Any]:
        return dict(self._row(user, server).state or {})

    def spawner(self, user: str, server: str = "") -> PaperPodSpawner:
        """Return a server's spawner, as `jupyterhub.user.User._new_spawner` makes it."""
        row = self._row(user, server)
        if row.id not in self.spawners:
            self.spawners[row.id] = self.run(self._new(row))
            self.spawners[row.id].load_state(row.state or {})
        return self.spawners[row.id]

    async def _new(self, row: orm.Spawner) -> PaperPodSpawner:
        with patch.multiple(library, load_config=lambda **_: None, shared_client=lambda *_: self.api):
            return self.kind(
                user=_User(row.user),
                orm_spawner=row,
                hub=SimpleNamespace(public_host="", url="/hub/", base_url="/hub/", api_url="/hub/api"),
                config=self.config,
                namespace=self.namespace,
                log=logging.getLogger("homes"),
                api_token="",
                k8s_api_request_retry_timeout=20,
            )

    def start(self, user: str, server: str = "", **options: str) -> PaperPodSpawner:
        """Start a server and return its spawner. Raises `SpawnException` when it is refused."""
        spawner = self.spawner(user, server)
        spawner.user_options = options
        self.starts += 1
        spawner.clear_state()

        async def start() -> None:
            await spawner.apply_group_overrides()
            spawner._start_future = asyncio.current_task()
            await spawner._start()

        try:
            self.run(start())
        finally:
            spawner.orm_spawner.state = spawner.get_state()
            self.db.commit()
        return spawner

    def home(self, user: str, server: str = "", **options: str) -> str:
        """Start a server; return the claim that it mounts as its home, and the folder in it when there is one."""
        spec = plain(self.start(user, server, **options).made_pod["pod"])["spec"]
        mount = next(each for each in spec["containers"][0]["volumeMounts"] if each["mountPath"] == "/home/jovyan")
        volume = next(each for each in spec["volumes"] if each["name"] == mount["name"])
        claim = volume.get("persistentVolumeClaim", {}).get("claimName", "volume")
        return f"{claim}/{mount['subPath']}" if "subPath" in mount else str(claim)

    def stop(self, user: str, server: str = "") -> None:
        """Stop a server as `jupyterhub.user.User.stop` does: the state is written and the spawner dropped."""
        row = self._row(user, server)
        spawner = self.spawner(user, server)
        spawner.clear_state()
        row.state = spawner.get_state()
        self.db.commit()
        self.spawners.pop(row.id)


class _User:
    """What a spawner asks of its user; the name is the database's, now."""

    def __init__(self, row: orm.User) -> None:
        self.row = row
        self.url = f"/user/{row.name}/"
        self.settings: dict[str, Any] = {}

    @property
    def name(self) -> str:
        return str(self.row.name)

    @property
    def id(self) -> int:
        return int(self.row.id)

    @property
    def escaped_name(self) -> str:
        return self.name

    @property
    def groups(self) -> Any:
        return self.row.groups
