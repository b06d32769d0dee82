"""A browser's way through a hub: its page, what its console said, and what the spawn pages told while it waited."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect

from tests.browser.screenshots import Screenshots
from tests.harness.hub import seconds_until_ok
from tests.harness.release import Release

VIEWPORT = {"width": 1280, "height": 800}
REACH_SECONDS = 30.0
"""Limit until a release that was just installed answers at its address."""
PAGE_SECONDS = 20.0
"""Limit of every wait that names none: a page, a button, a text."""
START_SECONDS = 90.0
"""Limit of a server's start."""
_REMEMBER_PROGRESS = """
document.addEventListener('DOMContentLoaded', () => {
  const log = document.getElementById('progress-log');
  if (!log) return;
  const keep = (key, value) =>
    sessionStorage.setItem(key, JSON.stringify([...JSON.parse(sessionStorage.getItem(key) || '[]'), value]));
  const bar = document.getElementById('progress-bar');
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(
    (node) => keep('messages', node.textContent)))).observe(log, {childList: true});
  new MutationObserver(() => keep('percents', Number(bar.getAttribute('aria-valuenow')))).observe(
    bar, {attributeFilter: ['aria-valuenow']});
});
"""
"""The spawn page goes away by itself: what it showed is kept where the page after it can read it."""


@dataclass
class Progress:
    """What spawn pages showed, in order."""

    messages: list[str]
    percents: list[float]


@dataclass
class Journey:
    """One user's browser, with cookies of its own, on one release."""

    release: Release
    context: BrowserContext
    page: Page
    screenshots: Screenshots
    console: list[str] = field(default_factory=list)
    url: str = ""

    @classmethod
    def begin(cls, browser: Browser, release: Release, screenshots: Screenshots) -> Journey:
        """Open an empty page in a new context: nobody is logged in."""
        expect.set_options(timeout=PAGE_SECONDS * 1000)
        context = browser.new_context(viewport=VIEWPORT, locale="en-US", timezone_id="UTC", color_scheme="light")
        context.set_default_timeout(PAGE_SECONDS * 1000)
        context.add_init_script(_REMEMBER_PROGRESS)
        journey = cls(release, context, context.new_page(), screenshots, url=release.url())
        seconds_until_ok(f"{journey.url}/hub/health", timeout=REACH_SECONDS)
        context.on("console", journey._note)
        return journey

    def end(self) -> None:
        """Close the browser's windows."""
        self.context.close()

    def go(self, path: str) -> None:
        """Open a path of the hub."""
        try:
            self.page.goto(f"{self.url}{path}")
        except Error as error:
            # Where the browser's machine is the cluster's node, each pod's network device that comes or goes makes
            # chromium drop the connections that it is just opening.
            if "ERR_NETWORK_CHANGED" not in error.message:
                raise
            self.page.goto(f"{self.url}{path}")

    def shot(self, name: str, *, doc: bool = False) -> None:
        """Take a screenshot; see `Screenshots.take`."""
        self.screenshots.take(self.page, name, doc=doc)

    def log_in(self, user: str, password: str) -> None:
        """Fill in the login form, which must be there, and send it."""
        self.page.get_by_label("Username:").fill(user)
        self.page.get_by_label("Password:").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def progress(self) -> Progress:
        """Return what the spawn pages of this window showed since the last time, and forget it."""
        script = "key => { const v = JSON.parse(sessionStorage.getItem(key) || '[]'); sessionStorage.removeItem(key);"
        found = {key: self.page.evaluate(script + " return v; }", key) for key in ("messages", "percents")}
        return Progress(**found)

    def _note(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
