"""What the chart renders: valid, the same each time, restricted, and with no more rights than are used."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.pod_security import lax_resources, violations, writable_roots
from tests.render.chart import CHART, Rendered, helm, merged, render, template, value_file
from tests.render.kubernetes_api import mistakes

pytestmark = pytest.mark.render
VALUE_FILES = ("default", "full", "prefixed")


@pytest.mark.parametrize("name", VALUE_FILES)
def test_kubernetes_takes_every_manifest(name: str) -> None:
    found = [mistake for manifest in render(value_file(name)) for mistake in mistakes(manifest)]
    assert found == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("replicass", 1, "replicass"),
        ("replicas", "1", "is not of type 'integer'"),
    ],
)
def test_the_check_itself_finds_mistakes(default: Rendered, key: str, value: Any, said: str) -> None:
    broken = copy.deepcopy(default.get("Deployment", "hub"))
    broken["spec"][key] = value
    assert said in "\n".join(mistakes(broken))
    assert mistakes({**broken, "apiVersion": "apps/v2"}) == [
        "Deployment/hub: the API has no kind Deployment in apps/v2"
    ]


@pytest.mark.parametrize("name", VALUE_FILES)
def test_two_renders_are_the_same(name: str) -> None:
    said = template(value_file(name))
    assert said.code == 0
    assert said == template(value_file(name))


@pytest.mark.parametrize("name", VALUE_FILES)
def test_helm_lint_is_content(name: str) -> None:
    said = helm("lint", "--strict", str(CHART), values=value_file(name))
    assert said.code == 0, said.out
    assert "[WARNING]" not in said.out


@pytest.mark.parametrize("name", VALUE_FILES)
def test_no_two_manifests_have_the_same_kind_and_name(name: str) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in render(value_file(name))]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("values", [{}, value_file("prefixed")], ids=["default", "prefixed"])
def test_every_pod_is_admitted_by_the_restricted_level(values: dict[str, Any]) -> None:
    pods = render(values).pods()
    assert {name: violations(pod["spec"]) for name, pod in pods.items()} == {name: [] for name in pods}
    assert {name: writable_roots(pod["spec"]) for name, pod in pods.items()} == {name: [] for name in pods}
    assert {name: lax_resources(pod["spec"]) for name, pod in pods.items()} == {name: [] for name in pods}


def test_the_restricted_check_itself_finds_what_it_looks_for() -> None:
    spec = {
        "hostNetwork": True,
        "volumes": [{"name": "node", "hostPath": {"path": "/"}}],
        "containers": [{"name": "a", "securityContext": {"privileged": True, "capabilities": {"add": ["NET_ADMIN"]}}}],
    }
    assert len(violations(spec)) == 8


def test_only_pods_that_use_the_api_get_a_token(default: Rendered) -> None:
    with_token = {name for name, pod in default.pods().items() if pod["spec"].get("automountServiceAccountToken", True)}
    assert with_token == {"Deployment/hub", "Job/hub-preflight", "Job/hub-credentials", "Job/hook-image-awaiter"}
    accounts = {name: pod["spec"].get("serviceAccountName") for name, pod in default.pods().items()}
    assert all(accounts[name] for name in with_token)
    assert not any(account for name, account in accounts.items() if name not in with_token)


def rules(rendered: Rendered, name: str) -> dict[str, list[str]]:
    found = {}
    for rule in rendered.get("Role", name)["rules"]:
        named = f"={rule['resourceNames'][0]}" if "resourceNames" in rule else ""
        found.update({f"{resource}{named}": rule["verbs"] for resource in rule["resources"]})
    return found


def test_roles_list_exactly_the_verbs_that_are_used(default: Rendered) -> None:
    assert {role["metadata"]["name"]: rules(default, role["metadata"]["name"]) for role in default.all("Role")} == {
        "hub": {
            "pods": ["create", "delete", "list", "watch"],
            "persistentvolumeclaims": ["create", "get", "list", "patch"],
            "events": ["list", "watch"],
        },
        "hub-preflight": {
            "pods": ["create"],
            "services": ["create", "get"],
            "persistentvolumeclaims": ["create", "get"],
        },
        "hub-credentials": {"secrets": ["create"], "secrets=hub-credentials": ["get", "patch"]},
        "hook-image-awaiter": {"daemonsets=hook-image-puller": ["get"], "pods": ["list", "watch"]},
    }
    for binding in default.all("RoleBinding"):
        assert binding["roleRef"]["name"] == binding["metadata"]["name"] == binding["subjects"][0]["name"]
        assert binding["subjects"][0]["namespace"] == "jhub"


@pytest.mark.parametrize(
    "own",
    [
        {"singleuser": {"storage": {"dynamic": {"deletePvc": True}}}},
        {"hub": {"config": {"KubeSpawner": {"delete_pvc": True}}}},
    ],
)
def test_the_hub_may_delete_claims_only_when_it_shall(own: dict[str, Any]) -> None:
    verbs = ["create", "delete", "get", "list", "patch"]
    assert rules(render(own), "hub")["persistentvolumeclaims"] == verbs


def test_certificates_and_services_of_servers_need_more_rights() -> None:
    verbs = ["create", "delete", "get"]
    for own in ({"internalTls": {"enabled": True}}, {"hub": {"config": {"JupyterHub": {"internal_ssl": True}}}}):
        ssl = rules(render(own), "hub")
        assert (ssl["secrets"], ssl["services"]) == (verbs, verbs)
    for own in (
        {"hub": {"config": {"KubeSpawner": {"services_enabled": True}}}},
        {"singleuser": {"servicesEnabled": True}},
    ):
        services = rules(render(own), "hub")
        assert services["services"] == verbs
        assert "secrets" not in services


@pytest.mark.parametrize(
    ("own", "port"),
    [
        ({}, 8888),
        ({"singleuser": {"port": 9999}}, 9999),
        ({"singleuser": {"port": 9999}, "hub": {"config": {"KubeSpawner": {"port": 7777}}}}, 7777),
    ],
)
def test_policies_know_the_port_of_user_servers(own: dict[str, Any], port: int) -> None:
    rendered = render(own)
    for name in ("hub", "proxy"):
        egress = rendered.get("NetworkPolicy", name)["spec"]["egress"]
        assert [{"port": port}] in [rule["ports"] for rule in egress if "ports" in rule]


def test_no_rights_and_accounts_when_told_so() -> None:
    rendered = render({"rbac": {"create": False}, "hub": {"serviceAccount": {"create": False}}})
    assert rendered.all("Role") + rendered.all("RoleBinding") == []
    assert rendered.all("ServiceAccount", "hub") == []
    assert rendered.get("Deployment", "hub")["spec"]["template"]["spec"]["serviceAccountName"] == "default"


def test_large_numbers_stay_whole() -> None:
    context = {"hub": {"containerSecurityContext": {"runAsUser": 1000650000}}}
    text = template(merged(context, {"hub": {"revisionHistoryLimit": 1000000}})).out
    assert "e+0" not in text
    assert "revisionHistoryLimit: 1000000" in text


@pytest.mark.parametrize(
    ("own", "priority", "puller"),
    [
        ({}, "demo-default-priority", "demo-image-puller-priority"),
        ({"fullnameOverride": "lab"}, "lab", "lab-image-puller"),
    ],
)
def test_priorities(own: dict[str, Any], priority: str, puller: str) -> None:
    """Classes are there only after the hooks, so what runs in hooks has none; the preflight job knows their names."""
    rendered = render(merged(own, {"scheduling": {"podPriority": {"enabled": True, "defaultPriority": 10}}}))
    classes = {
        each["metadata"]["name"]: (each["value"], each["globalDefault"]) for each in rendered.all("PriorityClass")
    }
    assert classes == {priority: (10, False), puller: (-5, False)}
    found = {
        name.rpartition("lab-")[2].rpartition("/")[2]: spec["spec"].get("priorityClassName")
        for name, spec in rendered.pods().items()
    }
    assert {name: each for name, each in found.items() if each} == {
        "hub": priority,
        "proxy": priority,
        "continuous-image-puller": puller,
    }
    prefix = f"{own['fullnameOverride']}-" if own else ""
    asked = rendered.get("ConfigMap", f"{prefix}hub-preflight")["data"]
    names = json.loads(asked["facts.json"])["names"]
    assert (names["priority"], names["image-puller-priority"]) == (priority, puller)


def test_no_priorities_unless_asked_for(default: Rendered) -> None:
    assert default.all("PriorityClass") == []
    assert "priorityClassName" not in json.dumps(default.pods())
