"""What an upgrade from one set of values to another does to users' homes; pure.

Claims are found by whose they are (`runtime/ownership.py`), so their names may change; another kind of storage, volume
or folder cannot be found, and is refused until `singleuser.storage.homesMoved` says that the files are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hub_config.commands.examine import offline_facts
from hub_config.compose import configure
from hub_config.values import Values

_NAMESPACES = ("enable_user_namespaces", "user_namespace_template", "namespace")
_NAMES = {"pvc_name_template": "claim-{user_server}", "slug_scheme": "safe"}
"""KubeSpawner's traits that decide which name a new claim gets, and their defaults."""


@dataclass(frozen=True)
class _Homes:
    """Where homes are: the place, the path in the container, and KubeSpawner's traits that have a part in it."""

    place: dict[str, Any]
    mount: str
    traits: dict[str, Any]

    @property
    def lasting(self) -> bool:
        return bool(self.place.get("type") != "none")

    @property
    def dynamic(self) -> bool:
        return bool(self.place.get("type") == "dynamic")

    def said(self) -> str:
        """Return the place in words."""
        if not self.lasting:
            return "no volume that lasts"
        sources = [f"{key} {value}" for each in self.place.get("volume", {}).values() for key, value in each.items()]
        words = [*sources, *([f"folder {self.place['folder']}"] if self.place.get("folder") else [])]
        where = "a claim for each user" if self.dynamic else f"storage of type {self.place['type']}"
        return f"{where} ({', '.join(words)})" if words else where


def _homes(values: Values) -> _Homes:
    config = configure(values, offline_facts())
    kept = (*_NAMESPACES, *_NAMES, "remember_pvc_name", "storage_capacity", "storage_class")
    return _Homes(
        place=dict(config.HomeKeeping.home_place),
        mount=values.singleuser.storage.home_mount_path,
        traits={name: config.KubeSpawner[name] for name in kept if name in config.KubeSpawner},
    )


def moved(old: Values, new: Values) -> Iterator[str]:
    """Yield a sentence for each way in which users would not find their files where they were."""
    before, after = _homes(old), _homes(new)
    if not before.lasting:
        return
    if before.place != after.place and not new.singleuser.storage.homes_moved:
        yield (
            f"users' files are in {before.said()}, and the values now say {after.said()}: servers that had a home are "
            "refused until the files are there and singleuser.storage.homesMoved is true"
        )
    elif before.mount != after.mount:
        yield f"users' files appear at {after.mount} in the container, no longer at {before.mount}"
    if not (before.dynamic and after.dynamic):
        return
    if changed := [name for name in _NAMESPACES if before.traits.get(name) != after.traits.get(name)]:
        yield f"claims would be looked for in other namespaces: {', '.join(changed)} changes"
    renamed = _renamed(before, after)
    if renamed and after.traits.get("remember_pvc_name") is False:
        yield f"rememberPvcName is false, so claims of other names are taken, or made: {', '.join(renamed)} changes"


def _renamed(before: _Homes, after: _Homes) -> list[str]:
    return [
        name for name, default in _NAMES.items() if before.traits.get(name, default) != after.traits.get(name, default)
    ]


def notes(old: Values, new: Values) -> Iterator[str]:
    """Yield what else becomes of homes."""
    before, after = _homes(old), _homes(new)
    if before.lasting and before.place != after.place and new.singleuser.storage.homes_moved:
        yield f"homes are taken to have been moved from {before.said()} to {after.said()}: homesMoved says so"
    if not (before.dynamic and after.dynamic):
        return
    if renamed := _renamed(before, after):
        yield (
            f"new claims get other names ({', '.join(renamed)} changes); those that exist are found by whose they are"
        )
    was, becomes = (each.traits.get("storage_capacity") for each in (before, after))
    if was != becomes:
        yield (
            f"new users get {becomes}; homes that have less grow to it at their next start where their storage class "
            "allows it, and none shrinks"
        )
    was, becomes = (each.traits.get("storage_class") or "the cluster's default" for each in (before, after))
    if was != becomes:
        yield f"claims that exist keep their storage class ({was}); those of new users get {becomes}"
