"""What kube-score and checkov find in the default render is argued in `scanner_exceptions.yaml`, or the test fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci.progress import run
from ci.scanners import checkov, kube_score
from tests.render.chart import Rendered

pytestmark = [pytest.mark.render, pytest.mark.process]

EXCEPTIONS: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("scanner_exceptions.yaml").read_text(encoding="utf-8")
)
SCAN_SECONDS = 180.0
CRITICAL = 1
"""kube-score's grade."""
Finding = tuple[str, str]
"""A check, and the name of the object that fails it."""


@pytest.fixture(scope="module")
def manifests(default: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default render in the namespace that Helm puts it into."""
    file = tmp_path_factory.mktemp("scanned") / "manifests.yaml"
    placed = [{**each, "metadata": {**each["metadata"], "namespace": "jhub"}} for each in default]
    file.write_text(yaml.safe_dump_all(placed), encoding="utf-8")
    return file


def by_kube_score(file: Path) -> Iterator[Finding]:
    said = run([kube_score(), "score", "--output-format=json", file], timeout=SCAN_SECONDS, check=False).stdout
    for scored in json.loads(said):
        for check in scored["checks"]:
            if check["grade"] == CRITICAL and not check["skipped"]:
                yield check["check"]["id"], scored["object_meta"]["name"]


def by_checkov(file: Path) -> Iterator[Finding]:
    words = ["--framework", "kubernetes", "--output", "json", "--quiet", "--compact", "--skip-download"]
    said = json.loads(run([checkov(), "--file", file, *words], timeout=SCAN_SECONDS, check=False).stdout)
    assert said["summary"]["passed"] > 100
    for check in said["results"]["failed_checks"]:
        # KIND.NAMESPACE.NAME; a pod of a Deployment has its labels behind.
        yield check["check_id"], check["resource"].split(".")[2]


@pytest.mark.parametrize(("tool", "scan"), [("kube-score", by_kube_score), ("checkov", by_checkov)])
def test_every_finding_is_argued(tool: str, scan: Any, manifests: Path) -> None:
    found = sorted(set(scan(manifests)))
    argued = EXCEPTIONS[tool]
    assert [(check, name) for check, name in found if not _is_argued(argued, check, name)] == []
    needed = {check: {name for each, name in found if each == check} for check in argued}
    stale = {check: set(argued[check].get("of", names)) - names or not names for check, names in needed.items()}
    assert {check: names for check, names in stale.items() if names} == {}, "these exceptions are not needed any more"


def _is_argued(argued: dict[str, Any], check: str, name: str) -> bool:
    return check in argued and name in argued[check].get("of", [name])


def test_the_scanners_find_what_is_wrong(manifests: Path, tmp_path: Path) -> None:
    broken = list(yaml.safe_load_all(manifests.read_text(encoding="utf-8")))
    (proxy,) = (each for each in broken if (each["kind"], each["metadata"]["name"]) == ("Deployment", "proxy"))
    del proxy["spec"]["template"]["spec"]["containers"][0]["securityContext"]
    file = tmp_path / "broken.yaml"
    file.write_text(yaml.safe_dump_all(broken), encoding="utf-8")
    found = {check for check, name in by_kube_score(file) if name == "proxy"}
    assert {"container-security-context-privileged", "container-security-context-readonlyrootfilesystem"} & found
