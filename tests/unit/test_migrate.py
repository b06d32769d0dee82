"""`hub-config migrate`: files of Zero to JupyterHub become files of this chart, and nothing happens in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.cli import main
from hub_config.commands.moving import moved
from hub_config.commands.scalars import resolve
from hub_config.commands.write import as_yaml
from hub_config.places import all_paths
from hub_config.z2jh_keys import GONE, TAKEN, Drop, Idle, Move, NotYet, Refuse

pytestmark = pytest.mark.unit

BALANCED = {"proxy": {"service": {"type": "LoadBalancer"}}}


def migrate(theirs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return our values, less the default that is written out, and what was said of each key."""
    values, notes = moved({**theirs, "ingress": {"enabled": True}})
    values.pop("ingress")
    said = {note.key: note.text for note in notes if note.key != "hub.config.JupyterHub.authenticator_class"}
    return values, said


@pytest.mark.parametrize(
    ("theirs", "ours", "key"),
    [
        ({"rbac": {"enabled": False}}, {"rbac": {"create": False}}, "rbac.enabled"),
        ({"hub": {"fsGid": 5}}, {"hub": {"podSecurityContext": {"fsGroup": 5}}}, "hub.fsGid"),
        (
            {"proxy": {"pdb": {"enabled": True}, "chp": {"command": ["a"]}}},
            {"proxy": {"chp": {"command": ["a"], "pdb": {"enabled": True}}}},
            "proxy.pdb",
        ),
        ({"singleuser": {"networkTools": {"image": {"name": "a"}}}}, {}, "singleuser.networkTools.image.name"),
        (
            {"singleuser": {"cloudMetadata": {"blockWithIptables": True, "ip": "1.2.3.4"}}},
            {"singleuser": {"cloudMetadata": {"ip": "1.2.3.4"}}},
            "singleuser.cloudMetadata.blockWithIptables",
        ),
        (
            {"hub": {"extraEnv": [{"name": "A", "value": "b"}]}},
            {"hub": {"extraEnv": {"A": {"value": "b"}}}},
            "hub.extraEnv",
        ),
        ({"singleuser": {"extraEnv": {"A": 1}}}, {"singleuser": {"extraEnv": {"A": "1"}}}, "singleuser.extraEnv.A"),
        (
            {"hub": {"image": {"name": "quay.io/jupyterhub/k8s-hub", "tag": "4", "pullPolicy": "Always"}}},
            {"hub": {"image": {"pullPolicy": "Always"}}},
            "hub.image",
        ),
        (
            {"hub": {"config": {"JupyterHub": {"services": [{"name": "a", "url": "b"}]}}}},
            {"hub": {"services": {"a": {"url": "b"}}}},
            "hub.config.JupyterHub.services",
        ),
        (
            {"auth": {"google": {"clientId": "a"}}},
            {"hub": {"config": {"GoogleOAuthenticator": {"client_id": "a"}}}},
            "auth.google.clientId",
        ),
    ],
)
def test_what_changes(theirs: dict[str, Any], ours: dict[str, Any], key: str) -> None:
    values, said = migrate(theirs)
    assert values == ours
    assert key in said


@pytest.mark.parametrize(
    "same",
    [
        {"hub": {"config": {"GitHubOAuthenticator": {"client_id": "a"}}, "extraConfig": {"a": "b = 1"}}},
        {"singleuser": {"storage": {"type": "none"}, "profileList": [{"display_name": "a"}]}},
        {"cull": {"timeout": 5}, "prePuller": {"hook": {"enabled": False}}},
        {"hub": {"labels": {}}},
    ],
)
def test_what_means_the_same_stays(same: dict[str, Any]) -> None:
    assert migrate(same) == (same, {})


def test_the_load_balancer_that_was_the_default_is_written_out() -> None:
    values, notes = moved({})
    assert values == BALANCED
    assert [note.key for note in notes] == ["proxy.service.type", "hub.config.JupyterHub.authenticator_class"]


def test_images_of_ones_own_stay_writable() -> None:
    theirs = {"singleuser": {"image": {"name": "quay.io/jupyter/scipy-notebook", "tag": "1"}}}
    values, notes = moved(theirs)
    assert values["singleuser"]["security"] == {"readOnlyRootFilesystem": False}
    assert "singleuser.security.readOnlyRootFilesystem" in [note.key for note in notes]
    assert "security" not in moved({"singleuser": {"uid": 1000}})[0]["singleuser"]


def test_what_somebody_must_decide_is_to_do() -> None:
    _, notes = moved({"auth": {"type": "dummy", "ours": {"url": "a"}}})
    assert [note.key for note in notes if note.to_do] == ["auth"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "theirs.yaml"
    file.write_text("hub:\n  uid: 1000\n  extraConfig:\n    a: |\n      b = 'yes'\nsingleuser: {extraEnv: {A: 'no'}}\n")
    assert main(["migrate", str(file)]) == 0
    out, notes = capsys.readouterr()
    assert yaml.safe_load(out) == {
        "hub": {"extraConfig": {"a": "b = 'yes'\n"}, "containerSecurityContext": {"runAsUser": 1000}},
        "singleuser": {"extraEnv": {"A": "no"}},
        **BALANCED,
    }
    assert "a: |\n" in out
    assert f"{file}:2:3: hub.uid: is now hub.containerSecurityContext.runAsUser" in notes
    (tmp_path / "ours.yaml").write_text(out)
    assert main(["check", "-f", str(tmp_path / "ours.yaml")]) == 0


def test_what_is_wrong_is_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "theirs.yaml"
    file.write_text("singleuser:\n  memmory: {}\n")
    assert main(["migrate", str(file)]) == 1
    assert f"to do:\n  {file}:2:3: singleuser.memmory: unknown key; did you mean memory?" in capsys.readouterr().err


def test_a_file_that_is_no_yaml_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "theirs.yaml"
    file.write_text("a: [")
    assert main(["migrate", str(file)]) == 1
    assert capsys.readouterr().out == ""


def test_moves_lead_to_keys_that_exist() -> None:
    known = {".".join(path) for path in all_paths()}
    free = ("hub.config.", "hub.podSecurityContext.", "hub.containerSecurityContext.")
    moves = [fate.to for fate in GONE.values() if isinstance(fate, Move)]
    assert [to for to in moves if to not in known and not to.startswith(free)] == []


def test_the_table_says_something_of_each_key() -> None:
    for fate in (*GONE.values(), *TAKEN.values()):
        assert isinstance(fate, Move) or (fate.why if isinstance(fate, Drop | Idle) else fate.instead)
        assert isinstance(fate, Move | Drop | Refuse | Idle | NotYet)


@pytest.mark.parametrize("text", ["y", "no", "on", "0644", "1.20", "1e3", "~", "", "null", "a: b", "# a", "2024-01-01"])
def test_texts_stay_texts_for_helm(text: str) -> None:
    written = as_yaml({"a": text}).removeprefix("a: ").rstrip("\n")
    assert written[0] in "\"'" or resolve(written) == text
