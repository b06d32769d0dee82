"""`hub.existingSecret`: its keys `hub.config.<Class>.<trait>` set traits, whatever the values say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from hub_config.base import ConfigurationError
from hub_config.load import load_jupyterhub_config, read_values
from tests.unit.composed import mount

pytestmark = pytest.mark.unit

OWN = {"hub": {"config": {"JupyterHub": {"authenticator_class": "generic-oauth"}}}}


def mounted(folder: Path, secret: dict[str, str], values: dict[str, Any] = OWN) -> Path:
    """Lay out a hub's pod whose existing Secret has the keys `secret`."""
    root = mount(folder, values)
    for key, text in secret.items():
        (root / "existing-secret" / key).write_text(text, encoding="utf-8")
    return root


def loaded(folder: Path, secret: dict[str, str], values: dict[str, Any] = OWN) -> Config:
    """Return JupyterHub's configuration in that pod."""
    config = Config()
    load_jupyterhub_config(config, mounted(folder, secret, values), folder / "none")
    return config


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("GenericOAuthenticator.client_secret", "s3cret", "s3cret"),
        ("GenericOAuthenticator.client_secret", "s3cret\n", "s3cret"),
        ("GenericOAuthenticator.client_secret", "12345", "12345"),
        ("GenericOAuthenticator.client_secret", "true", "true"),
        ("GenericOAuthenticator.client_secret", "{a: [", "{a: ["),
        ("OAuthenticator.client_secret", "of-the-class-above", "of-the-class-above"),
        ("LDAPAuthenticator.lookup_dn_search_password", "p: w", "p: w"),
        ("LTI11Authenticator.consumers", '{"key": "secret"}', {"key": "secret"}),
        ("GenericOAuthenticator.token_params", "client_assertion: abc", {"client_assertion": "abc"}),
        ("NativeAuthenticator.minimum_password_length", "12", 12),
        ("Authenticator.admin_users", "[ada, grace]", ["ada", "grace"]),
        ("Authenticator.allow_all", "false", False),
        ("MyOwnAuthenticator.key", "[no list]", "[no list]"),
    ],
)
def test_a_key_sets_its_trait(tmp_path: Path, key: str, text: str, value: Any) -> None:
    section, trait = key.split(".")
    assert loaded(tmp_path, {f"hub.config.{key}": text})[section][trait] == value


def test_it_wins_over_the_values_and_leaves_the_rest(tmp_path: Path) -> None:
    mine = {"client_id": "id", "client_secret": "of-the-file"}
    values = {"hub": {"config": {**OWN["hub"]["config"], "GenericOAuthenticator": mine}}}
    secret = {
        "hub.config.GenericOAuthenticator.client_secret": "of-the-key",
        "values.yaml": "hub: {config: {GenericOAuthenticator: {client_secret: of-values, scope: [openid]}}}",
    }
    found = loaded(tmp_path, secret, values).GenericOAuthenticator
    assert found == {"client_id": "id", "client_secret": "of-the-key", "scope": ["openid"]}


def test_the_shared_passwords_can_be_ones_own(tmp_path: Path) -> None:
    keys = {
        "hub.config.SharedPasswordAuthenticator.user_password": "one-for-all",
        "hub.config.SharedPasswordAuthenticator.admin_password": "another-one-of-at-least-32-letters",
    }
    found = loaded(tmp_path, keys, {}).SharedPasswordAuthenticator
    assert (found.user_password, found.admin_password) == tuple(keys.values())


def test_what_jupyterhub_gets_as_a_credential_is_no_configuration(tmp_path: Path) -> None:
    keys = {
        "hub.config.JupyterHub.cookie_secret": "61" * 32,
        "hub.config.CryptKeeper.keys": f"{'62' * 32};{'63' * 32}",
        "hub.config.ConfigurableHTTPProxy.auth_token": "of-the-proxy",
    }
    root = mounted(tmp_path, keys)
    assert read_values(root).hub.config == OWN["hub"]["config"]
    config = Config()
    load_jupyterhub_config(config, root, tmp_path / "none")
    assert config.JupyterHub.cookie_secret == "61" * 32
    assert config.CryptKeeper["keys"] == ["62" * 32, "63" * 32]
    assert config.ConfigurableHTTPProxy.auth_token == "of-the-proxy"


@pytest.mark.parametrize("key", ["hub.config.JupyterHub", "hub.config.lower.case", "hub.db.password", "tls.crt", "a"])
def test_other_keys_are_no_traits(tmp_path: Path, key: str) -> None:
    assert read_values(mounted(tmp_path, {key: "x"})).hub.config == OWN["hub"]["config"]


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("GenericOAuthenticator.client_secrt", "s3cret", ": unknown trait; did you mean client_secret?"),
        ("LTI11Authenticator.consumers", "s3cret", ": write a map"),
        ("NativeAuthenticator.minimum_password_length", "s3cret", ": write a whole number"),
        ("LTI11Authenticator.consumers", "{s3cret: [", " is no YAML, and the trait takes no text"),
    ],
)
def test_a_mistake_is_told_without_the_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, text: str, message: str
) -> None:
    with pytest.raises(SystemExit):
        loaded(tmp_path, {f"hub.config.{key}": text})
    said = capsys.readouterr().err
    assert f"hub.config.{key}{message}" in said
    assert "s3cret" not in said


def test_the_message_names_the_secret(tmp_path: Path) -> None:
    root = mounted(tmp_path, {"hub.config.LTI11Authenticator.consumers": "{a: ["})
    with pytest.raises(ConfigurationError, match=r"hub\.existingSecret: its key hub\.config\.LTI11Authenticator"):
        read_values(root)
