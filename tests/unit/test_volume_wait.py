"""`runtime.volume_wait`: a pod that waits for its volumes is noticed, and the reason told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException

from hub_config.runtime.pod_watch import PodWatch
from hub_config.runtime.volume_wait import reason, stuck_pod
from tests.unit.composed import composed, singleuser, spawner

pytestmark = pytest.mark.unit

REFERENCE = "lab/jupyter-ada"
AFFINITY = "0/3 nodes are available: 1 node(s) had volume node affinity conflict, 2 Insufficient cpu."
FULL = "0/3 nodes are available: 3 Insufficient memory."


def pod(scheduled: str = "True", message: str = "", ready: str | None = None, started: bool = False) -> dict[str, Any]:
    conditions = [{"type": "PodScheduled", "status": scheduled, "message": message}]
    conditions += [{"type": "PodReadyToStartContainers", "status": ready}] if ready else []
    status: dict[str, Any] = {"phase": "Pending", "conditions": conditions}
    status["containerStatuses"] = [{"containerID": "x"}] if started else []
    return {"metadata": {"name": "jupyter-ada", "namespace": "lab", "uid": "1"}, "status": status}


def wait(*pods: dict[str, Any], limit: float = 0.1) -> dict[str, Any] | None:
    """Show one pod after the other to the watch, and then nothing more; return what it finds."""

    async def scenario() -> dict[str, Any] | None:
        watch = PodWatch(namespace="lab")
        watch.resources = {}
        waiting = asyncio.ensure_future(stuck_pod(watch, REFERENCE, limit))
        for each in pods:
            await asyncio.sleep(0)
            watch.resources[REFERENCE] = each
        async with asyncio.timeout(5):
            return await waiting

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    "stuck", [pod(ready="False"), pod(), pod(scheduled="False", message=AFFINITY)], ids=["mount", "old node", "node"]
)
def test_a_pod_that_waits_for_volumes_is_stuck_after_the_limit(stuck: dict[str, Any]) -> None:
    assert wait(stuck) is stuck


@pytest.mark.parametrize("going", [pod(ready="True"), pod(started=True)], ids=["set up", "an old kubelet's"])
def test_a_pod_past_its_volumes_is_not(going: dict[str, Any]) -> None:
    assert wait(pod(ready="False"), going) is None


def test_a_pod_that_waits_for_a_node_is_not_counted() -> None:
    async def scenario() -> None:
        watch = PodWatch(namespace="lab")
        watch.resources = {REFERENCE: pod(scheduled="False", message=FULL)}
        async with asyncio.timeout(0.5):
            await stuck_pod(watch, REFERENCE, 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("stuck", "events", "said"),
    [
        (pod(ready="False"), [("Scheduled", "a"), ("FailedMount", "mount failed"), ("FailedMount", "again")], "again"),
        (pod(ready="False"), [("FailedAttachVolume", "Multi-Attach error")], "Multi-Attach error"),
        (pod(ready="False"), [("Scheduled", "a")], "the node is still mounting them"),
        (pod(ready="False"), [("FailedCreatePodSandBox", "no address")], None),
        (pod(), [("Pulling", "image")], None),
        (pod(), [], None),
        (pod(scheduled="False", message=AFFINITY), [], AFFINITY),
    ],
)
def test_reason(stuck: dict[str, Any], events: list[tuple[str, str]], said: str | None) -> None:
    found = reason(stuck, [{"reason": kind, "message": message} for kind, message in events])
    assert (found is None) == (said is None)
    assert found is None or found.startswith(str(said))


def test_a_hung_mount_ends_the_start_and_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no event tells: the NFS server is silent and the kubelet waits with it."""
    made = spawner(composed(singleuser(storage={"volumeTimeout": 1})))
    made.volume_timeout = 0.1
    made.namespace = "lab"
    was_cancelled = False

    async def scenario() -> None:
        nonlocal was_cancelled
        watch = PodWatch(namespace="lab")
        watch.resources = {REFERENCE: pod(ready="False")}

        async def kubespawners(self: Any) -> None:
            nonlocal was_cancelled
            self._pod_made.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                was_cancelled = True
                raise

        async def events(*_: Any, **__: Any) -> Any:
            async def text() -> str:
                return '{"items": []}'

            return SimpleNamespace(text=text)

        monkeypatch.setattr("kubespawner.KubeSpawner._start", kubespawners)
        monkeypatch.setattr(type(made), "pod_reflector", watch)
        made.api = SimpleNamespace(list_namespaced_event=events)
        try:
            async with asyncio.timeout(5):
                await made.start()
        finally:
            await asyncio.sleep(0)

    with pytest.raises(SpawnException, match=r"not there after 0 s: the node is still mounting them"):
        asyncio.run(scenario())
    assert was_cancelled
