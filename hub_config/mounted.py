"""The files that the chart mounts in the hub's pod, as they are.

Below `/etc/jupyterhub`: `values/values.json` (values that the hub reads), `values/facts.json`, `secret/values.json`
(the sensitive values), `credentials/` (a file a key: made by the credentials job) and `existing-secret/` (a file a key:
the administrator's own Secret; its key `values.yaml`, when it has one, holds more values).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hub_config.base import ConfigurationError

MOUNTED = Path("/etc/jupyterhub")
_MORE_VALUES = "values.yaml"


def mounted_values(root: Path) -> dict[str, Any]:
    """Return the values mounted below `root`, unchecked: ConfigMap, then Secret, then the administrator's Secret."""
    found = merged(_json(root / "values" / "values.json"), _json(root / "secret" / "values.json", optional=True))
    return merged(found, _yaml(root / "existing-secret" / _MORE_VALUES))


def mounted_facts(root: Path) -> dict[str, Any]:
    """Return what the chart tells of the release: names, ports, namespace."""
    return _json(root / "values" / "facts.json")


def mounted_secret(folder: Path) -> dict[str, str]:
    """Return the keys of a mounted Secret; names that begin with a dot are the kubelet's bookkeeping."""
    if not folder.is_dir():
        return {}
    found = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return {path.name: path.read_text(encoding="utf-8").rstrip("\n") for path in found if path.name != _MORE_VALUES}


def merged(base: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Put `more` into `base`: maps key by key, anything else replaced."""
    joined = dict(base)
    for key, value in more.items():
        both_maps = isinstance(value, Mapping) and isinstance(joined.get(key), dict)
        joined[key] = merged(joined[key], value) if both_maps else value
    return joined


def _json(path: Path, *, optional: bool = False) -> dict[str, Any]:
    if optional and not path.exists():
        return {}
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{path} is missing: the chart mounts it; is this hub started by the chart?"
        ) from error
    return loaded


def _yaml(path: Path) -> dict[str, Any]:
    """Return the values that a person's Secret holds; its content is not repeated in messages."""
    if not path.exists():
        return {}
    where = f"hub.existingSecret: its key {path.name}"
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigurationError(f"{where} is no YAML{f', line {mark.line + 1}' if mark else ''}") from None
    if not isinstance(loaded or {}, dict):
        raise ConfigurationError(f"{where} must be a map of values")
    return loaded or {}
