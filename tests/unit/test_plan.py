"""`hub-config plan`: what restarts, and whether homes would move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.cli import main
from hub_config.commands.upgrade import plan
from tests.unit.composed import values

pytestmark = pytest.mark.unit

STATIC = {"type": "static", "static": {"pvcName": "homes"}}


def storage(**fields: Any) -> dict[str, Any]:
    return {"singleuser": {"storage": fields}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, storage(type="none")),
        ({}, storage(**STATIC)),
        (storage(**STATIC), {}),
        (storage(**STATIC), storage(type="static", static={"pvcName": "other"})),
        (storage(**STATIC), storage(type="static", static={"pvcName": "homes", "subPath": "all/{username}"})),
        ({}, storage(dynamic={"pvcNameTemplate": "home-{username}", "rememberPvcName": False})),
        ({}, storage(dynamic={"subPath": "home"})),
        ({}, storage(homeMountPath="/home/ada")),
        ({}, storage(type="ephemeral")),
        (storage(type="nfs", nfs={"server": "a"}), storage(type="nfs", nfs={"server": "b"})),
        ({}, {"hub": {"config": {"KubeSpawner": {"enable_user_namespaces": True}}}}),
    ],
)
def test_homes_that_would_move(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert len(plan(values(old), values(new)).moved_homes) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {}),
        (storage(type="none"), {}),
        ({}, storage(dynamic={"pvcNameTemplate": "claim-{user_server}"})),
        ({}, storage(capacity="20Gi", dynamic={"storageClass": "fast"})),
        ({}, storage(extraVolumes=[{"name": "a", "persistentVolumeClaim": {"claimName": "a"}}])),
        ({}, storage(dynamic={"volumeNameTemplate": "home"})),
        ({}, storage(dynamic={"pvcNameTemplate": "home-{username}"})),
        ({}, storage(dynamic={"deletePvc": True, "rememberPvcName": False})),
        ({}, {"hub": {"config": {"KubeSpawner": {"pvc_name_template": "x-{username}"}}}}),
        ({}, {"hub": {"config": {"KubeSpawner": {"slug_scheme": "escape"}}}}),
        ({}, storage(homesMoved=True, **STATIC)),
    ],
)
def test_homes_that_stay(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert plan(values(old), values(new)).moved_homes == []


def test_what_becomes_of_claims_that_exist() -> None:
    notes = plan(values(), values(storage(capacity="20Gi", dynamic={"storageClass": "fast"}))).notes
    assert notes == [
        (
            "new users get 20Gi; homes that have less grow to it at their next start where their storage class allows "
            "it, and none shrinks"
        ),
        "claims that exist keep their storage class (the cluster's default); those of new users get fast",
    ]


def test_what_is_found_under_any_name_is_told() -> None:
    notes = plan(values(), values(storage(dynamic={"pvcNameTemplate": "x-{username}"}))).notes
    assert notes == [
        "new claims get other names (pvc_name_template changes); those that exist are found by whose they are"
    ]


def test_another_database_is_told() -> None:
    new = {"hub": {"db": {"type": "postgres", "url": "postgresql://hub@db/hub"}}}
    assert "another database (hub.db.type, hub.db.url)" in plan(values(), values(new)).notes[0]


def test_internal_tls_stops_servers_that_run() -> None:
    found = plan(values(), values({"internalTls": {"enabled": True}}))
    assert found.hub == found.proxy == ["internalTls.enabled"]
    assert found.notes == [
        "the hub stops the servers that run, because they speak as before: tell their users, or stop them first"
    ]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    contents: list[dict[str, Any]] = [{"cull": {"timeout": 5}}, {"cull": {"timeout": 6}, "ingress": {"enabled": True}}]
    names = []
    for number, content in enumerate([*contents, storage(type="none"), {"nonsense": 1}]):
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(content))
        names.append(str(tmp_path / f"{number}.yaml"))
    return names


def test_the_command(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", files[0], files[1]]) == 0
    out = capsys.readouterr().out
    assert f"  {files[1]}:2:3: cull.timeout\n" in out
    assert "  hub: yes, for cull.timeout\n  proxy: no\n" in out
    assert "  stay where they are" in out


def test_nothing_changes(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", files[0], f"{files[1]},{files[0]},{files[0]}"]) == 0
    assert main(["plan", files[0], files[0]]) == 0
    assert capsys.readouterr().out.endswith("nothing changes\n")


def test_moving_homes_is_an_exit_code_of_its_own(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", files[0], files[2]]) == 3
    assert (
        "WOULD MOVE: users' files are in a claim for each user, and the values now say no vol"
        in capsys.readouterr().out
    )


def test_values_with_errors_are_not_planned(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", files[0], files[3]]) == 1
    assert "nonsense: unknown key" in capsys.readouterr().err
