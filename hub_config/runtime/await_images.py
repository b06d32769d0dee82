"""The image awaiter: hold an install or upgrade until the image puller's pods have pulled every image.

Runs as a Helm hook after the DaemonSet `hook-image-puller`. It follows the puller's pods by a watch, says where it
stands, and gives up at once when an image cannot be pulled, naming node and image, or at its time limit.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kubernetes_asyncio import client, watch

from hub_config.runtime.api import REQUEST_TIMEOUT, connection, own_namespace, reason

PULL_GRACE = 30.0
"""Seconds that an image may fail to be pulled before the wait ends: a registry's hiccup passes in less."""
_HOPELESS = {"InvalidImageName", "ErrImageNeverPull"}
_FAILING = {"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"}
_TICK = 5
"""Seconds after which the watch is opened anew, so that the time limits are looked at when nothing happens."""


@dataclass(frozen=True)
class Standing:
    """Where the pullers stand."""

    desired: int
    ready: int
    unscheduled: int
    failing: tuple[tuple[str, str, str], ...]
    """(node, image, the kubelet's sentence) of each image that cannot be pulled now."""
    hopeless: bool

    def done(self, *, leave_out_unscheduled: bool) -> bool:
        """Tell whether every node that counts has every image."""
        return self.ready + (self.unscheduled if leave_out_unscheduled else 0) >= self.desired

    def __str__(self) -> str:
        """Say it in a line."""
        waiting = f", {self.unscheduled} not scheduled" if self.unscheduled else ""
        return f"{self.ready} of {self.desired} nodes have all images{waiting}"


def standing(desired: int, pods: Sequence[Any]) -> Standing:
    """Judge the puller's `pods` (Kubernetes Pod objects) on `desired` nodes."""
    failing = [failure for pod in pods for failure in _failures(pod)]
    return Standing(
        desired=desired,
        ready=sum(_is_ready(pod) for pod in pods),
        unscheduled=sum(not pod.spec.node_name for pod in pods),
        failing=tuple((node, image, said) for node, image, said, _ in failing),
        hopeless=any(why in _HOPELESS for *_, why in failing),
    )


def _is_ready(pod: Any) -> bool:
    conditions = (pod.status.conditions if pod.status else None) or []
    return any(condition.type == "Ready" and condition.status == "True" for condition in conditions)


def _failures(pod: Any) -> list[tuple[str, str, str, str]]:
    """Return (node, image, sentence, reason) of each container whose image cannot be pulled."""
    statuses = (
        [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])] if pod.status else []
    )
    found = []
    for status in statuses:
        waiting = status.state.waiting if status.state else None
        if waiting and waiting.reason in _HOPELESS | _FAILING:
            found.append((pod.spec.node_name or "?", status.image, waiting.message or waiting.reason, waiting.reason))
    return found


@dataclass
class Patience:
    """How long to wait, in seconds since the wait began.

    `limit` is for everything; nodes without room count for `scheduling` seconds only, or as long as it takes when that
    is negative.
    """

    limit: float
    scheduling: float
    failing_since: float | None = None

    def judge(self, now: Standing, elapsed: float) -> str | None:
        """Return "" when done, a sentence when the wait must end, None to wait on."""
        if now.done(leave_out_unscheduled=0 <= self.scheduling < elapsed):
            return ""
        if not now.failing:
            self.failing_since = None
        elif self.failing_since is None:
            self.failing_since = elapsed
        if now.hopeless or (self.failing_since is not None and elapsed - self.failing_since >= PULL_GRACE):
            return "\n".join(
                f"node {node} cannot pull {image}: {said}" for node, image, said in sorted(set(now.failing))
            )
        if elapsed >= self.limit:
            return f"waited {elapsed:.0f} s for the images: {now}"
        return None


class Awaiter:
    """Follows one DaemonSet until its pods are ready or the wait must end."""

    def __init__(self, api: client.ApiClient, name: str, *, limit: float, scheduling: float) -> None:
        self.core, self.apps = client.CoreV1Api(api), client.AppsV1Api(api)
        self.namespace, self.name = own_namespace(), name
        self.patience = Patience(limit, scheduling)
        self.begin = time.monotonic()
        self.said = ""

    async def wait(self) -> str | None:
        """Return None when all is pulled, else why the wait ended."""
        while True:
            now = await self._look()
            if (end := self._judge(now[0])) is not None:
                return end or None
            await self._next_change(now)

    async def _look(self) -> tuple[Standing, str, str]:
        """Return the standing, the pods' selector and their list's version."""
        daemonset = await self.apps.read_namespaced_daemon_set(
            self.name, self.namespace, _request_timeout=REQUEST_TIMEOUT
        )
        selector = ",".join(f"{key}={value}" for key, value in sorted(daemonset.spec.selector.match_labels.items()))
        listed = await self.core.list_namespaced_pod(
            self.namespace, label_selector=selector, _request_timeout=REQUEST_TIMEOUT
        )
        status = daemonset.status
        observed = (
            status.observed_generation is not None and status.observed_generation >= daemonset.metadata.generation
        )
        desired = status.desired_number_scheduled if observed else max(1, len(listed.items))
        return standing(desired, listed.items), selector, listed.metadata.resource_version

    def _judge(self, now: Standing) -> str | None:
        elapsed = time.monotonic() - self.begin
        if str(now) != self.said:
            self.said = str(now)
            print(f"[{elapsed:5.1f}s] {now}", flush=True)
        return self.patience.judge(now, elapsed)

    async def _next_change(self, look: tuple[Standing, str, str]) -> None:
        """Wait for the next change of a pod, a tick at most."""
        _, selector, version = look
        async with watch.Watch() as stream:
            events = stream.stream(
                self.core.list_namespaced_pod,
                self.namespace,
                label_selector=selector,
                resource_version=version,
                timeout_seconds=_TICK,
            )
            async for _ in events:
                return


async def await_images(name: str, *, limit: float, scheduling: float) -> str | None:
    """Wait for the DaemonSet `name` for `limit` seconds; nodes without room count for `scheduling` seconds only."""
    async with connection() as api:
        return await Awaiter(api, name, limit=limit, scheduling=scheduling).wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daemonset", required=True, help="the puller")
    parser.add_argument("--timeout", type=float, required=True, help="seconds to wait at most")
    parser.add_argument(
        "--pod-scheduling-wait-duration", type=float, default=10, help="seconds; -1 waits for all nodes"
    )
    options = parser.parse_args(arguments)
    try:
        ended = asyncio.run(
            await_images(options.daemonset, limit=options.timeout, scheduling=options.pod_scheduling_wait_duration)
        )
    except client.ApiException as error:
        ended = reason(error)
    if ended:
        print(f"The images are not on all nodes, nothing was changed:\n{ended}", file=sys.stderr)
        return 1
    print("All images are on all nodes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
