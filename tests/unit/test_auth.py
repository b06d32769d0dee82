"""`hub.auth`: which authenticator, and the passwords of the default one."""

from __future__ import annotations

from typing import Any

import pytest

from hub_config.base import ConfigurationError
from tests.unit.composed import composed

pytestmark = pytest.mark.unit

KNOWN = frozenset({"shared-password", "dummy", "github", "google", "null"})
GENERATED = {
    "hub.config.SharedPasswordAuthenticator.user_password": "for-users",
    "hub.config.SharedPasswordAuthenticator.admin_password": "for-admins",
    "hub.config.JupyterHub.cookie_secret": "c0",
    "hub.config.CryptKeeper.keys": "k1;k2",
}


def login(config: dict[str, Any]) -> Any:
    return composed({"hub": {"config": config}}, authenticators=KNOWN, credentials=GENERATED)


def by(name: Any) -> dict[str, Any]:
    return {"JupyterHub": {"authenticator_class": name}}


def test_default_is_a_generated_password_and_one_administrator() -> None:
    assert login({}).SharedPasswordAuthenticator == {
        "user_password": "for-users",
        "admin_password": "for-admins",
        "allow_all": True,
        "admin_users": {"admin"},
    }


@pytest.mark.parametrize(
    ("said", "trait", "expected"),
    [
        ({"SharedPasswordAuthenticator": {"user_password": "mine"}}, "user_password", "mine"),
        ({"SharedPasswordAuthenticator": {"allowed_users": ["ada"]}}, "allow_all", None),
        ({"Authenticator": {"allowed_users": ["ada"]}}, "allow_all", None),
        ({"Authenticator": {"allow_all": False}}, "allow_all", None),
        ({"Authenticator": {"admin_users": ["ada"]}}, "admin_users", None),
        ({"SharedPasswordAuthenticator": {"admin_users": ["ada"]}}, "admin_users", ["ada"]),
    ],
)
def test_what_is_said_of_the_default_authenticator_wins(said: dict[str, Any], trait: str, expected: Any) -> None:
    assert login(said).SharedPasswordAuthenticator.get(trait) == expected


@pytest.mark.parametrize("name", ["dummy", "github", "mymodule.MyAuthenticator"])
def test_other_authenticators_get_nothing_from_the_chart(name: str) -> None:
    config = login(by(name))
    assert config.JupyterHub.authenticator_class == name
    assert "SharedPasswordAuthenticator" not in config


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gihub", "'gihub' is not in the hub's image. Did you mean github? It has: dummy, github, google"),
        ("zzz", "'zzz' is not in the hub's image. It has: dummy"),
        ("", "write the name of an authenticator, such as shared-password, not ''"),
        (None, "write the name of an authenticator, such as shared-password, not None"),
        (["github"], "write the name of an authenticator, such as shared-password, not ['github']"),
    ],
)
def test_unknown_authenticator(name: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        login(by(name))
    assert str(caught.value).startswith(f"hub.config.JupyterHub.authenticator_class: {sentence}")


@pytest.mark.parametrize("name", ["native", "nativeauthenticator.NativeAuthenticator"])
def test_native_is_ours_that_works_with_this_jupyterhub(name: str) -> None:
    own = {**by(name), "NativeAuthenticator": {"open_signup": False}}
    config = composed({"hub": {"config": own}})
    assert config.JupyterHub.authenticator_class == "hub_config.runtime.native.NativeAuthenticator"
    assert config.NativeAuthenticator == {"open_signup": False}


@pytest.mark.parametrize("name", ["firstuse", "firstuseauthenticator.FirstUseAuthenticator"])
def test_first_use_needs_a_file_that_stays(name: str) -> None:
    memory = {"db": {"type": "sqlite-memory"}}
    composed({"hub": {"config": by(name)}})
    composed({"hub": {**memory, "config": {**by(name), "FirstUseAuthenticator": {"dbm_path": "/data/passwords"}}}})
    with pytest.raises(ConfigurationError, match=r"FirstUseAuthenticator\.dbm_path: with hub\.db\.type sqlite-memory"):
        composed({"hub": {**memory, "config": by(name)}})


def test_secrets_come_from_the_credentials() -> None:
    config = login({})
    assert config.JupyterHub.cookie_secret == "c0"
    assert config.CryptKeeper["keys"] == ["k1", "k2"]
