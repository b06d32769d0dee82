"""Lock what the images install, each file with its hash: `python -m ci.lock [--upgrade]`.

`requirements*.in` and `images/overrides.txt` become `requirements*.txt`, `package.json` becomes `package-lock.json`.
Without `--upgrade`, versions that still fit stay. No index address gets into a locked file: whoever installs decides.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ci.progress import CiError, run, say, step

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "3.13"  # of Debian trixie, which the images start from
LOCK_SECONDS = 600
UV_OPTIONS = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
# npm writes where it got each package from, unless told not to.
NPM_OPTIONS = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]


def lock_python(source: Path, *, upgrade: bool) -> None:
    """Write the `.txt` beside the `.in` file `source`."""
    names = [os.fspath(path.relative_to(ROOT)) for path in (source, source.with_suffix(".txt"))]
    with step(f"locking {names[0]}"):
        words = ["uv", "pip", "compile", *_meant_for(source), *UV_OPTIONS]
        tools = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        more = ["--upgrade"] if upgrade else []
        run([*words, *more, names[0], "--output-file", names[1]], timeout=LOCK_SECONDS, env=tools, cwd=ROOT)


def _meant_for(source: Path) -> list[str]:
    """Return for which Python the file is: the images' own, or whichever runs the tests."""
    if source.is_relative_to(ROOT / "images"):
        return ["--python-version", PYTHON, "--overrides", "images/overrides.txt"]
    return ["--universal", "--python-version", "3.11"]


def lock_node(folder: Path, *, upgrade: bool) -> None:
    """Write the `package-lock.json` beside the `package.json` in `folder`."""
    with step(f"locking {folder.relative_to(ROOT)}/package.json"):
        command = "update" if upgrade else "install"
        run(["npm", command, *NPM_OPTIONS], timeout=LOCK_SECONDS, cwd=folder)


def main() -> int:
    """Lock everything below `images/` and `ci/`."""
    upgrade = sys.argv[1:] == ["--upgrade"]
    try:
        for source in sorted([*ROOT.glob("images/*/requirements*.in"), *ROOT.glob("ci/*/requirements*.in")]):
            lock_python(source, upgrade=upgrade)
        for package in sorted(ROOT.glob("images/*/package.json")):
            lock_node(package.parent, upgrade=upgrade)
    except CiError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
