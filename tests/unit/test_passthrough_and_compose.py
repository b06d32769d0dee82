"""`hub.passthrough` and `compose`: `hub.config` wins; two slices never disagree."""

from __future__ import annotations

from typing import Any

import pytest

from hub_config.base import ConfigurationError
from hub_config.compose import join
from tests.unit.composed import composed

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("section", "trait", "value"),
    [
        ("JupyterHub", "base_url", "/other/"),
        ("KubeSpawner", "mem_guarantee", "2G"),
        ("KubeSpawner", "tolerations", []),
        ("KubeSpawner", "working_dir", "/srv"),
        ("ConfigurableHTTPProxy", "api_url", "http://elsewhere:1"),
        ("GitHubOAuthenticator", "client_id", "abc"),
    ],
)
def test_passthrough_wins_and_keeps_the_rest(section: str, trait: str, value: Any) -> None:
    before = composed()
    after = composed({"hub": {"config": {section: {trait: value}}}})
    assert after[section][trait] == value
    untouched = {key: each for key, each in before.get(section, {}).items() if key != trait}
    assert {key: after[section][key] for key in untouched} == untouched


@pytest.mark.parametrize(
    ("section", "trait"),
    [("JupyterHub", "cookie_secret"), ("ConfigurableHTTPProxy", "auth_token"), ("CryptKeeper", "keys")],
)
def test_secrets_reach_the_hub_by_the_credentials_alone(section: str, trait: str) -> None:
    assert trait not in composed({"hub": {"config": {section: {trait: "secret"}}}}).get(section, {})


def test_lower_case_section_is_a_value_in_the_wrong_place() -> None:
    with pytest.raises(ConfigurationError, match=r"hub\.config\.baseUrl: .* If you meant hub\.baseUrl, move it"):
        composed({"hub": {"config": {"baseUrl": {}}}})


def test_compose_is_pure() -> None:
    own = {"hub": {"services": {"a": {}}}, "singleuser": {"extraEnv": {"A": "1"}}}
    assert composed(own) == composed(own)


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        ({}, {"A": {"x": 1}}, {"A": {"x": 1}}),
        ({"A": {"x": 1}}, {"A": {"y": 2}}, {"A": {"x": 1, "y": 2}}),
        ({"A": {"l": [1]}}, {"A": {"l": [2]}}, {"A": {"l": [1, 2]}}),
        ({"A": {"m": {"a": 1}}}, {"A": {"m": {"b": 2}}}, {"A": {"m": {"a": 1, "b": 2}}}),
        ({"A": {"x": 1}}, {"A": {"x": 1}}, {"A": {"x": 1}}),
    ],
)
def test_join(one: dict[str, Any], other: dict[str, Any], result: dict[str, Any]) -> None:
    join(one, other)
    assert one == result


@pytest.mark.parametrize(
    ("one", "other"),
    [({"A": {"x": 1}}, {"A": {"x": 2}}), ({"A": {"x": [1]}}, {"A": {"x": {}}}), ({"A": {"x": {}}}, {"A": {"x": 1}})],
)
def test_two_slices_that_disagree_are_a_bug(one: dict[str, Any], other: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"two slices set c\.A\.x"):
        join(one, other)


def test_tornados_settings_are_added_to() -> None:
    own = {"hub": {"config": {"JupyterHub": {"tornado_settings": {"cookie_options": {"secure": True}}}}}}
    assert composed(own).JupyterHub.tornado_settings == {
        "slow_spawn_timeout": 0,
        "cookie_options": {"secure": True},
    }
