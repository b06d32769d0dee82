"""Value files as people have them: those of `environments/`, and one that is not YAML."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
import yaml

from hub_config.cli import main
from tests.render.chart import CHART, helm

pytestmark = pytest.mark.render

HOW_TO = CHART.parent / "docs" / "environments.md"
ENVIRONMENTS = sorted((CHART.parent / "environments").glob("*.yaml"))


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_renders(path: Path) -> None:
    said = helm("template", "demo", str(CHART), "--values", str(path))
    assert said.code == 0, said.error


def documented() -> dict[str, str]:
    """Return the value files that the how-to shows, by the name that the first line of each gives."""
    blocks = re.findall(r"```yaml\n(# (\S+\.yaml)\n.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    return {name: text for text, name in blocks}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_gives_a_reason_for_each_number(path: Path) -> None:
    """Between a number and the key or empty line that opens its block there is a comment."""
    reasoned = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip().startswith("#"):
            reasoned = True
        elif not line.strip() or line.endswith(":"):
            reasoned = False
        elif re.search(r": .*[0-9]", line):
            assert reasoned, f"{path.name}: no reason for {line.strip()}"


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("last", ["prod-secrets.yaml", "prod.yaml"])
def test_the_three_files_of_the_how_to(
    path: Path, last: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = documented()
    assert set(texts) == {"base.yaml", "prod-secrets.yaml", "prod.yaml"}
    for name, text in texts.items():
        if "postgres" not in path.read_text(encoding="utf-8"):
            text = text.replace("  db:\n", "  db:\n    type: postgres\n")  # noqa: PLW2901 - where the place has none
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [tmp_path / "base.yaml", path, tmp_path / last]
    arguments = [word for file in files for word in ("-f", str(file))]
    assert main(["check", *arguments]) == 0, capsys.readouterr().out
    said = helm("template", "demo", str(CHART), *arguments)
    assert said.code == 0, said.error
    shown = [each["kind"] for each in yaml.safe_load_all(said.out) if each and "write the real one here" in str(each)]
    secret = [each for each in yaml.safe_load_all(said.out) if each and each["kind"] == "Secret"]
    encoded = base64.b64encode(b"write the real one here").decode()
    assert shown == []
    assert (encoded in str(secret)) is (last == "prod-secrets.yaml")


@pytest.mark.parametrize("first", ENVIRONMENTS, ids=lambda path: path.stem)
def test_a_file_of_ones_own_goes_over_each(first: Path, tmp_path: Path) -> None:
    own = tmp_path / "yours.yaml"
    own.write_text("singleuser: {memory: {guarantee: 2G, limit: 2G}}\nproxy: {service: {annotations: {team: maps}}}\n")
    said = helm("template", "demo", str(CHART), "--values", str(first), "--values", str(own))
    assert said.code == 0, said.error
    assert '"guarantee\\": \\"2G\\"' in said.out
    assert "team" in said.out


def test_a_file_that_is_not_yaml_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("singleuser:\n  memory: {limit: 2G\ncull:\n  every: 60\n")
    said = helm("template", "demo", str(CHART), "--values", str(broken))
    assert said.code != 0
    assert "broken.yaml" in said.error
    assert "line " in said.error
    assert main(["check", "-f", str(broken)]) == 1
    assert "broken.yaml:" in capsys.readouterr().out
