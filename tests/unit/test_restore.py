"""A backup in the place of a real JupyterHub's database: only a sound one, taken by the hub and by nobody else."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub_config.cli import main
from hub_config.commands import sqlite_place as place
from hub_config.runtime.sqlite_backup import RECEIVED, back_up, backups
from hub_config.runtime.sqlite_restore import laid_ready, take
from jupyterhub import orm
from tests.unit.composed import mount

pytestmark = [pytest.mark.unit, pytest.mark.process]

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
DATABASE = Path("jupyterhub.sqlite")
HUB = """
import asyncio, sys
from jupyterhub.app import JupyterHub
app = JupyterHub.instance()
asyncio.run(app.initialize(["--config", "config.py", "--JupyterHub.cookie_secret_file=secret"]))
from jupyterhub import orm
print("users:", *sorted(user.name for user in app.db.query(orm.User)))
"""
CONFIG = """
from pathlib import Path
from hub_config.runtime.sqlite_restore import restore_at_start
c = get_config()
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.authenticator_class = "dummy"
restore_at_start(c, Path("backups"))
"""


def write(*names: str, file: Path = DATABASE) -> Path:
    """Make a JupyterHub's database with these users, in the place of what is there."""
    file.unlink(missing_ok=True)
    session = orm.new_session_factory(f"sqlite:///{file}")()
    session.add_all(orm.User(name=name) for name in names)
    session.commit()
    session.get_bind().dispose()
    return file


def users(file: Path = DATABASE) -> list[str]:
    with closing(sqlite3.connect(file)) as opened:
        return [name for (name,) in opened.execute("SELECT name FROM users ORDER BY name")]


@pytest.fixture(autouse=True)
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's folder, a database of `ada` and `bob` in it, and a backup from when there was `ada` only."""
    monkeypatch.chdir(tmp_path)
    mount(tmp_path / "mounted", {})
    original = place.sqlite_place
    monkeypatch.setattr(
        "hub_config.commands.restore.sqlite_place", lambda command: original(command, tmp_path / "mounted")
    )
    back_up(write("ada"), Path("backups/manual-20261125T020000Z.sqlite"))
    write("ada", "bob")


def run_hub(*arguments: str) -> subprocess.CompletedProcess[str]:
    Path("config.py").write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, *(arguments or ("-c", HUB))]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


def test_the_hub_takes_it_when_it_starts_and_nobody_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "manual-20261125T020000Z.sqlite"]) == 0
    assert "The hub takes it when it starts: kubectl rollout restart deploy/hub" in capsys.readouterr().out
    assert users() == ["ada", "bob"], "the hub that runs is robbed of its database"
    run_hub("-m", "jupyterhub", "token", "ada", "--config=config.py")
    assert users() == ["ada", "bob"], "a command beside the hub took it"
    done = run_hub()
    assert "users: ada\n" in done.stdout, done.stderr
    (replaced,) = Path().glob("jupyterhub.sqlite.replaced-*")
    assert f"Restored jupyterhub.sqlite from a backup; the one before is {replaced}" in done.stderr
    assert users(replaced) == ["ada", "bob"]
    assert main(["restore", str(replaced)]) == 0
    assert "users: ada bob\n" in run_hub().stdout, "there is no way back"


def test_a_lost_database_is_told_with_the_way_back() -> None:
    DATABASE.unlink()
    done = run_hub()
    assert "users: \n" in done.stdout or "users:\n" in done.stdout
    assert "EMPTY. There are backups, the newest is manual-20261125T020000Z.sqlite: hub-config restore" in done.stderr


def test_from_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = write("eve", file=Path("other.sqlite")).read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    assert main(["restore", "-"]) == 0
    assert users(laid_ready(DATABASE)) == ["eve"]
    assert len(backups(Path("backups"), RECEIVED)) == 1


