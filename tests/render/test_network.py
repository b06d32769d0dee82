"""NetworkPolicies: who may reach the pods, and what they may reach, for hub, proxy and user pods alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.chart import Rendered, merged, nested, render

pytestmark = pytest.mark.render

POLICIES = {"hub": "hub.networkPolicy", "proxy": "proxy.chp.networkPolicy", "singleuser": "singleuser.networkPolicy"}
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
METADATA = "169.254.169.254/32"
DNS = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
HOLES = (
    "cloudMetadataServer",
    "dnsPortsCloudMetadataServer",
    "dnsPortsKubeSystemNamespace",
    "dnsPortsPrivateIPs",
    "nonPrivateIPs",
    "privateIPs",
)
KEYS = ("enabled", "ingress", "egress", "interNamespaceAccessLabels", "allowedIngressPorts")
COVERED = {
    f"{path}.{key}" for path in POLICIES.values() for key in (*KEYS, *(f"egressAllowRules.{hole}" for hole in HOLES))
}
"""The values that this file tests."""
CLOSED = {"egressAllowRules": dict.fromkeys(HOLES, False)}


def spec(values: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = render(values).get("NetworkPolicy", name)["spec"]
    return found


def blocks(*cidrs: str) -> list[dict[str, Any]]:
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]


def to(component: str, port: int) -> dict[str, Any]:
    labels = {"app": "jupyterhub", "component": component, "release": "demo"}
    return {"to": [{"podSelector": {"matchLabels": labels}}], "ports": [{"port": port}]}


def whoever_is_labelled(access: str, port: str) -> dict[str, Any]:
    label = {f"hub.jupyter.org/network-access-{access}": "true"}
    return {"ports": [{"port": port}], "from": [{"podSelector": {"matchLabels": label}}]}


OWN = {
    "hub": [to("proxy", 8001), to("singleuser-server", 8888)],
    "proxy": [to("hub", 8081), to("singleuser-server", 8888)],
    "singleuser": [to("hub", 8081), to("proxy", 8000)],
}
OPENED = {
    "cloudMetadataServer": {"to": blocks(METADATA)},
    "dnsPortsCloudMetadataServer": {"ports": DNS, "to": blocks(METADATA)},
    "dnsPortsKubeSystemNamespace": {
        "ports": DNS,
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
    },
    "dnsPortsPrivateIPs": {"ports": DNS, "to": blocks(*PRIVATE)},
    "nonPrivateIPs": {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [*PRIVATE, METADATA]}}]},
    "privateIPs": {"to": blocks(*PRIVATE)},
}


@pytest.mark.parametrize("name", POLICIES)
def test_closed_pods_reach_their_own_release_alone(name: str) -> None:
    assert spec(nested(POLICIES[name], CLOSED), name)["egress"] == OWN[name]


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("hole", HOLES)
def test_each_hole_opens_what_it_says(name: str, hole: str) -> None:
    values = merged(nested(POLICIES[name], CLOSED), nested(f"{POLICIES[name]}.egressAllowRules.{hole}", True))
    assert spec(values, name)["egress"] == [*OWN[name], OPENED[hole]]


def test_users_reach_neither_the_cluster_nor_the_metadata_server(default: Rendered) -> None:
    rules = default.get("NetworkPolicy", "singleuser")["spec"]["egress"]
    rules = [rule for rule in rules[2:] if rule.get("ports") != DNS]
    assert rules == [OPENED["nonPrivateIPs"]]


def test_who_may_reach_the_pods(default: Rendered) -> None:
    rules = {name: default.get("NetworkPolicy", name)["spec"]["ingress"] for name in POLICIES}
    assert rules == {
        "hub": [whoever_is_labelled("hub", "http")],
        "proxy": [
            whoever_is_labelled("proxy-http", "http"),
            whoever_is_labelled("proxy-api", "api"),
            {"ports": [{"port": "http"}, {"port": "https"}]},
        ],
        "singleuser": [whoever_is_labelled("singleuser", "notebook-port")],
    }


@pytest.mark.parametrize("name", POLICIES)
def test_other_namespaces_may_be_let_in(name: str) -> None:
    sources = spec(nested(f"{POLICIES[name]}.interNamespaceAccessLabels", "accept"), name)["ingress"][0]["from"]
    assert sources[0]["namespaceSelector"] == {}
    assert sources[1] == {"namespaceSelector": sources[0]["podSelector"]}


@pytest.mark.parametrize("name", POLICIES)
def test_rules_of_ones_own_come_last(name: str) -> None:
    rule = {"ports": [{"port": 77}]}
    values = nested(POLICIES[name], {"ingress": [rule], "egress": [rule], "allowedIngressPorts": [78, "seven"]})
    found = spec(values, name)
    assert found["egress"][-1] == found["ingress"][-1] == rule
    assert found["ingress"][-2] == {"ports": [{"port": 78}, {"port": "seven"}]}


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_when_told_so(name: str) -> None:
    assert render(nested(f"{POLICIES[name]}.enabled", False)).all("NetworkPolicy", name) == []


def test_policies_select_the_pods_that_there_are(default: Rendered) -> None:
    """User pods get `component: singleuser-server` from KubeSpawner, the rest from `singleuser/pod.py`."""
    for name in ("hub", "proxy"):
        labels = default.get("Deployment", name)["spec"]["template"]["metadata"]["labels"]
        assert default.get("NetworkPolicy", name)["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    selected = default.get("NetworkPolicy", "singleuser")["spec"]["podSelector"]["matchLabels"]
    assert selected == {"app": "jupyterhub", "component": "singleuser-server", "release": "demo"}


def test_user_servers_on_another_port() -> None:
    rendered = render({"hub": {"config": {"KubeSpawner": {"port": 7777}}}})
    for name in ("hub", "proxy"):
        assert rendered.get("NetworkPolicy", name)["spec"]["egress"][1]["ports"] == [{"port": 7777}]
