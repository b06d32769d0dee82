"""The classes that can be configured in this environment, and their traits' types, off the classes themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from math import isfinite
from typing import Any

import traitlets
from traitlets import TraitType
from traitlets.config import Configurable, LoggingConfigurable, SingletonConfigurable

from hub_config.trait_types import Schema, either, types
from hub_config.traits import Catalogue

AUTHENTICATORS = "jupyterhub.authenticators"
GROUPS = (AUTHENTICATORS, "jupyterhub.proxies", "jupyterhub.spawners")
"""Where packages name the classes that JupyterHub may be told to use."""
BESIDES = (
    "jupyterhub.app:JupyterHub",
    "jupyterhub.crypto:CryptKeeper",
    "jupyterhub_idle_culler:IdleCuller",
    "firstuseauthenticator:FirstUseAuthenticator",
    "hmacauthenticator:HMACAuthenticator",
    "kubespawner:KubeSpawner",
    "hub_config.runtime.secured:SecuredKubeSpawner",
    "ldapauthenticator:LDAPAuthenticator",
    "ltiauthenticator.lti11.auth:LTI11Authenticator",
    "ltiauthenticator.lti13.auth:LTI13Authenticator",
    "nativeauthenticator:NativeAuthenticator",
    "oauthenticator.generic:GenericOAuthenticator",
    "oauthenticator.mediawiki:MWOAuthenticator",
    "tmpauthenticator:TmpAuthenticator",
)
"""Classes of the hub's image, one of each package at least, and those that no entry point names."""
_GENERAL = (Configurable, LoggingConfigurable, SingletonConfigurable)
"""Ancestors of all classes: nobody means them."""
_CHOICES: dict[tuple[str, str], Schema] = {
    ("KubeSpawner", "image_pull_policy"): {"enum": ["Always", "IfNotPresent", "Never", None]},
    ("KubeSpawner", "storage_access_modes"): {
        "items": {"enum": ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]},
        "type": "array",
    },
}
"""Class and trait whose value goes to Kubernetes, to what Kubernetes takes; the trait itself is any text."""
BYTES = r"^[0-9]*\.?[0-9]+[KMGT]$"
"""A text that is a size (JupyterHub `ByteSpecification`)."""


def installed() -> Catalogue:
    """Return the classes that are installed, with those that they inherit from. Imports them all."""
    lines: dict[str, tuple[str, ...]] = {}
    own: dict[str, dict[str, Schema]] = {}
    for each in _classes():
        for cls in _line(each):
            lines[cls.__name__] = tuple(base.__name__ for base in _line(cls))
            own[cls.__name__] = _own(cls)
    return Catalogue(lines, own)


def authenticators() -> frozenset[str]:
    """Return the names by which `authenticator_class` may choose an authenticator: those of the entry points."""
    return frozenset(point.name for point in entry_points(group=AUTHENTICATORS))


def missing() -> list[str]:
    """Return those of `BESIDES` that cannot be imported here: this is not the environment of the hub's image."""
    return [path for path in BESIDES if _imported(path) is None]


def _classes() -> Iterator[type[Configurable]]:
    named = [point.value for group in GROUPS for point in entry_points(group=group)]
    for path in dict.fromkeys((*BESIDES, *named)):
        found = _imported(path)
        if isinstance(found, type) and issubclass(found, Configurable):
            yield found


def _imported(path: str) -> Any:
    """Return what an entry point such as `module:Class` names; None when it cannot be imported (a missing extra)."""
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except Exception:  # noqa: BLE001 - other people's modules fail in their own ways, and then cannot be used anyhow
        return None


def _line(cls: type[Configurable]) -> list[type[Configurable]]:
    """Return a class and its ancestors, nearest first, as far as one can configure them."""
    return [base for base in cls.__mro__ if issubclass(base, Configurable) and base not in _GENERAL]


def _own(cls: type[Configurable]) -> dict[str, Schema]:
    """Return the traits of a class that are not what its ancestors say anyhow."""
    inherited: dict[str, Schema] = {}
    for base in reversed(_line(cls)[1:]):
        inherited |= {name: json_type(trait) for name, trait in base.class_traits(config=True).items()}
        inherited |= {name: kind for (owner, name), kind in _CHOICES.items() if owner == base.__name__}
    traits = {name: json_type(trait) for name, trait in cls.class_traits(config=True).items()}
    for base in _line(cls):
        traits |= {name: kind for (owner, name), kind in _CHOICES.items() if owner == base.__name__}
    return {name: kind for name, kind in traits.items() if inherited.get(name) != kind}


