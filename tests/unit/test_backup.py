"""Backups of a real SQLite database, made while it is written to, by the very program that the hub runs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ci.progress import wait_until
from hub_config.cli import main
from hub_config.commands import sqlite_place as place
from hub_config.runtime import sqlite_backup
from hub_config.runtime.sqlite_backup import (
    MANUAL,
    SCHEDULED,
    BackupError,
    back_up,
    backups,
    content_problem,
    new_name,
    prune,
    run_scheduled,
    seconds_until_due,
)
from jupyterhub import orm
from tests.unit.composed import composed, merged, mount

pytestmark = [pytest.mark.unit, pytest.mark.process]

NOW = 1_800_000_000.0
DAY = 86400
POSTGRES = {"type": "postgres", "url": "postgresql://hub@db/hub"}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A JupyterHub's database with a user, in the folder in which everything runs then."""
    monkeypatch.chdir(tmp_path)
    session = orm.new_session_factory("sqlite:///jupyterhub.sqlite")()
    session.add(orm.User(name="ada"))
    session.commit()
    session.get_bind().dispose()
    return tmp_path / "jupyterhub.sqlite"


@pytest.fixture
def in_the_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Mount values as in the hub's pod, for the commands; none but the defaults until told otherwise."""

    def mounted(own: dict[str, Any]) -> None:
        root = tmp_path / "mounted"
        mount(root, own)
        monkeypatch.setattr(place, "sqlite_place", lambda command, given=root: original(command, given))
        for module in ("backup", "restore"):
            monkeypatch.setattr(f"hub_config.commands.{module}.sqlite_place", place.sqlite_place)

    original = place.sqlite_place
    mounted({})
    return mounted


def users(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as opened:
        return [name for (name,) in opened.execute("SELECT name FROM users ORDER BY name")]


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if ".part" in path.name)


def grow(database: Path, megabytes: int) -> None:
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("CREATE TABLE filling (content BLOB)")
        opened.executemany("INSERT INTO filling VALUES (randomblob(1000000))", [()] * megabytes)


