"""Whose pod it is that bears a server's name: nobody's server is taken over, stopped or deleted for another's.

KubeSpawner finds a server's pod by name alone, and names are made of escaped ones: the hash in them has 32 bits, so
somebody can choose a user's name whose pod would have the name of somebody else's. KubeSpawner then deletes that pod as
its own leftover, or shows its server as theirs. Here the pod's annotations, which bear exact names, decide; where the
name is taken, the pod gets another, which the server's state remembers like any pod's name.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from kubernetes_asyncio import client
from kubespawner import KubeSpawner

from hub_config.runtime.ownership import SERVERNAME, USERNAME
from hub_config.runtime.refusal import Refused

CONFLICT = 409
STATE = "pod_owner"
"""The key in a server's saved state: a user who is renamed keeps the running server, whose pod bears the old name."""
_LONGEST = 63
Owner = tuple[str, str]
"""User and server (empty: the default one)."""


def owner_of(metadata: Mapping[str, Any]) -> Owner | None:
    """Return whose a pod is by its annotations; None when they do not say, as before 2018 or after somebody's hook."""
    annotations = metadata.get("annotations") or {}
    user = annotations.get(USERNAME)
    return None if user is None else (user, annotations.get(SERVERNAME, ""))


def alternative(name: str, owner: Owner) -> str:
    """Return a name for the pod of `owner` where `name` is taken, such as `jupyter-a---0123abcd-0123456789`."""
    end = hashlib.sha256("\0".join(owner).encode()).hexdigest()[:10]
    return f"{name[: _LONGEST - len(end) - 1].rstrip('-.')}-{end}"


class PodOwning(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """See the module. Overrides methods of KubeSpawner 7.1; a test holds their names and meaning."""

    pod_name: str
    _pod_holders: ClassVar[WeakValueDictionary[str, PodOwning]] = WeakValueDictionary()
    """By namespace/name: which server has a pod, or is about to ask for it."""
    _pod_owner: Owner | None = None
    """Whose the pod is by its annotations; None is not known: KubeSpawner without this code started it."""

    @property
    def _pod_reference(self) -> str:
        return f"{self.namespace}/{self.pod_name}"

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up whose the pod is that runs."""
        super().load_state(state)
        saved = state.get(STATE)
        self._pod_owner = (saved[0], saved[1]) if saved else None
        if self.server is not None:
            self._pod_holders[self._pod_reference] = self

    def get_state(self) -> dict[str, Any]:
        """Return what must be remembered."""
        state: dict[str, Any] = super().get_state()
        if self._pod_owner:
            state[STATE] = list(self._pod_owner)
        return state

    def clear_state(self) -> None:
        """Forget the pod that was: from here on only a pod that says whose it is is this server's."""
        if self._pod_holders.get(self._pod_reference) is self:
            del self._pod_holders[self._pod_reference]
        super().clear_state()
        self.secret_name = self._expand_user_properties(self.secret_name_template)
        self._pod_owner = (self.user.name, self.name)

    def _is_anothers(self, reference: str, pod: Mapping[str, Any] | None) -> bool:
        """Tell whether the pod `namespace/name`, or the name where there is no pod yet, is another server's.

        `pod` is as the API's JSON has it, None when there is none.
        """
        holder = self._pod_holders.get(reference, self)
        if holder is not self and holder.active and holder._pod_reference == reference:
            return True
        owner = owner_of(pod["metadata"]) if pod else None
        return owner is not None and self._pod_owner is not None and owner != self._pod_owner

    def _has_anothers_name(self) -> bool:
        return self._is_anothers(self._pod_reference, self.pod_reflector.pods.get(self._pod_reference))

    async def get_pod_manifest(self) -> Any:
        """Return the pod to make, under a name that is not taken. The watch of pods has begun."""
        taken = self.pod_name
        if self.pod_reflector is not None and self._has_anothers_name():
            self.pod_name = alternative(taken, (self.user.name, self.name))
            self.log.warning("The pod name %s is another server's, so %s gets %s", taken, self._log_name, self.pod_name)
            self.dns_name = self.dns_name_template.format(namespace=self.namespace, name=self.pod_name)
            self.secret_name = self._expand_user_properties(self.secret_name_template)
        self._pod_holders[self._pod_reference] = self
        return await super().get_pod_manifest()

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        """Ask for the pod and remember whose it is by what it bears, hooks of an administrator included."""
        self._pod_owner = owner_of({"annotations": pod.metadata.annotations}) or self._pod_owner
        made: bool = await super()._make_create_pod_request(pod, request_timeout)
        return made

    async def poll(self) -> int | None:
        """Tell whether the pod runs (None); another's that bears its name is not it."""
        await self._start_watching_pods()
        if self._has_anothers_name():
            return 1
        status: int | None = await super().poll()
        return status

    async def _make_delete_pod_request(
        self, pod_name: str, delete_options: Any, grace_seconds: int, request_timeout: float
    ) -> bool:
        """Delete this server's very pod; return False to be called again (KubeSpawner `exponential_backoff`).

        KubeSpawner calls it for a pod that is in the way of a start, too. Raises `Refused` for another's.
        """
        reference = f"{self.namespace}/{pod_name}"
        try:
            pod = self.pod_reflector.pods.get(reference) or await self._look(pod_name, request_timeout)
            if pod is None:
                return True
            if self._is_anothers(reference, pod):
                raise Refused(
                    f"The name of your server's pod, {pod_name}, has just been taken by another server. Start again.",
                    reason="pod-name",
                )
            delete_options.preconditions = client.V1Preconditions(uid=pod["metadata"]["uid"])
            done: bool = await super()._make_delete_pod_request(
                pod_name, delete_options, grace_seconds, request_timeout
            )
        except TimeoutError:
            return False
        except client.ApiException as error:
            if error.status == CONFLICT:  # another pod by now: look again
                return False
            raise
        return done

    async def _look(self, pod_name: str, request_timeout: float) -> dict[str, Any] | None:
        """Return a pod that the watch does not know, or not yet; listed, for which the hub has the right."""
        answer = await asyncio.wait_for(
            self.api.list_namespaced_pod(
                self.namespace, field_selector=f"metadata.name={pod_name}", _preload_content=False
            ),
            request_timeout,
        )
        if answer.status >= 400:
            raise client.ApiException(status=answer.status, reason=answer.reason)
        items: list[dict[str, Any]] = json.loads(await answer.text())["items"]
        return items[0] if items else None
