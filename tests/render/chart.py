"""Render the chart with the real Helm, and find one's way in what comes out."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from ci.cluster.embedded.build import build_bundle
from ci.cluster.embedded.pins import HELM
from hub_config.generate import default_values

CHART = Path(__file__).resolve().parent.parent.parent / "jupyterhub"
VALUES = Path(__file__).parent / "values"
HELM_SECONDS = 60
NO_COLLECTOR = {"GOGC": "off"}
"""Go then leaves its garbage, whose collection is a fifth of what a render costs; it comes to 130 MB."""
Manifest = dict[str, Any]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The fast one, where PyYAML has it."""


@dataclass(frozen=True)
class Said:
    """What Helm printed, and whether it was content."""

    code: int
    out: str
    error: str


def helm(*words: str, values: dict[str, Any] | None = None) -> Said:
    """Run the pinned Helm; `values` become its value file."""
    command = [str(helm_path()), *words, *(["--values", "-"] if values is not None else [])]
    done = subprocess.run(
        command,
        input=json.dumps(values),
        env=os.environ | NO_COLLECTOR,
        capture_output=True,
        text=True,
        timeout=HELM_SECONDS,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@cache
def helm_path() -> Path:
    """Return the pinned Helm, built when it is missing (and nothing else: `tools` would wait for Kubernetes)."""
    return build_bundle(HELM) / "helm"


def template(
    values: dict[str, Any], release: str = "demo", chart: Path = CHART, *, schema_checked: bool = False
) -> Said:
    """Render the chart, as text; values that this process has `schema_checked` Helm need not check again."""
    words = ["--skip-schema-validation"] if schema_checked else []
    return helm("template", release, str(chart), "--namespace", "jhub", *words, values=values)


def schema_errors(values: dict[str, Any]) -> list[str]:
    """Check values by the chart's schema as Helm does, in a twentieth of its time: it compiles the schema each time.

    `test_helm.py` and `test_check_agrees.py` hold that Helm itself refuses what the schema does.
    """
    found = _schema().iter_errors(merged(_defaults(), values))
    return [f"{each.json_path}: {each.message}" for each in found]


@cache
def _schema() -> Draft7Validator:
    return Draft7Validator(json.loads((CHART / "values.schema.json").read_text(encoding="utf-8")))


@cache
def _defaults() -> dict[str, Any]:
    return default_values()


@cache
def _parsed(values: str, release: str, chart: Path) -> Rendered:
    own = json.loads(values)
    assert schema_errors(own) == []
    said = template(own, release, chart, schema_checked=True)
    assert said.code == 0, said.error
    return Rendered(each for each in yaml.load_all(said.out, _LOADER) if each)


def notes(values: dict[str, Any]) -> str:
    """Return what Helm says after an install."""
    said = helm("install", "demo", str(CHART), "--namespace", "jhub", "--dry-run=client", values=values)
    assert said.code == 0, said.error
    return said.out.split("\nNOTES:\n", 1)[1]


class Rendered(list[Manifest]):
    """The manifests of one render."""

    def get(self, kind: str, name: str) -> Manifest:
        """Return the one manifest of this kind and name."""
        found = self.all(kind, name)
        assert len(found) == 1, f"{len(found)} of {kind}/{name}"
        return found[0]

    def all(self, kind: str, name: str | None = None) -> list[Manifest]:
        """Return the manifests of this kind, and name when one is given."""
        return [each for each in self if each["kind"] == kind and name in (None, each["metadata"]["name"])]

    def pods(self) -> dict[str, Manifest]:
        """Return the pod template of everything that makes pods, by its kind and name."""
        makers = [each for each in self if each["kind"] in ("Deployment", "DaemonSet", "Job")]
        return {f"{each['kind']}/{each['metadata']['name']}": each["spec"]["template"] for each in makers}


def render(values: dict[str, Any] | None = None, release: str = "demo", chart: Path = CHART) -> Rendered:
    """Render the chart; the render must succeed. The same arguments give the same object: it is not to be changed."""
    return _parsed(json.dumps(values or {}), release, chart)


def value_file(name: str) -> dict[str, Any]:
    """Return the values of a file in `values/`."""
    loaded: dict[str, Any] = yaml.safe_load((VALUES / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def nested(path: str, value: Any) -> dict[str, Any]:
    """Return values in which only the dotted `path` is set."""
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def merged(*values: dict[str, Any]) -> dict[str, Any]:
    """Merge values as Helm does: maps key by key, later ones win."""
    result: dict[str, Any] = {}
    for each in values:
        for key, value in each.items():
            both = isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both else value
    return result


def at(document: Any, pointer: str) -> Any:
    """Return what is at a pointer such as `spec/containers/0/image`; None when there is nothing. `~1` is a slash."""
    for part in pointer.split("/") if pointer else []:
        key = part.replace("~1", "/")
        try:
            document = document[int(key)] if isinstance(document, list) else document[key]
        except (KeyError, IndexError, TypeError):
            return None
    return document
