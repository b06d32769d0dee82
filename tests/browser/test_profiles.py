"""Choosing among profiles, and a start that cannot succeed: what the user is told, and the way out of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser import lab
from tests.browser.conftest import NewJourney
from tests.browser.journey import Journey
from tests.harness.release import Release

pytestmark = pytest.mark.browser

USER = "grace"
USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"
START_TIMEOUT = 20
"""`singleuser.startTimeout`: seconds until a start that gets nowhere is given up."""
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
FAILURE_SECONDS = START_TIMEOUT + 40.0
CONTACT = "workshop@example.org"
LATE = "linus"
"""A user who comes when there is no room."""
VALUES: dict[str, Any] = {
    "budgets": {"workshop": {"displayName": "the workshop", "users": [USER, LATE], "servers": 1, "contact": CONTACT}},
    "singleuser": {
        "startTimeout": START_TIMEOUT,
        "memory": {"guarantee": "160M"},
        "profileList": [
            {
                "display_name": "Small",
                "description": "For lessons and first steps: 1 CPU, 512 MB of memory.",
                "slug": "small",
                "default": True,
                "allowed_users": [USER, LATE],
                "kubespawner_override": {"cpu_limit": 1, "mem_limit": "512M"},
            },
            {
                "display_name": "Larger data",
                "description": "For your own project.",
                "slug": "data",
                "allowed_users": [USER],
                "profile_options": {
                    "memory": {
                        "display_name": "Memory",
                        "choices": {
                            "2": {"display_name": "2 GB", "kubespawner_override": {"mem_limit": "2G"}},
                            "4": {"display_name": "4 GB", "default": True, "kubespawner_override": {"mem_limit": "4G"}},
                            "64": {
                                "display_name": "64 GB",
                                "allowed_groups": ["staff"],
                                "kubespawner_override": {"mem_limit": "64G"},
                            },
                        },
                    },
                    "image": {
                        "display_name": "Image",
                        "choices": {"own": {"display_name": "Python", "default": True}},
                        "unlisted_choice": {
                            "enabled": True,
                            "display_name": "Image and tag",
                            "display_name_in_choices": "Another image",
                            "validation_regex": "^registry[.]example[.]org/.+:.+$",
                            "validation_message": "Write registry.example.org/, a name, a colon and a tag.",
                            "kubespawner_override": {"image": "{value}"},
                        },
                    },
                },
            },
            {
                "display_name": "Simulation",
                "description": "400 CPUs at once. Ask before you start one.",
                "slug": "simulation",
                "allowed_users": [USER],
                # More than any node has: no pod of it can ever start.
                "kubespawner_override": {"cpu_guarantee": 400, "cpu_limit": 400},
            },
            {"display_name": "Graphics card", "slug": "gpu", "allowed_groups": ["staff"]},
        ],
    },
}


@pytest.fixture(scope="module")
def hub(release: Release) -> Release:
    """The release with three profiles for a user, of which one cannot start, and one for others."""
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
    memory = grace.page.get_by_label("Memory", exact=True)
    expect(memory).to_have_value("4")
    expect(memory.get_by_role("option"), "that for staff is not among them").to_have_text(["2 GB", "4 GB"])
    grace.shot("profiles", doc=True)


def test_a_question_chooses_its_profile(grace: Journey) -> None:
    image = grace.page.get_by_label("Image", exact=True)
    image.click()
    expect(grace.page.get_by_role("radio", name="Larger data")).to_be_checked()
    typed = grace.page.get_by_label("Image and tag", exact=True)
    expect(typed).to_be_hidden()
    image.select_option("Another image")
    typed.fill("elsewhere.example.org/lab:1")
    grace.page.get_by_role("button", name="Start").click()
    assert typed.evaluate("field => field.validity.patternMismatch"), "the page says so, and stays"


def test_the_page_fits_a_telephone(grace: Journey) -> None:
    before = grace.page.viewport_size
    assert before is not None
    grace.page.set_viewport_size(TELEPHONE)
    body = grace.page.locator("body")
    assert body.evaluate("body => body.scrollWidth") <= TELEPHONE["width"], "nothing is beyond the edge"
    for control in (
        grace.page.get_by_label("Memory", exact=True),
        grace.page.get_by_label("Image and tag", exact=True),
    ):
        box = control.bounding_box()
        assert box is not None
        assert box["width"] > TELEPHONE["width"] / 2, "fields are as wide as a thumb needs"
    grace.page.get_by_label("Image and tag", exact=True).fill("registry.example.org/lab:1")
    grace.shot("profiles-telephone", doc=True)
    grace.page.set_viewport_size(before)
    grace.go("/hub/spawn")


def test_who_is_offered_nothing_is_told_whom_to_ask(hub: Release, new_journey: NewJourney) -> None:
    ida = new_journey(hub)
    ida.go("/")
    ida.log_in("ida", hub.credentials()[USER_PASSWORD_KEY])
    expect(ida.page.get_by_role("heading", name="No server to choose")).to_be_visible()
    expect(ida.page.get_by_text("You are logged in as ida, in no group.")).to_be_visible()
    expect(ida.page.get_by_role("button", name="Start")).to_have_count(0)
    ida.shot("nothing-offered")
    ida.page.locator("#nothing-offered").get_by_role("button", name="Log out").click()
    expect(ida.page.get_by_role("button", name="Sign in")).to_be_visible()


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
    late.log_in(LATE, hub.credentials()[USER_PASSWORD_KEY])
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
