"""Uninstalling takes the release away, keeps the users' homes and says so; installing again finds them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.hub import Hub, log_in, new_token
from tests.harness.release import REACH_SERVICE, Release
from tests.harness.state import inventory

pytestmark = pytest.mark.cluster

ADMIN_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.admin_password"
VALUES = {"prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}}}


def _hub(release: Release) -> Hub:
    browser = log_in(release.url(), "admin", release.credentials()[ADMIN_PASSWORD_KEY])
    return Hub(release.url(), new_token(browser, "admin"))


def test_homes_survive_uninstall_and_are_found_again(new_release: Callable[[str], Release]) -> None:
    release = new_release("again")
    before = inventory(release.kube, release.namespace)
    release.install(VALUES)
    hub = _hub(release)
    hub.spawn("home").write("kept.txt", "written before")
    hub.stop("home")

    assert "keeps the users' homes" in release.said
    release.uninstall()
    left = inventory(release.kube, release.namespace).keys() - before.keys() - {f"Service/{REACH_SERVICE}"}
    assert left == {"PersistentVolumeClaim/claim-home", "Secret/hub-credentials"}

    release.install(VALUES)
    assert _hub(release).spawn("home").read("kept.txt") == "written before"
