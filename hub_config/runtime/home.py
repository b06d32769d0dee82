"""The spawner's care for homes: the claim (`home_claim.py`), its place in storage, and the time that volumes take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from traitlets import Bool, Dict, Float

from hub_config.base import ConfigurationError
from hub_config.runtime import home_place, volume_wait
from hub_config.runtime.home_claim import ClaimKeeping, refusal
from hub_config.runtime.home_memory import others
from hub_config.runtime.home_place import Place
from hub_config.runtime.refusal import Refused


class HomeKeeping(ClaimKeeping):
    """See the module. Overrides methods of KubeSpawner 7.1; a test holds their names and meaning."""

    home_place = Dict(config=True, help="Where homes are: `type`, `volume` and the template of the `folder` in it.")
    homes_moved = Bool(False, config=True, help="Whether homes are now where `home_place` says, wherever they were.")
    volume_timeout = Float(0, config=True, help="Seconds that a pod may wait for its volumes; 0 is for ever.")

    _home_place: Place | None = None
    """Where this server's home is known to be."""
    _from_before_7 = False
    """Whether KubeSpawner before 7, which escaped names in another way, started this server last."""
    _pod_made: asyncio.Event

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what was remembered."""
        super().load_state(state)
        self._from_before_7 = bool(state) and "kubespawner_version" not in state
        self._home_place = state.get("home") or ({"type": "dynamic"} if state.get("pvc_name") else None)

    def get_state(self) -> dict[str, Any]:
        """Return what must be remembered."""
        state = super().get_state()
        if self._home_place:
            state["home"] = self._home_place
        return state

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        made: bool = await super()._make_create_pod_request(pod, request_timeout)
        if made:
            self._pod_made.set()
        return made

    async def _start(self) -> Any:
        """Start the server unless its home would be another place; end the start when its volumes do not come."""
        self._take_place()
        self._pod_made = asyncio.Event()
        if not self.volume_timeout:
            return await super()._start()
        starting = asyncio.ensure_future(super()._start())
        watching = asyncio.ensure_future(self._volumes_in_time())
        try:
            await asyncio.wait({starting, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                watching.result()  # raises when the volumes did not come
            return await starting
        finally:
            starting.cancel()
            watching.cancel()
            # Both have ended before the start has: what comes next cleans up after it. Whatever ended it is raised.
            await asyncio.gather(starting, watching, return_exceptions=True)

    async def _volumes_in_time(self) -> None:
        await self._pod_made.wait()
        reference = f"{self.namespace}/{self.pod_name}"  # known for certain only now
        pod = await volume_wait.stuck_pod(self.pod_reflector, reference, self.volume_timeout)
        if pod is None:
            return
        why = volume_wait.reason(pod, await volume_wait.events_of(self.api, pod, self.k8s_api_request_timeout))
        if why is not None:
            limit = f"{self.volume_timeout:.0f} s"
            raise Refused(f"Its volumes were not there after {limit}: {why}", reason="volumes", status_code=503)

    def _take_place(self) -> None:
        """Compare the home's place with the one that is remembered, and remember it."""
        if not self.home_place:
            return
        template = self.home_place.get("folder", "")
        try:
            now = {**home_place.NOWHERE, **self._expand_all(self.home_place)}
            now["folder"] = home_place.folder(template, self._expand_user_properties)
        except ConfigurationError as error:
            raise refusal(str(error), "correct the value singleuser.storage.*.subPath") from None
        settle = "put the values back, or move the files there and write singleuser.storage.homesMoved: true"
        if not self.homes_moved:
            if (wrong := home_place.moved(self._home_place, now)) is not None:
                raise refusal(wrong, settle)
            self._refuse_unclear_folder(template, now)
        if template and now["volume"] and now != self._home_place:  # once it is remembered, it was asked for
            self._refuse_folder_of_another(now)
        self._home_place = now

    def _refuse_unclear_folder(self, template: str, now: Place) -> None:
        if self._home_place is not None or not self._from_before_7 or not home_place.depends_on_scheme(template):
            return
        old = self._expand_user_properties(template, slug_scheme="escape")
        new = self._expand_user_properties(template, slug_scheme="safe")
        if now["type"] != "dynamic" and old != new:
            raise refusal(
                f"KubeSpawner before 7 made the folder {old}, and later ones {new}",
                "write singleuser.storage.*.subPath with {escaped_username} for the former, {safe_username} for the "
                "latter, instead of {username}",
            )

    def _refuse_folder_of_another(self, now: Place) -> None:
        for owner, state in others(self.orm_spawner, now["folder"]):
            if state.get("home") == now and owner.user != self.user.name:
                self.log.error("Folder %s is the home of %s, not of %s", now["folder"], owner.user, self.user.name)
                raise refusal(
                    f"the folder {now['folder']} is the home of another user",
                    "write a singleuser.storage.*.subPath that differs for all names",
                )

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what users see of a start, notes about their homes included."""
        async for event in super().progress():
            while self._home_notes:
                yield {"message": self._home_notes.pop(0)}
            yield event
        for note in self._home_notes:
            yield {"message": note}
