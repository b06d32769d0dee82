"""Accounts of the hub's own (NativeAuthenticator): somebody signs up, an administrator authorizes, and they log in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import organization
from tests.browser.conftest import NewJourney
from tests.browser.journey import Journey
from tests.harness.release import Release

pytestmark = pytest.mark.browser

ADMIN, USER = "ada", "grace"
CONFIG = {
    "JupyterHub": {"authenticator_class": "native"},
    "NativeAuthenticator": {"admin_users": [ADMIN], "allow_all": True, "minimum_password_length": 10},
}


@pytest.fixture(scope="module")
def hub(release: Release) -> Release:
    """The release with accounts of its own."""
    release.install(organization.values(CONFIG))
    return release


@pytest.fixture(scope="module")
def admin(hub: Release, new_journey: NewJourney) -> Journey:
    """The browser of the administrator."""
    return new_journey(hub)


@pytest.fixture(scope="module")
def grace(hub: Release, new_journey: NewJourney) -> Journey:
    """The browser of somebody who is new."""
    return new_journey(hub)


def password(person: str) -> str:
    return f"a long password of {person}"


def sign_up(journey: Journey, person: str, typed: str, again: str) -> None:
    """Fill in the form on the page for signing up."""
    journey.page.get_by_label("Username:").fill(person)
    journey.page.get_by_label("Password:").fill(typed)
    journey.page.get_by_label("The password again:").fill(again)
    journey.page.get_by_role("button", name="Sign up").click()


def test_the_administrator_signs_up_first(admin: Journey) -> None:
    admin.go("/hub/signup")
    sign_up(admin, ADMIN, password(ADMIN), password(ADMIN))
    expect(admin.page.get_by_role("alert")).to_contain_text("The signup was successful")
    admin.page.get_by_role("link", name="Sign in").click()
    admin.log_in(ADMIN, password(ADMIN))
    expect(admin.page.get_by_role("link", name="Authorize users")).to_be_visible()


def test_somebody_signs_up(grace: Journey) -> None:
    grace.go("/")
    grace.shot("native-login")
    grace.page.get_by_role("link", name="Sign up").click()
    grace.shot("native-signup")
    sign_up(grace, USER, password(USER), "something else")
    expect(grace.page.get_by_role("alert")).to_contain_text("did not match")
    sign_up(grace, USER, "short", "short")
    expect(grace.page.get_by_role("alert")).to_contain_text("at least 10 characters")
    grace.shot("native-signup-refused")
    sign_up(grace, USER, password(USER), password(USER))
    expect(grace.page.get_by_role("alert")).to_contain_text("An administrator must authorize you")
    grace.shot("native-signed-up")


def test_the_login_says_that_it_is_too_early(grace: Journey) -> None:
    grace.page.get_by_role("link", name="Sign in").click()
    grace.log_in(USER, password(USER))
    expect(grace.page.locator(".login_error")).to_contain_text("has not authorized you yet")
    grace.shot("native-waiting")
    grace.log_in(USER, "a wrong password")
    expect(grace.page.locator(".login_error")).to_have_text("Invalid username or password")


def test_the_administrator_authorizes(admin: Journey) -> None:
    admin.page.get_by_role("link", name="Authorize users").click()
    expect(admin.page.get_by_role("row", name=USER)).to_contain_text("no")
    admin.shot("native-authorize")
    admin.page.get_by_role("button", name=f"Authorize {USER}").click()
    expect(admin.page.get_by_role("button", name=f"Revoke {USER}")).to_be_visible()


def test_the_new_user_logs_in(grace: Journey) -> None:
    grace.log_in(USER, password(USER))
    expect(grace.page.locator("#login_widget")).to_contain_text(USER)
    expect(grace.page.get_by_role("link", name="Authorize users")).to_have_count(0)
    grace.page.get_by_role("link", name="Change password").click()
    expect(grace.page.get_by_label("Your password now:")).to_be_visible()
    grace.shot("native-change-password")
