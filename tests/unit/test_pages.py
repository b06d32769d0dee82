"""Our page templates fit JupyterHub's: they replace blocks that are there, and show their words where they belong."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from jupyterhub._data import DATA_FILES_PATH

from hub_config.hub.pages import TEMPLATES
from tests.unit.composed import composed

pytestmark = pytest.mark.unit

JUPYTERHUB = Path(DATA_FILES_PATH) / "templates"
NAMES = sorted(path.name for path in TEMPLATES.glob("*.html"))
OF_AUTHENTICATORS = {"native": "native", "nativeauthenticator.NativeAuthenticator": "native", "firstuse": "firstuse"}


@pytest.fixture(scope="module")
def pages() -> Environment:
    """The templates as JupyterHub looks them up (its `init_tornado_settings`)."""
    upstream = PrefixLoader({"templates": FileSystemLoader(JUPYTERHUB)}, "/")
    loader = ChoiceLoader([upstream, FileSystemLoader([TEMPLATES, JUPYTERHUB])])
    environment = Environment(loader=loader, autoescape=True)
    environment.globals["static_url"] = lambda path, **_: path
    return environment


def test_ours_come_after_the_users_own() -> None:
    assert composed({"hub": {"templatePaths": ["/a"]}}).JupyterHub.template_paths == ["/a", str(TEMPLATES)]


@pytest.mark.parametrize(("authenticator", "folder"), OF_AUTHENTICATORS.items())
def test_an_authenticators_own_pages_come_before_ours(authenticator: str, folder: str) -> None:
    own = {"hub": {"config": {"JupyterHub": {"authenticator_class": authenticator}}}}
    assert composed(own).JupyterHub.template_paths == [str(TEMPLATES / folder), str(TEMPLATES)]


@pytest.mark.parametrize("name", NAMES)
def test_every_block_replaces_one_of_jupyterhub(pages: Environment, name: str) -> None:
    ours = pages.get_template(name).blocks.keys()
    theirs = pages.get_template(f"templates/{name}").blocks.keys() | pages.get_template("templates/page.html").blocks
    assert ours
    assert ours <= theirs


@pytest.mark.parametrize(
    ("authenticator", "shown"),
    [
        ({"user_password": "abcdefgh", "allow_all": True}, True),
        ({"user_password": "abcdefgh", "allow_all": False}, False),
        ({"user_password": None, "allow_all": True}, False),
        ({"allow_all": True}, False),
    ],
)
def test_login_says_what_to_type_where_a_password_is_shared(
    pages: Environment, authenticator: dict[str, Any], shown: bool
) -> None:
    context = {"authenticator": SimpleNamespace(**authenticator, request_otp=False)}
    text = pages.get_template("login.html").render(context)
    assert ("Any user name will do" in text) is shown
    assert "abcdefgh" not in text
    assert 'name="username"' in text


@pytest.mark.parametrize("custom", ["", "<p>of the authenticator's own</p>"])
def test_a_providers_button_is_in_the_frame_of_the_form(pages: Environment, custom: str) -> None:
    context = {"login_service": "GitHub", "authenticator_login_url": "/hub/oauth_login", "custom_html": custom}
    text = pages.get_template("login.html").render(context)
    assert ('href="/hub/oauth_login">Sign in with GitHub</a>' in text) is not bool(custom)
    assert ('id="insecure-login-warning"' in text) is not bool(custom)
    assert ("of the authenticator" in text) is bool(custom)
    assert 'name="password"' not in text


@pytest.mark.parametrize(
    ("status", "user", "shown"), [(403, None, True), (403, SimpleNamespace(name="ada"), False), (404, None, False)]
)
def test_who_may_not_use_the_hub_finds_the_way_back(pages: Environment, status: int, user: Any, shown: bool) -> None:
    context = {
        "status_code": status,
        "message": "Sorry",
        "user": user,
        "login_url": "/hub/login",
        "no_spawner_check": True,
    }
    text = pages.get_template("error.html").render(context)
    assert "Sorry" in text
    assert ("Access denied" in text) is (status == 403)
    assert ('href="/hub/login">Back to the sign-in page' in text) is shown


@pytest.mark.parametrize(("server", "path"), [("", "/hub/spawn/ada"), ("my lab", "/hub/spawn/ada/my%20lab")])
def test_a_failed_start_can_be_tried_again(pages: Environment, server: str, path: str) -> None:
    user, spawner = SimpleNamespace(escaped_name="ada"), SimpleNamespace(name=server, start_timeout=300)
    context = {"user": user, "spawner": spawner, "base_url": "/hub/", "no_spawner_check": True}
    text = pages.get_template("spawn_pending.html").render(context)
    assert f'href="{path}"' in text


@pytest.mark.parametrize("refused", [True, False])
def test_a_start_that_was_refused_says_why_and_nothing_else(pages: Environment, refused: bool) -> None:
    """Any other failure is JupyterHub's own page; `failed_message` is there for what has words for the user."""
    sentence = "The budget of <Chemistry> has no room."
    context = {"failed": True, "failed_message": sentence if refused else None, "spawn_url": "/hub/spawn/ada"}
    text = pages.get_template("not_running.html").render({**context, "base_url": "/hub/", "no_spawner_check": True})
    assert ("The budget of &lt;Chemistry&gt; has no room." in text) is refused
    assert ("Your server could not start" in text) is refused
    assert ("The latest attempt to start your server" in text) is not refused
    assert 'href="/hub/spawn/ada"' in text
