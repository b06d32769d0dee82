"""Scanners that tests run on the chart: kube-score, built as the other Go tools are, and checkov.

checkov has a hundred dependencies that would bind those of this repository, so it has a virtual environment of its own
in the cache, made once for each lock file.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from ci.cache import cache_root, locked
from ci.cluster.embedded.build import build_bundle
from ci.cluster.embedded.pins import KUBE_SCORE
from ci.progress import run, step

REQUIREMENTS = Path(__file__).parent / "requirements-checkov.txt"
INSTALL_SECONDS = 600.0


def kube_score() -> Path:
    """Return the path of the pinned kube-score, built when it is missing."""
    return build_bundle(KUBE_SCORE) / "kube-score"


def checkov() -> Path:
    """Return the path of the pinned checkov, installed when it is missing."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:8]
    folder = cache_root() / f"checkov-{digest}"
    ready = folder / ".ready"
    with locked(folder.parent / f".{folder.name}.lock", what="installing checkov", timeout=INSTALL_SECONDS):
        if not ready.exists():
            with step("Installing checkov"):
                # What a killed run left is no environment.
                shutil.rmtree(folder, ignore_errors=True)
                run([sys.executable, "-m", "venv", folder], timeout=INSTALL_SECONDS)
                words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
                run([folder / "bin" / "python", *words, "-r", REQUIREMENTS], timeout=INSTALL_SECONDS)
                ready.touch()
    return folder / "bin" / "checkov"
