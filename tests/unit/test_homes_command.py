"""`hub-config homes`: a table of claims, and a sentence outside a hub's pod."""

from __future__ import annotations

from typing import Any

import pytest

from hub_config.cli import main
from hub_config.commands import homes as command
from hub_config.runtime.ownership import NOT_HOME_OF, RETAINED, SERVERNAME, USERNAME

pytestmark = pytest.mark.unit


def claim(name: str, **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "annotations": annotations, "creationTimestamp": "2026-11-25T01:02:03Z"},
        "spec": {"resources": {"requests": {"storage": "10Gi"}}},
    }


CLAIMS = [
    claim("claim-bob", **{USERNAME: "bob", RETAINED: "2026-11-20T10:00:00+00:00"}),
    claim("claim-ada", **{USERNAME: "ada"}),
    claim("claim-ada--x", **{USERNAME: "ada", SERVERNAME: "x"}),
    claim("old-ada", **{USERNAME: "ada", NOT_HOME_OF: "ada"}),
    claim("course"),
]
PODS = [
    {
        "metadata": {"name": "jupyter-ada"},
        "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "claim-ada"}}, {"emptyDir": {}}]},
    }
]
TABLE = """\
CLAIM         USER  SERVER  SIZE  MADE        STATE
course        -     -       10Gi  2026-11-25  shared by all, or made by hand and not used yet
claim-ada     ada   -       10Gi  2026-11-25  used by the pod jupyter-ada; one of 2 of this owner
old-ada       ada   -       10Gi  2026-11-25  one of 2 of this owner; not the home of ada
claim-ada--x  ada   x       10Gi  2026-11-25  waits for its user
claim-bob     bob   -       10Gi  2026-11-25  kept since 2026-11-20: its user or server was deleted
"""


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        return CLAIMS, PODS

    monkeypatch.setattr(command, "_claims_and_pods", asked)


@pytest.mark.usefixtures("cluster")
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["homes"]) == 0
    assert capsys.readouterr().out == TABLE
    assert main(["homes", "--retained"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["CLAIM", "claim-bob"]


def test_outside_of_a_pod(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["homes"]) == 1
    assert "kubectl exec deploy/hub -- hub-config homes" in capsys.readouterr().err
