"""Each value of Zero to JupyterHub is one here too, of the same types and with the same default, or there is a reason.

`zero-to-jupyterhub.json` holds the defaults of its chart, dotted paths and plain values (a map there is a default that
people replace as a whole, such as resources or a security context), and its keys with the types that they take.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from hub_config.base import walk
from hub_config.generate import default_values, json_schema
from hub_config.values import Values
from hub_config.z2jh_keys import fate

pytestmark = pytest.mark.schema

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "zero-to-jupyterhub.json").read_text(encoding="utf-8"))
THEIRS: dict[str, Any] = DOCUMENT["defaults"]
KEYS: dict[str, dict[str, Any]] = DOCUMENT["keys"]

IMAGE = "our own images, named and tagged by chartpress"
NO_ACCOUNT = "pods that never call Kubernetes have no service account"
NO_IMAGE = "no such container runs yet: null takes the chart's choice"
CLOSED = "hub and proxy reach what their values name, and no more"
READ_ONLY = "nothing in these containers writes outside its volumes"
REQUESTS = "pods without requests are the first to be evicted, and those without limits take a node with them"
DIFFERENT = {
    "hub.config.JupyterHub.authenticator_class": "any name with any password is no login: a generated password is",
    "hub.containerSecurityContext": READ_ONLY,
    "hub.image.name": IMAGE,
    "prePuller.continuous.serviceAccount.create": NO_ACCOUNT,
    "prePuller.hook.serviceAccountImagePuller.create": NO_ACCOUNT,
    **dict.fromkeys(
        (
            f"{part}.containerSecurityContext"
            for part in ("proxy.secretSync", "proxy.traefik", "scheduling.userPlaceholder", "scheduling.userScheduler")
        ),
        READ_ONLY,
    ),
    **dict.fromkeys(
        (
            f"{part}.image.{field}"
            for part in (
                "prePuller.hook",
                "proxy.secretSync",
                "proxy.traefik",
                "scheduling.userPlaceholder",
                "scheduling.userScheduler",
                "singleuser.networkTools",
            )
            for field in ("name", "tag")
        ),
        NO_IMAGE,
    ),
    **dict.fromkeys(
        (
            f"{part}.networkPolicy.egressAllowRules.{hole}"
            for part in ("hub", "proxy.chp")
            for hole in ("cloudMetadataServer", "nonPrivateIPs", "privateIPs")
        ),
        CLOSED,
    ),
    "hub.podSecurityContext": "a large database volume need not change hands at every start",
    "hub.resources": REQUESTS,
    "prePuller.containerSecurityContext": READ_ONLY,
    "prePuller.hook.containerSecurityContext": "the awaiter runs in the hub's image, as its user",
    "prePuller.hook.resources": REQUESTS,
    "prePuller.pause.containerSecurityContext": READ_ONLY,
    "prePuller.pause.image": "the user image is on the node by then: no further image to pull",
    "prePuller.resources": REQUESTS,
    "proxy.chp.containerSecurityContext": READ_ONLY,
    "proxy.chp.image.name": IMAGE,
    "proxy.chp.image.tag": IMAGE,
    "proxy.chp.resources": REQUESTS,
    "proxy.service.type": "nobody is on the internet before they decide so, and no cloud bills for it",
    "scheduling.userScheduler.enabled": "the chart runs no scheduler",
    "singleuser.cloudMetadata.blockWithIptables": "it needs a privileged container; the network policy blocks it too",
    "singleuser.image.name": IMAGE,
}
"""The values whose defaults differ, and why."""


def at(values: dict[str, Any], path: str) -> Any:
    for key in path.split("."):
        values = values[key]
    return values


def ours() -> set[str]:
    """Return the dotted paths of all values of this chart."""
    return {".".join(path) for path, _ in walk(Values)}


def shared() -> list[str]:
    free_form = {"hub.config.JupyterHub.authenticator_class", "hub.config.JupyterHub.admin_access"}
    return sorted(path for path in THEIRS if path in ours() | free_form)


@pytest.mark.parametrize("path", [path for path in shared() if path not in DIFFERENT])
def test_same_default(path: str) -> None:
    assert at(default_values(), path) == THEIRS[path]


@pytest.mark.parametrize("path", DIFFERENT)
def test_the_table_of_differences_is_true(path: str) -> None:
    assert path in THEIRS
    assert at(default_values(), path) != THEIRS[path]


# ---- keys and types

SCHEMA = json_schema()
SAMPLES: dict[str, list[Any]] = {
    "array": [[]],
    "boolean": [True, False],
    "integer": [1],
    "null": [None],
    "number": [1.5],
    "object": [{}],
    "string": ["text"],
}
IN_FREE_FORM = (
    "hub.config.",
    "hub.services.",
    "hub.lifecycle.",
    "singleuser.lifecycleHooks.",
    "prePuller.pause.image.",
)
"""Keys that their schema has for one of a map's names, or that are Kubernetes' own here."""
FORM = "has a form that a text must fit"
OWN_DEFAULT = "null would mean a default that is in no document of the chart: leave it out"
NARROWER = {
    "hub.baseUrl": FORM,
    "hub.deploymentStrategy.rollingUpdate": "is a map in Kubernetes",
    "hub.deploymentStrategy.type": "is a choice",
    "hub.service.ipFamilyPolicy": "is a choice",
    "hub.service.type": "ExternalName leads to no pod",
    "hub.image": "an image without a name is none",
    "proxy.chp.image": "an image without a name is none",
    "proxy.deploymentStrategy.rollingUpdate": "is a map in Kubernetes",
    "proxy.deploymentStrategy.type": "is a choice",
    "proxy.service.ipFamilyPolicy": "is a choice",
    "proxy.service.type": "ExternalName leads to no pod",
    "singleuser.image": "an image without a name is none",
    "singleuser.memory.guarantee": FORM,
    "singleuser.memory.limit": FORM,
    "singleuser.storage.capacity": FORM,
    "singleuser.storage.dynamic.volumeNameTemplate": OWN_DEFAULT,
    "singleuser.storage.homeMountPath": FORM,
    "singleuser.storage.static.subPath": OWN_DEFAULT,
    "singleuser.cloudMetadata.ip": "a block of addresses is made from it",
}
"""Values that take less here than there, and why."""


def schema_of(key: str) -> dict[str, Any]:
    at: Any = SCHEMA
    for part in key.split("."):
        at = at["properties"][part]
    return {**at, "definitions": SCHEMA["definitions"]}


def refused(key: str) -> list[Any]:
    """Return what their schema takes and ours refuses, by samples of each type."""
    validator = Draft7Validator(schema_of(key))
    types, choices = KEYS[key]["types"], KEYS[key].get("choices", [])
    samples = [*choices, *(sample for each in types for sample in SAMPLES[each] if each != "string" or not choices)]
    return [each for each in samples if not validator.is_valid(each)]


def test_every_key_is_here_or_refused_by_name() -> None:
    known = ours()
    unknown = [
        key for key in KEYS if key not in known and not key.startswith(IN_FREE_FORM) and not fate(tuple(key.split(".")))
    ]
    assert unknown == []
    assert len(KEYS) > 400


@pytest.mark.parametrize("key", sorted(key for key in set(KEYS) & ours() if not key.startswith(IN_FREE_FORM)))
def test_it_takes_what_it_takes_there(key: str) -> None:
    found = refused(key)
    assert (found != []) == (key in NARROWER), found