def service(own: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    config = composed(merged({"cull": {"enabled": False}}, own or {}))
    return list(config.JupyterHub.services)


@pytest.mark.parametrize(
    "hub",
    [
        {"db": {"backup": {"enabled": False}}},
        {"db": {"type": "sqlite-memory"}},
        {"db": POSTGRES},
        {"config": {"JupyterHub": {"db_url": "sqlite:////elsewhere/a.sqlite"}}},
    ],
    ids=["switched off", "memory", "a server", "a file of one's own"],
)
def test_only_the_charts_own_file_is_backed_up(hub: dict[str, Any]) -> None:
    assert service({"hub": hub}) == []


def test_the_hub_is_told_no_more_than_to_run_the_program() -> None:
    (made,) = service()
    assert set(made) == {"name", "command"}, "a token or a scope that it does not need"


def test_the_service_makes_backups_that_are_due_and_prunes(database: Path) -> None:
    (made,) = service({"hub": {"db": {"backup": {"every": 1, "keep": 2, "folder": "kept"}}}})
    folder = database.parent / "kept"
    folder.mkdir()
    (folder / new_name(MANUAL, NOW - 900 * DAY)).write_bytes(b"of a person")
    first = folder / new_name(SCHEDULED, NOW - 900 * DAY)
    first.write_bytes(b"old")
    with subprocess.Popen(made["command"], stderr=subprocess.PIPE, text=True) as running:
        try:
            wait_until("old backups to be deleted", lambda: not first.exists(), timeout=30, interval=0.05)
            wait_until("two backups", lambda: len(backups(folder, SCHEDULED)) == 2, timeout=30, interval=0.05)
        finally:
            running.terminate()
    assert [users(path) for path in backups(folder, SCHEDULED)] == [["ada"]] * len(backups(folder, SCHEDULED))
    assert len(backups(folder, MANUAL)) == 1


def test_the_service_says_that_there_is_no_backup_and_lives_on(database: Path) -> None:
    database.write_bytes(b"no database" * 1000)
    (made,) = service()
    with subprocess.Popen(made["command"], stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stderr is not None
            line = running.stderr.readline()
            assert line.startswith("NO BACKUP of the hub's database: ")
            assert "file is not a database" in line
            assert running.poll() is None
        finally:
            running.terminate()


def test_a_backup_is_consistent_while_the_database_is_written_to(database: Path, tmp_path: Path) -> None:
    """Two tables that are always changed together: no backup has one change without the other."""
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.executescript("CREATE TABLE a (n INT); CREATE TABLE b (n INT)")
    grow(database, 5)
    done, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        with closing(sqlite3.connect(database)) as opened:
            while not done.is_set():
                with opened:
                    opened.execute("INSERT INTO a VALUES (1)")
                    opened.execute("INSERT INTO b VALUES (1)")
                written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until("the first change", lambda: written > 0, timeout=20, interval=0.01)
        made = [back_up(database, tmp_path / f"{number}.sqlite") for number in range(10)]
    finally:
        done.set()
        writer.join(timeout=60)
    counts = []
    for file in made:
        with closing(sqlite3.connect(file)) as opened:
            counts.append(opened.execute("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)").fetchone())
    assert [pair for pair in counts if pair[0] != pair[1]] == []
    assert len({pair[0] for pair in counts}) > 1, "nothing was written between the backups"


def test_a_disk_that_is_full_fails_the_backup_and_nothing_else(database: Path) -> None:
    """A limit of the process stands for the disk: the write fails in the middle."""
    grow(database, 3)
    before = database.read_bytes()
    (made,) = service()
    limited = ["sh", "-c", 'ulimit -f 2000; exec "$@"', "sh", *made["command"]]
    with subprocess.Popen(limited, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stderr is not None
            line = running.stderr.readline()
            assert line.startswith("NO BACKUP of the hub's database: jupyterhub.sqlite cannot be copied to backups: ")
            assert list((database.parent / "backups").iterdir()) == []
        finally:
            running.terminate()
    assert database.read_bytes() == before
    assert users(database) == ["ada"]


def test_a_backup_leaves_the_database_room(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": int(database.stat().st_size * 1.5)})
    monkeypatch.setattr(sqlite_backup.shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(BackupError, match="must leave as much for the database itself: delete old backups"):
        back_up(database, Path("backups/x.sqlite"))
    assert list(Path("backups").iterdir()) == []


def test_a_damaged_database_takes_no_good_backup_away(database: Path) -> None:
    folder = Path("backups")
    for day in range(2):
        run_scheduled(database, folder, 2, NOW + day * DAY)
    kept = backups(folder)
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    database.write_bytes(content)
    with pytest.raises(BackupError, match="is damaged, and no backup was made of it"):
        run_scheduled(database, folder, 2, NOW + 2 * DAY)
    assert backups(folder) == kept
    assert leftovers(Path()) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [("jupyterhub.sqlite/x/y.sqlite", "cannot be written: "), ("/proc/x.sqlite", "cannot be written: ")],
)
def test_a_place_that_cannot_be_written_is_told(database: Path, target: str, said: str) -> None:
    with pytest.raises(BackupError, match=said):
        back_up(database, Path(target))


def test_due_by_the_last_one_whatever_restarts(tmp_path: Path) -> None:
    assert seconds_until_due(tmp_path, DAY, NOW) == 0
    (tmp_path / new_name(SCHEDULED, NOW)).touch()
    (tmp_path / new_name(MANUAL, NOW + 10)).touch()
    (tmp_path / "scheduled-yesterday.sqlite").touch()
    assert seconds_until_due(tmp_path, DAY, NOW + 100) == DAY - 100
    assert seconds_until_due(tmp_path, DAY, NOW + 2 * DAY) == 0
    assert seconds_until_due(tmp_path, DAY, NOW - 900 * DAY) == DAY, "a clock that was wrong puts it off for years"


def test_pruning_takes_the_oldest_of_the_schedule_only(tmp_path: Path) -> None:
    made = [tmp_path / new_name(SCHEDULED, NOW + day * DAY) for day in range(4)]
    others = [tmp_path / new_name(MANUAL, NOW), tmp_path / "notes.txt", tmp_path / "scheduled-x.sqlite"]
    stale, fresh = tmp_path / ".a.sqlite.7.part", tmp_path / ".b.sqlite.8.part"
    for path in (*made, *others, stale, fresh):
        path.touch()
    long_after = fresh.stat().st_mtime + 10
    sqlite_backup.os.utime(stale, (long_after - 7200, long_after - 7200))
    assert prune(tmp_path, 3, long_after) == made[:1]
    assert sorted(tmp_path.iterdir()) == sorted([*made[1:], *others, fresh])


def test_backup_on_demand(in_the_pod: Any, database: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["backup"]) == 0
    path = Path(capsysbinary.readouterr().out.decode().strip())
    assert path.parent == Path("backups")
    assert users(path) == ["ada"]
    assert main(["backup", "--output", "here.sqlite"]) == 0
    assert users(Path("here.sqlite")) == ["ada"]
    capsysbinary.readouterr()
    assert main(["backup", "--output", "-"]) == 0
    Path("taken.sqlite").write_bytes(capsysbinary.readouterr().out)
    assert content_problem(Path("taken.sqlite")) is None
    assert users(Path("taken.sqlite")) == ["ada"]
    assert main(["backup", "--list", "--format", "json"]) == 0
    (row,) = json.loads(capsysbinary.readouterr().out)
    assert (row["name"], row["bytes"]) == (path.name, path.stat().st_size)
    assert main(["backup", "--list"]) == 0
    assert capsysbinary.readouterr().out.decode().split()[0] == path.name


@pytest.mark.parametrize("command", [["backup"], ["restore", "a.sqlite"]])
def test_a_database_that_is_no_file_of_the_charts(
    in_the_pod: Any, database: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    in_the_pod({"hub": {"db": POSTGRES}})
    assert main(command) == 1
    assert "hub.db.type postgres, which this command cannot copy: use the database's own" in capsys.readouterr().err


def test_no_database(in_the_pod: Any, database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database.unlink()
    assert main(["backup"]) == 1
    assert capsys.readouterr().err.startswith("jupyterhub.sqlite is not there")


@pytest.mark.parametrize("command", [["backup"], ["restore", "a.sqlite"]])
def test_outside_a_hubs_pod(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert main(command) == 1
    assert capsys.readouterr().err.startswith("this runs in the hub's pod: kubectl exec deploy/hub -- hub-config ")
