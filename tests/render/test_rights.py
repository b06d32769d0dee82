"""The hub's Role has the verbs that the code in the hub's process uses: both are read, and compared."""

from __future__ import annotations

import inspect
import re
from typing import Any

import kubespawner.reflector
import kubespawner.spawner
import pytest

from hub_config.runtime import claims, login, pod_watch, proxy, secured, spawner, volume_wait
from tests.render.chart import render

pytestmark = pytest.mark.render

VERBS = {"read": "get"}
RESOURCES = {
    "pod": "pods",
    "persistent_volume_claim": "persistentvolumeclaims",
    "event": "events",
    "secret": "secrets",
    "service": "services",
}
REFLECTED = {"pods", "events"}
"""What KubeSpawner's reflectors list and watch (KubeSpawner `PodReflector`, `EventReflector`)."""
CODE = "\n".join(
    inspect.getsource(each)
    for each in (
        kubespawner.spawner,
        kubespawner.reflector,
        claims,
        login,
        pod_watch,
        proxy,
        secured,
        spawner,
        volume_wait,
    )
)


def used() -> dict[str, set[str]]:
    """Return the verbs by resource of every call `api.VERB_namespaced_RESOURCE` in the code."""
    found: dict[str, set[str]] = {resource: {"list", "watch"} for resource in REFLECTED}
    for verb, thing in re.findall(r"\b([a-z]+)_namespaced_(\{kind\}|[a-z_]+)", CODE):
        # KubeSpawner makes and deletes Secrets and Services by one function for both.
        things = ("secret", "service") if thing == "{kind}" else (thing,)
        for each in things:
            found.setdefault(RESOURCES[each], set()).add(VERBS.get(verb, verb))
    return found


def granted(own: dict[str, Any]) -> dict[str, set[str]]:
    rules = render(own).get("Role", "hub")["rules"]
    return {resource: set(rule["verbs"]) for rule in rules for resource in rule["resources"]}


def test_what_is_used_is_granted_and_nothing_else() -> None:
    plain = {"pods", "persistentvolumeclaims", "events"}
    deletes = {"singleuser": {"storage": {"dynamic": {"deletePvc": True}}}}
    assert {name: verbs for name, verbs in used().items() if name in plain} == granted(deletes)
    assert granted({}) == {**granted(deletes), "persistentvolumeclaims": used()["persistentvolumeclaims"] - {"delete"}}


def test_secrets_only_for_internal_tls() -> None:
    assert "secrets" not in granted({"singleuser": {"servicesEnabled": True}})
    everything = {
        "internalTls": {"enabled": True},
        "singleuser": {"storage": {"dynamic": {"deletePvc": True}}},
    }
    assert granted(everything) == used()


def test_the_hub_finds_the_proxys_pods_where_users_pods_are_elsewhere() -> None:
    apart = render({"singleuser": {"namespace": {"name": "users"}}})
    assert apart.get("Role", "hub-login")["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    assert render({}).all("Role", "hub-login") == []
