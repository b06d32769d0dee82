"""`docs/check.md`: what it shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub_config.cli import main

pytestmark = pytest.mark.unit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "check.md"
MISTAKEN = """\
hub:
  config:
    JupyterHub:
      authenticator_class: github
    loadRoles: {}
  tolerations:
    - kee: dedicated
singleuser:
  memmory: {}
  # what users get
  image:
    name: quay.io/jupyter/base-notebook
    tag: 1.20
  storage:
    capacity: 10GB
cull:
  timeout: 1h
"""
CRAMPED = """\
singleuser:
  memory:
    limit: 512M
"""
ASKED = """\
singleuser:
  extraEnv:
    EDITOR: vim
  memory:
    limit: 2G
    guarantee: 1G
  storage: {capacity: 5Gi}
"""
NEW = """\
cull:
  timeout: 7200
proxy:
  chp:
    resources: {limits: {memory: 2Gi}}
singleuser:
  storage:
    homeMountPath: /home/ada
    capacity: 20Gi
"""
ZERO_TO_JUPYTERHUB = """\
hub:
  fsGid: 1000
proxy:
  https:
    enabled: true
    hosts: [hub.example.org]
scheduling:
  userScheduler:
    enabled: true
"""


def shown(command: str) -> list[str]:
    """Return the lines that the page shows under a command."""
    block = re.search(rf"^\$ {re.escape(command)}.*?\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert block is not None, f"docs/check.md has no example `{command}`"
    return block[1].splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, **files: str) -> None:
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")


def test_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, values=MISTAKEN, prod=CRAMPED)
    assert main(["check", "-f", "values.yaml", "-f", "prod.yaml"]) == 1
    assert capsys.readouterr().out.splitlines() == shown("hub-config check -f values.yaml -f prod.yaml")


def test_explain(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, values=ASKED)
    assert main(["explain", "ada", "-f", "values.yaml", "--why"]) == 0
    printed = capsys.readouterr().out.splitlines()
    lines = [line for line in shown("hub-config explain ada -f values.yaml --why") if line != "..."]
    assert lines
    assert [line for line in printed if line in lines] == lines


def test_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, old="", new=NEW)
    assert main(["plan", "old.yaml", "new.yaml"]) == 3
    assert capsys.readouterr().out.splitlines() == shown("hub-config plan old.yaml new.yaml")


def test_migrate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, z2jh=ZERO_TO_JUPYTERHUB)
    assert main(["migrate", "z2jh.yaml"]) == 1
    assert capsys.readouterr().err.splitlines() == shown("hub-config migrate z2jh.yaml")
