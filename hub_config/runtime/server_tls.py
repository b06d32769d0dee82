"""Servers with internal TLS: each has its own certificate, and its Secret is there before its pod is waited for."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from certipy import Certipy
from kubespawner import KubeSpawner


class CertifiedSpawner(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """See the module. Without internal TLS nothing of it is called."""

    async def create_certs(self) -> dict[str, str]:
        """Make the server's pair and return where it is: its key, its certificate and whom it trusts.

        JupyterHub calls the files by the user alone, so those of a second server that starts meanwhile would take
        their place before KubeSpawner reads them; here they are put aside under the pod's name. Nothing else runs
        between the two: JupyterHub's part awaits nothing. The store forgets them, or it would grow with every user.
        """
        paths: dict[str, str] = await super().create_certs()
        folder = self._own_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = {each: str(shutil.copy(paths[each], folder)) for each in ("keyfile", "certfile")}
        store = Certipy(store_dir=self.internal_certs_location).store
        store.remove_files(Path(paths["keyfile"]).parent.name, delete_dir=True)
        return {**paths, **own}

    def get_secret_manifest(self, owner_reference: Any) -> Any:
        """Return the server's Secret, with which the hub needs the pair's files no more."""
        secret = super().get_secret_manifest(owner_reference)
        shutil.rmtree(self._own_folder(), ignore_errors=True)
        return secret

    def _own_folder(self) -> Path:
        store = Path(self.internal_certs_location)
        return store.joinpath("servers", self.namespace, self.pod_name)
