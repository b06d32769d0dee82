"""From the login to a saved notebook, on an install without any values: what every new user meets first."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests.browser import lab
from tests.browser.conftest import NewJourney
from tests.browser.journey import Journey
from tests.harness.release import Release

pytestmark = pytest.mark.browser

USER = "ada"
USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"
ADMIN_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.admin_password"
NOTEBOOK = "pendulum.ipynb"
STOP_SECONDS = 60.0
LOOK_SECONDS = 10.0
COMPUTE = """\
from math import exp, sin
from pathlib import Path

def swing(t):
    return exp(-t / 8) * sin(2 * t)

times = [n / 20 for n in range(501)]
Path("swing.txt").write_text("\\n".join(f"{swing(t):.6f}" for t in times))
print(f"{len(times)} points, the highest {max(map(swing, times)):.3f}")"""
PLOT = """\
from IPython.display import SVG

line = " ".join(f"{24 * t:.1f},{105 - 100 * swing(t):.1f}" for t in times)
SVG(f'''<svg xmlns="http://www.w3.org/2000/svg" width="600" height="200">
  <line x1="0" y1="105" x2="600" y2="105" stroke="#bbb"/>
  <polyline points="{line}" fill="none" stroke="#f37726" stroke-width="3"/>
</svg>''')"""
READ = 'print("the lowest", min(map(float, Path("swing.txt").read_text().split())))'


@pytest.fixture(scope="module")
def hub(release: Release) -> Release:
    """The release, installed as somebody does who has read nothing."""
    release.install()
    return release


@pytest.fixture(scope="module")
def ada(hub: Release, new_journey: NewJourney) -> Journey:
    """The browser of a new user."""
    return new_journey(hub)


def test_wrong_password_is_refused(ada: Journey) -> None:
    ada.go("/")
    expect(ada.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(ada.page.get_by_text("Any user name will do")).to_be_visible()
    ada.shot("login", doc=True)
    ada.log_in(USER, "a wrong password")
    expect(ada.page.locator(".login_error")).to_have_text("Invalid username or password")
    ada.shot("login-refused")


def test_login_starts_the_server_with_live_progress(ada: Journey, hub: Release) -> None:
    ada.log_in(USER, hub.credentials()[USER_PASSWORD_KEY])
    # A server that starts quickly takes the page away: then what the page was told, below, has to do.
    with suppress(PlaywrightTimeout):
        ada.page.get_by_text("Event log", exact=True).click(timeout=LOOK_SECONDS * 1000)
        ada.page.get_by_text("Successfully assigned").last.wait_for(timeout=LOOK_SECONDS * 1000)
        ada.shot("starting")
    lab.wait_open(ada.page)
    progress = ada.progress()
    assert any("Successfully assigned" in message for message in progress.messages), progress
    assert progress.percents == sorted(progress.percents), progress
    assert len(set(progress.percents)) > 1, progress
    expect(lab.launcher(ada.page)).to_have_count(1)
    ada.shot("jupyterlab")


def test_cells_compute(ada: Journey) -> None:
    lab.new_notebook(ada.page)
    expect(lab.run_cell(ada.page, 0, COMPUTE)).to_have_text("501 points, the highest 0.908")
    plot = lab.run_cell(ada.page, 1, PLOT)
    expect(plot.locator("svg polyline, img"), "the plot").to_be_visible()


def test_notebook_is_saved(ada: Journey) -> None:
    lab.save_as(ada.page, NOTEBOOK)
    expect(lab.listed(ada.page, "swing.txt")).to_be_visible()
    ada.shot("notebook", doc=True)


def test_stop_from_the_home_page(ada: Journey, hub: Release) -> None:
    ada.go("/hub/home")
    ada.shot("home")
    ada.page.get_by_role("button", name="Stop My Server").click()
    start = ada.page.get_by_role("button", name="Start My Server")
    expect(start, "the button that starts a stopped server").to_be_visible(timeout=STOP_SECONDS * 1000)
    ada.shot("stopped")
    hub.wait_no_user_pod(USER, timeout=STOP_SECONDS)


def test_the_file_is_there_after_a_start(ada: Journey) -> None:
    ada.page.get_by_role("button", name="Start My Server").click()
    lab.wait_open(ada.page)
    lab.open_file(ada.page, NOTEBOOK)
    lab.wait_kernel(ada.page)
    expect(lab.cells(ada.page).nth(0)).to_contain_text("501 points")
    lab.run_cell(ada.page, 0)
    expect(lab.run_cell(ada.page, 2, READ)).to_have_text(re.compile(r"the lowest -0\.\d+"))
    ada.shot("notebook-after-a-start")


def test_admin_page_lists_the_server(hub: Release, new_journey: NewJourney) -> None:
    admin = new_journey(hub)
    admin.go("/hub/admin")
    admin.log_in("admin", hub.credentials()[ADMIN_PASSWORD_KEY])
    row = admin.page.get_by_test_id(f"user-row-{USER}")
    expect(row, f"the row of {USER}").to_be_visible()
    expect(row.get_by_role("button", name="Stop Server")).to_be_visible()
    admin.shot("admin")


def test_logout(ada: Journey) -> None:
    ada.go("/hub/home")
    ada.page.get_by_role("button", name="Logout").click()
    sign_in = ada.page.get_by_role("heading", name="Sign in")
    expect(sign_in).to_be_visible()
    ada.shot("logged-out")
    ada.go(f"/user/{USER}/lab")
    expect(sign_in, "the login page instead of a server that still runs").to_be_visible()
