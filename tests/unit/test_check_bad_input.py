"""`hub-config check` on what is hardly a value file: one sentence with the place, no traceback, no secret."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hub_config.cli import main

pytestmark = pytest.mark.unit

FINE = b"hub:\n  baseUrl: /lab/\n"


class Stdin:
    """What `sys.stdin` is, as far as bytes are read from it."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def run(file: Path | str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = main(["check", "-f", str(file), *more])
    said = capsys.readouterr()
    assert said.err == ""
    return code, said.out


def written(folder: Path, content: bytes, name: str = "values.yaml") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"# nothing but a comment\n",
        b"---\n",
        b"--- \nhub: {}\n...\n",
        b"\xef\xbb\xbf" + FINE,
        FINE.replace(b"\n", b"\r\n"),
        "hub:\n  templateVars: {greeting: Grüße ✓}\n".encode(),
        b"custom: {1: a, true: b}\n".replace(b"1: a, true", b"'1': a, 'true'"),
    ],
    ids=["empty", "blank", "comment", "start", "start and end", "byte order mark", "CRLF", "Unicode", "quoted keys"],
)
def test_odd_but_right(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    code, out = run(written(tmp_path, content), capsys)
    assert (code, out) == (0, f"{tmp_path}/values.yaml: fine\n")


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("hub:\n  templateVars: {greeting: Grüße}\n".encode("latin-1"), 2, "this is no UTF-8 text"),
        (FINE.decode().encode("utf-16"), 1, "this is no UTF-8 text"),
        (b"hub:\n\tbaseUrl: /\n", 2, "a tab in the indentation"),
        (b"hub:\n  baseUrl:\t/lab\n  labels: {a: b}\n\tc: d\n", 4, "a tab in the indentation"),
        (b"hub: {}\ncull: {}\nhub: {}\n", 3, "is written twice, first in line 1"),
        (b"hub:\n  labels:\n    a: b\n    a: c\n", 4, "is written twice, first in line 3"),
        (b"cull: {}\n---\nhub: {}\n", 3, "a second document begins here"),
        (b"hub:\n  labels:\n    1: a\n", 3, None),
        (b"hub:\n  labels:\n    yes: a\n", 3, "the key yes is no text"),
        (b"custom:\n  ? [a, b]\n  : c\n", 2, "a map or list as a key"),
        (b"custom:\n  null: c\n", 2, "a key is empty or null"),
        (b"x: " + b"a" * 10 * 2**20, 1, "the file is larger than 4 MiB"),
        (b"hub:\n  extraConfig:\n    a: |\n      x = 1\n      if x\n        pass\n", 5, "line 2 of this code is no Py"),
    ],
    ids=[
        "latin-1", "UTF-16", "tab", "tab further down", "key twice", "deep key twice", "two documents", "number as key",
        "truth value as key", "list as key", "null as key", "10 MB", "code",
    ],
)  # fmt: skip
def test_wrong_and_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, line: int, said: str | None
) -> None:
    code, out = run(written(tmp_path, content), capsys)
    if said is None:  # Helm takes numbers as keys: they become texts
        assert code == 0
        return
    assert code == 1
    assert f"{tmp_path}/values.yaml:{line}:" in out
    assert said in out
    assert len(out) < 700


def test_an_anchor_bomb_ends_soon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    code, out = run(written(tmp_path, "\n".join(levels).encode()), capsys)
    assert code == 1
    assert "aliases (`*name`) make more than 200000 values" in out


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere.yaml", "there is no such file"), (".", "this is a folder"), ("values.yaml/x.yaml", "cannot be read")],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str) -> None:
    written(tmp_path, FINE)
    code, out = run(f"{tmp_path}/{name}", capsys)
    assert code == 1
    assert said in out


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b"hub: {memmory: 1}\n"))
    code, out = run("-", capsys)
    assert code == 1
    assert out.startswith("<stdin>:1:7: hub.memmory: unknown key")


def test_two_files_that_contradict_are_both_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = written(tmp_path, b"singleuser:\n  memory:\n    limit: 2G\n", "base.yaml")
    over = written(tmp_path, b"singleuser:\n  memory:\n    guarantee: 4G\n", "over.yaml")
    code, out = run(base, capsys, "-f", str(over))
    assert code == 1
    assert out.startswith(f"{over}:3:5: singleuser.memory: guarantee 4G is above limit 2G")
    assert f"limit is in {base}:3" in out
    assert f"guarantee is in {over}:3" in out


def test_the_files_of_a_rule_of_the_chart_are_named_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = written(tmp_path, b"proxy:\n  service:\n    type: NodePort\n", "base.yaml")
    over = written(tmp_path, b"proxy:\n  service:\n    loadBalancerIP: 10.0.0.1\n", "over.yaml")
    _, out = run(base, capsys, "-f", str(over))
    assert f"type is in {base}:3" in out
    assert f"loadBalancerIP is in {over}:3" in out


def test_the_program_shows_no_traceback(tmp_path: Path) -> None:
    """As a process of its own, with what it is started by."""
    file = written(tmp_path, b"hub: {config: {KubeSpawner: {volumes: [5]}, JupyterHub: 5}, services: {a: [b]}}\n")
    command = [sys.executable, "-m", "hub_config.cli", "check", "-f", str(file), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert {each["key"] for each in json.loads(done.stdout)["findings"]} >= {"hub.config.JupyterHub", "hub.services.a"}


def test_a_file_that_may_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_path: Path) -> bytes:  # as root, which may read all, runs the tests
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    code, out = run(tmp_path / "values.yaml", capsys)
    assert code == 1
    assert out.startswith(f"{tmp_path}/values.yaml:1:1: the file cannot be read: Permission denied\n")
