"""A subdomain for each user: servers work there, and what one serves cannot ask the hub in its visitor's name."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import lab
from tests.browser.chromium import launched
from tests.browser.conftest import NewJourney
from tests.browser.journey import Journey
from tests.harness.release import Release

pytestmark = pytest.mark.browser

HOST = "hub.test"
USER = "maria"
USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"
ASK = """url => fetch(url, {credentials: 'include'}).then(answer => 'answered ' + answer.status, error => error.name)"""


@pytest.fixture(scope="module")
def address(release: Release) -> str:
    """The hub's address as its users know it; no DNS server has heard of it."""
    return f"http://{HOST}:{urlsplit(release.address()).port}"


@pytest.fixture(scope="module")
def hub(release: Release, address: str) -> Release:
    """The release with a subdomain for each user."""
    release.install({"hub": {"subdomainHost": address}, "singleuser": {"memory": {"guarantee": "160M"}}})
    return release


@pytest.fixture(scope="module")
def browser(hub: Release) -> Iterator[Browser]:
    """A chromium that finds the hub's name and all names below it where the release is."""
    node = urlsplit(hub.url()).hostname
    with launched(f"--host-resolver-rules=MAP {HOST} {node},MAP *.{HOST} {node}") as browser:
        yield browser


@pytest.fixture(scope="module")
def maria(hub: Release, address: str, new_journey: NewJourney) -> Journey:
    """The browser of a user."""
    journey = new_journey(hub)
    journey.url = address
    return journey


def test_the_server_is_at_the_users_own_name(maria: Journey, hub: Release) -> None:
    maria.go("/")
    maria.log_in(USER, hub.credentials()[USER_PASSWORD_KEY])
    lab.wait_open(maria.page)
    assert urlsplit(maria.page.url).hostname == f"{USER}.{HOST}"


def test_cells_run_there(maria: Journey) -> None:
    lab.new_notebook(maria.page)
    expect(lab.run_cell(maria.page, 0, "print(6 * 7)")).to_have_text("42")
    maria.shot("subdomain")


def test_a_users_page_cannot_ask_the_hub_in_a_visitors_name(maria: Journey, address: str) -> None:
    """The login's cookies stay at the hub, and the browser keeps the hub's answers from other origins."""
    assert maria.page.evaluate(ASK, f"{address}/hub/api/user") == "TypeError"
    logins = [cookie for cookie in maria.context.cookies() if cookie["name"] == "jupyterhub-hub-login"]
    assert [(cookie["domain"], cookie["httpOnly"], cookie["sameSite"]) for cookie in logins] == [(HOST, True, "Lax")]
    maria.go("/hub/home")
    assert maria.page.evaluate(ASK, f"{address}/hub/api/") == "answered 200"
