"""docs/authentication.md: each example passes `hub-config check`, and JupyterHub makes its authenticator of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.cli import main
from hub_config.traits import authenticators
from tests.unit.composed import composed

pytestmark = pytest.mark.unit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "authentication.md"
EXAMPLES = {
    f"{title.strip()} {number}": yaml_text
    for title, section in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for number, yaml_text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
}
EXPECTED = (
    "The shared database session at Authenticator.db is deprecated",
    "testing authenticator DummyAuthenticator",
)
"""What JupyterHub says of NativeAuthenticator and DummyAuthenticator, whatever their settings."""
GENERATED = {
    "hub.config.SharedPasswordAuthenticator.user_password": "sixteen-letters-",
    "hub.config.SharedPasswordAuthenticator.admin_password": "at-least-thirty-two-letters-long-",
}
SCRIPT = """
import json, sys
from jupyterhub.app import JupyterHub
from jupyterhub.orm import new_session_factory
from traitlets.config import Config

db = new_session_factory("sqlite://")()
made = {}
for name, config in json.load(sys.stdin).items():
    app = JupyterHub(config=Config(config))
    app.db = db
    app.log.info("example: %s", name)
    authenticator = app.authenticator_class(parent=app, _deprecated_db_session=app.db)
    authenticator.check_allow_config()
    handlers = ["/" + path.lstrip("/") for path, *_ in authenticator.get_handlers(app)]
    for trait in config.get(type(authenticator).__name__, {}):
        getattr(authenticator, trait)
    made[name] = {"class": type(authenticator).__name__, "login": authenticator.login_url("/hub/"), "pages": handlers}
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, dict[str, Any]], str]:
    """What JupyterHub makes of all examples, and what it printed: one process, as its import takes longest."""
    configs = {name: plain(composed(yaml.safe_load(text), credentials=GENERATED)) for name, text in EXAMPLES.items()}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(configs),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def plain(config: Any) -> Any:
    """Return a configuration as JSON has it; sets of names become lists."""
    sections = {"JupyterHub": {"authenticator_class": config.JupyterHub.authenticator_class}}
    return sections | {
        section: {trait: sorted(value) if isinstance(value, set) else value for trait, value in traits.items()}
        for section, traits in config.items()
        if section.endswith("Authenticator")
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_check_has_nothing_to_say(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(EXAMPLES[name], encoding="utf-8")
    assert main(["check", "--format", "json", "-f", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_jupyterhub_makes_the_authenticator(made: tuple[dict[str, dict[str, Any]], str], name: str) -> None:
    found = made[0][name]
    assert found["class"] in yaml.safe_load(EXAMPLES[name])["hub"]["config"]
    assert found["login"]


def test_jupyterhub_has_nothing_to_object(made: tuple[dict[str, dict[str, Any]], str]) -> None:
    """Above all: each example says who may log in, and no setting is out of date."""
    printed = re.split(r"^\[(?=[DIWE] )", made[1], flags=re.MULTILINE)
    objections = [each for each in printed if each.startswith(("W", "E"))]
    assert [each for each in objections if not any(said in each for said in EXPECTED)] == []


def test_every_authenticator_has_an_example_or_is_mentioned() -> None:
    text = PAGE.read_text(encoding="utf-8")
    families = {name.removeprefix("local-") for name in authenticators()} - {"default", "null", "pam"}
    same = {"firstuseauthenticator": "firstuse", "ldapauthenticator": "ldap"}
    assert {name for name in families if f"`{same.get(name, name)}`" not in text} == set()


def test_the_callback_address_is_where_oauthenticator_listens(made: tuple[dict[str, dict[str, Any]], str]) -> None:
    oauth = {name: each for name, each in made[0].items() if "oauth_callback_url" in EXAMPLES[name]}
    assert len(oauth) == 10
    assert [name for name, each in oauth.items() if "/oauth_callback" not in each["pages"]] == []


def test_the_addresses_of_lti(made: tuple[dict[str, dict[str, Any]], str]) -> None:
    pages = {each["class"]: each["pages"] for each in made[0].values()}
    assert {"/lti13/config", "/lti13/oauth_login", "/lti13/oauth_callback"} <= {*pages["LTI13Authenticator"]}
    assert "/lti/launch" in pages["LTI11Authenticator"]
