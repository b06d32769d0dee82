"""The hub's spawner: KubeSpawner that notices at once what it waits for, put together of bases for one concern each.

KubeSpawner and JupyterHub ask with growing, random pauses whether a pod runs and its server answers, which adds one to
several seconds to each start. Here the pod's own events end the first wait, and a look at the server's port every
twentieth of a second the second. Whatever the bases do not change is KubeSpawner's, and so is every setting
(`c.KubeSpawner`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from urllib.parse import urlsplit

from kubespawner.spawner import PodReflector

from hub_config.runtime.budget import BudgetedSpawner
from hub_config.runtime.home import HomeKeeping
from hub_config.runtime.namespaces import NamespacedSpawner
from hub_config.runtime.pod_ownership import PodOwning
from hub_config.runtime.pod_watch import PodWatch
from hub_config.runtime.profile_choice import ProfileChoice
from hub_config.runtime.refusal import PoliteSpawner
from hub_config.runtime.secured import SecuredKubeSpawner
from hub_config.runtime.server_tls import CertifiedSpawner
from hub_config.runtime.waiting import ExplainingSpawner

PORT_LOOK_SECONDS = 0.05
"""Pause between two looks whether the server's port is open: nothing tells when a port of another host opens."""
CONNECT_SECONDS = 1.0


class PromptKubeSpawner(
    ProfileChoice,
    BudgetedSpawner,
    NamespacedSpawner,
    PoliteSpawner,
    ExplainingSpawner,
    SecuredKubeSpawner,
    HomeKeeping,
    CertifiedSpawner,
    PodOwning,
):
    """See the module. Overrides four private methods of KubeSpawner 7.1; a test holds their names and meaning."""

    async def _start_reflector(self, *arguments: Any, reflector_class: Any, **named: Any) -> Any:
        """Start a watch: of pods, one whose changes can be awaited."""
        chosen = PodWatch if reflector_class is PodReflector else reflector_class
        return await super()._start_reflector(*arguments, reflector_class=chosen, **named)

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        """Ask for the pod and, when it was made, follow it until it runs; KubeSpawner then finds it running."""
        made: bool = await super()._make_create_pod_request(pod, request_timeout)
        # With internal TLS the pod cannot run before it has its Secret, which KubeSpawner makes after it.
        if made and not self.internal_ssl:
            await self._until_it_runs()
        return made

    async def _make_create_resource_request(self, kind: str, manifest: Any) -> bool:
        """Ask for a Secret or a Service; with internal TLS the Service comes last, and then the pod can be followed."""
        made: bool = await super()._make_create_resource_request(kind, manifest)
        if made and self.internal_ssl and kind == "service":
            await self._until_it_runs()
        return made

    async def _until_it_runs(self) -> None:
        reference = f"{self.namespace}/{self.pod_name}"
        # When time runs out, KubeSpawner's own check, which comes next, says so in its words.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.start_timeout):
                while not self.is_pod_running(self.pod_reflector.pods.get(reference)):
                    await self.pod_reflector.change()

    async def _start(self) -> Any:
        """Start the pod and return the server's address once its port is open."""
        address = await super()._start()
        # JupyterHub's own check of the server, which comes next, has the same limit and says what went wrong.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.http_timeout):
                await until_open(address)
        return address


async def until_open(address: str) -> None:
    """Return once something accepts connections at `address`, such as `http://10.0.0.7:8888`."""
    parts = urlsplit(address)
    while True:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        except (OSError, TimeoutError):
            await asyncio.sleep(PORT_LOOK_SECONDS)
        else:
            writer.close()
            return
