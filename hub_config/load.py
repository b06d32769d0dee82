"""Turn what the chart mounted into JupyterHub's configuration.

Disk is read here and in `mounted.py`, which says what is mounted, and nowhere else.
"""

from __future__ import annotations

import glob
import os
import re
import sys
import traceback
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from hub_config import __version__, z2jh
from hub_config.base import ConfigurationError
from hub_config.compose import configure
from hub_config.facts import Facts
from hub_config.hub.app import SPAWNER
from hub_config.hub.proxy import PROXY_TOKEN_KEY
from hub_config.hub.services import token_key
from hub_config.installed_traits import authenticators, installed
from hub_config.mounted import MOUNTED, mounted_facts, mounted_secret, mounted_values
from hub_config.problems import problems
from hub_config.profile_access import OfferedProfiles, is_restricted
from hub_config.traits import CHOOSE_CLASSES, findings
from hub_config.values import Values

SNIPPETS = Path("/usr/local/etc/jupyterhub/jupyterhub_config.d")


def load_jupyterhub_config(config: Config, root: Path = MOUNTED, snippets: Path = SNIPPETS) -> tuple[Values, Facts]:
    """Fill `config` from the values mounted below `root`, then run the files in `snippets` and `hub.extraConfig`.

    Returns the values and facts.

    Called by `jupyterhub_config.py` with JupyterHub's own `c`. A mistake in the values ends the process with a message
    and without a traceback: the hub must not run with half of its configuration.
    """
    try:
        values = read_values(root)
        check_config(values)
        facts = read_facts(root, values)
        config.merge(configure(values, facts))
        z2jh.read_from(root)
        run_snippets(config, values, snippets, facts)
        check_imports(config, values)
        check_spawner(config, values)
    except ConfigurationError as error:
        print(f"The hub cannot start with these values:\n{error}", file=sys.stderr)
        sys.exit(1)
    return values, facts


def read_values(root: Path) -> Values:
    """Return the values mounted below `root`, checked; all mistakes are in one `ConfigurationError`, a line each."""
    try:
        return Values.model_validate(
            mounted_values(root), context={"merged_by_helm": True}, by_alias=True, by_name=False
        )
    except ValidationError as error:
        raise ConfigurationError("\n".join(problems(error))) from error


def read_facts(root: Path, values: Values) -> Facts:
    """Return who and where this hub is, with the credentials that `values` and the mounted Secrets give."""
    facts = mounted_facts(root)
    _check_versions(facts.get("hubConfig", "unknown"))
    return Facts(
        release=facts["release"],
        namespace=facts["namespace"],
        chart_name=facts["chartName"],
        names=MappingProxyType(facts["names"]),
        hub_host=facts.get("hubHost"),
        scheme="https" if values.internal_tls.enabled else "http",
        hub_port=facts["hubPort"],
        proxy_api_port=facts["proxyApiPort"],
        authenticators=authenticators(),
        credentials=MappingProxyType(
            {
                **mounted_secret(root / "credentials"),
                **dict(_explicit(values)),
                **mounted_secret(root / "existing-secret"),
            }
        ),
    )


def check_config(values: Values) -> None:
    """Check `hub.config` against the classes that are installed here; tell of what may be a mistake.

    Raises `ConfigurationError` for a trait that a class lacks, and for a value of a wrong type: traitlets only warns of
    the one, and says of the other nothing about where it came from.
    """
    found = findings(values.hub.config, installed())
    for note in found.notes:
        print(f"Note: {note}", file=sys.stderr)
    if found.errors:
        raise ConfigurationError("\n".join(found.errors))


def check_imports(config: Config, values: Values) -> None:
    """Raise `ConfigurationError` when a class that JupyterHub is told to use by its path cannot be imported.

    Code may have put another in the place of the one in the values, or its module within reach: it has run by then.
    """
    for trait in CHOOSE_CLASSES:
        named = config.JupyterHub.get(trait)
        if not isinstance(named, str) or "." not in named:
            continue
        from_values = values.hub.config.get("JupyterHub", {}).get(trait) == named
        key = f"hub.config.JupyterHub.{trait}" if from_values else f"JupyterHub.{trait}"
        try:
            import_item(named)
        except Exception as error:  # as other people's modules fail in their own ways
            raise ConfigurationError(
                f"{key}: {named} cannot be imported: {type(error).__name__}: {error}. Write MODULE.CLASS of a package "
                "that is in the hub's image, or add it by an image of your own (hub.image)"
            ) from error


