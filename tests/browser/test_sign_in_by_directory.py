"""Login by an LDAP directory: a real slapd, without TLS, with the password of the search in `hub.existingSecret`."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from ci.progress import run
from tests.browser import organization
from tests.browser.conftest import NewJourney
from tests.browser.organization import STRANGER, STUDENT, SUFFIX, TEACHER, password
from tests.harness.hub import LoginRefusedError, log_in
from tests.harness.release import Release

pytestmark = pytest.mark.browser

CONFIG = {
    "JupyterHub": {"authenticator_class": "ldap"},
    "LDAPAuthenticator": {
        "server_address": "slapd",
        "server_port": organization.DIRECTORY_PORT,
        "tls_strategy": "insecure",
        "lookup_dn": True,
        "lookup_dn_search_user": f"cn=admin,{SUFFIX}",
        "user_search_base": f"ou=people,{SUFFIX}",
        "user_attribute": "uid",
        "lookup_dn_user_dn_attribute": "uid",
        "group_search_filter": "(member={userdn})",
        "group_attributes": ["member"],
        "allowed_groups": [f"cn={group},ou=groups,{SUFFIX}" for group in ("teachers", "students")],
        "admin_users": [TEACHER],
    },
}
IN_THE_IMAGE = """
import asyncio, json
from importlib.metadata import entry_points
from hub_config import traits

classes = {point.name: point.load() for point in entry_points(group="jupyterhub.authenticators")}

async def first_use():
    made = classes["firstuse"](dbm_path="/tmp/passwords")
    logins = [{"username": "ada", "password": each} for each in ("the first", "another", "the first")]
    return [await made.authenticate(None, login) for login in logins]

print(json.dumps({
    "image": sorted(classes), "known": sorted(traits.authenticators()), "first use": asyncio.run(first_use()),
}))
"""


@pytest.fixture(scope="module")
def hub(release: Release) -> Release:
    """The release that asks the directory."""
    organization.start_directory(release)
    organization.create_secret(release, LDAPAuthenticator__lookup_dn_search_password=organization.DIRECTORY_PASSWORD)
    release.install(organization.values(CONFIG, existingSecret=organization.SECRET))
    return release


@pytest.mark.parametrize("person", [TEACHER, STUDENT])
def test_members_of_a_group_log_in(hub: Release, person: str) -> None:
    home = log_in(hub.url(), person, password(person)).get("/hub/home")
    assert home.status_code == 200
    assert ('href="/hub/admin"' in home.text) is (person == TEACHER)


@pytest.mark.parametrize(
    ("person", "typed"),
    [(STUDENT, "wrong"), (STUDENT, ""), (STUDENT, password(TEACHER)), ("nobody", "wrong"), ("*", password(STUDENT))],
)
def test_a_wrong_password_or_name_is_refused(hub: Release, person: str, typed: str) -> None:
    with pytest.raises(LoginRefusedError, match="Invalid username or password"):
        log_in(hub.url(), person, typed)


def test_who_is_in_no_allowed_group_is_refused(hub: Release) -> None:
    with pytest.raises(LoginRefusedError):
        log_in(hub.url(), STRANGER, password(STRANGER))


def test_the_login_page_says_so(hub: Release, new_journey: NewJourney) -> None:
    journey = new_journey(hub)
    journey.go("/")
    journey.log_in(STUDENT, "wrong")
    expect(journey.page.locator(".login_error")).to_have_text("Invalid username or password")
    expect(journey.page.get_by_label("Username:")).to_have_value(STUDENT)
    journey.shot("directory-refused")


def test_the_images_authenticators(hub: Release) -> None:
    """Those that `hub-config check` knows are there and can be imported; first-use's file works with its Python."""
    command = ["exec", "deploy/hub", "--container", "hub", "--namespace", hub.namespace, "--", "python", "-c"]
    done = run([hub.access.kubectl, *command, IN_THE_IMAGE], timeout=60, env=hub.access.environment)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["image"] == found["known"]
    assert found["first use"] == ["ada", None, "ada"]
