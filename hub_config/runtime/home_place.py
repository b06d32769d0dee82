"""Where a home is, apart from its claim: the kind of storage, the volume, the folder in it; pure.

A claim can be looked up. A folder of a shared disk cannot: the kubelet makes an empty one when there is none. So each
server remembers, in the hub's database, where its home was, and values that name another place are taken only when
`singleuser.storage.homesMoved` says that the files are there.
"""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter
from typing import Any

from hub_config.base import ConfigurationError

Place = dict[str, Any]
"""`type` of `singleuser.storage.type`, `volume` as Kubernetes has it, `folder` in it."""
NOWHERE: Place = {"type": "none", "volume": {}, "folder": ""}
_SERVERS = {"servername", "user_server", "pod_name"}
_USERS = {"username", "userid", "user_server", "pod_name"}
_FORMS = ("unescaped_", "safe_", "escaped_")
_SHORT = {"username", "servername", "user_server"}
"""Fields whose escaping depends on `singleuser.slugScheme` and on KubeSpawner's version."""


def _fields(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field}


def _plain(field: str) -> str:
    return next((field.removeprefix(form) for form in _FORMS if field.startswith(form)), field)


def is_of_user(template: str) -> bool:
    """Tell whether a template makes something of a user's own, and not the same for all."""
    return any(_plain(field) in _USERS for field in _fields(template))


def is_of_server(template: str) -> bool:
    """Tell whether a template makes something of a server's own, and not the same for all of a user's."""
    return any(_plain(field) in _SERVERS for field in _fields(template))


def depends_on_scheme(template: str) -> bool:
    """Tell whether a template has fields that KubeSpawner before 7 wrote in another way."""
    return bool(_fields(template) & _SHORT)


def folder(template: str, expand: Callable[[str], str]) -> str:
    """Return the folder that a template makes. Raises `ConfigurationError` when a name in it leads out of its part."""
    parts = [expand(part) for part in template.split("/")]
    for written, part in zip(template.split("/"), parts, strict=True):
        if "/" in part or part in (".", "..") or "\0" in part:
            raise ConfigurationError(
                f"the name makes {part!r} of {written!r} in the folder {template!r}, which leads elsewhere: write "
                "{username}, whose special characters are escaped, in place of {unescaped_username}"
            )
    return "/".join(parts)


def moved(before: Place | None, now: Place) -> str | None:
    """Return what is wrong with `now` for a server whose home was at `before`; None when it is the same place.

    Of a home before this chart only the type may be known.
    """
    if before is None or before["type"] == "none":
        return None
    if all(before[key] == now.get(key) for key in before):
        return None
    return f"it was in {said(before)}, and the values now say {said(now)}"


def said(place: Place) -> str:
    """Return a place in words."""
    kind, volume = place["type"], place.get("volume") or {}
    where = {"none": "no storage that lasts", "dynamic": "a claim of its own"}.get(kind, f"storage of type {kind}")
    details = [f"{key} {value}" for source in volume.values() for key, value in source.items()]
    details += [f"folder {place['folder']}"] if place.get("folder") else []
    return f"{where} ({', '.join(details)})" if details else where
