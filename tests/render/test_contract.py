"""What reaches the hub, and where: the contract with `hub_config/load.py`, read back with that very module."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.base import Reader
from hub_config.compose import configure
from hub_config.generate import reader_paths
from hub_config.load import read_facts, read_values
from tests.render.chart import CHART, Manifest, Rendered, at, nested, render, template, value_file

pytestmark = pytest.mark.render
SECRETS = ("env-secret", "text-secret", "db-secret", "service-secret", "user-secret", "file-secret", "aa11")
TMP = "/tmp"
TOKEN = "hub.config.ConfigurableHTTPProxy.auth_token"


def decoded(secret: Manifest) -> dict[str, bytes]:
    return {key: base64.b64decode(value) for key, value in secret["data"].items()}


def hub_container(rendered: Rendered, name: str = "hub") -> Manifest:
    found: Manifest = rendered.get("Deployment", name)["spec"]["template"]["spec"]["containers"][0]
    return found


def env(container: Manifest) -> dict[str, Any]:
    names = [variable["name"] for variable in container["env"]]
    assert len(set(names)) == len(names)
    return {each["name"]: each.get("value") or each["valueFrom"] for each in container["env"]}


def leaves(paths: list[str], values: Any) -> Iterator[str]:
    """Yield the paths of a list that are in `values`."""
    yield from (path for path in paths if at(values, path.replace(".", "/")) is not None)


def test_the_configmap_has_the_hubs_values_and_no_secret_one() -> None:
    rendered = render(value_file("full"))
    values = json.loads(rendered.get("ConfigMap", "science-hub")["data"]["values.json"])
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert set(leaves(reader_paths(Reader.HUB), values)) >= set(leaves(reader_paths(Reader.HUB), defaults))
    assert list(leaves(reader_paths(Reader.HUB_SECRET), values)) == []
    assert list(leaves(reader_paths(Reader.TEMPLATES), values)) == []
    assert values["singleuser"]["extraFiles"] == {"greeting": {"mountPath": "/etc/greeting"}}


def test_the_secret_has_the_secret_values_alone() -> None:
    values = json.loads(decoded(render(value_file("full")).get("Secret", "science-hub"))["values.json"])
    for reader in (Reader.HUB, Reader.TEMPLATES):
        assert list(leaves(reader_paths(reader), values)) == []
    assert values["singleuser"] == {"extraEnv": {"TOKEN": "user-secret"}}
    assert values["hub"]["services"]["given"]["apiToken"] == "service-secret"


def test_no_secret_is_to_be_seen_outside_of_secrets() -> None:
    rendered = render(value_file("full"))
    seen = "\n".join(json.dumps(each) for each in rendered if each["kind"] != "Secret")
    assert [secret for secret in SECRETS if secret in seen] == []


@pytest.mark.parametrize(
    "values", [{}, value_file("full"), value_file("prefixed")], ids=["default", "full", "prefixed"]
)
def test_the_hub_understands_what_it_is_given(values: dict[str, Any], tmp_path: Path) -> None:
    rendered = render(values)
    config = next(each for each in rendered.all("ConfigMap") if each["metadata"]["name"].endswith("hub"))
    for folder in ("values", "secret"):
        (tmp_path / folder).mkdir()
    for key, text in config["data"].items():
        (tmp_path / "values" / key).write_text(text, encoding="utf-8")
    for secret in rendered.all("Secret", config["metadata"]["name"]):
        (tmp_path / "secret" / "values.json").write_bytes(decoded(secret)["values.json"])
    read = read_values(tmp_path)
    facts = read_facts(tmp_path, read)
    configure(read, facts)
    assert facts.release == "demo"
    assert facts.namespace == "jhub"
    assert facts.names["hub"] == config["metadata"]["name"]
    assert rendered.get("Service", facts.names["proxy-api"])["spec"]["ports"][0]["port"] == facts.proxy_api_port
    assert rendered.get("Service", facts.names["hub"])["spec"]["ports"][0]["port"] == facts.hub_port


def test_null_reaches_the_hub_as_absence() -> None:
    rendered = render({"singleuser": {"memory": {"guarantee": None}}})
    values = json.loads(rendered.get("ConfigMap", "hub")["data"]["values.json"])
    assert "guarantee" not in values["singleuser"].get("memory", {})


def test_the_hub_mounts_what_it_reads(default: Rendered) -> None:
    spec = default.get("Deployment", "hub")["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in spec["containers"][0]["volumeMounts"]}
    assert at(volumes, "config/configMap/name") == "hub"
    assert at(volumes, "credentials/secret") == {"secretName": "hub-credentials", "optional": False}
    assert at(volumes, "pvc/persistentVolumeClaim/claimName") == "hub-db-dir"
    assert volumes["tmp"]["emptyDir"] == {}
    assert {path: mount["name"] for path, mount in mounts.items()} == {
        "/etc/jupyterhub/values": "config",
        "/etc/jupyterhub/credentials": "credentials",
        "/srv/jupyterhub": "pvc",
        TMP: "tmp",
    }


def test_the_preflight_job_tries_the_same_values(full: Rendered) -> None:
    tried, given = full.get("ConfigMap", "science-hub-preflight")["data"], full.get("ConfigMap", "science-hub")["data"]
    assert tried["facts.json"] == given["facts.json"]
    # Besides, the job must know whether the hub's claim relies on the cluster's default storage class, which namespace
    # admits users' pods, and whether the network must enforce its policies.
    values, hubs = json.loads(tried["values.json"]), json.loads(given["values.json"])
    assert values["hub"]["db"].pop("pvc")["storage"] == "1Gi"
    assert values["singleuser"].pop("namespace").items() >= hubs["singleuser"].pop("namespace").items()
    assert values.pop("networkPolicy")["required"] is False
    assert values == hubs
    assert full.get("Secret", "science-hub-preflight")["data"] == full.get("Secret", "science-hub")["data"]
    mounts = full.get("Job", "science-hub-preflight")["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    paths = {mount["mountPath"] for mount in mounts}
    assert paths == {f"/etc/jupyterhub/{each}" for each in ("values", "secret", "existing-secret")} | {TMP}


def test_the_preflight_job_knows_the_pods_and_node_ports(full: Rendered) -> None:
    data = full.get("ConfigMap", "science-hub-preflight")["data"]
    pods = {each["name"]: each["pod"] for each in json.loads(data["pods.json"])}
    assert set(pods) == {"hub", "proxy", "image-puller"}
    for name in ("hub", "proxy"):
        assert pods[name] == full.get("Deployment", f"science-{name}")["spec"]["template"]
    services = {each["name"]: each["spec"] for each in json.loads(data["services.json"])}
    assert services["science-proxy-public"] == full.get("Service", "science-proxy-public")["spec"]
    assert set(services) == {"science-proxy-public", "science-hub"}


@pytest.mark.parametrize(
    ("values", "secret"),
    [
        ({}, "hub-credentials"),
        ({"proxy": {"secretToken": "aa"}}, "hub"),
        ({"hub": {"config": {"ConfigurableHTTPProxy": {"auth_token": "aa"}}}}, "hub"),
        ({"hub": {"config": {"JupyterHub": {"proxy_auth_token": "aa"}}}}, "hub"),
    ],
)
def test_hub_and_proxy_have_one_token(values: dict[str, Any], secret: str) -> None:
    rendered = render(values)
    for name in ("hub", "proxy"):
        variable = env(hub_container(rendered, name))["CONFIGPROXY_AUTH_TOKEN"]
        assert variable == {"secretKeyRef": {"name": secret, "key": TOKEN}}
    assert rendered.get("Deployment", "proxy")["spec"]["template"]["spec"]["containers"][0]["command"] == [
        "configurable-http-proxy"
    ]
    found = [decoded(each).get(TOKEN) for each in rendered.all("Secret", "hub")]
    assert found == ([b"aa"] if secret == "hub" else [])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PROXY_TOKEN_GIVEN": "own", "PROXY_TOKEN_OURS": "made"}, "own"),
        ({"PROXY_TOKEN_OURS": "made"}, "made"),
        ({}, None),
    ],
    ids=["the administrator's wins", "generated", "none at all"],
)
def test_with_an_existing_secret_the_proxy_takes_the_token_from_where_it_is(
    given: dict[str, str], expected: str | None
) -> None:
    """The command that the pod runs, run: a render cannot know whether a Secret has a key."""
    rendered = render({"hub": {"existingSecret": "own"}, "proxy": {"chp": {"command": ["printenv"]}}})
    proxy = hub_container(rendered, "proxy")
    sources = {name: source["secretKeyRef"] for name, source in env(proxy).items()}
    assert sources == {
        "PROXY_TOKEN_GIVEN": {"name": "own", "key": TOKEN, "optional": True},
        "PROXY_TOKEN_OURS": {"name": "hub-credentials", "key": TOKEN, "optional": True},
    }
    command = [*proxy["command"], "CONFIGPROXY_AUTH_TOKEN"]
    done = subprocess.run(
        command, env={**given, "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip() or None) == expected
    assert (done.returncode == 0) == (expected is not None)


def test_with_everything_in_an_existing_secret_none_is_rendered() -> None:
    values = {
        "hub": {
            "existingSecret": "own",
            "db": {"type": "sqlite-memory"},
            "services": {},
            "extraEnv": {"TOKEN": {"valueFrom": {"secretKeyRef": {"name": "own", "key": "token"}}}},
        }
    }
    rendered = render(values)
    assert rendered.all("Secret") == []
    mounted = {volume["name"]: volume for volume in rendered.pods()["Deployment/hub"]["spec"]["volumes"]}
    assert mounted["credentials"]["secret"] == {"secretName": "hub-credentials", "optional": True}
    assert "secret" not in mounted


def test_what_values_give_beside_an_existing_secret_is_all_that_is_rendered() -> None:
    database = {"type": "postgres", "url": "postgresql://hub@db/hub"}
    config = {"JupyterHub": {"authenticator_class": "github"}, "GitHubOAuthenticator": {"client_id": "abc"}}
    rendered = render({"hub": {"existingSecret": "own", "db": database, "config": config, "services": {"grader": {}}}})
    for name in ("hub", "hub-preflight"):
        data = decoded(rendered.get("Secret", name))
        assert set(data) == {"values.json"}
        given = json.loads(data["values.json"])["hub"]
        assert given == {
            "db": {"url": database["url"]},
            "config": {**config, "JupyterHub": {"admin_access": True, "authenticator_class": "github"}},
            "services": {"grader": {}},
        }


@pytest.mark.parametrize(
    ("db", "existing", "expected"),
    [
        ({"type": "postgres", "url": "u", "password": "p"}, None, ("PGPASSWORD", {"name": "hub"})),
        ({"type": "mysql", "url": "u", "password": "p"}, "own", ("MYSQL_PWD", {"name": "hub"})),
        ({"type": "postgres", "url": "u"}, "own", ("PGPASSWORD", {"name": "own", "optional": True})),
        ({"type": "postgres", "url": "u"}, None, ("PGPASSWORD", None)),
        ({"type": "other", "url": "u", "password": "p"}, None, ("PGPASSWORD", None)),
    ],
)
def test_the_databases_password(db: dict[str, Any], existing: str | None, expected: tuple[str, Any]) -> None:
    name, reference = expected
    found = env(hub_container(render({"hub": {"db": db, "existingSecret": existing}}))).get(name)
    assert found == (reference and {"secretKeyRef": {"key": "hub.db.password", **reference}})


def test_extra_environment_is_ordered_and_hidden(full: Rendered) -> None:
    names = list(env(hub_container(full, "science-hub")))
    assert names[-3:] == ["PLAIN", "POD_IP", "PYTHONUNBUFFERED"]
    found = env(hub_container(full, "science-hub"))
    assert found["PLAIN"] == {"secretKeyRef": {"name": "science-hub", "key": "env.PLAIN"}}
    assert found["POD_IP"] == {"fieldRef": {"fieldPath": "status.podIP"}}
    assert decoded(full.get("Secret", "science-hub"))["env.PYTHONUNBUFFERED"] == b"0"


def test_files_of_the_hub(full: Rendered) -> None:
    content = decoded(full.get("Secret", "science-hub"))
    assert content["files.text"] == b"text-secret\n"
    assert content["files.bytes"] == b"\x00\x01\x02"
    assert content["files.table.toml"] == b'name = "x"\nport = 8888\n'
    assert yaml.safe_load(content["files.list.yaml"]) == {"a": [1, 2]}
    assert json.loads(content["files.map.json"]) == {"a": 1000000}
    spec = full.get("Deployment", "science-hub")["spec"]["template"]["spec"]
    items = next(volume for volume in spec["volumes"] if volume["name"] == "files")["secret"]["items"]
    assert {"key": "files.text", "path": "text", "mode": 0o400} in items
    mounts = {mount["mountPath"]: mount.get("subPath") for mount in spec["containers"][0]["volumeMounts"]}
    assert mounts["/etc/table.toml"] == "table.toml"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"a": 1, "b": 1.5, "c": "1.0", "d": [1, 2], "e": ["1.0, 2.0"]}, 'a = 1\nb = 1.5\nc = "1.0"\nd = [1, 2]\n'),
        ({"t": {"x": 10}, "a": True}, "a = true\n\n[t]\n  x = 10\n"),
    ],
)
def test_numbers_in_toml_stay_what_they_are(data: dict[str, Any], text: str) -> None:
    files = {"a": {"mountPath": "/a.toml", "data": data}}
    found = decoded(render({"singleuser": {"extraFiles": files}}).get("Secret", "singleuser"))["a"].decode()
    assert found.startswith(text)


def test_credentials_are_made_for_services_without_a_token(full: Rendered) -> None:
    args = full.get("Job", "science-hub-credentials")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert args[3:7] == ["--secret", "science-hub-credentials", "--service", "made"]
    assert "given" not in args
    assert full.all("Secret", "science-hub-credentials") == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"hub": {"db": {"upgrade": False}}}, False),
        ({"hub": {"db": {"type": "postgres", "url": "u"}}}, False),
        ({"hub": {"db": {"type": "postgres", "url": "u", "upgrade": True}}}, True),
        ({"hub": {"args": ["jupyterhub"]}}, False),
    ],
)
def test_when_the_database_is_upgraded(values: dict[str, Any], expected: bool) -> None:
    assert ("--upgrade-db" in hub_container(render(values))["args"]) is expected


@pytest.mark.parametrize(
    ("override", "release", "hub", "ingress"),
    [
        ("", "demo", "hub", "jupyterhub"),
        ("science", "demo", "science-hub", "science"),
        (None, "demo", "demo-jupyterhub-hub", "demo-jupyterhub"),
        (None, "my-jupyterhub", "my-jupyterhub-hub", "my-jupyterhub"),
    ],
)
def test_names_follow_fullname_override(override: str | None, release: str, hub: str, ingress: str) -> None:
    rendered = render({"fullnameOverride": override, **nested("ingress.enabled", True)}, release)
    assert rendered.get("Deployment", hub)
    assert rendered.get("Ingress", ingress)


def test_a_numeric_release_is_a_text_everywhere() -> None:
    assert template(nested("fullnameOverride", "x"), release="123").code == 0
    labels = render(nested("fullnameOverride", "x"), "123").get("Deployment", "x-hub")["metadata"]["labels"]
    assert labels["release"] == "123"
