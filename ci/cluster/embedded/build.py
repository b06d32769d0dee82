"""Build binaries from pinned Go modules, once per version, into the cache folder.

A binary appears in the cache by an atomic rename, so a killed build leaves none that is half made. Builds of the same
bundle by two programs at once wait for each other.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ci.cache import cache_root, locked
from ci.cluster.embedded.pins import Bundle
from ci.progress import CiError, run, step

LIST_TIMEOUT = 300.0
"""Seconds for the Go tool to say where a module is; it may have to load it first."""

BUILD_TIMEOUT = 3600.0
"""Seconds for one bundle; Kubernetes takes five minutes on two cores."""
PARALLEL_BUNDLES = 2
"""The Go tool itself fills all cores; a second bundle fills the gaps while the first one links."""
_GO_ENVIRONMENT = {"CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}


def folder(bundle: Bundle) -> Path:
    """Return the cache folder of `bundle`, named by its version and by everything that it is built from."""
    more = (bundle.tags, bundle.folders) if bundle.tags or bundle.folders else ()
    digest = hashlib.sha256(repr((bundle.binaries, bundle.stamps, *more)).encode())
    for path in sorted(bundle.source.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(bundle.source).as_posix().encode() + b"\0" + path.read_bytes())
    return cache_root() / f"{bundle.folder}-{bundle.version}-{digest.hexdigest()[:8]}"


def build(bundles: Sequence[Bundle]) -> None:
    """Build what the cache lacks of `bundles`, two bundles at a time, each as a step with its own log."""
    with ThreadPoolExecutor(PARALLEL_BUNDLES) as pool:
        list(pool.map(build_bundle, bundles))


def build_bundle(bundle: Bundle, only: Sequence[str] = ()) -> Path:
    """Build what the cache lacks of `bundle` (of the binaries named in `only`, if any) and return its folder."""
    target = folder(bundle)
    if not (_missing(bundle, target, only) or _missing_folders(bundle, target)):
        return target
    lock = target.parent / f".{target.name}.lock"
    with locked(lock, what=f"building {bundle.folder}", timeout=BUILD_TIMEOUT):
        missing = _missing(bundle, target, only)  # again: another program may just have built them
        if missing:
            _require_go(bundle)
            names = ", ".join(name for name, _ in missing)
            with step(f"Building {bundle.folder} {bundle.version} ({names})"):
                _go_build(bundle, missing, target)
        _copy_folders(bundle, target)
    return target


def _missing(bundle: Bundle, target: Path, only: Sequence[str]) -> list[tuple[str, str]]:
    wanted = [(name, package) for name, package in bundle.binaries if not only or name in only]
    return [(name, package) for name, package in wanted if not (target / name).exists()]


def _missing_folders(bundle: Bundle, target: Path) -> list[str]:
    return [name for name in bundle.folders if not (target / name).exists()]


def _copy_folders(bundle: Bundle, target: Path) -> None:
    """Copy the folders of the module's source that are missing: Go's own copy of it may be deleted at any time."""
    missing = _missing_folders(bundle, target)
    if not missing:
        return
    command = ["go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", bundle.module]
    source = Path(run(command, timeout=LIST_TIMEOUT, env=_GO_ENVIRONMENT, cwd=bundle.source).stdout.strip())
    for name in missing:
        with tempfile.TemporaryDirectory(prefix=".copying-", dir=target) as scratch:
            copy = Path(scratch) / "copy"
            shutil.copytree(source / name, copy)
            for path in (copy, *copy.rglob("*")):  # Go's copy is read-only
                path.chmod(path.stat().st_mode | 0o200)
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            copy.rename(target / name)


def _go_build(bundle: Bundle, binaries: Sequence[tuple[str, str]], target: Path) -> None:
    stamps = " ".join(f"-X {variable}={value}" for variable, value in bundle.stamps)
    flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {stamps}".strip()]
    flags += [f"-tags={','.join(bundle.tags)}"] if bundle.tags else []
    log = cache_root() / "logs" / f"build-{target.name}.log"
    target.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=target))
    try:
        packages = [package for _, package in binaries]
        # A trailing slash makes the Go tool name each binary itself, which it does for any number of packages.
        command = ["go", "build", *flags, "-o", f"{scratch}/", *packages]
        run(command, timeout=BUILD_TIMEOUT, log=log, env=_GO_ENVIRONMENT, cwd=bundle.source)
        for name, package in binaries:
            (scratch / _built_name(package)).rename(target / name)
    finally:
        shutil.rmtree(scratch)


def _built_name(package: str) -> str:
    """Return the Go tool's file name for `package`: the last element of its path that is no major version."""
    parts = package.split("/")
    return parts[-2] if re.fullmatch(r"v\d+", parts[-1]) else parts[-1]


def _require_go(bundle: Bundle) -> None:
    wanted = re.search(r"^go (\S+)", (bundle.source / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    needed = wanted.group(1) if wanted else "1.26"
    if shutil.which("go") is None:
        raise CiError(f"building {bundle.folder} needs Go {needed} or newer: install it, so that `go` is on PATH")
