"""Values of Zero to JupyterHub that this chart has too have the same default, or a reason not to.

`zero-to-jupyterhub.json` holds the defaults of its chart: dotted paths and plain values. A map there is a default that
people replace as a whole, such as resources or a security context.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub_config.base import walk
from hub_config.generate import default_values
from hub_config.values import Values

pytestmark = pytest.mark.schema

THEIRS: dict[str, Any] = json.loads((Path(__file__).parent / "zero-to-jupyterhub.json").read_text(encoding="utf-8"))[
    "defaults"
]

IMAGE = "our own images, named and tagged by chartpress"
READ_ONLY = "nothing in these containers writes outside its volumes"
REQUESTS = "pods without requests are the first to be evicted, and those without limits take a node with them"
DIFFERENT = {
    "hub.config.JupyterHub.authenticator_class": "any name with any password is no login: a generated password is",
    "hub.containerSecurityContext": READ_ONLY,
    "hub.image.name": IMAGE,
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
    "scheduling.userPlaceholder.enabled": "the chart makes no placeholders",
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
