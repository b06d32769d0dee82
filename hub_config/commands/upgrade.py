"""What an upgrade from one set of values to another does to pods; `upgrade_homes.py` says what to homes; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub_config.base import Reader
from hub_config.commands.upgrade_homes import moved, notes
from hub_config.generate import reader_paths
from hub_config.values import Values

_BOTH = ("fullnameOverride", "nameOverride", "imagePullSecrets", "scheduling.corePods")
_HUB_POD = (*_BOTH, "hub", "proxy.secretToken")
_NOT_IN_THE_HUB_POD = (
    "hub.service",
    "hub.pdb",
    "hub.networkPolicy",
    "hub.deploymentStrategy",
    "hub.revisionHistoryLimit",
    "hub.serviceAccount.annotations",
    "hub.db.pvc",
)
_PROXY_POD = (
    *_BOTH,
    "imagePullSecret.create",
    "imagePullSecret.automaticReferenceInjection",
    "debug.enabled",
    "internalTls",
    "hub.baseUrl",
    "hub.existingSecret",
    "hub.config.JupyterHub.subdomain_host",
    "hub.config.JupyterHub.proxy_auth_token",
    "hub.config.ConfigurableHTTPProxy.auth_token",
    "proxy",
)
_NOT_IN_THE_PROXY_POD = (
    "proxy.service",
    "proxy.deploymentStrategy",
    "proxy.chp.networkPolicy",
    "proxy.chp.pdb",
    "proxy.chp.revisionHistoryLimit",
)
_DATABASE = ("hub.db.type", "hub.db.url", "hub.db.pvc.subPath", "fullnameOverride", "nameOverride")
_FILE_CONTENTS = ("data", "stringData", "binaryData")


@dataclass
class Plan:
    """What changes: keys, the keys for which hub and proxy restart, and sentences about homes and the database."""

    changed: list[str] = field(default_factory=list)
    hub: list[str] = field(default_factory=list)
    proxy: list[str] = field(default_factory=list)
    moved_homes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan(old: Values, new: Values) -> Plan:
    """Return what changes when a release with the values `old` gets the values `new`, the chart being the same."""
    before, after = (each.model_dump(mode="json", by_alias=True) for each in (old, new))
    changed = list(_differences(before, after, ""))
    result = Plan(changed=changed)
    hub_reads = (*reader_paths(Reader.HUB), *reader_paths(Reader.HUB_SECRET), "hub.db.pvc.subPath")
    content = _contents_of_users_files(before, after)
    for key in changed:
        in_pod = _below(key, _HUB_POD) and not _below(key, _NOT_IN_THE_HUB_POD)
        if (in_pod or _below(key, hub_reads)) and key not in content:
            result.hub.append(key)
        if _below(key, _PROXY_POD) and not _below(key, _NOT_IN_THE_PROXY_POD):
            result.proxy.append(key)
    result.moved_homes = list(moved(old, new))
    result.notes = [*notes(old, new), *_database(changed), *_internal_tls(changed)]
    return result


def _below(key: str, prefixes: tuple[str, ...]) -> bool:
    return any(key == each or key.startswith((f"{each}.", f"{each}[")) for each in prefixes)


def _differences(old: Any, new: Any, prefix: str) -> Iterator[str]:
    """Yield the dotted keys whose values differ, as deep as both sides are maps."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield prefix
        return
    for key in dict.fromkeys((*old, *new)):
        path = f"{prefix}.{key}" if prefix else str(key)
        if key in old and key in new:
            yield from _differences(old[key], new[key], path)
        else:
            yield path


def _contents_of_users_files(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the keys of contents of users' files: they are in a Secret of their own, which new servers mount."""
    files = {**before["singleuser"]["extraFiles"], **after["singleuser"]["extraFiles"]}
    keys = [f"singleuser.extraFiles.{name}.{kind}" for name in files for kind in _FILE_CONTENTS]
    changed = list(_differences(before["singleuser"]["extraFiles"], after["singleuser"]["extraFiles"], ""))
    return {f"singleuser.extraFiles.{key}" for key in changed if _below(f"singleuser.extraFiles.{key}", tuple(keys))}


def _database(changed: list[str]) -> Iterator[str]:
    if keys := [key for key in changed if key in _DATABASE]:
        yield (
            f"the hub would use another database ({', '.join(keys)}): it forgets users, tokens and running servers "
            "unless you copy the old one"
        )


def _internal_tls(changed: list[str]) -> Iterator[str]:
    if "internalTls.enabled" in changed:
        yield "the hub stops the servers that run, because they speak as before: tell their users, or stop them first"
