"""The Secret that `hub.existingSecret` names, before an install: whether it is there, and has what pods need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hub_config.base import ConfigurationError

VOLUME = "existing-secret"


def check_existing_secret(folder: Path, pods: Iterable[Mapping[str, Any]] = ()) -> None:
    """Raise `ConfigurationError` when the mounted Secret is not there, has no keys, or lacks one that `pods` need.

    The preflight job mounts it as optional, so that it can say so; the hub's pod would wait for it without a word.
    """
    if folder.is_dir() and not keys(folder):
        raise ConfigurationError(
            "hub.existingSecret: there is no such Secret in the release's namespace, or it has no keys: make it first, "
            "or leave hub.existingSecret out"
        )
    if lacking := missing_keys(pods, folder):
        raise ConfigurationError("\n".join(lacking))


def keys(folder: Path) -> set[str]:
    """Return the keys of the mounted Secret."""
    found = folder.iterdir() if folder.is_dir() else ()
    return {each.name for each in found if each.is_file() and not each.name.startswith(".")}


def missing_keys(pods: Iterable[Mapping[str, Any]], folder: Path) -> list[str]:
    """Return a sentence for each key that a container cannot start without and the mounted Secret lacks.

    `pods` are `{"name": ..., "pod": ...}`. What the pods read of other Secrets cannot be seen by this job.
    """
    pods = list(pods)
    names = {name for each in pods for name in _mounted_names(each["pod"])}
    present = keys(folder)
    return [
        f"hub.existingSecret: the Secret {name} lacks the key {key}, which the variable {variable} of the pod "
        f"{each['name']} is read from: add the key to the Secret"
        for each in pods
        for variable, name, key in _needed(each["pod"])
        if name in names and key not in present
    ]


def _mounted_names(pod: Mapping[str, Any]) -> Iterator[str]:
    for volume in pod["spec"].get("volumes", []):
        if volume["name"] == VOLUME:
            yield volume["secret"]["secretName"]


def _needed(pod: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield variable, Secret and key of each variable that must come from a Secret."""
    for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
        for variable in container.get("env", []):
            source = variable.get("valueFrom", {}).get("secretKeyRef")
            if source and not source.get("optional"):
                yield variable["name"], source["name"], source["key"]
