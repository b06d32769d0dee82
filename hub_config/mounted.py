"""The files that the chart mounts in the hub's pod, as they are.

Below `/etc/jupyterhub`: `values/values.json` (values that the hub reads), `values/facts.json`, `secret/values.json`
(the sensitive values), `credentials/` (a file a key: made by the credentials job) and `existing-secret/` (a file a key:
the administrator's own Secret). In the administrator's Secret the key `values.yaml`, when there is one, holds more
values, and each key `hub.config.<Class>.<trait>` sets that trait; both win over the values that Helm was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hub_config.base import ConfigurationError
from hub_config.trait_types import takes
from hub_config.traits import pinned

MOUNTED = Path("/etc/jupyterhub")
_MORE_VALUES = "values.yaml"
_TRAIT = re.compile(r"hub\.config\.([A-Z]\w*)\.(\w+)")
_CREDENTIALS = frozenset(
    {
        "hub.config.ConfigurableHTTPProxy.auth_token",
        "hub.config.CryptKeeper.keys",
        "hub.config.JupyterHub.cookie_secret",
    }
)
"""Keys that name a trait and are no configuration: `load.py` and the credentials job take them by themselves."""


def mounted_values(root: Path) -> dict[str, Any]:
    """Return the values mounted below `root`, unchecked: ConfigMap, then Secret, then the administrator's Secret."""
    found = merged(_json(root / "values" / "values.json"), _json(root / "secret" / "values.json", optional=True))
    own = root / "existing-secret"
    return merged(merged(found, _yaml(own / _MORE_VALUES)), _traits(mounted_secret(own)))


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


def _traits(secret: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that a Secret's keys `hub.config.<Class>.<trait>` stand for."""
    config: dict[str, dict[str, Any]] = {}
    for key, text in sorted(secret.items()):
        if key not in _CREDENTIALS and (match := _TRAIT.fullmatch(key)):
            config.setdefault(match[1], {})[match[2]] = _trait(match[1], match[2], text)
    return {"hub": {"config": config}} if config else {}


def _trait(section: str, trait: str, text: str) -> Any:
    """Return the text for a trait that takes a text, as of an unknown class; else what the text is as YAML."""
    known = pinned()
    kind = known.traits(section).get(trait, {}) if section in known.lines else {}
    if takes(kind, text):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        # Neither the parser's words nor its context are shown: they quote the secret.
        raise ConfigurationError(
            f"hub.existingSecret: its key hub.config.{section}.{trait} is no YAML, and the trait takes no text"
        ) from None


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
