"""What the schema costs: the time of a render, and the room in the Secret in which Helm keeps a release."""

from __future__ import annotations

import base64
import gzip
import json
import resource
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.render.chart import CHART, helm_path, template, value_file

pytestmark = pytest.mark.schema

MOST_BYTES = 300_000
"""Kubernetes takes 1 MiB; a quarter of it leaves room for what people write."""
MOST_SECONDS = 0.5


def release_secret(values: dict[str, object]) -> int:
    """Return the bytes of a release's Secret as Helm writes it (Helm `storage/driver`): JSON, gzip, base64, base64.

    The chart's files are in it as Go writes bytes in JSON, in base64.
    """
    files = [path for path in sorted(CHART.rglob("*")) if path.is_file() and path.name != ".helmignore"]
    kept = {path.relative_to(CHART).as_posix(): base64.b64encode(path.read_bytes()).decode() for path in files}
    said = template(values)
    assert said.code == 0, said.error
    release = {
        "chart": {
            "metadata": yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8")),
            "templates": [{"name": name, "data": data} for name, data in kept.items() if name.startswith("templates/")],
            "values": yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")),
            "schema": kept["values.schema.json"],
            "files": [{"name": name, "data": data} for name, data in kept.items() if name.startswith("files/")],
        },
        "config": values,
        "manifest": said.out,
        "info": {"notes": "x" * 3000, "status": "deployed"},
    }
    packed = gzip.compress(json.dumps(release).encode(), 9)
    return len(base64.b64encode(base64.b64encode(packed)))


def test_a_release_is_far_from_too_large_for_its_secret() -> None:
    size = release_secret(value_file("full"))
    print(f"a release's Secret: {size} bytes")
    assert size < MOST_BYTES


def test_a_render_with_the_whole_schema_is_quick(tmp_path: Path) -> None:
    """The processor's time is measured, which a busy machine does not change: the best of three."""
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(value_file("full")), encoding="utf-8")
    command = [str(helm_path()), "template", "demo", str(CHART), "--values", str(file)]
    best = min(_seconds(command) for _ in range(3))
    print(f"helm template: {best:.2f} s")
    assert best < MOST_SECONDS


def _seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
