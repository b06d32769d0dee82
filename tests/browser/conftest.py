"""Fixtures of the browser's journeys, and what is kept when one of their steps fails.

The steps of a module build on each other: after one that failed, the rest of its module is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import launched
from tests.browser.journey import Journey
from tests.browser.screenshots import Screenshots
from tests.harness.release import Release

NewJourney = Callable[[Release], Journey]
BROKEN = pytest.StashKey[str]()
"""On a module: its step that failed."""
JOURNEYS = pytest.StashKey[list[Journey]]()
"""On the session: those that are on their way."""


@pytest.fixture(scope="session")
def screenshots() -> Screenshots:
    """Where pictures are kept; those of an earlier run are deleted."""
    return Screenshots()


@pytest.fixture(scope="session")
def release(new_release: Callable[[str], Release]) -> Release:
    """The release of all journeys; each module installs it with the values that it needs."""
    return new_release("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A chromium; ended with its module, because no event loop may run in this thread while it lives."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def new_journey(browser: Browser, screenshots: Screenshots, request: pytest.FixtureRequest) -> Iterator[NewJourney]:
    """Begin journeys, each with cookies of its own; they end with the module."""
    live = request.session.stash.setdefault(JOURNEYS, [])

    def begin(release: Release) -> Journey:
        live.append(Journey.begin(browser, release, screenshots))
        return live[-1]

    yield begin
    while live:
        live.pop().end()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a step when an earlier one of its journey failed."""
    if failed := _module(item).stash.get(BROKEN, None):
        pytest.skip(f"an earlier step of this journey failed: {failed}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep each open page, what its console said, and the hub's state, when a step fails."""
    report: Any = yield
    if report.failed:
        _module(item).stash[BROKEN] = item.name
        for journey in item.session.stash.get(JOURNEYS, []):
            text = "\n".join([report.longreprtext, "--- console", *journey.console, journey.release.diagnosis()])
            for page in journey.context.pages:
                path = journey.screenshots.take_failure(page, item.name, f"{page.url}\n{text}")
                report.sections.append(("screenshot", f"{path} (its .txt: console and hub)"))
    return report


def _module(item: pytest.Item) -> pytest.Module:
    module = item.getparent(pytest.Module)
    assert module is not None
    return module
