"""Read what the chart mounted and configure JupyterHub: the only module that touches disk and environment.

The chart mounts, below `/etc/jupyterhub`: `values/values.json` (values that the hub reads), `values/facts.json`,
`secret/values.json` (the sensitive values), `credentials/` (a file a key: made by the credentials job) and
`existing-secret/` (a file a key: the administrator's own Secret).
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from traitlets.config import Config

from hub_config import __version__
from hub_config.base import ConfigurationError
from hub_config.compose import configure
from hub_config.facts import Facts
from hub_config.hub.services import token_key
from hub_config.problems import problems
from hub_config.values import Values

MOUNTED = Path("/etc/jupyterhub")
SNIPPETS = Path("/usr/local/etc/jupyterhub/jupyterhub_config.d")


def load_jupyterhub_config(config: Config, root: Path = MOUNTED, snippets: Path = SNIPPETS) -> None:
    """Fill `config` from the values mounted below `root`, then run the files in `snippets` and `hub.extraConfig`.

    Called by `jupyterhub_config.py` with JupyterHub's own `c`. A mistake in the values ends the process with a message
    and without a traceback: the hub must not run with half of its configuration.
    """
    try:
        values = read_values(root)
        config.merge(configure(values, read_facts(root, values)))
        run_snippets(config, values, snippets)
    except ConfigurationError as error:
        print(f"The hub cannot start with these values:\n{error}", file=sys.stderr)
        sys.exit(1)


def read_values(root: Path) -> Values:
    """Return the values mounted below `root`, checked; all mistakes are in one `ConfigurationError`, a line each."""
    merged = _merged(_json(root / "values" / "values.json"), _json(root / "secret" / "values.json", optional=True))
    try:
        return Values.model_validate(merged, context={"merged_by_helm": True}, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ConfigurationError("\n".join(problems(error))) from error


def read_facts(root: Path, values: Values) -> Facts:
    """Return who and where this hub is, with the credentials that `values` and the mounted Secrets give."""
    facts = _json(root / "values" / "facts.json")
    _check_versions(facts.get("hubConfig", "unknown"))
    return Facts(
        release=facts["release"],
        namespace=facts["namespace"],
        chart_name=facts["chartName"],
        names=MappingProxyType(facts["names"]),
        hub_port=facts["hubPort"],
        proxy_api_port=facts["proxyApiPort"],
        authenticators=frozenset(point.name for point in entry_points(group="jupyterhub.authenticators")),
        credentials=MappingProxyType(
            {
                **mounted_files(root / "credentials"),
                **mounted_files(root / "existing-secret"),
                **dict(_explicit(values)),
            }
        ),
    )


def run_snippets(config: Config, values: Values, folder: Path) -> None:
    """Run the Python files in `folder`, then `hub.extraConfig`, in the order of their names.

    At hand are `c`, as in every configuration file of JupyterHub, and the value `custom`.
    """
    namespace: dict[str, Any] = {
        "c": config,
        "custom": values.custom,
        "get_config": lambda: config,
        "__name__": "jupyterhub_config",
    }
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else []:
        _execute(path.read_text(encoding="utf-8"), str(path), namespace)
    for name, code in sorted(values.hub.extra_config.items()):
        _execute(code, f"hub.extraConfig.{name}", namespace)


def check_snippets(values: Values) -> None:
    """Raise `ConfigurationError` for code in `hub.extraConfig` that is not Python, without running any."""
    for name, code in sorted(values.hub.extra_config.items()):
        _compiled(code, f"hub.extraConfig.{name}")


def _compiled(code: str, where: str) -> Any:
    try:
        return compile(code, where, "exec")
    except SyntaxError as error:
        raise ConfigurationError(f"{where}, line {error.lineno}: {error.msg}: {(error.text or '').strip()}") from error


def _execute(code: str, where: str, namespace: dict[str, Any]) -> None:
    print(f"Loading {where}", file=sys.stderr)
    compiled = _compiled(code, where)
    try:
        exec(compiled, namespace)  # noqa: S102 - running the administrator's code is what the value is for
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == where]
        at = f", line {lines[-1]}" if lines else ""
        raise ConfigurationError(f"{where}{at}: {type(error).__name__}: {error}") from error


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


def _merged(base: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Put `more` into `base`: maps key by key, anything else replaced."""
    joined = dict(base)
    for key, value in more.items():
        both_maps = isinstance(value, Mapping) and isinstance(joined.get(key), dict)
        joined[key] = _merged(joined[key], value) if both_maps else value
    return joined


def mounted_files(folder: Path) -> dict[str, str]:
    """Return the keys of a mounted Secret; names that begin with a dot are the kubelet's bookkeeping."""
    if not folder.is_dir():
        return {}
    found = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return {path.name: path.read_text(encoding="utf-8").rstrip("\n") for path in found}


def _explicit(values: Values) -> Iterator[tuple[str, str]]:
    """Yield the credentials that the values themselves give: they win over every Secret."""
    hub = values.hub
    if cookie := hub.config.get("JupyterHub", {}).get("cookie_secret") or hub.cookie_secret:
        yield "hub.config.JupyterHub.cookie_secret", _text("hub.config.JupyterHub.cookie_secret", cookie)
    if keys := hub.config.get("CryptKeeper", {}).get("keys"):
        each = keys if isinstance(keys, list) else [keys]
        yield "hub.config.CryptKeeper.keys", ";".join(_text("hub.config.CryptKeeper.keys", key) for key in each)
    if hub.db.password:
        yield "hub.db.password", hub.db.password
    for name, service in hub.services.items():
        if token := service.get("apiToken") or service.get("api_token"):
            yield token_key(name), _text(token_key(name), token)


def _text(key: str, value: Any) -> str:
    """Return a credential, which YAML may have read as a number. Raises `ConfigurationError`, without the value."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{key}: write a text, in quotes")
    return value


def _check_versions(expected: str) -> None:
    """Refuse a hub image that does not belong to the chart: it would read the values in another meaning."""
    if expected == __version__:
        return
    behind = "image" if _ordered(__version__) < _ordered(expected) else "chart"
    cure = "set hub.image.tag to the chart's own (leave hub.image out)" if behind == "image" else "upgrade the chart"
    raise ConfigurationError(
        f"hub.image is of another version than the chart: the image carries hub_config {__version__}, "
        f"the chart expects {expected}. The {behind} is behind: {cure}."
    )


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
