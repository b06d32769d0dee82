"""A pod restarts only for what it reads: which values change which pod template."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.chart import CHART, Manifest, Rendered, helm, nested, render

pytestmark = pytest.mark.render


def pod(rendered: Rendered, name: str) -> Manifest:
    found: Manifest = rendered.get("Deployment", name)["spec"]["template"]
    return found


@pytest.mark.parametrize(
    ("path", "value", "restarts"),
    [
        ("ingress", {"enabled": True, "annotations": {"a": "b"}}, set()),
        ("prePuller.labels", {"a": "b"}, set()),
        ("prePuller.extraImages", {"a": {"name": "a", "tag": "1"}}, set()),
        ("proxy.service.annotations", {"a": "b"}, set()),
        ("proxy.service.type", "LoadBalancer", set()),
        ("hub.service.annotations", {"a": "b"}, set()),
        ("hub.networkPolicy.enabled", False, set()),
        ("singleuser.networkPolicy.enabled", False, set()),
        ("singleuser.extraFiles", {"a": {"mountPath": "/a", "stringData": "b"}}, {"hub"}),
        ("preflight.timeoutSeconds", 7, set()),
        ("rbac.create", False, set()),
        ("proxy.chp.resources", {"limits": {"memory": "2Gi"}}, {"proxy"}),
        ("proxy.labels", {"a": "b"}, {"proxy"}),
        ("hub.resources", {"limits": {"memory": "3Gi"}}, {"hub"}),
        ("hub.concurrentSpawnLimit", 7, {"hub"}),
        ("hub.config", {"JupyterHub": {"log_level": 10}}, {"hub"}),
        ("hub.extraConfig", {"a": "b = 1"}, {"hub"}),
        ("hub.extraEnv", {"A": "b"}, {"hub"}),
        ("hub.extraFiles", {"a": {"mountPath": "/a", "stringData": "b"}}, {"hub"}),
        ("singleuser.image.tag", "2", {"hub"}),
        ("cull.timeout", 7, {"hub"}),
        ("proxy.secretToken", "aa", {"hub", "proxy"}),
        ("scheduling.corePods.tolerations", [], {"hub", "proxy"}),
        ("debug.enabled", True, {"hub", "proxy"}),
        ("internalTls.enabled", True, {"hub", "proxy"}),
        ("hub.baseUrl", "/jupyter/", {"hub", "proxy"}),
    ],
)
def test_what_restarts(default: Rendered, path: str, value: Any, restarts: set[str]) -> None:
    rendered = render(nested(path, value))
    assert {name for name in ("hub", "proxy") if pod(rendered, name) != pod(default, name)} == restarts


def test_only_the_content_of_users_files_changes_restarts_nothing() -> None:
    one, two = (
        render({"singleuser": {"extraFiles": {"a": {"mountPath": "/a", "stringData": text}}}}) for text in ("1", "2")
    )
    assert pod(one, "hub") == pod(two, "hub")
    assert one.get("Secret", "singleuser") != two.get("Secret", "singleuser")


def test_another_token_restarts_the_proxy() -> None:
    one, two = (pod(render({"proxy": {"secretToken": token}}), "proxy") for token in ("aa", "bb"))
    assert one["metadata"]["annotations"] != two["metadata"]["annotations"]


def test_a_new_version_of_the_chart_alone_restarts_nothing(
    default: Rendered, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("chart")
    packed = helm("package", str(CHART), "--version", "9.9.9", "--destination", str(folder))
    assert packed.code == 0, packed.error
    newer = render(chart=folder / "jupyterhub-9.9.9.tgz")
    assert newer.get("Deployment", "hub")["metadata"]["labels"]["helm.sh/chart"] == "jupyterhub-9.9.9"
    assert {name: pod(newer, name) for name in ("hub", "proxy")} == {
        name: pod(default, name) for name in ("hub", "proxy")
    }
    assert newer.pods()["DaemonSet/continuous-image-puller"] == default.pods()["DaemonSet/continuous-image-puller"]


def test_selectors_are_those_of_zero_to_jupyterhub(default: Rendered) -> None:
    """A Deployment's selector cannot be changed, so a release of it could not be upgraded in place otherwise."""
    for kind, name in (("Deployment", "hub"), ("Deployment", "proxy"), ("DaemonSet", "continuous-image-puller")):
        found = default.get(kind, name)["spec"]
        assert found["selector"] == {"matchLabels": {"app": "jupyterhub", "component": name, "release": "demo"}}
        labels = found["template"]["metadata"]["labels"]
        assert found["selector"]["matchLabels"].items() <= labels.items()
        assert not {"chart", "helm.sh/chart", "heritage", "app.kubernetes.io/managed-by"} & set(labels)
