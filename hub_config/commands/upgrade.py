"""What an upgrade from one set of values to another does to pods and homes; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub_config.base import Reader
from hub_config.commands.examine import offline_facts
from hub_config.compose import configure
from hub_config.generate import reader_paths
from hub_config.values import Values

_CLAIM_TEMPLATE = "claim-{user_server}"
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
    homes_before, homes_after = _homes(old), _homes(new)
    result.moved_homes = list(_moves(homes_before, homes_after))
    result.notes = [*_claims(homes_before, homes_after), *_database(changed)]
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


@dataclass(frozen=True)
class _Home:
    """Where a user's files are: KubeSpawner's templates of the claim, the folder in it, and the folder in the pod."""

    claim: str
    folder: str
    mount: str


@dataclass
class _Homes:
    places: list[_Home]
    names: dict[str, Any]
    """KubeSpawner's traits that decide which name and namespace a user's claim has."""
    size: Any
    storage_class: Any


def _homes(values: Values) -> _Homes:
    spawner = configure(values, offline_facts()).KubeSpawner
    template = spawner.get("pvc_name_template", _CLAIM_TEMPLATE)
    claims = {
        volume["name"]: str(volume["persistentVolumeClaim"]["claimName"]).replace("{pvc_name}", template)
        for volume in spawner.get("volumes", {}).values()
        if "persistentVolumeClaim" in volume
    }
    places = [
        _Home(claims[mount["name"]], mount.get("subPath", ""), mount["mountPath"])
        for mount in spawner.get("volume_mounts", {}).values()
        if mount["name"] in claims
    ]
    own = [each for each in places if "{" in f"{each.claim}{each.folder}"]
    kinds = ("slug_scheme", "enable_user_namespaces", "user_namespace_template")
    dynamic = bool(spawner.get("storage_pvc_ensure"))
    return _Homes(
        places=own,
        names={kind: spawner[kind] for kind in kinds if kind in spawner},
        size=spawner.get("storage_capacity") if dynamic else None,
        storage_class=spawner.get("storage_class") if dynamic else None,
    )


def _moves(old: _Homes, new: _Homes) -> Iterator[str]:
    """Yield a sentence for each place with files of users that they would no longer find."""
    for home in old.places:
        if home in new.places:
            continue
        there = (
            ", ".join(_said(each) for each in new.places) or "no volume at all: files would last as long as a server"
        )
        yield f"users' files are in {_said(home)}; servers would look for them in {there}"
    if old.places and old.names != new.names:
        changed = [name for name in {**old.names, **new.names} if old.names.get(name) != new.names.get(name)]
        yield f"claims would have other names or be in other namespaces: {', '.join(changed)} changes"


def _said(home: _Home) -> str:
    folder = f", folder {home.folder}" if home.folder else ""
    return f"claim {home.claim}{folder}, at {home.mount}"


def _claims(old: _Homes, new: _Homes) -> Iterator[str]:
    if not (old.places and new.places):
        return
    if None not in (old.size, new.size) and old.size != new.size:
        yield f"claims that exist keep their {old.size}; new users get {new.size}"
    if old.storage_class != new.storage_class:
        was, becomes = (each or "the cluster's default" for each in (old.storage_class, new.storage_class))
        yield f"claims that exist keep their storage class ({was}); those of new users get {becomes}"


def _database(changed: list[str]) -> Iterator[str]:
    if keys := [key for key in changed if key in _DATABASE]:
        yield (
            f"the hub would use another database ({', '.join(keys)}): it forgets users, tokens and running servers "
            "unless you copy the old one"
        )
