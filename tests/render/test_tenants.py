"""Users' namespaces: what the chart makes there, what it leaves out, and who may reach whom from there."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.render.chart import CHART, Manifest, Rendered, merged, nested, render, template
from tests.render.kubernetes_api import mistakes

pytestmark = pytest.mark.render

FILES = nested("singleuser.extraFiles.a", {"mountPath": "/a", "stringData": "b"})
LOGIN = {"imagePullSecret": {"create": True, "username": "robot", "password": "x"}}
APART = merged(nested("singleuser.namespace.name", "users"), FILES, LOGIN)
PER_USER = nested("singleuser.namespace", {"name": "lab-{username}", "perUser": ["lab-ada", "lab-bob"]})
RELEASE = "jhub"


def there(rendered: Rendered, namespace: str) -> dict[str, Manifest]:
    return {
        f"{each['kind']}/{each['metadata']['name']}": each
        for each in rendered
        if each["metadata"].get("namespace", RELEASE) == namespace
    }


def facts(rendered: Rendered) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rendered.get("ConfigMap", "hub")["data"]["facts.json"])
    return found


def test_by_default_all_is_in_the_releases_namespace(default: Rendered) -> None:
    assert [each for each in default if "namespace" in each["metadata"]] == []
    assert default.all("Namespace") + default.all("ResourceQuota") + default.all("LimitRange") == []
    assert "hubHost" not in facts(default)
    assert "namespaceSelector" not in json.dumps(
        [each["spec"]["ingress"] for each in default.all("NetworkPolicy") if each["spec"].get("ingress")]
    )


def test_what_users_need_is_in_their_namespace() -> None:
    rendered = render(APART)
    assert there(rendered, "users").keys() >= {
        "Role/hub",
        "RoleBinding/hub",
        "NetworkPolicy/default-deny",
        "NetworkPolicy/singleuser",
        "Secret/singleuser",
        "Secret/image-pull-secret",
    }
    own = there(rendered, RELEASE)
    assert "Role/hub" not in own, "the hub has nothing to do in its own namespace"
    assert "Secret/image-pull-secret" in own, "hub and proxy need the login too"
    subject = there(rendered, "users")["RoleBinding/hub"]["subjects"][0]
    assert subject == {"kind": "ServiceAccount", "name": "hub", "namespace": RELEASE}
    assert facts(rendered)["hubHost"] == f"hub.{RELEASE}"
    assert [mistake for each in rendered for mistake in mistakes(each)] == []


def test_the_namespace_outlives_the_release_and_is_no_hook() -> None:
    """A hook would be deleted before it is made anew, and all homes with it."""
    metadata = render(APART).get("Namespace", "users")["metadata"]
    assert metadata["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    level = render(merged(APART, nested("singleuser.security.level", "baseline"))).get("Namespace", "users")
    assert level["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"
    users_hooks = [
        each["kind"]
        for each in there(render(APART), "users").values()
        if "helm.sh/hook" in each["metadata"].get("annotations", {})
    ]
    assert users_hooks == [], "hooks run before the namespace is made"


def test_a_namespace_that_is_there_is_asked_for_admission() -> None:
    rendered = render(merged(APART, nested("singleuser.namespace.create", False)))
    assert rendered.all("Namespace") == []
    role = there(rendered, "users")["Role/hub-preflight"]
    assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]


def test_no_right_in_the_whole_cluster() -> None:
    for values in (APART, PER_USER):
        assert {each["kind"] for each in render(values) if each["kind"].startswith("Cluster")} == set()


def test_policies_reach_across() -> None:
    rendered = render(APART)
    across = {
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": [RELEASE, "users"]}]
    }
    for policy in rendered.all("NetworkPolicy"):
        peers = [
            peer
            for rule in [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]
            for peer in [*rule.get("from", []), *rule.get("to", [])]
            if "podSelector" in peer
        ]
        assert {json.dumps(peer["namespaceSelector"]) for peer in peers} <= {json.dumps(across)}, policy["metadata"]


def test_each_user_has_a_namespace() -> None:
    limits = nested("singleuser.namespace", {"quota": {"hard": {"pods": 2}}})
    rendered = render(merged(PER_USER, FILES, limits))
    assert {each["metadata"]["name"] for each in rendered.all("Namespace")} == {"lab-ada", "lab-bob"}
    for namespace in ("lab-ada", "lab-bob"):
        assert there(rendered, namespace).keys() >= {
            "Role/hub",
            "NetworkPolicy/singleuser",
            "Secret/singleuser",
            "ResourceQuota/users",
        }


def test_where_homes_still_are_the_hub_keeps_its_rights() -> None:
    values = merged(nested("singleuser.namespace", {"name": "users", "former": [RELEASE, "old"]}), FILES)
    rendered = render(values)
    for namespace in (RELEASE, "old", "users"):
        assert there(rendered, namespace).keys() >= {"Role/hub", "NetworkPolicy/singleuser", "Secret/singleuser"}
    assert {each["metadata"]["name"] for each in rendered.all("Namespace")} == {"users"}


def test_the_releases_own_name_means_what_no_name_means() -> None:
    rendered = render(nested("singleuser.namespace.name", RELEASE))
    assert [each["metadata"]["namespace"] for each in rendered if "namespace" in each["metadata"]] == []
    assert rendered.all("Namespace") == []
    assert "hubHost" not in facts(rendered)


def test_a_quota_restarts_no_hub() -> None:
    with_quota = render(merged(APART, nested("singleuser.namespace.quota.hard.pods", 9)))
    hub = with_quota.get("Deployment", "hub")["spec"]["template"]
    assert hub == render(APART).get("Deployment", "hub")["spec"]["template"]


def department_files() -> list[str]:
    return sorted(path.name for path in (CHART.parent / "docs" / "tenants").glob("*.yaml"))


@pytest.mark.parametrize("name", department_files())
def test_the_value_files_of_the_how_to_render(name: str) -> None:
    folder = CHART.parent / "docs" / "tenants"
    values = merged(*(yaml.safe_load((folder / each).read_text(encoding="utf-8")) for each in ("all.yaml", name)))
    said = template(values)
    assert said.code == 0, said.error
    assert (folder.parent / "tenants.md").read_text(encoding="utf-8").count(f"tenants/{name}") >= 1
