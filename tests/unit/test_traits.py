"""`traits`: what may stand in `hub.config`, by the classes of the hub's image."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jupyterhub.auth import Authenticator
from traitlets import HasTraits, TraitType, Undefined
from traitlets.config import Config

from hub_config import installed_traits
from hub_config.base import ConfigurationError
from hub_config.load import check_config, load_jupyterhub_config
from hub_config.runtime import preflight
from hub_config.traits import authenticators, document, findings, pinned, schema
from tests.unit.composed import mount, values

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
IMAGE = REPOSITORY / "images" / "hub" / "requirements.txt"
OWN = {"JupyterHub": {"authenticator_class": "lab.auth.LabAuthenticator"}}

GOOD: list[dict[str, Any]] = [
    {},
    {"JupyterHub": {"admin_access": True, "authenticator_class": "dummy"}, "DummyAuthenticator": {"password": "a"}},
    {"Authenticator": {"admin_users": ["ada"], "allowed_users": ["bob"], "allow_all": False, "auto_login": True}},
    {
        "JupyterHub": {"authenticator_class": "github"},
        "GitHubOAuthenticator": {
            "client_id": "id",
            "client_secret": "secret",
            "oauth_callback_url": "https://lab/hub/oauth_callback",
            "allowed_organizations": ["lab:team"],
            "scope": ["read:org"],
        },
    },
    {"OAuthenticator": {"client_id": "id"}, "Authenticator": {"enable_auth_state": True}},
    {"Authenticator": {"client_id": "of whichever class is chosen"}},
    {"GenericOAuthenticator": {"username_claim": "email", "admin_groups": ["staff"], "login_service": "Lab"}},
    {
        "LDAPAuthenticator": {
            "server_address": "ldap",
            "bind_dn_template": ["uid={username},dc=lab"],
            "tls_strategy": "on_connect",
        }
    },
    {"LTI11Authenticator": {"consumers": {"key": "secret"}}, "NativeAuthenticator": {"open_signup": True}},
    {"CILogonOAuthenticator": {"allowed_idps": {"https://idp": {"username_derivation": {"username_claim": "email"}}}}},
    {"KubeSpawner": {"mem_limit": "1.5G", "uid": None, "cmd": "start", "args": ["--x"], "cpu_limit": 1}},
    {"KubeSpawner": {"mem_limit": 1073741824, "cmd": ["start"], "profile_list": {"a": {"display_name": "A"}}}},
    {"Spawner": {"http_timeout": 60, "image": "of KubeSpawner"}, "Application": {"log_level": "DEBUG"}},
    {"JupyterHub": {"load_groups": {"a": ["ada"], "b": {"users": ["bob"]}}, "cookie_max_age_days": 1, "log_level": 10}},
    {**OWN, "Authenticator": {"of_its_own": 1}, "LabAuthenticator": {"anything": {}}},
    {"LabThing": {"x": 1}},
]
"""Configuration that is right, as guides have it."""

BAD: list[tuple[dict[str, Any], str]] = [
    ({"JupyterHub": {"admin_acess": True}}, "JupyterHub.admin_acess: unknown trait; did you mean admin_access?"),
    ({"JupyterHub": {"adminAccess": True}}, "JupyterHub.adminAccess: unknown trait; did you mean admin_access?"),
    (
        {"JupyterHub": {"allow_all": True}},
        (
            "JupyterHub.allow_all: unknown trait of JupyterHub; it is one of Authenticator: "
            "did you mean hub.config.Authenticator.allow_all?"
        ),
    ),
    ({"JupyterHub": {"xyzzy": True}}, "JupyterHub.xyzzy: JupyterHub has no such trait; remove it"),
    ({"Authenticator": {"admin_user": ["a"]}}, "Authenticator.admin_user: unknown trait; did you mean admin_users?"),
    (
        {
            "JupyterHub": {"authenticator_class": "oauthenticator.GitHubOAuthenticator"},
            "Authenticator": {"admn_users": []},
        },
        "Authenticator.admn_users: unknown trait; did you mean admin_users?",
    ),
    ({"KubeSpawner": {"memory_limit": 1}}, "KubeSpawner.memory_limit: unknown trait; did you mean mem_limit?"),
    ({"JupyterHub": {"port": "80"}}, "JupyterHub.port: write a whole number; did you mean 80?"),
    ({"JupyterHub": {"template_paths": "/a"}}, 'JupyterHub.template_paths: write a list; did you mean ["/a"]?'),
    ({"JupyterHub": {"admin_access": "yes"}}, "JupyterHub.admin_access: write true or false; did you mean true?"),
    ({"JupyterHub": {"load_groups": {"a": 5}}}, "JupyterHub.load_groups.a: write a map or a list"),
    ({"Authenticator": {"admin_users": "ada"}}, 'Authenticator.admin_users: write a list; did you mean ["ada"]?'),
    ({"Authenticator": {"admin_users": None}}, "Authenticator.admin_users: write a list"),
    ({"Authenticator": {"admin_users": {"extend": ["ada"]}}}, "Authenticator.admin_users: write a list"),
    ({"KubeSpawner": {"uid": "1000"}}, "KubeSpawner.uid: write a whole number; did you mean 1000?"),
    ({"KubeSpawner": {"cmd": ["a", 5]}}, "KubeSpawner.cmd[1]: write a text"),
    (
        {"KubeSpawner": {"mem_limit": "1Gi"}},
        "KubeSpawner.mem_limit: write a number of bytes, or a text with K, M, G or T, such as 512M; did you mean 1G?",
    ),
    ({"KubeSpawner": {"slug_scheme": "x"}}, 'KubeSpawner.slug_scheme: write "safe" or "escape"'),
    (
        {"KubeSpawner": {"modify_pod_hook": "lab.hooks.modify"}},
        "KubeSpawner.modify_pod_hook: write null (or set it by Python code in hub.extraConfig)",
    ),
]

NOTES = [
    ("MyGitHubOAuthenticator", "the hub's image has no such class; did you mean GitHubOAuthenticator?"),
    ("LabThing", "the hub's image has no such class; it is taken for one of your own"),
    ("IdleCuller", "has no effect: the culler is a process of its own, which the values cull.* configure"),
]


@pytest.mark.parametrize("config", GOOD)
def test_right(config: dict[str, Any]) -> None:
    assert findings(config, pinned()).errors == []
    assert [error.message for error in Draft7Validator(schema(pinned())).iter_errors(config)] == []


@pytest.mark.parametrize(("config", "line"), BAD, ids=[line.split(":", 1)[0] for _, line in BAD])
def test_wrong(config: dict[str, Any], line: str) -> None:
    assert findings(config, pinned()).errors == [f"hub.config.{line}"]
    assert list(Draft7Validator(schema(pinned())).iter_errors(config)) != []


@pytest.mark.parametrize(("section", "note"), NOTES)
def test_notes(section: str, note: str) -> None:
    found = findings({section: {}}, pinned())
    assert (found.errors, found.notes) == ([], [f"hub.config.{section}: {note}"])


def test_a_class_in_other_letters_is_no_class_of_ones_own() -> None:
    assert findings({"GithubOAuthenticator": {}}, pinned()).errors == [
        "hub.config.GithubOAuthenticator: unknown class; did you mean GitHubOAuthenticator? Upper and lower case count"
    ]


def test_the_hub_tells_all_mistakes_without_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    config = {"KubeSpawner": {"uid": "swordfish", "imag": "swordfish"}, "LabThing": {"x": "swordfish"}}
    with pytest.raises(ConfigurationError) as caught:
        check_config(values({"hub": {"config": config}}))
    assert str(caught.value).splitlines() == [
        "hub.config.KubeSpawner.uid: write a whole number",
        "hub.config.KubeSpawner.imag: unknown trait; did you mean image?",
    ]
    printed = capsys.readouterr().err
    assert printed.startswith("Note: hub.config.LabThing: ")
    assert "swordfish" not in printed


def test_hub_and_preflight_refuse_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = mount(tmp_path, {}, {"hub": {"config": {"KubeSpawner": {"imag": "x"}}}})
    line = "hub.config.KubeSpawner.imag: unknown trait; did you mean image?"
    with pytest.raises(SystemExit):
        load_jupyterhub_config(Config(), root, tmp_path / "none")
    assert capsys.readouterr().err == f"The hub cannot start with these values:\n{line}\n"
    (root / "existing-secret").rmdir()
    monkeypatch.setattr(preflight, "MOUNTED", root)
    with pytest.raises(ConfigurationError, match=re.escape(line)):
        preflight.check_values([])


# ---- what was written down is what the classes say


def test_the_environment_has_the_packages_of_the_hubs_image() -> None:
    assert installed_traits.missing() == [], "install the development dependencies: make .venv/.ready"
    lines = re.findall(r"^([\w-]+)(?:\[[\w,]+\])?==(\S+)", IMAGE.read_text("utf-8"), re.MULTILINE)
    locked = dict(lines)
    # Another page of profiles, which has no traits.
    without = {"jupyterhub-fancy-profiles"}
    packages = [name for name in locked if name.startswith("jupyterhub") or name == "oauthenticator"]
    packages = [name for name in packages if name not in without]
    assert "oauthenticator" in packages
    assert {name: version(name) for name in packages} == {name: locked[name] for name in packages}


def test_the_file_is_fresh() -> None:
    text = (REPOSITORY / "hub_config" / "traits.json").read_text(encoding="utf-8")
    made = document(installed_traits.installed(), installed_traits.authenticators())
    assert {name: part for name, part in json.loads(text).items() if name != "$comment"} == made, "run `make generate`"


def test_every_authenticator_that_has_a_name_can_be_used() -> None:
    """One of them needs another package for its import, which only an extra of its own package brings."""
    loaded = {point.name: point.load() for point in entry_points(group=installed_traits.AUTHENTICATORS)}
    assert loaded.keys() == authenticators()
    assert [name for name, cls in loaded.items() if not issubclass(cls, Authenticator)] == []


def each_trait() -> Iterator[tuple[str, TraitType[Any, Any]]]:
    for cls in installed_traits._classes():
        for name, trait in cls.class_traits(config=True).items():
            yield f"{cls.__name__}.{name}", trait


def taken(trait: TraitType[Any, Any], value: Any) -> bool:
    """Tell whether traitlets takes a value for a trait."""
    try:
        trait._validate(HasTraits(), value)
    except Exception:  # noqa: BLE001 - the traits of other packages fail in their own ways
        return False
    return True


def test_each_default_is_right() -> None:
    """What a class itself says by default may be written down too."""
    wrong = []
    for name, trait in each_trait():
        default = trait.default()
        plain = list(default) if isinstance(default, set | tuple) else default
        if plain is Undefined or not _is_json(plain) or not taken(trait, plain):
            continue
        wrong += [
            f"{name}: {error.message}"
            for error in Draft7Validator(installed_traits.json_type(trait)).iter_errors(plain)
        ]
    assert wrong == []


SAMPLES: list[Any] = [
    None,
    0,
    7,
    1.5,
    "text",
    "2G",
    "",
    [],
    ["text"],
    [7],
    [{}],
    {},
    {"a": "text"},
    {"a": 7},
    {"a": []},
]
STRICTER_THAN_TRAITLETS = ("traitlets.traitlets.Bool", "jupyterhub.traitlets.EntryPointType")
"""Bool takes 0 for false there, and numbers take true for 1, so that is no sample; EntryPointType imports its text."""


def test_what_is_right_for_a_trait_is_what_traitlets_takes() -> None:
    """Never refuse what a class takes; and refuse what it does not, as far as JSON can tell."""
    wrong = []
    for name, trait in each_trait():
        if f"{type(trait).__module__}.{type(trait).__name__}" in STRICTER_THAN_TRAITLETS:
            continue
        kind = Draft7Validator(installed_traits.json_type(trait))
        wrong += [f"{name}: {sample!r}" for sample in SAMPLES if taken(trait, sample) and not kind.is_valid(sample)]
    assert wrong == []


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
