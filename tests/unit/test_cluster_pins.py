"""The pinned versions are those of the committed go.mod files, and binaries are cached by what they are built from."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ci.cluster.embedded import build, images, pins
from ci.progress import CommandError

pytestmark = pytest.mark.unit

BUNDLES = [
    *(each.bundle for each in pins.KUBERNETES),
    *pins.NODE_BUNDLES,
    pins.CILIUM,
    *pins.TOOL_BUNDLES,
    *pins.SCANNER_BUNDLES,
]
THIRD_PARTY = [bundle for bundle in BUNDLES if bundle.module]


def go_mod(bundle: pins.Bundle) -> str:
    return (bundle.source / "go.mod").read_text(encoding="utf-8")


@pytest.mark.parametrize("bundle", THIRD_PARTY, ids=lambda bundle: bundle.folder)
def test_go_mod_has_the_pinned_version(bundle: pins.Bundle) -> None:
    versions = re.findall(rf"^(?:require |\t){re.escape(bundle.module)} v(\S+)$", go_mod(bundle), re.MULTILINE)
    assert versions == [bundle.version]


@pytest.mark.parametrize("bundle", THIRD_PARTY, ids=lambda bundle: bundle.folder)
def test_go_mod_lists_what_is_built(bundle: pins.Bundle) -> None:
    text = go_mod(bundle)
    blocks = re.findall(r"^tool ([^(\s]\S*)$", text, re.MULTILINE)
    for block in re.findall(r"^tool \((.*?)^\)", text, re.MULTILINE | re.DOTALL):
        blocks += block.split()
    assert sorted(blocks) == sorted(package for _, package in bundle.binaries)
    assert (bundle.source / "go.sum").stat().st_size > 0


@pytest.mark.parametrize("kubernetes", pins.KUBERNETES, ids=lambda kubernetes: kubernetes.version)
def test_staging_modules_are_of_the_same_release(kubernetes: pins.Kubernetes) -> None:
    release = "v0." + kubernetes.version.partition(".")[2]
    lines = re.findall(r"^\t(k8s\.io/[a-z0-9-]+) => (\S+) (\S+)$", go_mod(kubernetes.bundle), re.MULTILINE)
    # These modules are not in Kubernetes' own tree and have releases of their own.
    others = ("gengo", "klog", "kube-openapi", "system-validators", "utils")
    staging = [line for line in lines if line[0].partition("/")[2] not in others]
    assert len(staging) > 20
    assert [line for line in staging if line[0] != line[1] or line[2] != release] == []


def test_every_module_folder_is_pinned() -> None:
    assert sorted(path.name for path in pins.MODULES.iterdir()) == sorted({bundle.folder for bundle in BUNDLES})


def test_cache_folder_changes_with_version_and_stamps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = build.folder(pins.ETCD)
    assert folder.parent == tmp_path / "jupyterhub-chart"
    assert folder.name.startswith("etcd-3.7.3-")
    assert build.folder(pins.ETCD) == folder
    assert build.folder(replace(pins.ETCD, stamps=(("a.b", "c"),))) != folder


def test_a_failed_build_leaves_no_binary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        raise CommandError("killed", output="")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(build, "run", fail)
    monkeypatch.setattr(build, "_require_go", lambda _: None)
    with pytest.raises(CommandError):
        build.build_bundle(pins.NODE_TOOLS)
    assert list(build.folder(pins.NODE_TOOLS).iterdir()) == []


@pytest.mark.parametrize(
    ("package", "name"),
    [("go.etcd.io/etcd/server/v3", "server"), ("k8s.io/kubernetes/cmd/kubelet", "kubelet"), ("a/v2/cmd/ctr", "ctr")],
)
def test_name_that_go_gives_a_binary(package: str, name: str) -> None:
    assert build._built_name(package) == name


def test_image_archive_is_the_same_each_time() -> None:
    first = images.docker_archive("localhost/a:1", "/a", b"layer")
    assert first == images.docker_archive("localhost/a:1", "/a", b"layer")
    assert b"manifest.json" in first
