"""`hub-config check`: every mistake, where it is, and what to write instead."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.cli import main
from tests.unit.mistakes import MISTAKES, Mistake

pytestmark = pytest.mark.unit


def write(folder: Path, *texts: str) -> list[str]:
    """Write files `1.yaml`, `2.yaml` ...; return the `-f` options that name them."""
    words = []
    for number, text in enumerate(texts, 1):
        file = folder / f"{number}.yaml"
        file.write_text(text, encoding="utf-8")
        words += ["-f", str(file)]
    return words


class Check:
    """Runs the command on texts, in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def text(self, *texts: str, more: tuple[str, ...] = ()) -> tuple[int, str]:
        """Return the exit code, and the output with the folder's name left out."""
        code = main(["check", *write(self.folder, *texts), *more])
        return code, self.capsys.readouterr().out.replace(f"{self.folder}/", "")

    def findings(self, *texts: str, more: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Return what `--format json` lists."""
        _, out = self.text(*texts, more=("--format", "json", *more))
        found: list[dict[str, Any]] = json.loads(out)["findings"]
        return found

    def places(self, *texts: str, more: tuple[str, ...] = ()) -> list[tuple[str, int, int, str]]:
        """Return file, line, column and key of each finding."""
        found = self.findings(*texts, more=more)
        return [(Path(each["file"]).name, each["line"], each["column"], each["key"]) for each in found]


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    return Check(tmp_path, capsys)


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{key or 'yaml'}: {text[:40]}" for text, key, _ in MISTAKES])
def test_a_typical_mistake_is_told_once_with_its_key(check: Check, mistake: Mistake) -> None:
    text, key, said = mistake
    found = check.findings(text)
    assert [each["key"] for each in found] == [key]
    assert said in found[0]["message"]
    assert found[0]["severity"] == "error"


def test_fine_files_are_fine(check: Check) -> None:
    assert check.text("hub: {baseUrl: /}", "", "# nothing") == (0, "1.yaml, 2.yaml, 3.yaml: fine\n")


@pytest.mark.parametrize("name", ["cloud", "laptop", "onprem", "vm"])
def test_the_environments_are_fine(name: str) -> None:
    root = Path(__file__).parent.parent.parent
    assert main(["check", "-f", str(root / "environments" / f"{name}.yaml")]) == 0


def test_what_people_read(check: Check) -> None:
    code, out = check.text("cull:\n  timout: 5\n  every: 1h\n")
    assert code == 1
    assert out.splitlines() == [
        "1.yaml:2:3: cull.timout: unknown key; did you mean timeout?",
        '1.yaml:3:3: cull.every: write a whole number, not "1h"; did you mean 3600?',
        "1.yaml: 2 errors",
    ]


def test_annotations_for_github(check: Check) -> None:
    _, out = check.text("hub:\n  memmory: {}\n", more=("--format", "github"))
    assert out.startswith("::error file=1.yaml,line=2,col=3,title=hub.memmory::hub.memmory: unknown key")
    assert out.count("\n") == 1


def test_annotations_escape_what_would_end_them(check: Check) -> None:
    _, out = check.text('hub: {labels: {"a,b:c%": 5}}', more=("--format", "github"))
    assert 'title=hub.labels["a%2Cb%3Ac%25"]::' in out


def test_a_fine_file_has_no_annotations(check: Check) -> None:
    assert check.text("", more=("--format", "github")) == (0, "")


# ---- places


def test_each_mistake_is_in_the_file_that_wrote_it(check: Check) -> None:
    base = "hub:\n  baseUrl: 5\ncull:\n  timeout: x\n"
    over = "cull:\n  timeout: 10\n  every: y\n"
    assert check.places(base, over) == [("1.yaml", 2, 3, "hub.baseUrl"), ("2.yaml", 3, 3, "cull.every")]


def test_a_rule_over_two_files_is_told_at_the_later_key(check: Check) -> None:
    base = "singleuser:\n  memory:\n    limit: 2G\n"
    over = "singleuser:\n  memory:\n    guarantee: 4G\n"
    assert check.places(base, over) == [("2.yaml", 3, 5, "singleuser.memory")]


def test_a_rule_is_told_at_the_key_that_was_written(check: Check) -> None:
    text = "# a comment\nsingleuser:\n  uid: 1000\n  storage:\n    capacity: 5Gi\n    type: static\n"
    assert check.places(text) == [("1.yaml", 6, 5, "singleuser.storage")]


def test_items_of_lists_have_places(check: Check) -> None:
    text = "hub:\n  tolerations:\n    - key: a\n    - key: b\n      efect: NoSchedule\n"
    assert check.places(text) == [("1.yaml", 5, 7, "hub.tolerations[1].efect")]


def test_a_line_of_a_snippet_is_a_line_of_the_file(check: Check) -> None:
    text = "hub:\n  extraConfig:\n    mine: |\n      x = 1\n\n      y = = 2\n"
    assert check.places(text) == [("1.yaml", 6, 1, "hub.extraConfig.mine")]


def test_what_a_template_of_yaml_brought_in_has_the_place_of_the_template(check: Check) -> None:
    text = "custom:\n  own: &own\n    limit: yes\nsingleuser:\n  memory:\n    <<: *own\n    guarantee: 1G\n"
    assert check.places(text) == [("1.yaml", 3, 5, "singleuser.memory.limit")]


def test_all_mistakes_at_once(check: Check) -> None:
    found = check.findings(
        "hubb: {}\n"
        "cull: {timeout: x}\n"
        "fullnameOverride: A\n"
        "singleuser: {memory: {limit: 1K}, profileList: 5}\n"
        "hub: {config: {x: {}}, db: {type: mysql}}\n"
    )
    assert {each["key"] for each in found} == {
        "hubb",
        "cull.timeout",
        "fullnameOverride",
        "singleuser.memory",
        "singleuser.profileList",
        "hub.config.x",
        "hub.db",
    }


def test_a_rule_is_not_told_when_one_of_its_values_is_wrong_itself(check: Check) -> None:
    assert check.places("hub: {db: {type: postgres, url: 5}}") == [("1.yaml", 1, 28, "hub.db.url")]


# ---- merging


def test_later_files_correct_earlier_ones(check: Check) -> None:
    assert check.text("cull: {timeout: x}", "cull: {timeout: 5}")[0] == 0
    assert check.text("hub: {tolerations: [{kee: a}]}", "hub: {tolerations: []}")[0] == 0
    assert check.text("nonsense: {a: 1}", "nonsense: null")[0] == 1


def test_null_takes_a_default_away(check: Check) -> None:
    assert check.text("hub: {podSecurityContext: {fsGroup: null}}")[0] == 0
    assert check.text("hub: {config: {JupyterHub: {admin_access: null}}}")[0] == 0
    assert check.text("singleuser: {memory: {guarantee: null}, cmd: null}")[0] == 0


def test_a_broken_file_does_not_hide_the_mistakes_of_the_others(check: Check) -> None:
    found = check.places("hub: {", "cull: {timout: 5}\nhub: {db: {type: mysql}}\n")
    assert found == [("1.yaml", 1, 7, ""), ("2.yaml", 1, 8, "cull.timout")]


def test_a_missing_file_is_named(check: Check, tmp_path: Path) -> None:
    _, out = check.text("", more=("-f", str(tmp_path / "nowhere.yaml")))
    assert "nowhere.yaml:1:1: there is no such file\n" in out


def test_values_below_a_key(check: Check) -> None:
    text = "hub: not ours\njupyterhub:\n  hub:\n    memmory: 1\n"
    assert check.places(text, more=("--key", "jupyterhub")) == [("1.yaml", 4, 5, "jupyterhub.hub.memmory")]
    assert check.text("other: {}", more=("--key", "jupyterhub"))[0] == 0
    assert check.places("jupyterhub: 5", more=("--key", "jupyterhub")) == [("1.yaml", 1, 1, "jupyterhub")]


# ---- what is only doubtful


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("hub: {config: {Authenticator: {allowed_users: [ada, no]}}}", "hub.config.Authenticator.allowed_users[1]", ""),
        ("hub: {extraFiles: {a: {mountPath: /a, stringData: b, mode: 644}}}", "hub.extraFiles.a.mode", "write 0644"),
        ("custom: {app: {version: 1.10}}", "custom.app.version", 'write "1.10"'),
    ],
)
def test_doubts_are_warnings(check: Check, text: str, key: str, said: str) -> None:
    found = check.findings(text)
    assert [(each["key"], each["severity"]) for each in found] == [(key, "warning")]
    assert said in found[0]["message"]
    assert check.text(text)[0] == 0


def test_octal_modes_are_what_they_look_like(check: Check) -> None:
    assert check.findings("hub: {extraFiles: {a: {mountPath: /a, stringData: b, mode: 0644}}}") == []


def test_an_image_of_ones_own_may_have_other_authenticators(check: Check) -> None:
    text = "hub: {image: {name: mine, tag: a}, config: {JupyterHub: {authenticator_class: kerberos}}}"
    assert [each["severity"] for each in check.findings(text)] == ["warning"]


# ---- what is hostile


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: " + b"[" * 3000 + b"]" * 3000, "more than 100 maps or lists"),
        (b"a: &a [x, x]\n" + b"".join(
            b"b%d: &b%d [%s]\n" % (n, n, b", ".join([b"*a" if n == 0 else b"*b%d" % (n - 1)] * 10)) for n in range(8)
        ), "aliases"),
        (b"a: &a\n  b: *a\n", "more than 100 maps or lists"),
        (b"x: a\x00b", "a character that YAML forbids (U+0000)"),
        (b"x: \xff\xfe", "this is no UTF-8 text"),
        (b"x: " + b"a" * (5 * 2**20), "the file is larger than 4 MiB"),
        (b"? [a]\n: 1", "a map or list as a key"),
    ],
    ids=["deep", "bomb", "endless", "control character", "encoding", "large", "complex key"],
)  # fmt: skip
def test_hostile_files_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes, said: str
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(text)
    assert main(["check", "-f", str(file)]) == 1
    out = capsys.readouterr().out
    assert said in out
    assert len(out) < 1000


@pytest.mark.parametrize(
    "text",
    [
        "hub: {cookieSecret: 5234567}",
        "hub: {db: {password: 5234567}}",
        "hub: {services: {a: 5234567}}",
        "hub: {config: {CryptKeeper: 5234567}}",
        "hub: {config: {cryptKeeper: {keys: [5234567]}}}",
        "singleuser: {extraEnv: {TOKEN: 5234567}}",
        "imagePullSecret: {create: true, password: 5234567}",
        "proxy: {secretToken: 5234567}",
        "hub: {cookieSecret: @5234567}",
        "hub: {extraConfig: {a: 'x = = 5234567'}}",
    ],
)
def test_secrets_are_not_printed(check: Check, text: str) -> None:
    code, out = check.text(text)
    assert code == 1
    assert "5234567" not in out


def test_a_file_of_500_lines_takes_less_than_two_seconds(check: Check) -> None:
    profiles = [{"display_name": f"p{n}", "kubespawner_override": {"mem_limit": "1G"}} for n in range(160)]
    text = yaml.safe_dump({"singleuser": {"profileList": profiles}})
    assert len(text.splitlines()) > 450
    begun = time.monotonic()
    assert check.text(text)[0] == 0
    assert time.monotonic() - begun < 2


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 2
    with pytest.raises(SystemExit) as ended:
        main(["check", "--help"])
    assert ended.value.code == 0
    assert "exit codes" in capsys.readouterr().out
