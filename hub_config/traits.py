"""What may stand in `hub.config`: the classes that the hub's image carries, their traits, and the types of these.

`traits.json` beside this file holds them for the pinned packages, made by `make generate` from the classes themselves
(`installed_traits.py`). It goes into `values.schema.json`, so that plain Helm refuses a wrong trait; the hub and the
preflight job look at the classes that are really there.

A section of `hub.config` configures a class and all that inherit from it, so the traits of its heirs count as well:
`Authenticator.client_id` reaches a `GitHubOAuthenticator` (traitlets "Inheritance").
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from hub_config import spelling
from hub_config.trait_types import Schema, either, trait_problems

_OFFERED = {
    "authenticator_class": ("Authenticator", "LocalAuthenticator", "OAuthenticator"),
    "proxy_class": ("Proxy",),
    "spawner_class": ("Spawner", "KubeSpawner"),
}
"""Trait of JupyterHub that chooses a class to the sections that configure it, whatever it is called."""
CHOOSE_CLASSES = tuple(_OFFERED)
"""The traits of JupyterHub that choose a class, by a short name or by its path."""
_COMMON = ("Authenticator", "JupyterHub", "KubeSpawner", "Spawner", "OAuthenticator", "GitHubOAuthenticator")
"""Sections whose traits people know by name."""
_ELSEWHERE = {"IdleCuller": "the culler is a process of its own, which the values cull.* configure"}
"""Classes that are there but do not read `hub.config`."""
_OTHER_TRAITS = {
    "annotations": "extra_annotations",
    "capacity": "storage_capacity",
    "command": "cmd",
    "cpu": "cpu_limit",
    "cpurequest": "cpu_guarantee",
    "env": "environment",
    "events": "events_enabled",
    "extraenv": "environment",
    "extratolerations": "tolerations",
    "extravolumemounts": "volume_mounts",
    "extravolumes": "volumes",
    "gpu": "extra_resource_limits",
    "imagename": "image",
    "imagespec": "image",
    "labels": "extra_labels",
    "mem": "mem_limit",
    "memory": "mem_limit",
    "memoryguarantee": "mem_guarantee",
    "memorylimit": "mem_limit",
    "memoryrequest": "mem_guarantee",
    "memrequest": "mem_guarantee",
    "pullpolicy": "image_pull_policy",
    "securitycontext": "container_security_context",
    "serviceaccountname": "service_account",
    "sidecars": "extra_containers",
    "singleuserimagespec": "image",
    "storage": "storage_capacity",
    "storageclassname": "storage_class",
    "timeout": "start_timeout",
    "whitelist": "allowed_users",
    "adminwhitelist": "admin_users",
    "blacklist": "blocked_users",
    "groupwhitelist": "allowed_groups",
    "orgwhitelist": "allowed_organizations",
    "githuborganizationwhitelist": "allowed_organizations",
    "callbackurl": "oauth_callback_url",
    "extraauthorizeparams": "extra_authorize_params",
    "admins": "admin_users",
    "users": "allowed_users",
    "allowedorgs": "allowed_organizations",
}
"""Words of other places and of older versions, folded, to traits that mean the same."""


@dataclass(frozen=True)
class Catalogue:
    """Classes by name: `lines` has each one's ancestors, itself first; `own` the traits that it adds or changes."""

    lines: Mapping[str, tuple[str, ...]]
    own: Mapping[str, Mapping[str, Schema]]

    def sections(self) -> list[str]:
        """Return the names of the classes that can be configured."""
        return sorted(self.lines)

    def traits(self, section: str) -> dict[str, Schema]:
        """Return the traits that may stand in a section: of its class, and of the classes that inherit from it."""
        found: dict[str, list[Schema]] = {}
        for line in self.lines.values():
            if section in line:
                for trait, kind in self._of_line(line).items():
                    kinds = found.setdefault(trait, [])
                    if kind not in kinds:
                        kinds.append(kind)
        return {trait: kinds[0] if len(kinds) == 1 else either(kinds) for trait, kinds in sorted(found.items())}

    def _of_line(self, line: tuple[str, ...]) -> dict[str, Schema]:
        return {trait: kind for name in reversed(line) for trait, kind in self.own[name].items()}


@cache
def pinned_traits(section: str) -> dict[str, Schema]:
    """Return the traits that may stand in a section, of the pinned packages."""
    return pinned().traits(section)


@cache
def pinned() -> Catalogue:
    """Return the classes of the pinned packages."""
    return catalogue(_generated())


