"""An organization in the directory of `tests/peers/slapd`, and what all hubs that it logs in to have in common."""

from __future__ import annotations

from typing import Any

from tests.harness.peers import start_peer
from tests.harness.release import Release

SUFFIX = "dc=example,dc=org"
TEACHER, STUDENT, STRANGER = "ada", "grace", "mallory"
DIRECTORY_PASSWORD = "of the directory's administrator"
DIRECTORY_PORT = 3890
SECRET = "of-the-organization"
"""Name of the Secret that `hub.existingSecret` names."""


def password(person: str) -> str:
    """Return a person's password in the directory."""
    return f"password-of-{person}"


def start_directory(release: Release) -> None:
    """Start the directory in the namespace of `release`, which reaches it as `slapd`."""
    start_peer(release, "slapd", port=DIRECTORY_PORT, environment={"ADMIN_PASSWORD": DIRECTORY_PASSWORD})


def create_secret(release: Release, **keys: str) -> None:
    """Make the Secret with `keys`, whose `__` stand for dots below `hub.config`, or replace its content."""
    data = {f"hub.config.{key.replace('__', '.')}": text for key, text in keys.items()}
    manifest = {"apiVersion": "v1", "kind": "Secret", "stringData": data}
    metadata = {"name": SECRET, "namespace": release.namespace}
    release.kube.delete("Secret", SECRET, release.namespace)
    release.kube.create({**manifest, "metadata": metadata})


def values(config: dict[str, Any], **hub: Any) -> dict[str, Any]:
    """Return the values of a hub with `config` that knows nobody at first, and starts no server after a login."""
    quick = {"hook": {"enabled": False}, "continuous": {"enabled": False}}
    common = {"db": {"type": "sqlite-memory"}, "redirectToServer": False}
    return {"hub": {**common, "config": config, **hub}, "prePuller": quick}
