"""Profiles on a running hub: whom they are for, however they are asked for, and R and Julia in images for them."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import httpx
import pytest

from tests.harness.access import Access, profile_image
from tests.harness.hub import Hub, log_in, xsrf
from tests.harness.release import Release
from tests.harness.server import UserServer

pytestmark = pytest.mark.cluster

USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"
JULIA = "https://julialang-s3.julialang.org/"
REACH_SECONDS = 15
MORE_THAN_THE_HUB_TAKES = 6
"""Failed starts in a row after which a hub restarts itself: `hub.consecutiveFailureLimit` is 5."""
REFUSAL = 'The profile "staff" is not offered to {}. Choose one of: plain, large, image.'


def browser(full: Release, user: str) -> httpx.Client:
    """Return the browser of somebody who has logged in."""
    return log_in(full.url(), user, full.credentials()[USER_PASSWORD_KEY])


def test_the_page_shows_what_is_offered(full: Release) -> None:
    pages = {user: browser(full, user).get("/hub/spawn").text for user in ("ada", "grace")}
    assert {user: 'value="staff"' in page for user, page in pages.items()} == {"ada": False, "grace": True}
    assert all('value="large"' in page for page in pages.values())


@pytest.mark.parametrize("way", ["form", "address"])
def test_a_hidden_profile_is_refused_in_the_browser(full: Release, way: str) -> None:
    client = browser(full, "ada")
    if way == "form":
        client.get("/hub/spawn").raise_for_status()
        answer = client.post("/hub/spawn", params={"_xsrf": xsrf(client)}, data={"profile": "staff"})
    else:
        answer = client.get("/hub/spawn", params={"profile": "staff"})
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert f"Error: {REFUSAL.format('ada')}" in answer.text.replace("&#34;", '"')
    assert 'value="plain"' in answer.text, "the page of choices, to choose another"


def test_the_api_refuses_a_hidden_profile_and_the_hub_goes_on(full: Release, full_hub: Hub) -> None:
    hub = full.wait_ready("hub")["metadata"]["uid"]
    for _ in range(MORE_THAN_THE_HUB_TAKES):
        answer = full_hub.client.post("users/ada/server", json={"profile": "staff"})
        assert (answer.status_code, answer.json()["message"]) == (httpx.codes.FORBIDDEN, REFUSAL.format("ada"))
    assert full.kube.list("Pod", full.namespace, "hub.jupyter.org/username=ada") == []
    full_hub.spawn("ada", {"profile": "plain"})
    full_hub.stop("ada")
    assert full.wait_ready("hub")["metadata"]["uid"] == hub


def test_a_group_brings_a_profile_at_once(full_hub: Hub) -> None:
    full_hub.user("ada")
    full_hub.call("POST", "groups/staff")
    full_hub.call("POST", "groups/staff/users", json={"users": ["ada"]})
    kernel = full_hub.spawn("ada", {"profile": "staff"}).kernel()
    assert kernel.run("import os; print(os.environ['PROFILE'])").strip() == "staff"
    full_hub.stop("ada")
    full_hub.call("DELETE", "groups/staff")


def with_image(access: Access, full: Release, full_hub: Hub, user: str, name: str) -> Iterator[UserServer]:
    """Start a user's server with an image of this repository, and stop it."""
    image = profile_image(access, name)
    server = full_hub.spawn(user, {"profile": "image", "image--unlisted-choice": image})
    assert full.user_pod(user)["spec"]["containers"][0]["image"] == image
    yield server
    full_hub.stop(user)


@pytest.fixture(scope="module")
def rosa(access: Access, full: Release, full_hub: Hub) -> Iterator[UserServer]:
    """The server of a user with the image for R."""
    yield from with_image(access, full, full_hub, "rosa", "singleuser-r")


@pytest.fixture(scope="module")
def jules(access: Access, full: Release, full_hub: Hub) -> Iterator[UserServer]:
    """The server of a user with the image for Julia, where it can be built."""
    try:
        urllib.request.urlopen(JULIA, timeout=REACH_SECONDS).close()
    except urllib.error.HTTPError:
        pass  # It answers, if only that there is nothing at its root.
    except OSError as error:
        pytest.skip(f"the image for Julia is built from {JULIA}, which cannot be reached here: {error}")
    yield from with_image(access, full, full_hub, "jules", "singleuser-julia")


def test_r_computes(rosa: UserServer) -> None:
    """In a namespace that enforces the Pod Security level `restricted`, as everything here."""
    kernel = rosa.kernel("ir")
    assert kernel.run("fit <- lm(dist ~ speed, cars); cat(round(coef(fit), 2))").split() == ["-17.58", "3.93"]
    plot = "png(f <- tempfile()); plot(cars); invisible(dev.off()); cat(file.size(f) > 1000)"
    assert kernel.run(plot).strip() == "TRUE"
    home = "p <- .libPaths()[1]; cat(startsWith(p, '/home/jovyan/'), file.access(p, 2) == 0)"
    assert kernel.run(home).split() == ["TRUE", "TRUE"], "where packages are installed"


def test_python_stays_the_first_language(rosa: UserServer) -> None:
    specs = rosa.call("GET", "kernelspecs").json()
    assert specs["default"] == "python3"
    assert set(specs["kernelspecs"]) == {"python3", "ir"}
    assert rosa.kernel().run("print(6 * 7)").strip() == "42"


def test_julia_computes(jules: UserServer) -> None:
    specs = jules.call("GET", "kernelspecs").json()
    assert specs["default"] == "python3"
    (julia,) = set(specs["kernelspecs"]) - {"python3"}
    assert jules.kernel(julia).run("print(sum(k^2 for k in 1:10))").strip() == "385"
