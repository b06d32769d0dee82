"""`hub-config explain`: what a user would get, and which key decides it."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.cli import main
from hub_config.commands.examine import offline_facts
from hub_config.commands.pod import Visitor, objects
from tests.unit.composed import final_pod, values

pytestmark = pytest.mark.unit

VALUES = """\
hub:
  baseUrl: /lab/
singleuser:
  memory:
    guarantee: 512M
    limit: 2G
  image: {name: mine, tag: "1"}
  storage:
    capacity: 5Gi
  extraEnv:
    COLOUR: blue
  profileList:
    - display_name: Small
      default: true
    - display_name: Big
      kubespawner_override: {mem_limit: 4G}
      profile_options:
        image:
          display_name: Image
          choices:
            torch: {display_name: PyTorch, kubespawner_override: {image: "torch:2"}}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "values.yaml").write_text(VALUES)
    return str(tmp_path / "values.yaml")


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the pod and the claim."""
    assert main(["explain", *words]) == 0
    made = list(yaml.safe_load_all(capsys.readouterr().out))
    return made[0], made[1] if len(made) > 1 else None


def environment(made: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in made["spec"]["containers"][0]["env"]}


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"singleuser": {"storage": {"type": "none"}, "uid": None, "cmd": None}},
        {"singleuser": {"storage": {"type": "static", "static": {"pvcName": "homes"}}, "cpu": {"limit": 2}}},
        {"singleuser": {"extraFiles": {"a": {"mountPath": "/a", "stringData": "b"}}, "nodeSelector": {"a": "b"}}},
        {"hub": {"config": {"KubeSpawner": {"working_dir": "/work"}}}},
    ],
)
def test_the_pod_is_kubespawners_own(own: dict[str, Any]) -> None:
    made, expected = objects(values(own), offline_facts("test", "lab"), Visitor("ada")).pod, final_pod(own)
    for each in (made, expected):
        each["spec"]["containers"][0].pop("env")
    assert made == expected


def test_pod_and_claim(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    made, claim = explained(capsys, "ada", "-f", file)
    assert made["metadata"]["name"] == "jupyter-ada"
    assert made["spec"]["containers"][0]["image"] == "mine:1"
    assert made["spec"]["containers"][0]["resources"] == {
        "requests": {"memory": 512 * 1024**2},
        "limits": {"memory": 2 * 1024**3},
    }
    assert claim is not None
    assert claim["metadata"]["name"] == "claim-ada"
    assert claim["spec"]["resources"] == {"requests": {"storage": "5Gi"}}


def test_the_environment(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    made, _ = explained(capsys, "ada", "-f", file, "--server", "two")
    found = environment(made)
    assert found["COLOUR"] == "blue"
    assert found["JUPYTERHUB_API_URL"] == "http://hub:8081/lab/hub/api"
    assert found["JUPYTERHUB_SERVICE_PREFIX"] == "/lab/user/ada/two/"
    assert found["JUPYTERHUB_SERVER_NAME"] == "two"
    assert found["JUPYTERHUB_API_TOKEN"] == "(made at each start)"


def test_named_servers_have_pods_and_claims_of_their_own(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    made, claim = explained(capsys, "ada", "-f", file, "--server", "two")
    assert made["metadata"]["name"] == "jupyter-ada--two"
    assert claim is not None
    assert claim["metadata"]["name"] == "claim-ada--two"


def test_choices(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    made, _ = explained(capsys, "ada", "-f", file, "--profile", "big", "--option", "image=torch")
    container = made["spec"]["containers"][0]
    assert container["image"] == "torch:2"
    assert container["resources"]["limits"] == {"memory": 4 * 1024**3}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--profile", "huge"], 'The profile "huge" is not offered to ada. Choose one of: small, big.'),
        (["--profile", "big", "--option", "image=tensor"], 'Image: the choice "tensor" is not offered'),
    ],
)
def test_choices_that_do_not_exist(file: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ada", "-f", file, *words]) == 1
    assert said in capsys.readouterr().err


def test_why(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ada", "-f", file, "--why"]) == 0
    lines = capsys.readouterr().out.replace(file, "values.yaml").splitlines()
    container = "pod.spec.containers[notebook]"
    assert (
        f'{container}.image: "mine:1"  <- '
        "singleuser.image.name (values.yaml:7:11), singleuser.image.tag (values.yaml:7:23)"
    ) in lines
    limit = f"{container}.resources.limits.memory: 2147483648  <- singleuser.memory.limit (values.yaml:6:5)"
    assert limit in lines
    assert f'{container}.env[COLOUR].value: "blue"  <- singleuser.extraEnv.COLOUR (values.yaml:11:5)' in lines
    assert 'claim.spec.resources.requests.storage: "5Gi"  <- singleuser.storage.capacity (values.yaml:9:5)' in lines
    assert f"{container}.securityContext.runAsUser: 1000  <- default" in lines


def test_why_when_a_key_cannot_be_left_out_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("singleuser:\n  storage:\n    type: static\n    static:\n      pvcName: homes\n")
    assert main(["explain", "ada", "-f", str(file), "--why"]) == 0
    out = capsys.readouterr().out
    assert f'pod.spec.volumes[home].persistentVolumeClaim.claimName: "homes"  <- singleuser.storage ({file}:2:3)' in out


def test_values_with_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("singleuser: {memmory: {}}")
    assert main(["explain", "ada", "-f", str(file)]) == 1
    assert "did you mean memory?" in capsys.readouterr().err


def test_code_is_not_run_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("hub: {extraConfig: {a: 'raise SystemExit(5)'}}")
    assert main(["explain", "ada", "-f", str(file)]) == 0
    assert "hub.extraConfig was not run" in capsys.readouterr().err


def test_without_kubespawner(file: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name.startswith("kubespawner"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert main(["explain", "ada", "-f", file]) == 1
    assert "pip install jupyterhub jupyterhub-kubespawner" in capsys.readouterr().err


BY_GROUP = """\
hub: {config: {Authenticator: {admin_users: [root]}}}
singleuser:
  memory: {guarantee: 1G, limit: 1G}
  groupOverrides:
    10-students: {groups: [students], spawner_override: {mem_limit: 2G, environment: {FROM: group, TERM: autumn}}}
    20-staff: {groups: [staff], spawner_override: {mem_limit: 3G, environment: {FROM: staff}}}
  profileList:
    - display_name: Plain
    - display_name: Own
      kubespawner_override: {environment: {FROM: profile}}
    - display_name: GPU
      allowed_groups: [staff]
      kubespawner_override: {mem_limit: 8G}
