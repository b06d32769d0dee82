"""`hub-config plan` and the chart agree: the pods that it says restart are those whose templates change."""

from __future__ import annotations

from typing import Any

import pytest

from hub_config.commands.upgrade import plan
from tests.render.chart import Rendered, nested, render
from tests.render.test_restarts import pod
from tests.unit.composed import values

pytestmark = pytest.mark.render

CHANGES: list[tuple[str, Any]] = [
    ("ingress.enabled", True),
    ("prePuller.labels", {"a": "b"}),
    ("proxy.service.type", "LoadBalancer"),
    ("proxy.deploymentStrategy", {"type": "RollingUpdate"}),
    ("proxy.chp.networkPolicy.enabled", False),
    ("proxy.chp.revisionHistoryLimit", 2),
    ("proxy.chp.image.tag", "2"),
    ("proxy.chp.extraEnv", {"A": "b"}),
    ("proxy.labels", {"a": "b"}),
    ("proxy.secretToken", "aa"),
    ("hub.service.annotations", {"a": "b"}),
    ("hub.pdb.enabled", True),
    ("hub.networkPolicy.enabled", False),
    ("hub.revisionHistoryLimit", 2),
    ("hub.serviceAccount.annotations", {"a": "b"}),
    ("hub.serviceAccount.name", "mine"),
    ("hub.db.pvc.storage", "2Gi"),
    ("hub.db.pvc.subPath", "a"),
    ("hub.db.upgrade", False),
    ("hub.image.tag", "2"),
    ("hub.resources", {"limits": {"memory": "3Gi"}}),
    ("hub.extraFiles", {"a": {"mountPath": "/a", "stringData": "b"}}),
    ("hub.existingSecret", "mine"),
    ("hub.config.JupyterHub.log_level", 10),
    ("hub.config.JupyterHub.subdomain_host", "http://a.example.org"),
    ("hub.baseUrl", "/jupyter/"),
    ("singleuser.uid", 5),
    ("singleuser.extraFiles", {"a": {"mountPath": "/a", "stringData": "b"}}),
    ("singleuser.networkPolicy.enabled", False),
    ("scheduling.corePods.tolerations", []),
    ("imagePullSecrets", ["a"]),
    ("fullnameOverride", "mine"),
    ("nameOverride", "mine"),
    ("debug.enabled", True),
    ("internalTls.enabled", True),
    ("cull.timeout", 7),
    ("custom", {"a": 1}),
    ("rbac.create", False),
    ("preflight.timeoutSeconds", 7),
]


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=[path for path, _ in CHANGES])
def test_what_restarts(default: Rendered, path: str, value: Any) -> None:
    new = nested(path, value)
    rendered = render(new)
    prefix = "mine-" if path == "fullnameOverride" else ""
    changed = {name for name in ("hub", "proxy") if pod(rendered, f"{prefix}{name}") != pod(default, name)}
    found = plan(values(), values(new))
    assert {name for name, keys in (("hub", found.hub), ("proxy", found.proxy)) if keys} == changed


def test_only_the_content_of_users_files(default: Rendered) -> None:
    one, two = (nested("singleuser.extraFiles.a", {"mountPath": "/a", "stringData": text}) for text in ("1", "2"))
    assert pod(render(one), "hub") == pod(render(two), "hub")
    assert plan(values(one), values(two)).hub == []
