"""KubeSpawner whose pods are hardened and held to a Pod Security level, once profiles, groups and hooks are through."""

from __future__ import annotations

import copy
from typing import Any

from kubespawner import KubeSpawner
from traitlets import Bool, Enum, List, Unicode

from hub_config.pod_security.contradictions import LEVEL_KEY, LEVELS
from hub_config.pod_security.hardening import Hardening, above_level, hardened
from hub_config.runtime.refusal import Refused


class SecuredKubeSpawner(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """See the module. Like every trait, these can be set by a profile or a group: a level, a writable root."""

    security_level = Enum(
        [None, *LEVELS],
        default_value=None,
        allow_none=True,
        config=True,
        help="The Pod Security level that the pod must keep to; None sets no limit.",
    )
    read_only_root = Bool(
        None,
        allow_none=True,
        config=True,
        help="Whether the root file system is read-only; None: unless users can become root or have no home volume.",
    )
    writable_paths = List(
        Unicode(),
        config=True,
        help="Folders that are empty, writable volumes where the root file system is read-only.",
    )
    home_mount_path = Unicode("/home/jovyan", config=True, help="Where the user's home is.")

    @property
    def hardening(self) -> Hardening:
        """How this pod is to be hardened."""
        return Hardening(
            level=self.security_level,
            read_only_root=self.read_only_root,
            writable_paths=tuple(self.writable_paths),
            home=self.home_mount_path,
        )

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        """Ask for the pod as it is after `modify_pod_hook`, hardened. Raises `Refused` above the level."""
        manifest = hardened(self.api.api_client.sanitize_for_serialization(pod), self.hardening)
        if problems := above_level(manifest, self.hardening):
            raise Refused(
                f"Your server would have more rights than this hub allows. Who runs it should know: {problems[0]}.",
                reason="pod-security-level",
                log=f"{LEVEL_KEY} is {self.security_level}, and the pod of {self._log_name} has: "
                + "; ".join(problems),
            )
        asked = copy.copy(pod)
        asked.spec = manifest["spec"]
        made: bool = await super()._make_create_pod_request(asked, request_timeout)
        return made
