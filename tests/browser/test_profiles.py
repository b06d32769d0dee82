"""Choosing among profiles, and a start that cannot succeed: what the user is told, and the way out of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import lab
from tests.browser.conftest import NewJourney
from tests.browser.journey import Journey
from tests.harness.release import Release

pytestmark = pytest.mark.browser

USER = "grace"
USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"
START_TIMEOUT = 20
"""`singleuser.startTimeout`: seconds until a start that gets nowhere is given up."""
FAILURE_SECONDS = START_TIMEOUT + 40.0
CONTACT = "workshop@example.org"
VALUES: dict[str, Any] = {
    "budgets": {"workshop": {"displayName": "the workshop", "servers": 1, "contact": CONTACT}},
    "singleuser": {
        "startTimeout": START_TIMEOUT,
        "memory": {"guarantee": "160M"},
        "profileList": [
            {
                "display_name": "Small",
                "description": "For lessons and first steps: 1 CPU, 512 MB of memory.",
                "slug": "small",
                "default": True,
                "kubespawner_override": {"cpu_limit": 1, "mem_limit": "512M"},
            },
            {
                "display_name": "Larger data",
                "description": "For your own project.",
                "slug": "data",
                "profile_options": {
                    "memory": {
                        "display_name": "Memory",
                        "choices": {
                            "2": {"display_name": "2 GB", "kubespawner_override": {"mem_limit": "2G"}},
                            "4": {"display_name": "4 GB", "default": True, "kubespawner_override": {"mem_limit": "4G"}},
                        },
                    },
                },
            },
            {
                "display_name": "Simulation",
                "description": "400 CPUs at once. Ask before you start one.",
                "slug": "simulation",
                # More than any node has: no pod of it can ever start.
                "kubespawner_override": {"cpu_guarantee": 400, "cpu_limit": 400},
            },
        ],
    },
}


@pytest.fixture(scope="module")
def hub(release: Release) -> Release:
    """The release with three profiles, of which one cannot start."""
    release.install(VALUES)
    return release


@pytest.fixture(scope="module")
def grace(hub: Release, new_journey: NewJourney) -> Journey:
    """The browser of a user."""
    return new_journey(hub)


def choose(journey: Journey, profile: str) -> None:
    """Take a profile by its name, as a click anywhere on it does, and start."""
    journey.page.get_by_role("heading", name=profile).click()
    journey.page.get_by_role("button", name="Start").click()


def test_profiles_are_offered(grace: Journey, hub: Release) -> None:
    grace.go("/")
    grace.log_in(USER, hub.credentials()[USER_PASSWORD_KEY])
    expect(grace.page.get_by_role("radio")).to_have_count(3)
    expect(grace.page.get_by_role("radio", name="Small")).to_be_checked()
    expect(grace.page.get_by_label("Memory", exact=True)).to_have_value("4")
    grace.shot("profiles", doc=True)


def test_a_start_that_fails_says_why(grace: Journey) -> None:
    choose(grace, "Simulation")
    reason = grace.page.locator("#progress-log").get_by_text("has too little free CPU").first
    expect(reason, "the scheduler's reason").to_be_attached(timeout=FAILURE_SECONDS * 1000)
    expect(grace.page.locator("#progress-bar")).to_have_class(re.compile("bg-danger"), timeout=FAILURE_SECONDS * 1000)
    expect(reason).to_be_visible()
    expect(grace.page.get_by_role("heading", name="Your server could not start")).to_be_visible()
    expect(grace.page.get_by_text("Your server is starting up")).to_be_hidden()
    expect(grace.page.locator("#progress-message")).to_contain_text(re.compile(rf"Spawn failed: .*{START_TIMEOUT} sec"))
    grace.shot("start-failed")


def test_another_profile_starts(grace: Journey) -> None:
    grace.page.get_by_role("button", name="Try again").click()
    expect(grace.page.get_by_role("radio", name="Simulation"), "what was chosen before").to_be_checked()
    choose(grace, "Larger data")
    lab.wait_open(grace.page)
    expect(lab.launcher(grace.page)).to_have_count(1)
    grace.shot("jupyterlab-of-a-profile")


def test_the_pod_is_that_of_the_profile(hub: Release) -> None:
    pod = hub.user_pod(USER)
    assert pod["spec"]["containers"][0]["resources"]["limits"]["memory"] == str(4 * 1024**3)


def test_a_start_beyond_the_budget_is_refused_in_words(new_journey: NewJourney, hub: Release) -> None:
    """Grace's server is the one that the workshop may have."""
    late = new_journey(hub)
    late.go("/")
    late.log_in("linus", hub.credentials()[USER_PASSWORD_KEY])
    choose(late, "Small")
    expect(late.page.get_by_role("heading", name="Your server could not start")).to_be_visible()
    expect(late.page.get_by_role("alert").filter(visible=True)).to_have_text(
        "The budget of the workshop has no room for this server: 1 of 1 server is running, one server of another "
        f"person. Wait until somebody else has stopped theirs, or ask {CONTACT} for more."
    )
    expect(late.page.get_by_text("Event log")).to_be_hidden()
    expect(late.page.get_by_text("Your server is starting up")).to_be_hidden()
    late.shot("start-refused", doc=True)
    late.page.get_by_role("button", name="Try again").click()
    expect(late.page.get_by_role("radio", name="Small")).to_be_checked()
