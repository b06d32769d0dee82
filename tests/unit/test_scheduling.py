"""`singleuser.scheduling`: which nodes user pods run on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.composed import pod

pytestmark = pytest.mark.unit

PURPOSE = {"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}
ZONE = {"key": "zone", "operator": "In", "values": ["a"]}
NAME = {"key": "metadata.name", "operator": "In", "values": ["node-1"]}
PREFER_USER = {"weight": 100, "preference": {"matchExpressions": [PURPOSE]}}
NEW = {"weight": 7, "preference": {"matchExpressions": [{"key": "new", "operator": "Exists"}]}}
REQUIRED, PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


def spec(purpose: str = "prefer", **user: Any) -> dict[str, Any]:
    own = {"scheduling": {"userPods": {"nodeAffinity": {"matchNodePurpose": purpose}}}, "singleuser": user}
    found: dict[str, Any] = pod(own)["spec"]
    return found


@pytest.mark.parametrize(
    ("purpose", "required", "preferred", "terms", "weights"),
    [
        ("ignore", [], [], None, None),
        ("prefer", [], [], None, [PREFER_USER]),
        ("require", [], [], [[PURPOSE]], None),
        ("ignore", [[ZONE]], [NEW], [[ZONE]], [NEW]),
        ("prefer", [[ZONE]], [NEW], [[ZONE]], [NEW, PREFER_USER]),
        ("require", [[ZONE]], [NEW], [[ZONE, PURPOSE]], [NEW]),
        ("require", [[ZONE], [PURPOSE]], [], [[ZONE, PURPOSE], [PURPOSE, PURPOSE]], None),
    ],
)
def test_node_affinity(purpose: str, required: Any, preferred: Any, terms: Any, weights: Any) -> None:
    """Terms are alternatives to each other: a required purpose must be part of every one."""
    extra = {"required": [{"matchExpressions": each} for each in required], "preferred": preferred}
    affinity = spec(purpose, extraNodeAffinity=extra).get("affinity", {}).get("nodeAffinity", {})
    found = affinity.get(REQUIRED, {}).get("nodeSelectorTerms")
    assert (found and [each["matchExpressions"] for each in found]) == terms
    assert affinity.get(PREFERRED) == weights


def test_required_purpose_beside_match_fields() -> None:
    found = spec("require", extraNodeAffinity={"required": [{"matchFields": [NAME]}]})
    assert found["affinity"]["nodeAffinity"][REQUIRED]["nodeSelectorTerms"] == [
        {"matchFields": [NAME], "matchExpressions": [PURPOSE]}
    ]


@pytest.mark.parametrize(
    ("value", "key"), [("extraPodAffinity", "podAffinity"), ("extraPodAntiAffinity", "podAntiAffinity")]
)
def test_pod_affinity(value: str, key: str) -> None:
    term = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "cache"}}}
    weighted = {"weight": 5, "podAffinityTerm": term}
    found = spec(**{value: {"required": [term], "preferred": [weighted]}})
    assert found["affinity"][key] == {REQUIRED: [term], PREFERRED: [weighted]}


def test_tolerations_of_all_user_pods_and_more() -> None:
    own = {"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}
    keys = [each["key"] for each in spec(extraTolerations=[own])["tolerations"]]
    assert keys == ["hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated", "gpu"]


@pytest.mark.parametrize(("selector", "expected"), [({}, None), ({"disk": "fast"}, {"disk": "fast"})])
def test_node_selector(selector: dict[str, str], expected: Any) -> None:
    assert spec(nodeSelector=selector).get("nodeSelector") == expected


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ({}, None),
        ({"scheduling": {"podPriority": {"enabled": True}}}, "priority"),
        ({"scheduling": {"podPriority": {"enabled": True}}, "singleuser": {"priorityClassName": "users"}}, "users"),
    ],
)
def test_priority(own: dict[str, Any], name: str | None) -> None:
    assert pod(own)["spec"].get("priorityClassName") == name
