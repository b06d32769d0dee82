"""A value's way through the real Helm: files in their order, nulls, other charts, and what the hub then reads."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.base import Reader
from hub_config.generate import reader_paths
from hub_config.load import read_values
from hub_config.values import Values
from tests.render.chart import CHART, Said, helm

pytestmark = pytest.mark.schema

Layer = dict[str, Any]


def render(folder: Path, *files: Layer, words: tuple[str, ...] = (), chart: Path = CHART) -> Said:
    """Render the objects that the hub reads its values from, with value files in this order, then `words`."""
    options = []
    for number, layer in enumerate(files):
        path = folder / f"values-{number}.yaml"
        path.write_text(yaml.safe_dump(layer), encoding="utf-8")
        options += ["--values", str(path)]
    below = "charts/jupyterhub/" if chart != CHART else ""
    shown = [f"--show-only={below}templates/hub/{name}.yaml" for name in ("configmap", "secret")]
    return helm("template", "test", str(chart), *options, *words, *shown)


def hub_reads(folder: Path, *files: Layer, words: tuple[str, ...] = (), chart: Path = CHART) -> Values:
    """Return the values as the hub's pod reads them from what Helm rendered."""
    said = render(folder, *files, words=words, chart=chart)
    assert said.code == 0, said.error
    objects = {each["kind"]: each["data"] for each in yaml.safe_load_all(said.out) if each}
    texts = {"values": objects["ConfigMap"]["values.json"]}
    if "Secret" in objects:  # without a value of those that may be secret, there is none
        texts["secret"] = base64.b64decode(objects["Secret"]["values.json"]).decode()
    for name, text in texts.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "values.json").write_text(text, encoding="utf-8")
    return read_values(folder)


def at(values: Any, path: str) -> Any:
    """Return what is at a dotted path in YAML's spelling."""
    found = values.model_dump(mode="json", by_alias=True)
    for key in path.split("."):
        found = found[key]
    return found


def setting(path: str, value: Any) -> Layer:
    for key in reversed(path.split(".")):
        value = {key: value}
    layer: Layer = value
    return layer


def test_defaults_reach_the_hub_unchanged(tmp_path: Path) -> None:
    found, defaults = hub_reads(tmp_path), Values()
    paths = [
        path
        for path in [*reader_paths(Reader.HUB), *reader_paths(Reader.HUB_SECRET)]
        if not path.endswith(".tag")  # chartpress writes the built one
    ]
    assert {path: at(found, path) for path in paths} == {path: at(defaults, path) for path in paths}


ALL = {"defaults": 64, "first": 1, "second": 2, "set": 3}


@pytest.mark.parametrize(
    ("layers", "winner"),
    [
        ([], "defaults"),
        (["first"], "first"),
        (["second"], "second"),
        (["set"], "set"),
        (["first", "second"], "second"),
        (["first", "set"], "set"),
        (["first", "second", "set"], "set"),
    ],
)
def test_precedence(tmp_path: Path, layers: list[str], winner: str) -> None:
    path = "hub.concurrentSpawnLimit"
    files = [setting(path, ALL[name]) if name in layers else {} for name in ("first", "second")]
    words = (f"--set={path}={ALL['set']}",) if "set" in layers else ()
    assert at(hub_reads(tmp_path, *files, words=words), path) == ALL[winner]


@pytest.mark.parametrize(
    ("path", "first", "second", "together"),
    [
        ("hub.config", {"A": {"one": 1}}, {"A": {"two": 2}, "B": {}}, {"A": {"one": 1, "two": 2}, "B": {}}),
        ("singleuser.extraEnv", {"A": "1", "B": "1"}, {"B": "2"}, {"A": "1", "B": "2"}),
        ("singleuser.extraTolerations", [{"key": "a"}], [{"key": "b"}], [{"key": "b"}]),
        ("hub.templatePaths", ["/a", "/b"], [], []),
        (
            "singleuser.storage.extraVolumes",
            {"a": {"name": "a", "emptyDir": {}}},
            {"b": {"name": "b", "emptyDir": {}}},
            {"a": {"name": "a", "emptyDir": {}}, "b": {"name": "b", "emptyDir": {}}},
        ),
        ("singleuser.cmd", ["a", "b"], "c", "c"),
    ],
)
def test_maps_are_merged_and_lists_replaced(tmp_path: Path, path: str, first: Any, second: Any, together: Any) -> None:
    found = at(hub_reads(tmp_path, setting(path, first), setting(path, second)), path)
    found = {key: value for key, value in found.items() if key != "JupyterHub"} if path == "hub.config" else found
    assert found == together


