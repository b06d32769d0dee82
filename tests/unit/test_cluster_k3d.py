"""The exact commands of the k3d backend, since not every machine that runs these tests has k3d."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci.cluster import docker, k3d
from ci.cluster.base import NAME
from ci.progress import CiError

pytestmark = pytest.mark.unit


class Recorder:
    """Stands in for `run`: keeps the commands, and answers some of them."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.answers: dict[str, str] = {"k3d cluster list --output json": "[]"}

    def __call__(self, command: Sequence[str | Path], **_: Any) -> subprocess.CompletedProcess[str]:
        """Record the command, and return the answer for its beginning."""
        text = " ".join(str(word) for word in command)
        self.commands.append(text)
        answer = next((printed for begin, printed in self.answers.items() if text.startswith(begin)), "")
        return subprocess.CompletedProcess(text.split(), 0, stdout=answer)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(k3d, "run", recorder)
    monkeypatch.setattr(k3d, "tools", lambda: {"kubectl": Path("kubectl")})
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return recorder


def after_create(kubeconfig: Path) -> list[str]:
    kubectl = f"kubectl --kubeconfig={kubeconfig}"
    waits = [
        f"{kubectl} -n kube-system {what}"
        for name in ("coredns", "local-path-provisioner")
        for what in (
            f"wait --for=create deployment/{name} --timeout=120s",
            f"rollout status deployment/{name} --timeout=120s",
        )
    ]
    return [
        f"k3d kubeconfig write jupyterhub-chart --output {kubeconfig} --overwrite",
        f"{kubectl} wait --for=condition=Ready nodes --all --timeout=120s",
        *waits,
    ]


def test_up_creates_a_missing_cluster(recorder: Recorder) -> None:
    cluster = k3d.K3d("1.36.3")
    cluster.up()
    assert recorder.commands == [
        "k3d cluster list --output json",
        f"k3d cluster create --config {k3d.CONFIG} --image rancher/k3s:v1.36.3-k3s1",
        *after_create(cluster.kubeconfig),
    ]


@pytest.mark.parametrize(("servers", "extra"), [(1, []), (0, ["k3d cluster start jupyterhub-chart"])])
def test_up_keeps_a_cluster_of_the_wanted_version(servers: int, extra: list[str], recorder: Recorder) -> None:
    listed = [{"name": "jupyterhub-chart", "serversRunning": servers}]
    recorder.answers = {"k3d cluster list": json.dumps(listed), "docker inspect": "rancher/k3s:v1.36.3-k3s1\n"}
    cluster = k3d.K3d("v1.36.3")
    cluster.up()
    inspect = "docker inspect --format {{.Config.Image}} k3d-jupyterhub-chart-server-0"
    start = ["k3d cluster list --output json", inspect, *extra]
    assert recorder.commands == [*start, *after_create(cluster.kubeconfig)]


def test_up_replaces_a_cluster_of_another_version(recorder: Recorder) -> None:
    listed = [{"name": "jupyterhub-chart", "serversRunning": 1}]
    recorder.answers = {"k3d cluster list": json.dumps(listed), "docker inspect": "rancher/k3s:v1.30.0-k3s1\n"}
    k3d.K3d("1.36.3").up()
    assert recorder.commands[2:4] == [
        "k3d cluster delete jupyterhub-chart",
        f"k3d cluster create --config {k3d.CONFIG} --image rancher/k3s:v1.36.3-k3s1",
    ]


def test_up_without_k3d_says_so(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(CiError, match="needs the k3d command"):
        k3d.K3d().up()
    assert recorder.commands == []


def test_down_deletes_cluster_and_kubeconfig(recorder: Recorder) -> None:
    cluster = k3d.K3d()
    cluster.kubeconfig.parent.mkdir(parents=True)
    cluster.kubeconfig.touch()
    cluster.down()
    assert recorder.commands == ["k3d cluster delete jupyterhub-chart"]
    assert not cluster.kubeconfig.exists()


def test_only_changed_images_are_imported(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "image_ids", lambda _: {"hub:1": "sha256:aa", "proxy:1": "sha256:bb"})
    recorder.answers = {"docker exec": json.dumps({"images": [{"id": "sha256:aa"}]})}
    k3d.K3d().load_images(["hub:1", "proxy:1"])
    assert recorder.commands == [
        "docker exec k3d-jupyterhub-chart-server-0 crictl images --output json",
        "k3d image import --cluster jupyterhub-chart proxy:1",
    ]


def test_address(recorder: Recorder) -> None:
    recorder.answers = {"docker inspect": "172.20.0.2 \n"}
    assert k3d.K3d().address(30080) == "http://127.0.0.1:30080"
    assert k3d.K3d().address(31000) == "http://172.20.0.2:31000"


def test_config_file_leaves_the_default_kubeconfig_alone() -> None:
    config = yaml.safe_load(k3d.CONFIG.read_text(encoding="utf-8"))
    kubeconfig = {"updateDefaultKubeconfig": False, "switchCurrentContext": False}
    assert config["options"]["kubeconfig"] == kubeconfig
    published = f"{k3d.PUBLISHED.start}-{k3d.PUBLISHED.stop - 1}"
    assert config["ports"][0]["port"] == f"127.0.0.1:{published}:{published}"
    assert config["metadata"]["name"] == NAME
