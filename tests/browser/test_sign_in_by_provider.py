"""Login by OpenID Connect: a real provider (Dex), whose people and groups are those of a real directory.

The browser reaches the provider at its issuer's address, a port of the node; the hub asks for tokens and claims inside
the cluster, as where an organization's provider runs beside the hub.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import organization
from tests.browser.conftest import NewJourney
from tests.browser.journey import Journey
from tests.browser.organization import STRANGER, STUDENT, SUFFIX, TEACHER, password
from tests.harness.peers import expose_peer, start_peer
from tests.harness.release import Release

pytestmark = pytest.mark.browser

CLIENT, CLIENT_SECRET = "jupyterhub", "of the client, by hub.existingSecret alone"
PORT = 5556
GROUPS = """async () => {
  const answer = await fetch('/hub/api/groups', {headers: {'X-XSRFToken': window.jhdata.xsrf_token}});
  return Object.fromEntries((await answer.json()).map((group) => [group.name, group.users]));
}"""


def config(issuer: str) -> dict[str, Any]:
    """Return `hub.config`: students and teachers may log in, teachers are administrators."""
    return {
        "JupyterHub": {"authenticator_class": "generic-oauth"},
        "GenericOAuthenticator": {
            "client_id": CLIENT,
            "authorize_url": f"{issuer}/auth",
            "token_url": f"http://dex:{PORT}/token",
            "userdata_url": f"http://dex:{PORT}/userinfo",
            "scope": ["openid", "profile", "email", "groups"],
            "username_claim": "preferred_username",
            "login_service": "your university account",
            "manage_groups": True,
            "allowed_groups": ["students", "teachers"],
            "admin_groups": ["teachers"],
        },
    }


@pytest.fixture(scope="module")
def hub(release: Release) -> Release:
    """The release, and the provider that it sends people to."""
    issuer = expose_peer(release, "dex", port=PORT)
    if release.kube.get("Pod", "slapd", release.namespace) is None:
        organization.start_directory(release)
    organization.create_secret(release, GenericOAuthenticator__client_secret=CLIENT_SECRET)
    release.install(organization.values(config(issuer), existingSecret=organization.SECRET))
    environment = {
        "ISSUER": issuer,
        "CLIENT_ID": CLIENT,
        "CLIENT_SECRET": CLIENT_SECRET,
        "REDIRECT_URI": f"{release.url()}/hub/oauth_callback",
        "LDAP_HOST": f"slapd:{organization.DIRECTORY_PORT}",
        "LDAP_SUFFIX": SUFFIX,
        "LDAP_PASSWORD": organization.DIRECTORY_PASSWORD,
    }
    start_peer(release, "dex", port=PORT, environment=environment)
    return release


@pytest.fixture(scope="module")
def teacher(hub: Release, new_journey: NewJourney) -> Journey:
    """The browser of a teacher."""
    return new_journey(hub)


@pytest.fixture(scope="module")
def student(hub: Release, new_journey: NewJourney) -> Journey:
    """The browser of a student."""
    return new_journey(hub)


def sign_in(journey: Journey, person: str, *, typed: str | None = None) -> None:
    """Go from the hub's login page to the provider, and fill in its form."""
    journey.page.get_by_role("button", name="Sign in with your university account").click()
    fill_in(journey, person, typed or password(person))


def fill_in(journey: Journey, person: str, typed: str) -> None:
    journey.page.locator("#login").fill(person)
    journey.page.locator("#password").fill(typed)
    journey.page.locator("#submit-login").click()


def test_the_login_page_leads_to_the_provider(student: Journey) -> None:
    student.go("/")
    expect(student.page.get_by_role("button", name="Sign in with your university account")).to_be_visible()
    expect(student.page.get_by_label("Password:")).to_have_count(0)
    student.shot("provider-login", doc=True)
    sign_in(student, STUDENT, typed="wrong")
    expect(student.page.locator("#login-error")).to_be_visible()
    student.shot("provider-refused")


def test_a_member_of_an_allowed_group_gets_in(student: Journey) -> None:
    fill_in(student, STUDENT, password(STUDENT))
    expect(student.page.locator("#login_widget")).to_contain_text(STUDENT)
    expect(student.page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)
    student.go("/hub/admin")
    expect(student.page.get_by_role("heading", name="Access denied")).to_be_visible()


def test_an_admin_group_makes_administrators(teacher: Journey) -> None:
    teacher.go("/")
    sign_in(teacher, TEACHER)
    teacher.page.get_by_role("link", name="Admin", exact=True).click()
    expect(teacher.page.get_by_text(STUDENT, exact=True).first).to_be_visible()
    teacher.shot("provider-admin")


def test_the_hub_knows_the_groups(teacher: Journey) -> None:
    assert teacher.page.evaluate(GROUPS) == {"students": [STUDENT], "teachers": [TEACHER]}


def test_logout_ends_the_session(student: Journey) -> None:
    student.go("/hub/home")
    student.page.locator("#logout").click()
    expect(student.page.get_by_role("button", name="Sign in with your university account")).to_be_visible()
    student.go("/hub/home")
    expect(student.page.get_by_role("button", name="Sign in with your university account")).to_be_visible()


def test_who_is_in_no_allowed_group_is_told_and_finds_the_way_back(hub: Release, new_journey: NewJourney) -> None:
    stranger = new_journey(hub)
    stranger.go("/")
    sign_in(stranger, STRANGER)
    expect(stranger.page.get_by_text("you are not currently authorized to use this hub")).to_be_visible()
    stranger.shot("provider-not-allowed")
    stranger.page.get_by_role("button", name="Back to the sign-in page").click()
    expect(stranger.page.get_by_role("button", name="Sign in with your university account")).to_be_visible()
