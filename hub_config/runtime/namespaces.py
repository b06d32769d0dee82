"""User pods in a namespace apart, or in one for each user, with a Role there and no rights in the whole cluster.

KubeSpawner's own `enable_user_namespaces` makes namespaces and lists the pods of the whole cluster, for which no Role
is enough. Here the namespaces are there, and each is watched by itself.
"""

from __future__ import annotations

from typing import Any

from kubernetes_asyncio import client
from kubespawner import KubeSpawner
from traitlets import List, Unicode

from hub_config.runtime.refusal import FORBIDDEN, Refused


class NamespacedSpawner(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """KubeSpawner whose `namespace` may have `{username}` in it."""

    namespace: str
    user_namespaces = List(Unicode(), config=True, help="The namespaces of users; empty: all have that of `namespace`.")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if "{" in self.namespace:
            self.namespace = self._expand_user_properties(self.namespace)
            self.dns_name = self.dns_name_template.format(namespace=self.namespace, name=self.pod_name)

    @property
    def _has_namespace(self) -> bool:
        return not self.user_namespaces or self.namespace in self.user_namespaces

    async def load_user_options(self) -> None:
        """Take over what the user chose. Refuses a user without namespace, whom KubeSpawner would send to the API."""
        await super().load_user_options()
        if not self._has_namespace:
            raise Refused(
                f"You have no place in the cluster yet. Ask your administrator to add {self.namespace} to "
                "singleuser.namespace.perUser.",
                reason="namespace",
            )

    async def poll(self) -> int | None:
        """Tell whether the pod runs (None). One in a namespace that the user does not have cannot."""
        if not self._has_namespace:
            return 1
        status: int | None = await super().poll()
        return status

    async def _start_reflector(self, *arguments: Any, **named: Any) -> Any:
        """Start a watch of a namespace; one that fails is forgotten, or KubeSpawner would take it for a working one."""
        try:
            return await super()._start_reflector(*arguments, **named)
        except client.ApiException as error:
            for kind in ("pods", "events"):
                key = self._get_reflector_key(kind)
                reflector = self.reflectors.get(key)
                if reflector is not None and reflector.watch_task is None:
                    del self.reflectors[key]
            if error.status != FORBIDDEN:
                raise
            raise Refused(
                f"The hub has no rights in the namespace {self.namespace}, where your server and files belong. Nothing "
                "is lost. Show this to your administrator, who finds the cure in the documentation under “Tenants”.",
                reason="namespace",
            ) from None