@pytest.mark.parametrize(
    "path",
    [
        "singleuser.memory.guarantee",
        "singleuser.uid",
        "singleuser.fsGid",
        "singleuser.cmd",
        "singleuser.allowPrivilegeEscalation",
        "fullnameOverride",
    ],
)
@pytest.mark.parametrize("how", ["file", "second file", "--set"])
def test_null_arrives_as_null(tmp_path: Path, path: str, how: str) -> None:
    """Though Helm hands over no key for it, and though the default is another."""
    assert at(Values(), path) is not None
    files = {"file": [setting(path, None)], "second file": [{}, setting(path, None)], "--set": []}[how]
    words = (f"--set={path}=null",) if how == "--set" else ()
    assert at(hub_reads(tmp_path, *files, words=words), path) is None


@pytest.mark.parametrize(
    "path",
    [
        "hub",
        "hub.baseUrl",
        "hub.image.tag",
        "hub.config",
        "cull",
        "cull.enabled",
        "singleuser.storage.type",
        "debug.enabled",
    ],
)
def test_null_where_it_means_nothing_is_refused(tmp_path: Path, path: str) -> None:
    said = render(tmp_path, setting(path, None))
    assert said.code != 0
    assert path.rsplit(".", 1)[-1] in said.error


def test_null_does_not_take_away_what_an_earlier_file_added(tmp_path: Path) -> None:
    """Helm drops keys of the chart's own defaults alone: the others stay, as null, and are refused."""
    said = render(tmp_path, setting("singleuser.extraEnv.A", "1"), setting("singleuser.extraEnv.A", None))
    assert "at '/singleuser/extraEnv/A': got null, want string" in said.error


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("singleuser.memory.limit", 5_368_709_120),
        ("singleuser.uid", 2_000_000_000),
        (
            "hub.config",
            {"JupyterHub": {"admin_access": True, "authenticator_class": "dummy"}, "Own": {"big": 123_456_789_012}},
        ),
        ("custom", {"deep": {"list": [1, "1", 1.5, True, None, {}], "text": "null"}}),
        ("singleuser.extraEnv", {"QUOTED": "a \"b\" 'c'\n{{ .Release.Name }}\n", "EMPTY": "", "UNICODE": "ü ✓"}),
        ("hub.extraConfig", {"a": "c.X.y = '{{ not a template }}'\n"}),
    ],
)
def test_a_value_arrives_as_it_was_written(tmp_path: Path, path: str, value: Any) -> None:
    """Helm's numbers are floating-point numbers, its templates have a syntax of their own: neither shows."""
    found = at(hub_reads(tmp_path, setting(path, value)), path)
    assert json.dumps(found, sort_keys=True) == json.dumps(value, sort_keys=True)


@pytest.fixture
def umbrella(tmp_path: Path) -> Path:
    """A chart that includes this one."""
    folder = tmp_path / "umbrella"
    shutil.copytree(CHART, folder / "charts/jupyterhub")
    version = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["version"]
    dependency = {"name": "jupyterhub", "version": version, "condition": "jupyterhub.enabled"}
    chart = {"apiVersion": "v2", "name": "umbrella", "version": "1.0.0", "dependencies": [dependency]}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(chart), encoding="utf-8")
    return folder


def parent_values(umbrella: Path, values: Layer) -> None:
    (umbrella / "values.yaml").write_text(yaml.safe_dump({"jupyterhub": values}), encoding="utf-8")


def test_a_parents_values_come_between_defaults_and_files(tmp_path: Path, umbrella: Path) -> None:
    parent_values(umbrella, {"cull": {"every": 2, "timeout": 2}})
    found = hub_reads(tmp_path, {"jupyterhub": {"cull": {"timeout": 3}}}, chart=umbrella)
    assert (found.cull.concurrency, found.cull.every, found.cull.timeout) == (10, 2, 3)


def test_a_parents_null_arrives_as_null(tmp_path: Path, umbrella: Path) -> None:
    parent_values(umbrella, {"singleuser": {"uid": None}})
    own = {"jupyterhub": {"singleuser": {"memory": {"guarantee": None}}}}
    found = hub_reads(tmp_path, own, chart=umbrella)
    assert (found.singleuser.uid, found.singleuser.memory.guarantee) == (None, None)


def test_global_values_of_other_charts_are_no_mistake(tmp_path: Path, umbrella: Path) -> None:
    said = render(tmp_path, {"global": {"registry": "example.org"}}, chart=umbrella)
    assert said.code == 0, said.error


def test_a_typo_below_a_parent_is_refused(tmp_path: Path, umbrella: Path) -> None:
    said = render(tmp_path, {"jupyterhub": {"hub": {"baseURL": "/"}}}, chart=umbrella)
    assert said.code != 0
    assert "additional properties 'baseURL' not allowed" in said.error


def test_a_parent_can_leave_it_out(umbrella: Path) -> None:
    said = helm("template", "test", str(umbrella), "--set=jupyterhub.enabled=false")
    assert (said.code, said.out.strip()) == (0, "")
