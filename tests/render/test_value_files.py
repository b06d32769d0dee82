"""Value files as people have them: those of `environments/`, and one that is not YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_config.cli import main
from tests.render.chart import CHART, helm

pytestmark = pytest.mark.render

ENVIRONMENTS = sorted((CHART.parent / "environments").glob("*.yaml"))


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_renders(path: Path) -> None:
    said = helm("template", "demo", str(CHART), "--values", str(path))
    assert said.code == 0, said.error


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