def authenticators() -> frozenset[str]:
    """Return the names that `hub.config.JupyterHub.authenticator_class` may have with the pinned packages."""
    return frozenset(_generated()["authenticators"])


@cache
def _generated() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files(__package__).joinpath("traits.json").read_text(encoding="utf-8"))
    return document


def catalogue(document: Mapping[str, Any]) -> Catalogue:
    """Return the catalogue that a `traits.json` holds."""
    classes = document["classes"]
    return Catalogue(
        lines={name: (name, *each["inherits"]) for name, each in classes.items()},
        own={name: each["traits"] for name, each in classes.items()},
    )


def document(known: Catalogue, authenticators: Iterable[str]) -> dict[str, Any]:
    """Return a catalogue and the names of authenticators as the content of `traits.json`."""
    return {
        "authenticators": sorted(authenticators),
        "classes": {
            name: {"inherits": list(known.lines[name][1:]), "traits": dict(sorted(known.own[name].items()))}
            for name in sorted(known.lines)
        },
    }


def schema(known: Catalogue) -> Schema:
    """Return the JSON schema of `hub.config`: known classes are closed, others are the user's own.

    Sections that may configure a class of the user's own are closed unless `hub.config.JupyterHub` chooses one.
    """
    sometimes = {section for sections in _OFFERED.values() for section in sections}
    sections = {
        section: {"type": "object", "properties": known.traits(section)}
        | ({} if section in sometimes else {"additionalProperties": False})
        for section in known.sections()
    }
    conditions = [_closed_unless_own(trait, sections, known) for trait, sections in _OFFERED.items()]
    return {"type": "object", "properties": sections, "additionalProperties": {"type": "object"}, "allOf": conditions}


def _closed_unless_own(trait: str, sections: tuple[str, ...], known: Catalogue) -> Schema:
    """Return the rule that `sections` have known traits only, unless `JupyterHub.<trait>` names another class."""
    own = {"type": "string", "pattern": "[.]", "not": {"pattern": f"[.]({'|'.join(known.sections())})$"}}
    chosen = {"type": "object", "properties": {trait: own}, "required": [trait]}
    closed: Schema = {
        section: {"properties": dict.fromkeys(known.traits(section), True), "additionalProperties": False}
        for section in sections
        if section in known.lines
    }
    return {
        "if": {"properties": {"JupyterHub": chosen}, "required": ["JupyterHub"]},
        "then": True,
        "else": {"properties": closed},
    }


@dataclass(frozen=True)
class Findings:
    """What is wrong in `hub.config`, and what may be: a line each, the key first. Values are not repeated: secrets."""

    errors: list[str]
    notes: list[str]


def findings(config: Mapping[str, Mapping[str, Any]], known: Catalogue) -> Findings:
    """Look for unknown classes and traits, and for values of wrong types, in a `hub.config`."""
    errors: list[str] = []
    notes: list[str] = []
    lenient = _sections_of_unknown_classes(config, known)
    for section, traits in config.items():
        if not section[:1].isupper():
            continue  # no class at all: the slice hub.passthrough says where such a key belongs
        if section not in known.lines:
            wrong = None if section in _chosen_by_path(config) else _misspelled(section, known)
            (errors if wrong else notes).append(f"hub.config.{section}: {wrong or _unknown_class(section, known)}")
            continue
        if section in _ELSEWHERE:
            notes.append(f"hub.config.{section}: has no effect: {_ELSEWHERE[section]}")
        kinds = known.traits(section)
        for trait, value in traits.items():
            where = f"hub.config.{section}.{trait}"
            if trait in kinds:
                found = trait_problems(kinds[trait], value, secret=not _PUBLIC.search(trait))
                errors += [f"{where}{_dotted(path)}: {text}" for path, text in found]
            elif section in lenient:
                notes.append(f"{where}: {section} has no such trait; the class of your own must have it")
            else:
                errors.append(f"{where}: {unknown_trait(section, trait, known)}")
    return Findings(errors, notes)


