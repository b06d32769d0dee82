"""The value files in `docs/user-environment.md` are right, and do what the text around them says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.cli import main
from hub_config.profile_access import Person, offered

pytestmark = pytest.mark.unit

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "user-environment.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
GROUPS = next(text for text in EXAMPLES if "groupOverrides:" in text)


@pytest.fixture
def by_group(tmp_path: Path) -> str:
    (tmp_path / "values.yaml").write_text(next(text for text in EXAMPLES if "slug: gpu" in text))
    return str(tmp_path / "values.yaml")


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_has_no_mistake(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(text)
    assert main(["check", "-f", str(file)]) == 0, capsys.readouterr()
    assert "warning" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("groups", "slugs"),
    [
        ((), ["python", "r"]),
        (("doctoral-students",), ["python", "r", "project"]),
        (("staff",), ["python", "r", "project", "gpu"]),
    ],
)
def test_who_is_offered_what(groups: tuple[str, ...], slugs: list[str], by_group: str) -> None:
    profiles: list[dict[str, Any]] = yaml.safe_load(Path(by_group).read_text())["singleuser"]["profileList"]
    assert [each["slug"] for each in offered(profiles, Person("ada", frozenset(groups)))] == slugs


def test_the_refusal_is_the_one_that_is_shown(by_group: str, capsys: pytest.CaptureFixture[str]) -> None:
    (said,) = re.findall(r"^\$ hub-config (explain .*) -f values.yaml\n(.*)$", TEXT, re.MULTILINE)
    assert main([*said[0].split(), "-f", by_group]) == 1
    assert capsys.readouterr().err.strip() == said[1]


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ([], "1073741824"),
        (["--group", "students", "--group", "staff"], "8589934592"),
        (["--group", "staff", "--profile", "small"], "536870912"),
    ],
    ids=["no group", "both groups", "a profile over a group"],
)
def test_how_much_a_group_brings(
    words: list[str], limit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(GROUPS)
    assert main(["explain", "ada", *words, "-f", str(file)]) == 0
    made = next(yaml.safe_load_all(capsys.readouterr().out))
    assert str(made["spec"]["containers"][0]["resources"]["limits"]["memory"]) == limit
