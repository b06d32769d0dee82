"""`hub-config check` and Helm agree: what Helm's schema or the chart refuses, `check` refuses, and names the key."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.commands.examine import examine
from hub_config.commands.findings import Finding, has_errors
from hub_config.commands.layers import load
from tests.render.chart import CHART, HELM_SECONDS, helm_path, nested
from tests.render.test_refusals import BY_CHART, BY_SCHEMA
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
    "a: &a {timeout: 5}\ncull: {<<: *a, every: 0x10}",
    "custom: {anything: [1, {at: all}]}\nglobal: {mine: 1}",
    "fullnameOverride: null",
    "",
]


def helm(file: Path) -> str | None:
    """Return why Helm refuses a file, None when it renders the chart."""
    command = [str(helm_path()), "template", "demo", str(CHART), "--values", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HELM_SECONDS, check=False)
    return None if done.returncode == 0 else done.stderr


def checked(folder: Path, text: str) -> tuple[Path, list[Finding]]:
    file = folder / "values.yaml"
    file.write_text(text, encoding="utf-8")
    return file, examine(load([str(file)])).findings


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{key or 'yaml'}: {text[:40]}" for text, key, _ in MISTAKES])
def test_what_is_refused_here_is_refused_by_helm_unless_only_a_hub_would_find_it(
    tmp_path: Path, mistake: Mistake
) -> None:
    file, found = checked(tmp_path, mistake[0])
    assert has_errors(found)
    refusal = helm(file)
    assert (refusal is None) == (mistake in STRICTER), refusal
    if refusal is not None and (word := re.sub(r"\[\d+\]", "", mistake[1]).rsplit(".", 1)[-1]):
        assert word in refusal, "both name the key"


@pytest.mark.parametrize("text", [text for text in FINE if not text.startswith("a: ")])
def test_what_passes_here_helm_renders(tmp_path: Path, text: str) -> None:
    file, found = checked(tmp_path, text)
    assert found == []
    assert helm(file) is None


@pytest.mark.parametrize(("path", "value", "said"), [*BY_SCHEMA, *BY_CHART])
def test_whatever_the_chart_is_known_to_refuse_is_refused_here(
    tmp_path: Path, path: str, value: Any, said: str
) -> None:
    _, found = checked(tmp_path, yaml.safe_dump(nested(path, value)))
    assert has_errors(found), said
    assert any(path.startswith(each.key) or each.key.startswith(path.rsplit(".", 1)[0]) for each in found)
