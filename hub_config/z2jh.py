"""The helpers that Zero to JupyterHub gives to `hub.extraConfig` and `jupyterhub_config.d`, for code written for it.

They read what the chart mounts, in every process of the hub's pod. The hub gets the values that it reads, not all: code
that asks for another one is told to copy it to `custom`. Each helper names, once, what to use here instead.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hub_config.base import Reader
from hub_config.generate import reader_paths
from hub_config.mounted import MOUNTED, mounted_facts, mounted_secret, mounted_values

_ABSENT = object()
_REQUIRED = "never-explicitly-set"
_PORTS = {"hub": "hubPort", "proxy-api": "proxyApiPort"}
_PUBLIC_PORT = 80
_PROXY_TOKEN = "hub.config.ConfigurableHTTPProxy.auth_token"  # noqa: S105 - a key
_COOKIE_SECRET = "hub.config.JupyterHub.cookie_secret"  # noqa: S105 - a key
_INSTEAD = {
    "get_config": 'custom["name"] for values of your own, values.hub.base_url and the like for the chart\'s',
    "get_secret_value": 'facts.credentials["key"]',
    "get_name": 'facts.names["hub"]',
    "get_name_env": "facts.hub_url, facts.proxy_api_url",
    "set_config_if_not_none": "c.Class.trait = ...",
}
_root = MOUNTED
_warned: set[str] = set()


def read_from(root: Path) -> None:
    """Read the files that are mounted below `root` from now on."""
    global _root  # noqa: PLW0603 - the helpers have no other way to learn it: their signatures are not ours
    _root = root
    _load.cache_clear()
    _warned.clear()


def get_config(key: str, default: Any = None) -> Any:
    """Return the value at a dotted key, such as `custom.course` or `Release.Name`; `default` when there is none."""
    _deprecated("get_config")
    return _config(key, default)


def get_secret_value(key: str, default: Any = _REQUIRED) -> Any:
    """Return a credential by its key, such as `hub.db.password`: of `existingSecret`, of the values, or generated.

    Raises KeyError when it is nowhere and no `default` is given.
    """
    _deprecated("get_secret_value")
    if (own := mounted_secret(_root / "existing-secret").get(key)) is not None:
        return own
    for path in (key, "hub.cookieSecret") if key == _COOKIE_SECRET else (key,):
        said = _lookup(_load(), path)
        if said and isinstance(said, str | list):
            return said if isinstance(said, str) else ";".join(said)
    credentials = mounted_secret(_root / "credentials")
    if key in credentials:
        return credentials[key]
    if key == _PROXY_TOKEN and (token := os.environ.get("CONFIGPROXY_AUTH_TOKEN")):
        return token
    if default != _REQUIRED:
        return default
    raise KeyError(f"{key} is neither in the values nor in hub.existingSecret nor among the generated credentials")


def get_name(name: str) -> str:
    """Return the name of a resource in this release by its plain name, such as `proxy-public`."""
    _deprecated("get_name")
    return _name(name)


def get_name_env(name: str, suffix: str = "") -> str:
    """Return the variable that Kubernetes makes of a Service, such as `HUB_SERVICE_PORT` for `hub`, `_SERVICE_PORT`.

    Where a pod gets no such variables, host and port of the chart's own Services are known all the same.
    """
    _deprecated("get_name_env")
    variable = f"{_name(name)}{suffix}".upper().replace("-", "_")
    if variable in os.environ:
        return os.environ[variable]
    if suffix == "_SERVICE_HOST":
        return _name(name)
    if suffix == "_SERVICE_PORT" and name in _PORTS:
        return str(mounted_facts(_root)[_PORTS[name]])
    if suffix == "_SERVICE_PORT" and name == "proxy-public":
        return str(_PUBLIC_PORT)
    raise KeyError(variable)


def set_config_if_not_none(cparent: Any, name: str, key: str) -> None:
    """Set the trait `name` of `cparent`, such as `c.KubeSpawner`, to the value at `key` when there is one."""
    _deprecated("set_config_if_not_none")
    value = _config(key, None)
    if value is not None:
        setattr(cparent, name, value)


def camel_case(text: str) -> str:
    """Turn `some_value` into `someValue`."""
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), text)


def _config(key: str, default: Any) -> Any:
    found = _lookup(_load(), key)
    if found is not _ABSENT and found is not None:
        return found
    if found is _ABSENT and any(path == key or path.startswith(f"{key}.") for path in reader_paths(Reader.TEMPLATES)):
        _warn(f"get_config: {key} does not reach the hub in this chart: copy what you need of it to custom")
    return None if found is None else default


def _lookup(values: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(values, Mapping) or part not in values:
            return _ABSENT
        values = values[part]
    return values


@cache
def _load() -> dict[str, Any]:
    facts = mounted_facts(_root)
    return {
        **mounted_values(_root),
        "Chart": {"Name": facts["chartName"]},
        "Release": {"Name": facts["release"], "Namespace": facts["namespace"], "Service": "Helm"},
    }


def _name(name: str) -> str:
    names: dict[str, str] = mounted_facts(_root)["names"]
    if name not in names:
        raise KeyError(f"this chart has no resource {name}: it has {', '.join(sorted(names))}")
    return names[name]


def _deprecated(helper: str) -> None:
    _warn(f"z2jh.{helper} is there for Zero to JupyterHub's users; in hub.extraConfig write {_INSTEAD[helper]}")


def _warn(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        # A FutureWarning, since Python keeps a DeprecationWarning to itself outside of tests.
        warnings.warn(message, FutureWarning, stacklevel=4)
