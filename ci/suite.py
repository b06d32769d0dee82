"""The whole test suite: what needs no cluster runs while the cluster and the images are being made.

On the cluster, layers that mostly wait run side by side, each process with releases of its own. What measures, changes
something of the whole cluster, or kills things comes afterwards, alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from ci.build import ROOT, build
from ci.cluster import choose
from ci.progress import CiError, run, say, step, tail

REPORTS = ROOT / "build" / "reports"
LAYER_SECONDS = 3000
LINT_SECONDS = 300
LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


@dataclass(frozen=True)
class Layer:
    """Tests that run in one process: those below `folder` that `markers` selects, with more options of pytest."""

    name: str
    folder: str
    markers: str
    options: tuple[str, ...] = ()


# Tests without a cluster share nothing but caches with locks. Those on one share releases, each process its own, so a
# file's tests stay together.
WITHOUT_CLUSTER = Layer(
    "without-cluster",
    "tests",
    "not cluster and not browser and not drill",
    ("--quiet", "--numprocesses=auto", "--dist=worksteal"),
)
SIDE_BY_SIDE = (
    Layer("cluster", "tests/cluster", "cluster and not alone", ("--verbose", "--numprocesses=2", "--dist=loadfile")),
    Layer("browser", "tests/browser", "browser", ("--verbose",)),
)
ONE_BY_ONE = (
    Layer("alone", "tests/cluster", "alone", ("--verbose",)),
    Layer("drill", "tests/drills", "drill", ("--verbose",)),
)


@dataclass(frozen=True)
class Counts:
    """How many tests passed, failed (errors included) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def run_suite() -> int:
    """Run linters and every layer of tests; return 0 when all passed."""
    begin = time.monotonic()
    with ThreadPoolExecutor(max_workers=1) as pool:
        cluster = pool.submit(_prepare_cluster)
        ok = lint()
        results = [run_layer(WITHOUT_CLUSTER)]
        ok &= _cluster_is_up(cluster)
    if cluster.exception() is None:
        with ThreadPoolExecutor(max_workers=len(SIDE_BY_SIDE)) as pool:
            results += pool.map(run_layer, SIDE_BY_SIDE)
        results += map(run_layer, ONE_BY_ONE)
    total = sum(results, Counts())
    say(f"the whole suite took {time.monotonic() - begin:.0f} s")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 0 if ok and total.failed == 0 and total.passed > 0 else 1


def _prepare_cluster() -> None:
    cluster = choose(os.environ.get("CLUSTER", "auto"))
    with step(f"cluster ({cluster.name})"):
        cluster.up()
    built = build()
    with step("loading the images into the cluster"):
        cluster.load_images(list(built.images.values()))


def _cluster_is_up(preparation: Future[None]) -> bool:
    try:
        preparation.result()
    except CiError as error:
        say(f"no cluster, so its tests cannot run: {error}")
        return False
    return True


def lint() -> bool:
    """Run the linters; return whether all are content."""
    content = True
    for words in LINTERS:
        done = run([_tool(words[0]), *words[1:]], timeout=LINT_SECONDS, cwd=ROOT, check=False)
        say(f"{' '.join(words)}: {'ok' if done.returncode == 0 else 'FAILED'}")
        if done.returncode != 0:
            print(tail(done.stdout, 60), flush=True)
            content = False
    return content


def _tool(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def run_layer(layer: Layer) -> Counts:
    """Run a layer's tests, showing each line as it comes, with the layer's name before it."""
    report = REPORTS / f"{layer.name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", layer.folder, "-m", layer.markers, *layer.options]
    with step(f"tests: {layer.name}"):
        code = _shown([*command, f"--junitxml={report}", "--durations=8"], layer.name)
    counts = _counts(report)
    # A run that ended without a report, or with an error that no test bears, has failed all the same.
    return counts if code == 0 or counts.failed else counts + Counts(failed=1)


def _shown(command: list[str], name: str) -> int:
    """Run a command for at most `LAYER_SECONDS`, print its lines behind `name`, and return its exit code."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    limit = threading.Timer(LAYER_SECONDS, process.kill)
    limit.start()
    try:
        for line in process.stdout or ():
            print(f"{name:>7} | {line}", end="", flush=True)
        code = process.wait()
    finally:
        limit.cancel()
    if code == -signal.SIGKILL:
        say(f"tests: {name}: killed; they may take {LAYER_SECONDS} s")
    return code


def _counts(report: Path) -> Counts:
    if not report.exists():
        return Counts(failed=1)
    total = Counts()
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it just now
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total += Counts(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
    return total
