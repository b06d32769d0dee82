"""Each trait that a slice sets exists and takes the value: traitlets itself only warns about unknown ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.crypto import CryptKeeper
from jupyterhub.proxy import ConfigurableHTTPProxy
from jupyterhub.spawner import Spawner
from kubespawner import KubeSpawner
from traitlets.config import Config, Configurable

from hub_config.base import Reader
from hub_config.generate import default_values, reader_paths
from hub_config.runtime.home import HomeKeeping
from hub_config.runtime.proxy import RouteKeepingProxy
from hub_config.runtime.secured import SecuredKubeSpawner
from hub_config.runtime.spawner import PromptKubeSpawner
from tests.unit.composed import composed, spawner

pytestmark = pytest.mark.unit

EVERYTHING: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8"))
CLASSES: dict[str, type[Configurable]] = {
    each.__name__: each
    for each in (
        Authenticator,
        ConfigurableHTTPProxy,
        CryptKeeper,
        HomeKeeping,
        JupyterHub,
        KubeSpawner,
        PromptKubeSpawner,
        RouteKeepingProxy,
        SecuredKubeSpawner,
        SharedPasswordAuthenticator,
        Spawner,
    )
}
CREDENTIALS = {
    "hub.config.JupyterHub.cookie_secret": "61" * 32,
    "hub.config.CryptKeeper.keys": f"{'62' * 32};{'63' * 32}",
    "hub.config.SharedPasswordAuthenticator.user_password": "something-long",
    "hub.config.SharedPasswordAuthenticator.admin_password": "something-even-longer-than-32-letters",
    "hub.db.password": "swordfish",
}
STATIC = {"singleuser": {"storage": {"type": "static", "static": {"pvcName": "homes", "subPath": "all/{username}"}}}}
NOTHING = {
    "singleuser": {
        "uid": None,
        "fsGid": None,
        "allowPrivilegeEscalation": None,
        "cmd": None,
        "memory": {"guarantee": None},
        "storage": {"type": "none"},
    },
    "scheduling": {"userPods": {"nodeAffinity": {"matchNodePurpose": "ignore"}}},
}
EPHEMERAL = {"singleuser": {"storage": {"type": "ephemeral", "ephemeral": {"storageClass": "fast"}}}}
CASES = {
    "defaults": {},
    "everything": EVERYTHING,
    "static homes": STATIC,
    "homes that end": EPHEMERAL,
    "all that may be null": NOTHING,
}
EXCLUDED_BY_OTHERS = {
    "singleuser.storage.type",
    "singleuser.storage.static.pvcName",
    "singleuser.storage.static.subPath",
    "singleuser.storage.nfs.server",
    "singleuser.storage.hostPath.path",
    "singleuser.storage.csi.driver",
    "singleuser.storage.volume.source",
}


@pytest.fixture(params=list(CASES))
def config(request: pytest.FixtureRequest) -> Config:
    return composed(CASES[request.param], credentials=CREDENTIALS)


def test_every_trait_is_known(config: Config) -> None:
    unknown = [
        f"{section}.{trait}"
        for section, traits in config.items()
        for trait in traits
        if trait not in CLASSES[section].class_traits(config=True)
    ]
    assert unknown == []


def test_every_trait_takes_its_value(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "as-the-deployment-sets-it")
    for section in config:
        made = spawner(config) if issubclass(CLASSES[section], KubeSpawner) else CLASSES[section](config=config)
        for trait in config[section]:
            getattr(made, trait)  # traitlets validates what it has not yet looked at


def test_the_case_everything_sets_all_that_the_hub_reads() -> None:
    paths = {*reader_paths(Reader.HUB), *reader_paths(Reader.HUB_SECRET)} - EXCLUDED_BY_OTHERS
    forgotten = [path for path in sorted(paths) if at(EVERYTHING, path) in (None, at(default_values(), path))]
    assert forgotten == [], "set them in tests/unit/everything.yaml"


def at(data: Any, path: str) -> Any:
    """Return what is at a dotted path, None when there is nothing."""
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data
