"""`z2jh`: code that was written for Zero to JupyterHub finds what it used to find."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hatchling.build import build_wheel
from traitlets.config import Config

from hub_config import z2jh
from hub_config.base import ConfigurationError
from hub_config.load import load_jupyterhub_config, read_values
from hub_config.mounted import MOUNTED
from hub_config.top_level import z2jh as top_level
from tests.unit.composed import mount

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
PLAIN = {"custom": {"course": "algebra", "rooms": ["a", "b"], "exam": {"on": True}}, "hub": {"baseUrl": "/lab/"}}
SECRET = {
    "hub": {
        "config": {"JupyterHub": {"authenticator_class": "dummy"}, "CryptKeeper": {"keys": ["new", "old"]}},
        "services": {"grader": {"url": "http://grader", "apiToken": "from-values"}},
    }
}


@pytest.fixture(autouse=True)
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hub's pod; the module `z2jh` is there, as in the image."""
    monkeypatch.setitem(sys.modules, "z2jh", top_level)
    root = mount(tmp_path, PLAIN, SECRET)
    for folder, name, text in (
        ("credentials", "hub.config.JupyterHub.cookie_secret", "generated"),
        ("credentials", "hub.services.announcer.apiToken", "generated"),
        ("existing-secret", "hub.services.announcer.apiToken", "existing"),
        ("existing-secret", "hub.services.grader.apiToken", "existing"),
    ):
        (root / folder / name).write_text(text, encoding="utf-8")
    z2jh.read_from(root)
    yield root
    z2jh.read_from(MOUNTED)


