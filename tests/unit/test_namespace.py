"""The slices `singleuser/namespace.py` and `hub/budgets.py`, and the hub's name for pods elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hub_config.cli import main
from hub_config.generate import default_values
from hub_config.load import read_facts, read_values
from tests.unit.composed import composed, merged, mount, spawner_traits

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("namespace", "expected", "listed"),
    [
        ({}, "lab", None),
        ({"name": "users", "former": ["lab"]}, "users", None),
        ({"name": "lab-{username}", "perUser": ["lab-ada"], "former": ["lab"]}, "lab-{username}", ["lab-ada", "lab"]),
    ],
)
def test_where_pods_and_claims_are_made(namespace: dict[str, object], expected: str, listed: list[str] | None) -> None:
    own = {"singleuser": {"namespace": namespace}}
    assert spawner_traits(own)["namespace"] == expected
    assert composed(own).PromptKubeSpawner.get("user_namespaces") == listed


@pytest.mark.parametrize(
    ("said", "url"), [({}, "http://hub:8081"), ({"hubHost": "hub.lab"}, "http://hub.lab:8081")], ids=["one", "apart"]
)
def test_pods_of_another_namespace_need_the_hubs_longer_name(tmp_path: Path, said: dict[str, str], url: str) -> None:
    root = mount(tmp_path, merged(default_values(), {}), **said)
    assert read_facts(root, read_values(root)).hub_url == url


def test_explain_shows_that_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({"singleuser": {"namespace": {"name": "users"}}}))
    assert main(["explain", "-f", str(file), "--namespace", "lab", "ada"]) == 0
    assert "value: http://hub.lab:8081/hub/api\n" in capsys.readouterr().out


def test_budgets_reach_the_spawner_in_plain_numbers() -> None:
    own = {
        "budgets": {
            "b": {"servers": 2, "shared": False},
            "a": {"displayName": "A", "groups": ["g"], "users": ["u"], "cpu": 1.5, "memory": "1.5G", "contact": "c"},
        }
    }
    assert composed(own).PromptKubeSpawner.budgets == [
        {
            "name": "A",
            "groups": ["g"],
            "users": ["u"],
            "shared": True,
            "limits": {"cpu": 1.5, "memory": 1.5 * 1024**3},
            "contact": "c",
        },
        {"name": "b", "groups": [], "users": [], "shared": False, "limits": {"servers": 2.0}, "contact": None},
    ]
    assert "budgets" not in composed().PromptKubeSpawner
