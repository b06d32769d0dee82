"""`load`: from the files that the chart mounts to JupyterHub's configuration, or to a message that helps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from hub_config import __version__
from hub_config.base import ConfigurationError
from hub_config.generate import default_values
from hub_config.load import check_snippets, load_jupyterhub_config, read_facts, read_values, run_snippets
from tests.unit.composed import merged, mount, values

pytestmark = pytest.mark.unit

COOKIE = "hub.config.JupyterHub.cookie_secret"
KEYS = "hub.config.CryptKeeper.keys"


def without_nulls(data: dict[str, Any]) -> dict[str, Any]:
    """Return values as Helm hands them over: keys that are null are gone."""
    return {
        key: without_nulls(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if value is not None
    }


def test_configmap_and_secret_are_one(tmp_path: Path) -> None:
    plain = {"hub": {"baseUrl": "/lab/", "db": {"type": "postgres"}}}
    secret = {"hub": {"db": {"url": "postgresql://db"}, "services": {"grader": {}}}}
    found = read_values(mount(tmp_path, plain, secret))
    assert (found.hub.base_url, found.hub.db.type, found.hub.db.url) == ("/lab/", "postgres", "postgresql://db")
    assert list(found.hub.services) == ["grader"]


def test_no_secret_is_no_mistake(tmp_path: Path) -> None:
    assert read_values(mount(tmp_path, {"hub": {"baseUrl": "/lab/"}})).hub.base_url == "/lab/"


@pytest.mark.parametrize(
    ("path", "default"),
    [
        (("singleuser", "memory", "guarantee"), "1G"),
        (("singleuser", "uid"), 1000),
        (("singleuser", "cmd"), "jupyterhub-singleuser"),
        (("singleuser", "allow_privilege_escalation"), False),
    ],
)
def test_a_nullable_value_that_is_absent_was_set_to_null(tmp_path: Path, path: tuple[str, ...], default: Any) -> None:
    """Helm drops keys that are set to null, after it has put the defaults in."""
    assert at(read_values(mount(tmp_path, without_nulls(default_values()))), path) == default
    assert at(read_values(mount(tmp_path, {"singleuser": {"memory": {}}})), path) is None
    assert at(read_values(mount(tmp_path, {})), path) is None, "the chart leaves out a map whose keys are all null"


def at(found: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        found = getattr(found, name)
    return found


def test_what_only_templates_read_does_not_reach_the_hub_and_is_not_missed(tmp_path: Path) -> None:
    hub = read_values(mount(tmp_path, {})).hub
    assert hub.resources["limits"]["memory"] == "2Gi"
    assert (hub.network_policy.egress_allow_rules.web_ports_non_private_ips, hub.readiness_probe.period_seconds) == (
        True,
        2,
    )


def test_profiles_keep_to_what_was_written(tmp_path: Path) -> None:
    """KubeSpawner gives a meaning to keys that are there, even to empty ones."""
    profile = {"display_name": "R", "profile_options": {"size": {"display_name": "Size", "unlisted_choice": {}}}}
    root = mount(tmp_path, {"singleuser": {"profileList": [profile]}})
    config = Config()
    load_jupyterhub_config(config, root, tmp_path / "none")
    assert config.KubeSpawner.profile_list == [profile]


RESTRICTED = {"singleuser": {"profileList": [{"display_name": "GPU", "allowed_groups": ["staff"]}]}}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", None),
        ("from hub_config.runtime.spawner import PromptKubeSpawner as Ours\nc.JupyterHub.spawner_class = Ours", None),
        (
            "c.JupyterHub.spawner_class = 'kubespawner.KubeSpawner'",
            "kubespawner.KubeSpawner does not know allowed_users",
        ),
        ("c.JupyterHub.spawner_class = 'simple'", "simple does not know allowed_users and allowed_groups, and would"),
        (
            "c.JupyterHub.spawner_class = 'no.such.Class'",
            "JupyterHub.spawner_class: no.such.Class cannot be imported: ModuleNotFoundError: No module named 'no'",
        ),
    ],
)
def test_a_spawner_that_would_offer_every_profile_to_everybody_is_refused(
    tmp_path: Path, code: str, said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    root = mount(tmp_path, merged(RESTRICTED, {"hub": {"extraConfig": {"a": code}}}))
    if said is None:
        load_jupyterhub_config(Config(), root, tmp_path / "none")
        return
    with pytest.raises(SystemExit):
        load_jupyterhub_config(Config(), root, tmp_path / "none")
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (None, "ModuleNotFoundError: No module named 'campus_login'"),
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("class Other: pass", "ImportError"),
    ],
    ids=["no module", "a module that lacks another", "a module that fails", "a module without the class"],
)
def test_a_class_that_cannot_be_imported_ends_the_hub_with_its_key(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: str | None,
    said: str,
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "campus_login", raising=False)
    if module is not None:
        (tmp_path / "campus_login.py").write_text(module, encoding="utf-8")
    own = {"hub": {"config": {"JupyterHub": {"authenticator_class": "campus_login.CampusAuthenticator"}}}}
    with pytest.raises(SystemExit):
        load_jupyterhub_config(Config(), mount(tmp_path, {}, own), tmp_path / "none")
    err = capsys.readouterr().err
    key = "hub.config.JupyterHub.authenticator_class: campus_login.CampusAuthenticator cannot be imported: "
    assert key + said in err
    assert "Traceback" not in err


def test_without_restricted_profiles_any_spawner_will_do(tmp_path: Path) -> None:
    own = {
        "singleuser": {"profileList": [{"display_name": "a"}]},
        "hub": {"config": {"JupyterHub": {"spawner_class": "simple"}}},
    }
    load_jupyterhub_config(Config(), mount(tmp_path, own), tmp_path / "none")


def test_all_mistakes_in_one_message(tmp_path: Path) -> None:
    plain = {"hub": {"baseURL": "/"}, "singleuser": {"uid": "1000", "storage": {"type": "static"}}}
    with pytest.raises(ConfigurationError) as caught:
        read_values(mount(tmp_path, plain))
    assert str(caught.value).splitlines() == [
        "hub.baseURL: unknown key; did you mean baseUrl?",
        'singleuser.uid: write a whole number, not "1000"; did you mean 1000?',
        (
            "singleuser.storage: type static needs static.pvcName: "
            "the claim, in the namespace of the release, with the homes"
        ),
    ]


def test_python_names_are_no_keys(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"hub\.base_url: unknown key; did you mean baseUrl\?"):
        read_values(mount(tmp_path, {"hub": {"base_url": "/"}}))


@pytest.mark.parametrize("missing", ["values/values.json", "values/facts.json"])
def test_missing_mount(tmp_path: Path, missing: str) -> None:
    root = mount(tmp_path, {})
    (root / missing).unlink()
    with pytest.raises(ConfigurationError, match=rf"{missing} is missing: the chart mounts it"):
        read_facts(root, read_values(root))


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        (__version__, None),
        ("99.0.0", "The image is behind: set hub.image.tag to the chart's own"),
        ("0.0.1", "The chart is behind: upgrade the chart"),
    ],
)
def test_chart_and_image_of_different_versions(tmp_path: Path, expected: str, sentence: str | None) -> None:
    root = mount(tmp_path, {}, hubConfig=expected)
    if sentence is None:
        assert read_facts(root, values()).namespace == "lab"
        return
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        read_facts(root, values())
    assert f"carries hub_config {__version__}" in str(caught.value)
    assert f"expects {expected}" in str(caught.value)


def credentials(root: Path, own: dict[str, Any], **folders: dict[str, str]) -> dict[str, str]:
    """Return the credentials of a hub with the values `own` and with `folders` mounted (`_` for `-`)."""
    for folder, files in folders.items():
        for name, text in files.items():
            (root / folder.replace("_", "-") / name).write_text(text, encoding="utf-8")
    return dict(read_facts(root, values(own)).credentials)


@pytest.mark.parametrize(
    ("explicit", "existing", "generated", "expected"),
    [
        (None, None, "generated", "generated"),
        (None, "existing", "generated", "existing"),
        ("explicit", "existing", "generated", "existing"),
        ("explicit", None, "generated", "explicit"),
        ("explicit", None, None, "explicit"),
        (None, None, None, None),
    ],
)
@pytest.mark.parametrize(
    ("key", "place"),
    [
        (COOKIE, {"hub": {"cookieSecret": "explicit"}}),
        (COOKIE, {"hub": {"config": {"JupyterHub": {"cookie_secret": "explicit"}}}}),
        (KEYS, {"hub": {"config": {"CryptKeeper": {"keys": "explicit"}}}}),
        (KEYS, {"hub": {"config": {"CryptKeeper": {"keys": ["explicit"]}}}}),
        ("hub.db.password", {"hub": {"db": {"type": "mysql", "url": "mysql://db", "password": "explicit"}}}),
        ("hub.services.grader.apiToken", {"hub": {"services": {"grader": {"apiToken": "explicit"}}}}),
        ("hub.services.grader.apiToken", {"hub": {"services": {"grader": {"api_token": "explicit"}}}}),
    ],
)
def test_which_credential_wins(
    tmp_path: Path,
    key: str,
    place: dict[str, Any],
    explicit: str | None,
    existing: str | None,
    generated: str | None,
    expected: str | None,
) -> None:
    found = credentials(
        mount(tmp_path, {}),
        place if explicit else {},
        existing_secret={key: existing} if existing else {},
        credentials={key: generated} if generated else {},
    )
    assert found.get(key) == expected


@pytest.mark.parametrize(
    ("own", "key"),
    [
        ({"config": {"JupyterHub": {"cookie_secret": 12345}}}, COOKIE),
        ({"config": {"CryptKeeper": {"keys": 12345}}}, KEYS),
        ({"config": {"CryptKeeper": {"keys": ["a", 12345]}}}, KEYS),
    ],
)
def test_a_credential_that_yaml_reads_as_a_number(tmp_path: Path, own: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_facts(mount(tmp_path, {}), values({"hub": own}))
    assert str(caught.value) == f"{key}: write a text, in quotes"


def test_several_keys_are_one_text_as_in_the_secret(tmp_path: Path) -> None:
    own = {"hub": {"config": {"CryptKeeper": {"keys": ["new", "old"]}}}}
    assert credentials(mount(tmp_path, {}), own)[KEYS] == "new;old"


def test_the_kubelets_bookkeeping_is_no_credential(tmp_path: Path) -> None:
    found = credentials(mount(tmp_path, {}), {}, credentials={COOKIE: "generated\n", "..data": "x"})
    assert found == {COOKIE: "generated"}


def ran(tmp_path: Path, snippets: dict[str, str], **files: str) -> Config:
    """Return the configuration after the files `files` of the image and `hub.extraConfig` ran."""
    for name, code in files.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    config = Config()
    own = {"hub": {"extraConfig": snippets}, "custom": {"course": "algebra"}}
    run_snippets(config, values(own), tmp_path)
    return config


def test_code_runs_in_the_order_of_names_the_images_own_first(tmp_path: Path) -> None:
    add = "c.JupyterHub.template_paths = [*c.JupyterHub.get('template_paths', []), '{}']".format
    config = ran(tmp_path, {"20-b": add("d"), "10-a": add("c")}, b=add("b"), a=add("a"))
    assert config.JupyterHub.template_paths == ["a", "b", "c", "d"]


def test_code_shares_names_and_finds_custom(tmp_path: Path) -> None:
    config = ran(tmp_path, {"a": "def url():\n    return custom['course']", "b": "get_config().Hub.url = url()"})
    assert config.Hub.url == "algebra"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = 1\nc.a.b = nope", "hub.extraConfig.pages, line 2: NameError: name 'nope' is not defined"),
        ("def f():\n    raise ValueError('no')\n\nf()", "hub.extraConfig.pages, line 2: ValueError: no"),
        ("x = (", "hub.extraConfig.pages, line 1: '(' was never closed: x = ("),
        ("import nowhere_to_be_found", "hub.extraConfig.pages, line 1: ModuleNotFoundError: No module named 'nowhere_"),
    ],
)
def test_a_mistake_in_code_is_told_with_its_line(tmp_path: Path, code: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ran(tmp_path, {"pages": code})
    assert str(caught.value).startswith(message)


def test_code_is_checked_without_running_it() -> None:
    check_snippets(values({"hub": {"extraConfig": {"a": "raise SystemExit"}}}))
    with pytest.raises(ConfigurationError, match=r"hub\.extraConfig\.b, line 1"):
        check_snippets(values({"hub": {"extraConfig": {"b": "x ="}}}))


def test_extra_config_has_the_last_word(tmp_path: Path) -> None:
    own = {"hub": {"baseUrl": "/a/"}}
    secret = {
        "hub": {
            "config": {"JupyterHub": {"base_url": "/b/", "authenticator_class": "dummy"}},
            "extraConfig": {"x": "assert c.JupyterHub.base_url == '/b/'\nc.JupyterHub.base_url = '/c/'"},
        }
    }
    config = Config()
    load_jupyterhub_config(config, mount(tmp_path, own, secret), tmp_path / "none")
    assert config.JupyterHub.base_url == "/c/"


def test_a_mistake_ends_the_hub_with_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        load_jupyterhub_config(Config(), mount(tmp_path, {"hub": {"nope": 1}}), tmp_path / "none")
    assert caught.value.code == 1
    assert capsys.readouterr().err == ("The hub cannot start with these values:\nhub.nope: unknown key; remove it\n")


def test_values_as_helm_hands_them_over_mean_the_same(tmp_path: Path) -> None:
    own = {"singleuser": {"cpu": {"limit": 2}}, "hub": {"config": {"KubeSpawner": {"working_dir": None}}}}
    found = read_values(mount(tmp_path, without_nulls(merged(default_values(), own))))
    assert found.singleuser == values(own).singleuser