def ran(root: Path, code: str) -> Config:
    """Return the configuration of a hub with the snippet `code`."""
    secret = {"hub": {**SECRET["hub"], "extraConfig": {"snippet": code}}}
    config = Config()
    load_jupyterhub_config(config, mount(root, PLAIN, secret), root / "none")
    return config


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("custom.course", "algebra"),
        ("custom.rooms", ["a", "b"]),
        ("custom.exam", {"on": True}),
        ("custom.exam.on.more", "default"),
        ("custom.nothing", "default"),
        ("hub.baseUrl", "/lab/"),
        ("hub.config.JupyterHub.authenticator_class", "dummy"),
        ("hub.services.grader.url", "http://grader"),
        ("Chart.Name", "jupyterhub"),
        ("Chart.Version", "default"),
        ("Release.Name", "test"),
        ("Release.Namespace", "lab"),
    ],
)
def test_get_config(key: str, value: Any) -> None:
    assert z2jh.get_config(key, "default") == value


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hub.config.CryptKeeper.keys", "new;old"),
        ("hub.config.JupyterHub.cookie_secret", "generated"),
        ("hub.services.grader.apiToken", "existing"),
        ("hub.services.announcer.apiToken", "existing"),
        ("hub.config.ConfigurableHTTPProxy.auth_token", "of-the-deployment"),
        ("hub.db.password", None),
    ],
)
def test_get_secret_value(key: str, value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "of-the-deployment")
    assert z2jh.get_secret_value(key, None) == value
    if value is None:
        with pytest.raises(KeyError, match=r"hub\.db\.password is neither in the values"):
            z2jh.get_secret_value(key)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("name", "suffix", "value"),
    [
        ("hub", "_SERVICE_HOST", "10.0.0.1"),
        ("proxy-api", "_SERVICE_PORT", "8001"),
        ("proxy-api", "_SERVICE_HOST", "proxy-api"),
        ("hub", "_SERVICE_PORT", "8081"),
    ],
)
def test_get_name_env(name: str, suffix: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubernetes' variable when there is one, else what the chart knows of its Services."""
    monkeypatch.setenv("HUB_SERVICE_HOST", "10.0.0.1")
    for each in ("PROXY_API_SERVICE_PORT", "PROXY_API_SERVICE_HOST", "HUB_SERVICE_PORT"):
        monkeypatch.delenv(each, raising=False)
    assert z2jh.get_name(name) == name
    assert z2jh.get_name_env(name, suffix) == value


SNIPPETS = [
    # as the guides of Zero to JupyterHub and of those who use it have them
    ("import z2jh\nc.A.x = z2jh.get_config('custom.course')", "algebra"),
    ("from z2jh import get_config\nc.A.x = get_config('custom.exam.on', False)", True),
    ("c.A.x = get_config('custom.rooms')", ["a", "b"]),
    ("get_config().A.x = custom['course']", "algebra"),
    ("c = get_config()  # noqa\nc.A.x = 1", 1),
    ("from z2jh import set_config_if_not_none\nset_config_if_not_none(c.A, 'x', 'custom.course')", "algebra"),
    ("c.A.x = 1\nset_config_if_not_none(c.A, 'x', 'custom.nothing')", 1),
    ("c.A.x = get_name('proxy-api')", "proxy-api"),
    ("c.A.x = get_name_env('hub', '_SERVICE_PORT')", "8081"),
    ("c.A.x = f\"{get_config('Release.Name')}-{os.path.basename('/a/b')}\"", "test-b"),
    ("c.A.x = camelCaseify('pod_name_template')", "podNameTemplate"),
    ("c.A.x = get_secret_value('hub.config.JupyterHub.cookie_secret')", "generated"),
    (
        "class Own(object):\n    def room(self):\n        return get_config('custom.rooms')[0]\nc.A.x = Own().room()",
        "a",
    ),
    # ours
    ("c.A.x = values.hub.base_url + facts.release", "/lab/test"),
]


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(("code", "value"), SNIPPETS)
def test_snippets(mounted: Path, code: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_SERVICE_PORT", raising=False)
    assert ran(mounted, code).A.x == value


def test_each_helper_names_ours_once() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            z2jh.get_config("custom.course")
            z2jh.get_name("hub")
            z2jh.get_secret_value("hub.config.JupyterHub.cookie_secret")
    said = [str(each.message) for each in caught]
    assert len(said) == 3
    assert said[0].startswith(
        "z2jh.get_config is there for Zero to JupyterHub's users; in hub.extraConfig write custom"
    )
    assert {each.filename for each in caught} == {__file__}


def test_code_of_ours_is_not_warned_of(mounted: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ran(mounted, "get_config().A.x = (custom, values, facts)")


@pytest.mark.parametrize("key", ["ingress.hosts", "ingress", "proxy.service.type"])
def test_a_value_that_the_hub_does_not_get_is_told_of(key: str) -> None:
    with pytest.warns(FutureWarning, match=rf"get_config: {key} does not reach the hub in this chart: copy what"):
        assert z2jh.get_config(key, "default") == "default"


def test_values_in_the_administrators_secret(mounted: Path) -> None:
    (mounted / "existing-secret" / "values.yaml").write_text(
        "hub:\n  baseUrl: /other/\n  config: {DummyAuthenticator: {password: swordfish}}\n", encoding="utf-8"
    )
    found = read_values(mounted)
    assert found.hub.base_url == "/other/"
    assert found.hub.config["DummyAuthenticator"] == {"password": "swordfish"}
    assert found.hub.config["JupyterHub"] == {"authenticator_class": "dummy"}


@pytest.mark.parametrize(("text", "said"), [("a: [\nsecret", "is no YAML, line 2"), ("- secret", "must be a map")])
def test_such_a_secret_that_is_no_yaml(mounted: Path, text: str, said: str) -> None:
    (mounted / "existing-secret" / "values.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_values(mounted)
    assert "secret" not in str(caught.value).replace("existingSecret", "")


def test_the_wheel_has_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    wheel = tmp_path / build_wheel(str(tmp_path))
    code = f"import sys; sys.path.insert(0, {str(wheel)!r}); import z2jh; print(z2jh.__file__, z2jh.__all__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith(f"{wheel}/z2jh.py ")