def _chosen_by_path(config: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the names of the classes that `hub.config.JupyterHub` names with the modules that they are in."""
    paths = (str(config.get("JupyterHub", {}).get(trait, "")) for trait in _OFFERED)
    return {path.rsplit(".", 1)[-1] for path in paths if "." in path}


def _sections_of_unknown_classes(config: Mapping[str, Mapping[str, Any]], known: Catalogue) -> set[str]:
    """Return the sections that may configure a class that is not known: one chosen by its import path."""
    chosen = {trait: str(config.get("JupyterHub", {}).get(trait, "")) for trait in _OFFERED}
    return {
        section
        for trait, path in chosen.items()
        if "." in path and path.rsplit(".", 1)[-1] not in known.lines
        for section in _OFFERED[trait]
    }


def class_instead(name: str, known: Catalogue, beside: Collection[str] = ()) -> str:
    """Return a sentence about a key of `hub.config` that is no name of a class, such as `c.JupyterHub` or a trait.

    `beside` are the keys of `hub`, which is one level up.
    """
    rule = "the keys of hub.config are names of classes and begin with a capital, such as JupyterHub"
    if name in beside:
        return f"{rule}; did you mean hub.{name}? Move it one level up"
    section, _, trait = name.removeprefix("c.").partition(".")
    if trait and (near := spelling.near(section, known.sections(), spelling.VERY_ALIKE)):
        return f"{rule}; did you mean hub.config.{near}.{trait}?"
    if found := section_of_trait(name, known, anywhere=True):
        return f"{rule}; did you mean hub.config.{found[0]}.{found[1]}?"
    if near := spelling.near(section, known.sections(), spelling.VERY_ALIKE):
        return f"{rule}; did you mean hub.config.{near}?"
    return f"{rule}. If you meant hub.{name}, move it one level up"


def _misspelled(section: str, known: Catalogue) -> str | None:
    """Return what is wrong with the name of a class that must be a slip: nobody gives a class such a name."""
    same = [name for name in known.lines if spelling.fold(name) == spelling.fold(section)]
    if same:
        return f"unknown class; did you mean {same[0]}? Upper and lower case count"
    near = spelling.near(section, known.sections(), spelling.SLIP)
    # `MyGitHubOAuthenticator` is somebody's own, `GitHubOAuthenticators` a slip.
    is_own = near is None or (near.casefold() in section.casefold() and len(section) > len(near) + 1)
    return None if is_own else f"unknown class; did you mean {near}?"


def _unknown_class(section: str, known: Catalogue) -> str:
    near = spelling.near(section, known.sections(), 0.8)
    meant = f"; did you mean {near}?" if near else "; it is taken for one of your own"
    return f"the hub's image has no such class{meant}"


def unknown_trait(section: str, trait: str, known: Catalogue, *, alone: bool = False) -> str:
    """Return a sentence about a trait that a section has not; with `alone`, other sections cannot be written there."""
    traits = list(known.traits(section))
    folded = spelling.fold(trait)
    other = _OTHER_TRAITS.get(folded)
    same = next((name for name in traits if spelling.fold(name) == folded), None) or (
        other if other in traits else None
    )
    same = same or spelling.near(trait, traits, spelling.VERY_ALIKE)
    if same:
        return f"unknown trait; did you mean {same}?"
    at = [] if alone else [name for name in _by_generality(known) if trait in known.own[name]]
    if at:
        return f"unknown trait of {section}; it is one of {at[0]}: did you mean hub.config.{at[0]}.{trait}?"
    near = spelling.near(trait, traits)
    return f"unknown trait; did you mean {near}?" if near else f"{section} has no such trait; remove it"


def _by_generality(known: Catalogue) -> Iterator[str]:
    """Yield the classes, those without heirs last: a trait is best written where it is defined."""
    yield from sorted(known.own.keys() - _ELSEWHERE, key=lambda name: (len(known.lines[name]), name))


def section_of_trait(name: str, known: Catalogue, *, anywhere: bool = False) -> tuple[str, str] | None:
    """Return (section, trait) of a trait that is written without its section, as Python or YAML would spell it.

    Those of common sections are found, with `anywhere` those of all that are spelt the same.
    """
    folded = spelling.fold(name)
    common = ((each, trait) for each in _COMMON for trait in known.own[each] if spelling.fold(trait) == folded)
    exact = ((each, name) for each in _by_generality(known) if anywhere and name in known.own[each])
    found = chain(common, exact)
    # A single word, such as `service`, is a trait of something somewhere.
    return next((each for each in found if "_" in each[1]), None)


def _dotted(path: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


_PUBLIC = re.compile(
    r"admin|allowed_|blocked_|domain|dn_template|groups|scope|_paths$|users|_names$|_modes$|gids|^uids"
)
"""Traits whose values are names of people, groups and places, which may be repeated in a message."""
