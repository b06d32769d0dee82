"""Screenshots of a journey, kept as `build/screenshots/NN-name.png` and, when asked for, as pictures of the docs."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "screenshots"
DOCS = ROOT / "docs" / "images"
UPDATE_DOCS = os.environ.get("UPDATE_DOC_IMAGES") == "1"
MOST_BYTES = 200_000
"""Of a picture of the docs, which everybody who clones the repository downloads."""


class Screenshots:
    """The screenshots of one run, numbered in the order in which they are taken."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for old in FOLDER.iterdir():
            old.unlink()
        self.taken = 0

    def take(self, page: Page, name: str, *, doc: bool = False) -> Path:
        """Keep what `page` shows now; with `doc`, it is also the picture `docs/images/NAME.png`."""
        self.taken += 1
        path = FOLDER / f"{self.taken:02d}-{name}.png"
        # A caret that blinks would make each picture another one.
        data = page.screenshot(path=path, animations="disabled", caret="hide")
        if doc and UPDATE_DOCS:
            assert len(data) <= MOST_BYTES, f"{name}.png has {len(data)} bytes, more than {MOST_BYTES}"
            DOCS.mkdir(parents=True, exist_ok=True)
            (DOCS / f"{name}.png").write_bytes(data)
        return path

    def take_failure(self, page: Page, name: str, text: str) -> Path:
        """Keep what `page` shows after a failure, and `text` beside it."""
        path = self.take(page, f"FAILED-{name}")
        path.with_suffix(".txt").write_text(text, encoding="utf-8")
        return path