def check_spawner(config: Config, values: Values) -> None:
    """Raise `ConfigurationError` when profiles are for some users only and the spawner would offer them to all."""
    profiles = [profile.model_dump() for profile in values.singleuser.profile_list]
    if not any(map(is_restricted, profiles)):
        return
    named = config.JupyterHub.get("spawner_class")
    points = {point.name: point.value.replace(":", ".") for point in entry_points(group="jupyterhub.spawners")}
    try:
        spawner = import_item(points.get(named, named)) if isinstance(named, str) else named
    except ImportError as error:
        raise ConfigurationError(f"JupyterHub.spawner_class: {named}: {error}") from None
    if not issubclass(spawner, OfferedProfiles):
        raise ConfigurationError(
            f"JupyterHub.spawner_class: {named} does not know allowed_users and allowed_groups, and would offer every "
            f"profile of singleuser.profileList to everybody: remove spawner_class, or derive your class from {SPAWNER}"
        )


def run_snippets(config: Config, values: Values, folder: Path, facts: Facts | None = None) -> None:
    """Run the Python files in `folder`, then `hub.extraConfig`, in the order of their names.

    At hand are `c`, as in every configuration file of JupyterHub, `values`, `facts`, the value `custom`, and the names
    that code for Zero to JupyterHub finds there.
    """
    namespace: dict[str, Any] = {
        **_names_of_z2jh(config),
        "c": config,
        "custom": values.custom,
        "facts": facts,
        "values": values,
        "__name__": "jupyterhub_config",
    }
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else []:
        _execute(path.read_text(encoding="utf-8"), str(path), namespace)
    for name, code in sorted(values.hub.extra_config.items()):
        _execute(code, f"hub.extraConfig.{name}", namespace)


def _names_of_z2jh(config: Config) -> dict[str, Any]:
    """Return the modules and helpers that Zero to JupyterHub's own configuration file leaves to the code after it."""

    def get_config(key: str | None = None, default: Any = None) -> Any:
        """Return `c` without a key, as JupyterHub's own `get_config` does, else the value at the key."""
        return config if key is None else z2jh.get_config(key, default)

    return {
        "get_config": get_config,
        "get_name": z2jh.get_name,
        "get_name_env": z2jh.get_name_env,
        "get_secret_value": z2jh.get_secret_value,
        "set_config_if_not_none": z2jh.set_config_if_not_none,
        "camelCaseify": z2jh.camel_case,
        **{module.__name__: module for module in (glob, os, re, sys)},
    }


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


def _explicit(values: Values) -> Iterator[tuple[str, str]]:
    """Yield the credentials that the values themselves give: they win over those that the chart made."""
    hub = values.hub
    if cookie := hub.config.get("JupyterHub", {}).get("cookie_secret") or hub.cookie_secret:
        yield "hub.config.JupyterHub.cookie_secret", _text("hub.config.JupyterHub.cookie_secret", cookie)
    if keys := hub.config.get("CryptKeeper", {}).get("keys"):
        each = keys if isinstance(keys, list) else [keys]
        yield "hub.config.CryptKeeper.keys", ";".join(_text("hub.config.CryptKeeper.keys", key) for key in each)
    own_proxy, own_app = (hub.config.get(section, {}) for section in ("ConfigurableHTTPProxy", "JupyterHub"))
    # The order of the chart's `jupyterhub.proxyToken`, by which the proxy gets it.
    if token := values.proxy.secret_token or own_proxy.get("auth_token") or own_app.get("proxy_auth_token"):
        yield PROXY_TOKEN_KEY, _text(PROXY_TOKEN_KEY, token)
    if hub.db.password:
        yield "hub.db.password", hub.db.password
    for name, service in hub.services.items():
        if token := service.chart_token or service.api_token:
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
