"""Chromium for the tests: found on this machine, or installed by apt-get as Debian's package."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from ci.debian import apt_install
from ci.progress import CiError

COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
PACKAGE = "chromium"
APT_SECONDS = 300.0
LAUNCH_SECONDS = 60.0
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@contextmanager
def launched(*more: str) -> Iterator[Browser]:
    """Start chromium, with `more` flags, and end it. Raises `CiError` where there is none and none can be installed."""
    # Chromium refuses its sandbox to root.
    flags = [*FLAGS, *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary(), args=flags, timeout=LAUNCH_SECONDS * 1000)
        yield browser
        browser.close()


def binary() -> str:
    """Return the path of a chromium: that of the variable CHROMIUM, else one on PATH, else Debian's, installed now."""
    if named := os.environ.get("CHROMIUM"):
        if found := shutil.which(named):
            return found
        raise CiError(f"CHROMIUM={named}: there is no such command")
    return _on_path() or _install()


def _on_path() -> str | None:
    return next(filter(None, map(shutil.which, COMMANDS)), None)


def _install() -> str:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CiError(f"the browser tests need one of {', '.join(COMMANDS)} on PATH, or its path in CHROMIUM")
    apt_install([PACKAGE], timeout=APT_SECONDS)
    if found := _on_path():
        return found
    raise CiError(f"the Debian package {PACKAGE} brought none of {', '.join(COMMANDS)}")
