"""Build the images that changed, and a copy of the chart that names them: `python -m ci.build [--all]`.

Tags come from chartpress, run on a copy of the work tree (see `ci.staging`): an image gets a new one when a file that
it is made from changed, committed or not. The work tree itself keeps its placeholders.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ci.base_image import ensure_base_image, image_exists
from ci.cache import cache_folder, locked
from ci.engine import ensure_engine
from ci.progress import CiError, run, say, step
from ci.staging import environment, sync

ROOT = Path(__file__).resolve().parent.parent
CHARTPRESS_IMAGE = Path(__file__).with_name("chartpress_image.py")
CHARTPRESS_SECONDS = 120
IMAGE_SECONDS = 1800
CHARTS_KEPT = 5


@dataclass(frozen=True)
class Built:
    """What a build gives to whoever installs it."""

    chart: Path
    """Folder of the chart, with its version and the images' tags filled in. It is never changed again."""
    version: str
    """The chart's version, as in its Chart.yaml."""
    images: Mapping[str, str]
    """From an image's name in chartpress.yaml to its reference, `repository:tag`; all are in the Docker engine."""


def build(root: Path = ROOT, *, also: Collection[str] = ()) -> Built:
    """Build what is missing for the work tree `root` as it is now: the chart's images, and those of the names `also`.

    Raises `CiError`.
    """
    folder = cache_folder("builds") / f"{root.name}-{hashlib.sha256(os.fspath(root).encode()).hexdigest()[:8]}"
    with locked(folder / "lock", what=f"building {root}", timeout=IMAGE_SECONDS):
        copy = folder / "tree"
        sync(root, copy)
        ensure_engine()
        wanted = {*chart_images(copy), *also}
        references = {name: reference for name, reference in image_references(copy).items() if name in wanted}
        if unknown := wanted - references.keys():
            raise CiError(f"chartpress.yaml has no image {', '.join(sorted(unknown))}")
        missing = {name: reference for name, reference in references.items() if not image_exists(reference)}
        if missing:
            build_images(copy, missing, folder / "logs")
        chart, version = _fill_in_chart(copy, folder / "charts")
    return Built(chart=chart, version=version, images=references)


def image_references(copy: Path) -> dict[str, str]:
    """Return each image's `repository:tag` as chartpress derives it from the commits of `copy`."""
    return dict(json.loads(_run_beside(copy, os.fspath(CHARTPRESS_IMAGE)).splitlines()[-1]))


def chart_images(root: Path) -> list[str]:
    """Return the names of the images that the chart's own values name."""
    return [name for name, options in _chartpress_config(root)["images"].items() if "valuesPath" in options]


def build_images(copy: Path, missing: Mapping[str, str], logs: Path) -> None:
    """Build the images `missing` (name to reference) from the files of `copy`, side by side, each with its own log."""
    for base in sorted({base_reference(copy, name) for name in missing}):
        ensure_base_image(base)

    def one(name: str) -> None:
        with step(f"image {missing[name]}"):
            command = [sys.executable, "-I", os.fspath(CHARTPRESS_IMAGE), name]
            run(command, timeout=IMAGE_SECONDS, log=logs / f"{name}.log", cwd=copy, env=environment(copy))
        if not image_exists(missing[name]):
            raise CiError(f"{missing[name]} was built, but the engine does not have it (log: {logs / name}.log)")

    with ThreadPoolExecutor(max_workers=len(missing)) as pool:
        failures = [str(error) for error in pool.map(lambda name: _caught(one, name), missing) if error]
    if failures:
        raise CiError("\n".join(failures))


def base_reference(root: Path, name: str) -> str:
    """Return the image that the image `name` starts from: the default of `ARG BASE=` in its Dockerfile."""
    options = _chartpress_config(root)["images"][name]
    dockerfile = root / options.get("dockerfilePath", f"images/{name}/Dockerfile")
    match = re.search(r"^ARG BASE=(\S+)$", dockerfile.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise CiError(f"{dockerfile}: no line `ARG BASE=<image>`, which names what the image starts from")
    return match[1]


def _caught(action: Callable[[str], None], name: str) -> CiError | None:
    try:
        action(name)
    except CiError as error:
        return error
    return None


def _fill_in_chart(copy: Path, charts: Path) -> tuple[Path, str]:
    """Let chartpress write version and tags into the chart of `copy`; return a lasting copy of it, and the version."""
    source = copy / str(_chartpress_config(copy)["name"])
    if not (source / "Chart.yaml").is_file():
        raise CiError(f"the images are built, but there is no chart: {source.name}/Chart.yaml is missing")
    _run_beside(copy, "-m", "chartpress", "--skip-build")
    version = str(yaml.safe_load((source / "Chart.yaml").read_text(encoding="utf-8"))["version"])
    target = charts / version
    if not target.is_dir():
        charts.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=charts, prefix=".") as partial:
            shutil.copytree(source, Path(partial) / "chart")
            (Path(partial) / "chart").rename(target)
    target.touch()
    by_age = sorted((path for path in charts.iterdir() if path != target), key=lambda path: path.stat().st_mtime)
    for old in by_age[: -(CHARTS_KEPT - 1)]:
        shutil.rmtree(old)
    return target, version


def _chartpress_config(root: Path) -> dict[str, Any]:
    (chart,) = yaml.safe_load((root / "chartpress.yaml").read_text(encoding="utf-8"))["charts"]
    return dict(chart)


def _run_beside(copy: Path, *words: str) -> str:
    """Run Python in `copy` and return what it printed."""
    # Isolated: folders of the copy that bear a library's name (`jupyterhub`) must not stand in for it.
    return run([sys.executable, "-I", *words], timeout=CHARTPRESS_SECONDS, cwd=copy, env=environment(copy)).stdout


def main() -> int:
    """Build, and print what was built."""
    parser = argparse.ArgumentParser(prog="python -m ci.build", description="Build the chart's images.")
    parser.add_argument("--all", action="store_true", help="those of profiles too")
    everything = parser.parse_args().all
    try:
        built = build(also=_chartpress_config(ROOT)["images"] if everything else ())
    except CiError as error:
        say(str(error))
        return 1
    say("\n".join([f"chart {built.version}: {built.chart}", *(f"{k}: {v}" for k, v in built.images.items())]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
