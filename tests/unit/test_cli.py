"""The command `hub-config generate`: write the generated files, or say which are stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_config import installed_traits
from hub_config.cli import GENERATED, known_classes, main, stale_files

pytestmark = pytest.mark.unit


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    assert main(["generate", "--root", str(tmp_path)]) == 0
    return tmp_path


def check(root: Path) -> int:
    return main(["generate", "--check", "--root", str(root)])


def test_what_was_written_is_fresh(repository: Path) -> None:
    assert check(repository) == 0
    assert {path for path in GENERATED if (repository / path).is_file()} == set(GENERATED)


@pytest.mark.parametrize("name", GENERATED)
def test_a_changed_file_is_named_with_the_cure(repository: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with (repository / name).open("a", encoding="utf-8") as file:
        file.write("# changed by hand\n")
    assert check(repository) == 1
    assert capsys.readouterr().err == f"{name} is stale: run `make generate` and commit it\n"


def test_without_the_packages_of_the_hubs_image_their_traits_stay(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installed_traits, "BESIDES", (*installed_traits.BESIDES, "no_such_package:Class"))
    known_classes.cache_clear()
    assert main(["generate", "--root", str(repository)]) == 0
    assert check(repository) == 0
    said = capsys.readouterr().err
    assert "hub_config/traits.json stays as it is: " in said
    assert "no_such_package:Class cannot be imported here" in said
    known_classes.cache_clear()


def test_missing_files_are_stale(tmp_path: Path) -> None:
    assert stale_files(tmp_path) == list(GENERATED)


def test_the_tags_that_chartpress_writes_do_not_count(repository: Path) -> None:
    file = repository / "jupyterhub/values.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("tag: set-by-chartpress", "tag: '1.2.3'"), encoding="utf-8"
    )
    assert check(repository) == 0


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    check(tmp_path)
    assert list(tmp_path.iterdir()) == []