def test_cancel(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "manual-20261125T020000Z.sqlite"]) == 0
    assert main(["restore", "--cancel"]) == 0
    assert take(DATABASE, NOW) is None
    assert main(["restore", "--cancel"]) == 0
    assert capsys.readouterr().out.endswith("There was nothing to take back.\n")


def test_a_wrong_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "manual-2026.sqlite"]) == 1
    assert capsys.readouterr().err == (
        "backups/manual-2026.sqlite is not there: hub-config backup --list tells what is\n"
    )


def newer() -> None:
    write("ada", file=Path("bad.sqlite"))
    with closing(sqlite3.connect("bad.sqlite")) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")


def damaged() -> None:
    content = bytearray(write("ada", file=Path("bad.sqlite")).read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    Path("bad.sqlite").write_bytes(content)


def cut() -> None:
    content = write("ada", file=Path("bad.sqlite")).read_bytes()
    Path("bad.sqlite").write_bytes(content[: len(content) // 2])


def foreign() -> None:
    with closing(sqlite3.connect("bad.sqlite")) as opened, opened:
        opened.execute("CREATE TABLE recipes (name TEXT)")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (newer, "revision ffffffffffff) are of a newer JupyterHub than this one"),
        (damaged, "bad.sqlite cannot be restored: "),
        (cut, "bad.sqlite cannot be restored: "),
        (foreign, "it has no table api_tokens, servers, users of JupyterHub"),
        (lambda: Path("bad.sqlite").touch(), "it has no table api_tokens, servers, users of JupyterHub"),
        (lambda: Path("bad.sqlite").write_bytes(b"<html>" * 100), "file is not a database"),
    ],
    ids=["newer", "damaged", "cut", "foreign", "empty", "no database"],
)
@pytest.mark.parametrize("way", ["file", "standard input"])
def test_what_the_hub_could_not_use_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, prepare: Any, said: str, way: str
) -> None:
    prepare()
    if way == "standard input":
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(Path("bad.sqlite").read_bytes())))
        said = said.replace("bad.sqlite", "")
    assert main(["restore", "bad.sqlite" if way == "file" else "-"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not laid_ready(DATABASE).exists()
    assert users() == ["ada", "bob"]
    assert backups(Path("backups"), RECEIVED) == []


def test_a_journal_stays_with_its_database() -> None:
    """A crash left a change half-written: neither does it get into the restored database, nor is it lost."""
    crash = (
        "import os, sqlite3; c = sqlite3.connect('jupyterhub.sqlite'); c.execute('PRAGMA cache_size = 1');"
        "c.execute('BEGIN'); c.execute('CREATE TABLE filling (content BLOB)');"
        "c.executemany('INSERT INTO filling VALUES (randomblob(5000))', [()] * 50);"
        "c.execute(\"UPDATE users SET name = name || 'x'\"); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", crash], check=True, timeout=30)
    assert Path("jupyterhub.sqlite-journal").stat().st_size > 0, "the crash left no journal: the test proves nothing"
    assert main(["restore", "manual-20261125T020000Z.sqlite"]) == 0
    replaced = take(DATABASE, NOW)
    assert replaced == Path("jupyterhub.sqlite.replaced-20261125T030000Z")
    assert users() == ["ada"]
    assert users(replaced) == ["ada", "bob"]


@pytest.mark.parametrize("done", [1, 2])
def test_killed_in_the_middle_it_goes_on_at_the_next_start(monkeypatch: pytest.MonkeyPatch, done: int) -> None:
    Path("jupyterhub.sqlite-journal").write_bytes(b"")
    assert main(["restore", "manual-20261125T020000Z.sqlite"]) == 0
    steps, rename = 0, Path.rename

    def killed(self: Path, target: Path) -> Path:
        nonlocal steps
        steps += 1
        if steps > done:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            take(DATABASE, NOW)
    assert take(DATABASE, NOW) is not None
    assert users() == ["ada"]
    assert users(Path("jupyterhub.sqlite.replaced-20261125T030000Z")) == ["ada", "bob"]
