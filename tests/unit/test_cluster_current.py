"""The backend `current` reads, and never changes, the cluster and the kubeconfig of the person."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ci.cluster import current
from ci.progress import CiError

pytestmark = pytest.mark.unit

DEFAULT = '{"storageclass.kubernetes.io/is-default-class":"true"}'


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    issued: list[str] = []

    def record(command: Sequence[str | Path], **_: Any) -> subprocess.CompletedProcess[str]:
        text = " ".join(str(word) for word in command)
        issued.append(text)
        answer = "192.0.2.7" if "InternalIP" in text else DEFAULT
        return subprocess.CompletedProcess(text.split(), 0, stdout=answer)

    monkeypatch.setattr(current, "run", record)
    monkeypatch.setattr(current, "tools", lambda: {"kubectl": Path("kubectl")})
    return issued


def test_it_only_reads(commands: list[str]) -> None:
    cluster = current.Current()
    cluster.up()
    cluster.load_images(["hub:1"])
    cluster.diagnostics()
    cluster.down()
    assert cluster.address(30080) == "http://192.0.2.7:30080"
    assert len(commands) == 6
    allowed = ("kubectl get ", "kubectl config current-context")
    assert [command for command in commands if not command.startswith(allowed)] == []


def test_no_default_storage_class(commands: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = current.Current()
    monkeypatch.setattr(cluster, "_kubectl", lambda *_: "{}")
    with pytest.raises(CiError, match="no default storage class"):
        cluster.up()
    assert commands == []
