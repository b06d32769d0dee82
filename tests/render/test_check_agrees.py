"""`hub-config check` and Helm agree: what Helm's schema or the chart refuses, `check` refuses, and names the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.commands.examine import examine
from hub_config.commands.findings import Finding, has_errors
from hub_config.commands.layers import load
from tests.render.chart import CHART, nested
from tests.render.chart import helm as run_helm
from tests.render.test_refusals import BY_CHART, BY_SCHEMA
from tests.render.together import groups, refusals
from tests.render.together import key as parts
from tests.unit.mistakes import MISTAKES, STRICTER, Mistake

pytestmark = pytest.mark.render

FINE = [
    "singleuser: {memory: {limit: 2G, guarantee: 1024M}, cpu: {limit: 2, guarantee: 0.5}}",
    "singleuser: {uid: 1000.0, startTimeout: 1e3}",
    "singleuser: {allowPrivilegeEscalation: yes}",
    "singleuser: {cmd: null, memory: {guarantee: ~}}",
    "singleuser: {image: {name: a, tag: '1.20'}}",
    "singleuser: {storage: {type: static, static: {pvcName: homes}}}",
    "hub: {extraFiles: {a: {mountPath: /a.yaml, data: {a: 1}, mode: 0644}}}",
    "hub: {podSecurityContext: {fsGroup: null}, labels: {day: 2024-01-01}}",
    "hub: {config: {JupyterHub: {admin_access: null}, GitHubOAuthenticator: {client_id: a}}}",
    "hub: {db: {type: postgres, url: 'postgresql://hub@db/hub'}}",
    "hub: {pdb: {enabled: true, minAvailable: null, maxUnavailable: 50%}}",
    "hub: {resources: {limits: {cpu: 2, memory: 1Gi}}}",
    "hub: {tolerations: [{operator: Exists}], extraContainers: [{name: a, image: b}]}",
    "proxy: {service: {type: NodePort, nodePorts: {http: 30080}}}",
    "cull: {<<: {timeout: 5}, every: 0x10}",
    "custom: {anything: [1, {at: all}]}\nglobal: {mine: 1}",
    "fullnameOverride: null",
    "",
]


def helm(*files: Path) -> str | None:
    """Return why Helm refuses files, None when it renders the chart."""
    said = run_helm("template", "demo", str(CHART), *(f"--values={file}" for file in files))
    return None if said.code == 0 else said.error


def checked(folder: Path, text: str) -> tuple[Path, list[Finding]]:
    file = folder / "values.yaml"
    file.write_text(text, encoding="utf-8")
    return file, examine(load([str(file)])).findings


def readable(text: str) -> dict[str, Any] | None:
    """Return a file's values; None where Helm does not get as far as having values, or has but one of two."""
    try:
        values = yaml.safe_load(text)
        json.dumps(values, allow_nan=False, default=str)
    except (yaml.YAMLError, ValueError):
        return None
    return values if isinstance(values, dict) and None not in values else None


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{key or 'yaml'}: {text[:40]}" for text, key, _ in MISTAKES])
def test_mistakes_are_refused_here(tmp_path: Path, mistake: Mistake) -> None:
    assert has_errors(checked(tmp_path, mistake[0])[1])


@pytest.mark.parametrize("text", [text for text, *_ in MISTAKES if readable(text) is None])
def test_what_is_no_value_file_is_refused_by_helm_unless_only_a_hub_would_find_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(text, encoding="utf-8")
    assert (helm(file) is None) == (text in [each for each, *_ in STRICTER])


@pytest.mark.parametrize("cases", [[m for m in MISTAKES if m not in STRICTER], STRICTER], ids=["refused", "stricter"])
def test_what_is_refused_here_is_refused_by_helm_unless_only_a_hub_would_find_it(
    tmp_path: Path, cases: list[Mistake]
) -> None:
    """Each mistake is a file, read by Helm itself; a line of what it says names the key that is named here."""
    files = {mistake: tmp_path / f"{number}.yaml" for number, mistake in enumerate(cases)}
    for mistake, file in files.items():
        file.write_text(mistake[0], encoding="utf-8")
    found = refusals(
        [mistake for mistake in cases if readable(mistake[0]) is not None],
        lambda mistake: (readable(mistake[0]) or {}, parts(mistake[1])),
        lambda group: helm(*(files[mistake] for mistake in group)),
    )
    assert len(found) > 5
    refused = cases is not STRICTER
    assert [(mistake, said) for mistake, said in found if not (said if refused else said is None)] == []


def test_what_passes_here_helm_renders(tmp_path: Path) -> None:
    """Files that have nothing in common are rendered together: Helm takes them all."""
    taken = []
    for group in groups(FINE, lambda text: (readable(text) or {}, (text,))):
        files = []
        for text in group:
            folder = tmp_path / str(len(taken))
            folder.mkdir()
            file, found = checked(folder, text)
            assert found == [], text
            files.append(file)
            taken.append(text)
        assert helm(*files) is None
    assert sorted(taken) == sorted(FINE)


@pytest.mark.parametrize(("path", "value", "said"), [*BY_SCHEMA, *BY_CHART])
def test_whatever_the_chart_is_known_to_refuse_is_refused_here(
    tmp_path: Path, path: str, value: Any, said: str
) -> None:
    _, found = checked(tmp_path, yaml.safe_dump(nested(path, value)))
    assert has_errors(found), said
    assert any(path.startswith(each.key) or each.key.startswith(path.rsplit(".", 1)[0]) for each in found)