def json_type(trait: TraitType[Any, Any]) -> Schema:
    """Return the JSON schema of what a trait takes from values; `{}` where that cannot be said."""
    kind = _json_type(trait)
    if not trait.allow_none or "type" not in kind:
        return either([kind, {"type": "null"}]) if trait.allow_none else kind
    return {**kind, "type": list(dict.fromkeys([*types(kind), "null"]))}


def _json_type(trait: TraitType[Any, Any]) -> Schema:
    if isinstance(trait, traitlets.Union):
        # Values hold no functions: where one is possible besides, only the rest is.
        members = [json_type(each) for each in trait.trait_types]
        return either([each for each in members if each != _FUNCTION] or members)
    for cls in type(trait).__mro__:
        make = _TYPES.get(f"{cls.__module__}.{cls.__name__}")
        if make is not None:
            return make(trait)
    return {}


def _number(name: str) -> Callable[[Any], Schema]:
    def make(trait: Any) -> Schema:
        bounds = {"minimum": getattr(trait, "min", None), "maximum": getattr(trait, "max", None)}
        return {"type": name, **{key: bound for key, bound in bounds.items() if bound is not None and isfinite(bound)}}

    return make


def _list(trait: Any) -> Schema:
    inner = json_type(trait._trait) if getattr(trait, "_trait", None) is not None else {}
    return {"type": "array", **({"items": inner} if inner else {})}


def _map(trait: Any) -> Schema:
    inner = json_type(trait._value_trait) if getattr(trait, "_value_trait", None) is not None else {}
    keys = {name: json_type(each) for name, each in (trait._per_key_traits or {}).items()}
    more = {"properties": keys} if keys else {}
    return {"type": "object", **more, **({"additionalProperties": inner} if inner else {})}


def _enum(trait: Any) -> Schema:
    values = list(trait.values or [])
    return {"enum": values} if values and all(isinstance(each, str | int | float | bool) for each in values) else {}


def _caseless(trait: Any) -> Schema:
    return {"enum": list(dict.fromkeys(form for each in trait.values for form in (each, each.lower(), each.upper())))}


def _members(trait: Any) -> Schema:
    """Return the names and the numbers of an enumeration's members (traitlets takes both)."""
    return {"enum": [*(form for each in trait.enum_class for form in (each.name, each.value)), None]}


def _same(kind: Schema) -> Callable[[Any], Schema]:
    return lambda _: kind


_FUNCTION: Schema = {"type": "null"}
_TYPES: dict[str, Callable[[Any], Schema]] = {
    "jupyterhub.traitlets.ByteSpecification": _same({"type": ["number", "string"], "pattern": BYTES}),
    "jupyterhub.traitlets.Callable": _same(_FUNCTION),
    "jupyterhub.traitlets.Command": _same({"type": ["string", "array"], "items": {"type": "string"}}),
    "traitlets.traitlets.Bool": _same({"type": "boolean"}),
    "traitlets.traitlets.Bytes": _same({"type": "string"}),
    "traitlets.traitlets.CBool": _same({}),
    "traitlets.traitlets.CFloat": _same({}),
    "traitlets.traitlets.CInt": _same({}),
    "traitlets.traitlets.CUnicode": _same({}),
    "traitlets.traitlets.Callable": _same(_FUNCTION),
    "traitlets.traitlets.CaselessStrEnum": _caseless,
    "traitlets.traitlets.Dict": _map,
    "traitlets.traitlets.Enum": _enum,
    "traitlets.traitlets.Float": _number("number"),
    "traitlets.traitlets.Int": _number("integer"),
    "traitlets.traitlets.List": _list,
    "traitlets.traitlets.Set": _list,
    "traitlets.traitlets.Tuple": _same({"type": "array"}),
    "traitlets.traitlets.Type": _same({"type": "string"}),
    "traitlets.traitlets.Unicode": _same({"type": "string"}),
    "traitlets.traitlets.UseEnum": _members,
}
"""How a trait's type becomes JSON's; of other types anything is taken, as only the class knows what it makes of it."""
