"""The whole test suite: what needs no cluster runs while the cluster and the images are being made."""

from __future__ import annotations

import os
import subprocess
import sys
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
WITHOUT_CLUSTER = "not cluster and not browser and not drill"
ON_ALL_CORES = ("--numprocesses=auto", "--dist=worksteal")
"""Tests without a cluster share nothing but caches with locks; those on one share its releases, and go one by one."""


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
        results = [layer("without-cluster", WITHOUT_CLUSTER, live=False)]
        ok &= _cluster_is_up(cluster)
    if cluster.exception() is None:
        results += [layer(name, name, live=True) for name in ("cluster", "browser", "drill")]
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


def layer(name: str, markers: str, *, live: bool) -> Counts:
    """Run the tests that `markers` selects; `live` shows them as they run, else all at once at the end."""
    report = REPORTS / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-m", markers, f"--junitxml={report}", "--durations=8"]
    with step(f"tests: {name}"):
        if live:
            code = subprocess.run([*command, "-v"], cwd=ROOT, timeout=LAYER_SECONDS, check=False).returncode
        else:
            done = run([*command, "-q", *ON_ALL_CORES], timeout=LAYER_SECONDS, cwd=ROOT, check=False)
            code = done.returncode
            print(tail(done.stdout, 400 if code else 40), flush=True)
    counts = _counts(report)
    # A run that ended without a report, or with an error that no test bears, has failed all the same.
    return counts if code == 0 or counts.failed else counts + Counts(failed=1)


def _counts(report: Path) -> Counts:
    if not report.exists():
        return Counts(failed=1)
    total = Counts()
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it just now
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total += Counts(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
    return total
