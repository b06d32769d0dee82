"""Which cluster backend, Kubernetes version and kubectl are chosen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ci import engine as ci_engine
from ci.cluster import choice, docker
from ci.cluster.embedded import pins
from ci.cluster.k3d import K3d
from ci.cluster.tools import close_enough
from ci.progress import CiError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("asked", "k3d_there", "engine", "image", "chosen"),
    [
        ("auto", True, True, True, "k3d"),
        ("auto", True, True, False, "embedded"),
        ("auto", True, False, True, "embedded"),
        ("auto", False, True, True, "embedded"),
        ("k3d", False, False, False, "k3d"),
        ("embedded", True, True, True, "embedded"),
        ("current", True, True, True, "current"),
    ],
)
def test_backend(
    asked: str, k3d_there: bool, engine: bool, image: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/k3d" if k3d_there else None)
    monkeypatch.setattr(ci_engine, "engine_answers", lambda: engine)
    monkeypatch.setattr(K3d, "image_available", lambda _: image)
    assert choice.choose(asked).name == chosen


def test_unknown_backend_names_the_known_ones() -> None:
    with pytest.raises(CiError, match="CLUSTER=minikube: unknown; write one of auto, k3d, embedded, current"):
        choice.choose("minikube")


def test_current_reads_kubeconfig_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/one:/two")
    assert choice.choose("current").kubeconfig == Path("/one")
    monkeypatch.delenv("KUBECONFIG")
    assert choice.choose("current").kubeconfig == Path.home() / ".kube" / "config"


@pytest.mark.parametrize(
    ("wanted", "version"),
    [(None, pins.DEFAULT_KUBERNETES), ("", "1.36.3"), ("1.36", "1.36.3"), ("v1.24.17", "1.24.17"), ("1.24", "1.24.17")],
)
def test_kubernetes_version(wanted: str | None, version: str) -> None:
    assert pins.kubernetes(wanted).version == version


def test_unknown_kubernetes_version_names_the_pinned_ones() -> None:
    with pytest.raises(
        CiError, match=r"KUBE_VERSION=1\.99: this version is not pinned; write one of 1\.36\.3, 1\.24\.17"
    ):
        pins.kubernetes("1.99")


@pytest.mark.parametrize(
    ("kubectl", "close"),
    [("v1.36.0", True), ("v1.35.9", True), ("v1.37.1", True), ("v1.34.0", False), ("v2.36.0", False), ("", False)],
)
def test_kubectl_version_skew(kubectl: str, close: bool) -> None:
    printed = json.dumps({"clientVersion": {"gitVersion": kubectl}})
    assert close_enough(printed, pins.kubernetes("1.36")) is close


def test_kubectl_that_prints_no_version_is_not_used() -> None:
    assert not close_enough("", pins.kubernetes("1.36"))


@pytest.mark.parametrize(
    ("reference", "full"),
    [
        ("busybox", "docker.io/library/busybox:latest"),
        ("jupyterhub/hub:1", "docker.io/jupyterhub/hub:1"),
        ("localhost/hub", "localhost/hub:latest"),
        ("localhost:5000/hub:2", "localhost:5000/hub:2"),
        ("ghcr.io/a/b/c:3", "ghcr.io/a/b/c:3"),
        ("ghcr.io/a/b@sha256:00", "ghcr.io/a/b@sha256:00"),
    ],
)
def test_full_image_name(reference: str, full: str) -> None:
    assert docker.full_name(reference) == full
