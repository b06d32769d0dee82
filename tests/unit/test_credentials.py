"""`runtime.credentials`: what is missing is made once; what is there is never changed."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Sequence

import pytest
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.crypto import CryptKeeper
from traitlets.config import Config

from hub_config.hub.auth import ADMIN_PASSWORD_KEY, USER_PASSWORD_KEY
from hub_config.hub.proxy import PROXY_TOKEN_KEY
from hub_config.runtime.credentials import additions

pytestmark = pytest.mark.unit

COOKIE_KEY, CRYPT_KEY = "hub.config.JupyterHub.cookie_secret", "hub.config.CryptKeeper.keys"
ALL = {COOKIE_KEY, PROXY_TOKEN_KEY, CRYPT_KEY, USER_PASSWORD_KEY, ADMIN_PASSWORD_KEY}
GRADER = "hub.services.grader.apiToken"


def added(present: Collection[str], given: Collection[str], services: Sequence[str] = ()) -> dict[str, str]:
    """Return what is added, in plain text."""
    found = additions(present, given, services)
    return {key: base64.b64decode(value).decode() for key, value in found.items()}


def test_a_new_secret_gets_every_key() -> None:
    assert set(added({}, {}, ["grader"])) == {*ALL, GRADER}


@pytest.mark.parametrize(
    ("present", "services", "keys"),
    [
        (ALL, (), set()),
        (ALL - {COOKIE_KEY}, (), {COOKIE_KEY}),
        (ALL, ("grader",), {GRADER}),
        ({*ALL, GRADER, "something-else"}, ("grader",), set()),
    ],
)
def test_only_what_is_missing_is_added(present: set[str], services: Sequence[str], keys: set[str]) -> None:
    assert set(added(present, (), services)) == keys


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({COOKIE_KEY}, {*ALL, GRADER} - {COOKIE_KEY}),
        ({PROXY_TOKEN_KEY, GRADER}, ALL - {PROXY_TOKEN_KEY}),
        ({*ALL, GRADER, "hub.db.password"}, set()),
        ({"unrelated"}, {*ALL, GRADER}),
    ],
    ids=["one", "some", "everything", "other keys are left alone"],
)
def test_what_an_administrator_gave_is_neither_made_nor_copied(given: set[str], made: set[str]) -> None:
    assert set(added({}, given, ["grader"])) == made


def test_two_runs_make_different_secrets() -> None:
    one, other = added({}, {}), added({}, {})
    assert all(one[key] != other[key] for key in ALL)


def test_jupyterhub_takes_what_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = added({}, {})
    config = Config()
    config.SharedPasswordAuthenticator.user_password = made[USER_PASSWORD_KEY]
    config.SharedPasswordAuthenticator.admin_password = made[ADMIN_PASSWORD_KEY]
    config.SharedPasswordAuthenticator.admin_users = {"admin"}
    config.SharedPasswordAuthenticator.allow_all = True
    config.CryptKeeper["keys"] = made[CRYPT_KEY].split(";")
    SharedPasswordAuthenticator(config=config).check_allow_config()
    assert len(CryptKeeper(config=config).keys[0]) == 32
    assert re.fullmatch(r"[0-9a-f]{64}", made[COOKIE_KEY])
    assert re.fullmatch(r"[a-z0-9]{16}", made[USER_PASSWORD_KEY])
