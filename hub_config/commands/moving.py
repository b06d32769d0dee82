"""Turn values of Zero to JupyterHub into values of this chart; pure, and each change has its note."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub_config.places import Path, keys_at
from hub_config.problems import dotted
from hub_config.z2jh_keys import Drop, Idle, Move, Refuse, fate, gone_below, switched_on

_THEIR_IMAGES = {
    "hub.image": "the hub's image must carry hub_config, so the chart's own is used; build yours from that one",
    "proxy.chp.image": "the chart's own image of configurable-http-proxy is used",
    "prePuller.pause.image": "the user image, which is on the node by then, is used",
}
_EXTRA_ENV = ("hub.extraEnv", "proxy.chp.extraEnv", "singleuser.extraEnv")


@dataclass(frozen=True)
class Note:
    """One change, or with `to_do` one decision that is left to a person."""

    path: Path
    text: str
    to_do: bool = False

    @property
    def key(self) -> str:
        """The key as people write it."""
        return dotted(self.path)


Values = dict[str, Any]


def moved(theirs: Values) -> tuple[Values, list[Note]]:
    """Return the values of this chart that mean what `theirs` mean in Zero to JupyterHub, and the notes."""
    values, notes = copy.deepcopy(theirs), list[Note]()
    for change in _CHANGES:
        change(values, notes)
    _prune(values, theirs)
    return values, notes


def _keys(values: Values, notes: list[Note]) -> None:
    """Move, leave out or keep for a person every key that the models do not know."""
    for path in list(_unknown(values, ())):
        found = fate(path)
        if found is None:  # no key of theirs either: `check` says what was meant
            continue
        value = _get(values, path)
        match found[1]:
            case Move(to=to, note=note):
                _take(values, path)
                _put(values, tuple(to.split(".")), value)
                notes.append(Note(path, f"is now {to}" + (f": {note}" if note else "")))
            case Drop(why=why):
                _take(values, path)
                notes.append(Note(path, f"left out: {why}"))
            case Refuse(instead=instead):
                _take(values, path)
                notes.append(Note(path, f"left out: {instead}", to_do=_says_something(value)))


def _unknown(values: Values, path: Path) -> list[Path]:
    """Return the paths of unknown keys: as deep as the table has entries for them."""
    found: list[Path] = []
    known = keys_at(path)
    for key, value in values.items():
        below = (*path, key)
        if path == () or known:
            if key in known:
                found += _unknown(value, below) if _is_map(value) and keys_at(below) else []
            else:
                found += gone_below(below, value) or [below]
    return found


def _environment(values: Values, notes: list[Note]) -> None:
    """Turn lists of environment variables into maps, and numbers into texts."""
    for key in _EXTRA_ENV:
        path = tuple(key.split("."))
        given = _get(values, path)
        if isinstance(given, list) and all(_is_map(each) and "name" in each for each in given):
            _put(values, path, {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in given})
            notes.append(Note(path, "is now a map: name to the rest of the variable"))
        for name, value in (_get(values, path) or {}).items() if _is_map(_get(values, path)) else ():
            if isinstance(value, bool | int | float):
                _put(values, (*path, name), str(value).lower() if isinstance(value, bool) else str(value))
                notes.append(Note((*path, name), "is now a text, in quotes: variables are texts"))
            elif _is_map(value) and set(value) == {"name", "value"}:
                _put(values, (*path, name), str(value["value"]))
                notes.append(Note((*path, name), "is now the text itself"))


def _images(values: Values, notes: list[Note]) -> None:
    """Leave out images that only fit the other chart."""
    for key, why in _THEIR_IMAGES.items():
        path = tuple(key.split("."))
        image = _get(values, path)
        if _is_map(image) and ({"name", "tag"} & set(image)):
            own = not str(image.get("name", "quay.io/jupyterhub/")).startswith(
                ("quay.io/jupyterhub/", "registry.k8s.io/")
            )
            rest = {part: value for part, value in image.items() if part not in ("name", "tag")}
            _take(values, path)
            if key != "prePuller.pause.image" and any(rest.values()):
                _put(values, path, rest)
            notes.append(Note(path, f"left out: {why}", to_do=own and key == "hub.image"))


def _metadata(values: Values, notes: list[Note]) -> None:
    path = ("singleuser", "cloudMetadata", "blockWithIptables")
    if _get(values, path) is True:
        _take(values, path)
        instead = "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer: false"
        notes.append(Note(path, f"left out: {instead} does it, without a privileged container"))


def _services_of_config(values: Values, notes: list[Note]) -> None:
    """Move `hub.config.JupyterHub.services`, a list, to `hub.services`, a map of names."""
    path = ("hub", "config", "JupyterHub", "services")
    services = _get(values, path)
    if isinstance(services, list) and all(_is_map(each) and "name" in each for each in services):
        _take(values, path)
        for each in services:
            _put(values, ("hub", "services", each["name"]), {k: v for k, v in each.items() if k != "name"})
        notes.append(Note(path, "is now hub.services, by name"))


def _switches(values: Values, notes: list[Note]) -> None:
    """Leave out what would do nothing, and name what somebody must decide."""
    for key, said in switched_on(values):
        path = tuple(key.split("."))
        _take(values, path)
        if isinstance(said, Idle):
            notes.append(Note(path, f"left out: {said.why}"))
        else:
            notes.append(Note(path, f"left out: {said.instead}", to_do=True))


def _defaults(values: Values, notes: list[Note]) -> None:
    """Write out defaults of Zero to JupyterHub that are others here and that users would notice."""
    service = ("proxy", "service", "type")
    ingress = _get(values, ("ingress", "enabled"))
    if _get(values, service) is None and not ingress:
        _put(values, service, "LoadBalancer")
        notes.append(Note(service, "written out, as it was the default: here it is ClusterIP"))
    image, root = ("singleuser", "image", "name"), ("singleuser", "security", "readOnlyRootFilesystem")
    if _get(values, image) and _get(values, root) is None:
        _put(values, root, False)
        text = "was so: users may write into the image, as `conda install` does, which here they cannot by default"
        notes.append(Note(root, f"written out, as it {text}. Remove it if yours need not"))
    login = ("hub", "config", "JupyterHub", "authenticator_class")
    if not _get(values, login):
        text = "was dummy by default: any name with any password; here everybody shares one generated password"
        notes.append(Note(login, f"{text}. Write the authenticator that you want"))


_CHANGES: tuple[Callable[[Values, list[Note]], None], ...] = (
    _keys,
    _environment,
    _images,
    _metadata,
    _services_of_config,
    _switches,
    _defaults,
)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _says_something(value: Any) -> bool:
    """Tell whether a value asks for anything: not when it is empty or only says `enabled: false`."""
    return bool(value) and not (isinstance(value, dict) and value.get("enabled") is False)


def _get(values: Any, path: Path) -> Any:
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _take(values: Values, path: Path) -> None:
    holder = _get(values, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)


def _put(values: Values, path: Path, value: Any) -> None:
    """Set the value at `path`; a map joins the map that is there."""
    for key in path[:-1]:
        if not isinstance(values.get(str(key)), dict):
            values[str(key)] = {}
        values = values[str(key)]
    last = str(path[-1])
    if isinstance(value, dict) and isinstance(values.get(last), dict):
        values[last] = {**values[last], **value}
    else:
        values[last] = value


def _prune(values: Values, theirs: Values) -> None:
    """Remove the maps that moving has left empty; those that were empty stay."""
    for key in list(values):
        value, before = values[key], theirs.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            _prune(value, before)
            if not value and before:
                del values[key]
