"""Fixtures for tests on a real Kubernetes, and what is printed when one of them fails.

`CLUSTER` chooses the cluster, as for `make up`. Two releases are installed once and shared by all tests: `default`,
without any values, and `full`, with those of `tests/harness/full.yaml`. Tests must leave them serving.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.access import Access, prepare
from tests.harness.hub import Hub, log_in, new_token
from tests.harness.measurements import Measurements
from tests.harness.release import Release, delete_orphans

FULL_VALUES = Path(__file__).parent / "harness" / "full.yaml"
ADMIN_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.admin_password"
SERVICE_TOKEN_KEY = "hub.services.tests.apiToken"
MEASUREMENTS = pytest.StashKey[Measurements]()


@pytest.fixture(scope="session")
def access() -> Access:
    """The cluster with this work tree's images, and the tools to talk to it."""
    found = prepare(os.environ.get("CLUSTER", "auto"))
    delete_orphans(found)
    return found


@pytest.fixture(scope="session")
def new_release(access: Access) -> Iterator[Callable[[str], Release]]:
    """Make releases, not yet installed, each in a namespace of its own that is deleted at the end."""
    made: list[Release] = []

    def new(purpose: str) -> Release:
        made.append(Release(access, purpose))
        return made[-1]

    yield new
    for each in made:
        each.delete()
    for each in made:
        each.wait_deleted()


@pytest.fixture(scope="session")
def default(new_release: Callable[[str], Release]) -> Release:
    """The release that was installed without any values; `release.said` is what Helm said."""
    release = new_release("default")
    release.install()
    return release


@pytest.fixture(scope="session")
def full(new_release: Callable[[str], Release]) -> Release:
    """The release that was installed with a value file that sets most of what can be set."""
    release = new_release("full")
    release.install(yaml.safe_load(FULL_VALUES.read_text(encoding="utf-8")))
    return release


@pytest.fixture(scope="session")
def default_hub(default: Release) -> Hub:
    """The REST API of `default`, as the administrator who logged in with the generated password."""
    browser = log_in(default.url(), "admin", default.credentials()[ADMIN_PASSWORD_KEY])
    return Hub(default.url(), new_token(browser, "admin"))


@pytest.fixture(scope="session")
def full_hub(full: Release) -> Hub:
    """The REST API of `full`, as the service `tests` with the token that the chart generated."""
    return Hub(full.url(), full.credentials()[SERVICE_TOKEN_KEY])


@pytest.fixture(scope="session")
def measurements(pytestconfig: pytest.Config) -> Measurements:
    """Where to record figures."""
    return pytestconfig.stash.setdefault(MEASUREMENTS, Measurements())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Add the state of the releases' namespaces to the report of a failed test."""
    report: Any = yield
    if report.failed and {"access"} & set(getattr(item, "fixturenames", ())):
        for release in Release.live:
            report.sections.append((f"namespace {release.namespace}", release.diagnosis()))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the measurements, those of a process among several too."""
    session.config.stash.get(MEASUREMENTS, Measurements()).write()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the measurements of this process."""
    found = config.stash.get(MEASUREMENTS, Measurements())
    if found.found:
        terminalreporter.section("measurements")
        for line in found.lines():
            terminalreporter.write_line(line)