"""


@pytest.fixture
def by_group(tmp_path: Path) -> str:
    (tmp_path / "groups.yaml").write_text(BY_GROUP)
    return str(tmp_path / "groups.yaml")


@pytest.mark.parametrize(
    ("words", "gigabytes", "variables"),
    [
        ([], 1, {}),
        (["--group", "students"], 2, {"FROM": "group", "TERM": "autumn"}),
        (["--group", "students", "--group", "staff"], 3, {"FROM": "staff", "TERM": "autumn"}),
        (["--group", "students", "--profile", "own"], 2, {"FROM": "profile", "TERM": "autumn"}),
        (["--group", "staff", "--profile", "gpu"], 8, {"FROM": "staff"}),
    ],
    ids=["no group", "one group", "the later name of two", "a map of a profile", "a profile over a group"],
)
def test_a_profile_wins_over_a_group_and_a_group_over_the_values(
    by_group: str, words: list[str], gigabytes: int, variables: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    made, _ = explained(capsys, "ada", "-f", by_group, *words)
    assert made["spec"]["containers"][0]["resources"]["limits"] == {"memory": gigabytes * 1024**3}
    found = environment(made)
    assert {key: found[key] for key in ("FROM", "TERM") if key in found} == variables


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["ada"], 1),
        (["ada", "--group", "staff"], 0),
        (["ada", "--admin"], 0),
        (["root"], 0),
    ],
    ids=["not offered", "by group", "said to be an administrator", "an administrator by the values"],
)
def test_a_profile_by_group(by_group: str, words: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *words, "-f", by_group, "--profile", "gpu"]) == code
    said = capsys.readouterr().err
    assert said == ('The profile "gpu" is not offered to ada. Choose one of: plain, own.\n' if code else "")


def test_why_names_a_groups_key(by_group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ada", "--group", "staff", "-f", by_group, "--why"]) == 0
    limit = "pod.spec.containers[notebook].resources.limits.memory: 3221225472"
    (line,) = [each for each in capsys.readouterr().out.splitlines() if each.startswith(limit)]
    assert 'singleuser.groupOverrides["20-staff"].spawner_override.mem_limit (' in line


def test_names_are_escaped_as_jupyterhub_does(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    made, _ = explained(capsys, "ada@example.org", "-f", file, "--server", "two")
    found = environment(made)
    assert found["JUPYTERHUB_CLIENT_ID"] == "jupyterhub-user-ada%40example.org-two"
    assert found["JUPYTERHUB_SERVICE_PREFIX"] == "/lab/user/ada@example.org/two/"
    assert found["JUPYTERHUB_ADMIN_ACCESS"] == "1"


@pytest.mark.parametrize(("groups", "expected"), [([], "2G"), (["--group", "physics"], "5G")], ids=["none", "physics"])
def test_what_groups_get(
    file: str, tmp_path: Path, groups: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "groups.yaml"
    more.write_text("singleuser: {groupOverrides: {a: {groups: [physics], spawner_override: {mem_limit: 5G}}}}")
    made, _ = explained(capsys, "ada", "-f", file, "-f", str(more), *groups)
    assert made["spec"]["containers"][0]["resources"]["limits"]["memory"] == int(expected[:-1]) * 1024**3
