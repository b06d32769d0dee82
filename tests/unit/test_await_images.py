"""`runtime.await_images`: when the wait for images is over, and how."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes_asyncio import client

from hub_config.runtime.await_images import PULL_GRACE, Patience, Standing, standing

pytestmark = pytest.mark.unit


def pod(node: str | None = "node-1", *, ready: bool = False, waiting: str | None = None, init: bool = True) -> Any:
    """Return a puller's pod; `waiting` is why a container of it, an `init` one or the last, does not run."""
    state = client.V1ContainerState(waiting=client.V1ContainerStateWaiting(reason=waiting, message=f"{waiting}: x"))
    status = client.V1ContainerStatus(
        image="lab:7", image_id="", name="pull", ready=False, restart_count=0, state=state
    )
    statuses = [status] if waiting else None
    return client.V1Pod(
        spec=client.V1PodSpec(containers=[client.V1Container(name="pause")], node_name=node),
        status=client.V1PodStatus(
            conditions=[client.V1PodCondition(type="Ready", status=str(ready))],
            init_container_statuses=statuses if init else None,
            container_statuses=None if init else statuses,
        ),
    )


@pytest.mark.parametrize(
    ("pods", "ready", "unscheduled", "failing", "hopeless"),
    [
        ([], 0, 0, 0, False),
        ([client.V1Pod(spec=client.V1PodSpec(containers=[]))], 0, 1, 0, False),
        ([pod(ready=True), pod("node-2")], 1, 0, 0, False),
        ([pod(None), pod(ready=True)], 1, 1, 0, False),
        ([pod(waiting="PodInitializing")], 0, 0, 0, False),
        ([pod(waiting="ErrImagePull")], 0, 0, 1, False),
        ([pod(waiting="ImagePullBackOff", init=False)], 0, 0, 1, False),
        ([pod(waiting="InvalidImageName")], 0, 0, 1, True),
        ([pod(waiting="ErrImageNeverPull"), pod(waiting="ErrImagePull")], 0, 0, 2, True),
    ],
)
def test_standing(pods: list[Any], ready: int, unscheduled: int, failing: int, hopeless: bool) -> None:
    found = standing(3, pods)
    assert (found.desired, found.ready, found.unscheduled) == (3, ready, unscheduled)
    assert (len(found.failing), found.hopeless) == (failing, hopeless)


def test_a_failure_names_node_and_image_and_repeats_the_kubelet() -> None:
    assert standing(1, [pod("node-7", waiting="ErrImagePull")]).failing == (("node-7", "lab:7", "ErrImagePull: x"),)


def at(
    ready: int, *, desired: int = 3, unscheduled: int = 0, failing: bool = False, hopeless: bool = False
) -> Standing:
    failures = (("node-2", "b:1", "denied"), ("node-1", "a:1", "not found"), ("node-2", "b:1", "denied"))
    return Standing(desired, ready, unscheduled, failures if failing else (), hopeless)


ON, DONE = None, ""
FAILURES = "node node-1 cannot pull a:1: not found\nnode node-2 cannot pull b:1: denied"


@pytest.mark.parametrize(
    ("now", "elapsed", "verdict"),
    [
        (at(3), 0, DONE),
        (at(0, desired=0), 0, DONE),
        (at(2), 0, ON),
        (at(2), 299, ON),
        (at(2), 300, "waited 300 s for the images: 2 of 3 nodes have all images"),
        (at(3), 301, DONE),
        # A full node counts until the time for scheduling is over.
        (at(2, unscheduled=1), 10, ON),
        (at(2, unscheduled=1), 10.1, DONE),
        (at(1, unscheduled=1), 11, ON),
        (at(1, unscheduled=1), 300, "waited 300 s for the images: 1 of 3 nodes have all images, 1 not scheduled"),
        # A name that can never be pulled ends it at once.
        (at(0, failing=True, hopeless=True), 0, FAILURES),
        (at(0, failing=True), 0, ON),
    ],
)
def test_verdict(now: Standing, elapsed: float, verdict: str | None) -> None:
    assert Patience(limit=300, scheduling=10).judge(now, elapsed) == verdict


def test_nodes_without_room_may_be_waited_for() -> None:
    assert Patience(limit=300, scheduling=-1).judge(at(2, unscheduled=1), 299) is ON


@pytest.mark.parametrize(
    ("looks", "verdicts"),
    [
        ([(0, True), (PULL_GRACE - 1, True), (PULL_GRACE, True)], [ON, ON, FAILURES]),
        ([(5, True), (20, False), (25, True), (PULL_GRACE + 10, True), (PULL_GRACE + 25, True)], [ON] * 4 + [FAILURES]),
    ],
    ids=["stays broken", "a hiccup starts the time anew"],
)
def test_a_registry_has_a_while_to_recover(looks: list[tuple[float, bool]], verdicts: list[str | None]) -> None:
    patience = Patience(limit=300, scheduling=10)
    assert [patience.judge(at(1, failing=failing), elapsed) for elapsed, failing in looks] == verdicts
