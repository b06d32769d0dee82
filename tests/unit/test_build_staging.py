"""The copy that images are built from follows the work tree, and changes only the tags that must change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ci import build as build_module
from ci.build import build, image_references
from ci.cache import locked
from ci.progress import CiError
from ci.staging import git, sync

pytestmark = [pytest.mark.unit, pytest.mark.process]

ROOT = Path(__file__).resolve().parents[2]
PROFILES = {"singleuser-r", "singleuser-julia"}
"""Images that no value of the chart names."""
VALUES = """\
hub: {image: {name: jupyterhub-chart/hub, tag: set-by-chartpress}}
singleuser: {image: {name: jupyterhub-chart/singleuser, tag: set-by-chartpress}}
proxy: {chp: {image: {name: jupyterhub-chart/proxy, tag: set-by-chartpress}}}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Make a work tree with this project's chartpress.yaml and images, a small chart and a small package."""
    source = tmp_path / "source"
    shutil.copytree(ROOT / "images", source / "images")
    for name in ("chartpress.yaml", ".dockerignore", "pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source / name)
    write(source / "hub_config/__init__.py", "")
    write(source / "jupyterhub/Chart.yaml", "apiVersion: v2\nname: jupyterhub\nversion: 0.0.1-set.by.chartpress\n")
    write(source / "jupyterhub/values.yaml", VALUES)
    write(source / ".gitignore", "ignored/\n")
    run_git(source, "init", "--quiet")
    run_git(source, "add", "--all")
    return source


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run_git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, timeout=30)


def commits(copy: Path) -> int:
    return int(git(copy, "rev-list", "--count", "HEAD"))


def test_unchanged_source_makes_no_commit(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert sync(source, copy)
    before = commits(copy)
    assert not sync(source, copy)
    assert commits(copy) == before


def test_copy_has_new_and_changed_files_and_not_ignored_or_deleted_ones(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    write(source / "docs/old.md", "old")
    sync(source, copy)
    write(source / "docs/new.md", "new")
    (source / "docs/old.md").unlink()
    (source / "README.md").write_text("changed")
    write(source / "ignored/secret", "no")
    assert sync(source, copy)
    assert (copy / "docs/new.md").read_text() == "new"
    assert (copy / "README.md").read_text() == "changed"
    assert not (copy / "docs/old.md").exists()
    assert not (copy / "ignored").exists()


def test_rights_links_and_folders_that_become_files_are_followed(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    write(source / "tool/run", "#!/bin/sh\n")
    write(source / "data/one", "1")
    (source / "link").symlink_to("README.md")
    sync(source, copy)
    assert (copy / "link").is_symlink()
    (source / "tool/run").chmod(0o755)
    shutil.rmtree(source / "data")
    write(source / "data", "now a file")
    (source / "link").unlink()
    write(source / "link/inside", "now a folder")
    assert sync(source, copy)
    assert os.access(copy / "tool/run", os.X_OK)
    assert (copy / "data").read_text() == "now a file"
    assert (copy / "link/inside").read_text() == "now a folder"


def test_what_chartpress_or_a_killed_run_left_is_undone(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    sync(source, copy)
    before = commits(copy)
    (copy / "jupyterhub/values.yaml").write_text("tags filled in")
    write(copy / "stray", "half a file")
    (copy / ".git/index.lock").touch()
    assert not sync(source, copy)
    assert (copy / "jupyterhub/values.yaml").read_text() == VALUES
    assert not (copy / "stray").exists()
    assert commits(copy) == before


def test_unusable_copy_is_made_anew(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    sync(source, copy)
    (copy / ".git/HEAD").write_text("")
    assert sync(source, copy)
    assert (copy / "chartpress.yaml").is_file()


def test_source_stays_as_it_is(source: Path, tmp_path: Path) -> None:
    status = ["git", "status", "--porcelain"]
    before = subprocess.run(status, cwd=source, check=True, capture_output=True, timeout=30).stdout
    sync(source, tmp_path / "copy")
    assert subprocess.run(status, cwd=source, check=True, capture_output=True, timeout=30).stdout == before


def test_persons_git_settings_and_a_calling_hook_do_not_count(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    write(home / ".gitconfig", "[commit]\ngpgsign = true\n[core]\nautocrlf = true\nhooksPath = /nonexistent\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    assert sync(source, tmp_path / "copy")


@pytest.mark.parametrize(
    ("changed", "new_tags"),
    [
        ("hub_config/__init__.py", {"hub"}),
        ("pyproject.toml", {"hub"}),
        ("images/hub/requirements.txt", {"hub"}),
        ("images/singleuser/requirements.txt", {"singleuser", *PROFILES}),
        ("images/proxy/package-lock.json", {"proxy"}),
        ("chartpress.yaml", {"hub", "singleuser", "proxy", *PROFILES}),
        ("README.md", set()),
        ("jupyterhub/values.yaml", set()),
    ],
)
def test_only_images_that_contain_a_change_get_a_new_tag(
    source: Path, tmp_path: Path, changed: str, new_tags: set[str]
) -> None:
    copy = tmp_path / "copy"
    sync(source, copy)
    before = image_references(copy)
    with (source / changed).open("a") as file:
        file.write("\n")
    assert sync(source, copy)
    after = image_references(copy)
    assert {name for name in after if after[name] != before[name]} == new_tags
    assert set(after) == {"hub", "singleuser", "proxy", *PROFILES}
    assert all(reference.startswith(f"jupyterhub-chart/{name}:0.1.0-0.dev.git.") for name, reference in after.items())


def test_build_fills_in_a_copy_of_the_chart_and_builds_only_what_is_missing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    there: set[str] = set()
    asked: list[set[str]] = []
    monkeypatch.setattr(build_module, "ensure_engine", lambda: None)
    monkeypatch.setattr(build_module, "image_exists", there.__contains__)

    def build_images(_copy: Path, missing: dict[str, str], _logs: Path) -> None:
        asked.append(set(missing))
        there.update(missing.values())

    monkeypatch.setattr(build_module, "build_images", build_images)
    first = build(source)
    assert asked == [{"hub", "singleuser", "proxy"}]
    assert first.images["hub"].split(":")[1] in (first.chart / "values.yaml").read_text()
    assert f"version: {first.version}" in (first.chart / "Chart.yaml").read_text()
    assert (source / "jupyterhub/values.yaml").read_text() == VALUES
    assert build(source) == first
    more = build(source, also=["singleuser-r"])
    assert asked.pop() == {"singleuser-r"}
    assert more.images == first.images | {"singleuser-r": more.images["singleuser-r"]}
    with pytest.raises(CiError, match=r"chartpress\.yaml has no image singleuser-x$"):
        build(source, also=["singleuser-x"])
    (source / "hub_config/__init__.py").write_text("changed = True\n")
    second = build(source)
    assert asked == [{"hub", "singleuser", "proxy"}, {"hub"}]
    assert second.chart != first.chart
    assert first.images["hub"].split(":")[1] in (first.chart / "values.yaml").read_text()


def test_lock_ends_with_a_message_when_another_holds_it_too_long(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = (
        "import fcntl, sys, time\nf = open(sys.argv[1], 'w')\nfcntl.flock(f, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\ntime.sleep(30)"
    )
    with subprocess.Popen([sys.executable, "-c", holder, str(path)], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            with pytest.raises(CiError, match="to finish the test"), locked(path, what="the test", timeout=0.5):
                pass
        finally:
            process.kill()
    with locked(path, what="the test", timeout=5):  # a killed holder holds nothing
        pass
