"""NetworkPolicies: who may reach the pods, and what they may reach, for hub, proxy and user pods alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.render.chart import Rendered, merged, nested, render

pytestmark = pytest.mark.render

POLICIES = {"hub": "hub.networkPolicy", "proxy": "proxy.chp.networkPolicy", "singleuser": "singleuser.networkPolicy"}
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
SHARED = {"ipBlock": {"cidr": "100.64.0.0/10", "except": ["100.100.100.200/32"]}}
"""The range that some clusters use for pods, less a cloud's metadata server in it."""
METADATA_BLOCKS = ["169.254.0.0/16", "168.63.129.16/32", "192.0.0.192/32", "100.100.100.200/32"]
METADATA = "169.254.169.254/32"
DNS = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
HOLES = (
    "cloudMetadataServer",
    "dnsPortsCloudMetadataServer",
    "dnsPortsKubeSystemNamespace",
    "dnsPortsPrivateIPs",
    "nonPrivateIPs",
    "privateIPs",
    "webPortsNonPrivateIPs",
)
KEYS = ("enabled", "ingress", "egress", "interNamespaceAccessLabels", "allowedIngressPorts")
COVERED = {
    f"{path}.{key}" for path in POLICIES.values() for key in (*KEYS, *(f"egressAllowRules.{hole}" for hole in HOLES))
} | {
    "networkPolicy.enabled",
    "networkPolicy.kubernetesApi.ports",
    "networkPolicy.kubernetesApi.cidrs",
    "networkPolicy.required",
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


API = {"ports": [{"port": port} for port in (443, 6443, 8443, 16443)]}
OWN = {
    "hub": [to("proxy", 8001), to("singleuser-server", 8888), API],
    "proxy": [to("hub", 8081), to("singleuser-server", 8888)],
    "singleuser": [to("hub", 8081), to("proxy", 8000)],
}
INTERNET = {
    "ipBlock": {"cidr": "0.0.0.0/0", "except": [*PRIVATE, "100.64.0.0/10", *METADATA_BLOCKS]},
}
OPENED = {
    "cloudMetadataServer": {"to": blocks(METADATA)},
    "dnsPortsCloudMetadataServer": {"ports": DNS, "to": blocks(METADATA)},
    "dnsPortsKubeSystemNamespace": {
        "ports": [*DNS, {"port": 5353, "protocol": "UDP"}, {"port": 5353, "protocol": "TCP"}],
        "to": [
            {
                "namespaceSelector": {
                    "matchExpressions": [
                        {
                            "key": "kubernetes.io/metadata.name",
                            "operator": "In",
                            "values": ["kube-system", "openshift-dns"],
                        }
                    ]
                }
            },
            *blocks("169.254.20.10/32"),
        ],
    },
    "dnsPortsPrivateIPs": {"ports": DNS, "to": [*blocks(*PRIVATE), SHARED]},
    "nonPrivateIPs": {"to": [INTERNET]},
    "webPortsNonPrivateIPs": {"to": [INTERNET], "ports": [{"port": 80}, {"port": 443}]},
    "privateIPs": {"to": [*blocks(*PRIVATE), SHARED]},
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
    rules = [rule for rule in rules[2:] if DNS[0] not in rule.get("ports", [])]
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


def test_all_ports_of_the_internet_are_open_when_both_holes_are() -> None:
    rules = merged(CLOSED, {"egressAllowRules": {"nonPrivateIPs": True, "webPortsNonPrivateIPs": True}})
    assert spec(nested("singleuser.networkPolicy", rules), "singleuser")["egress"][-1] == {"to": [INTERNET]}


def test_a_metadata_server_elsewhere_is_not_the_internet_either() -> None:
    rules = spec({"singleuser": {"cloudMetadata": {"ip": "203.0.113.254"}}}, "singleuser")["egress"]
    assert "203.0.113.254/32" in rules[-1]["to"][0]["ipBlock"]["except"]


@pytest.mark.parametrize(
    ("hub", "ports"),
    [
        ({"db": {"type": "postgres", "url": "postgresql://hub@db/hub"}}, [5432]),
        (
            {"db": {"type": "postgres", "url": "postgresql+psycopg://hub:p%40ss@10.0.0.7:5433/hub?sslmode=require"}},
            [5433],
        ),
        ({"db": {"type": "mysql", "url": "mysql+pymysql://hub@db/hub"}}, [3306]),
        ({"db": {"type": "other", "url": "postgresql://hub@[fd00::7]/hub"}}, [5432]),
        ({"db": {"type": "other", "url": "mssql+pyodbc://hub@db:1433/hub"}}, [1433]),
        ({"db": {"type": "other", "url": "sqlite:////srv/shared/hub.sqlite"}}, []),
        ({"config": {"GenericOAuthenticator": {"token_url": "http://keycloak:8080/token"}}}, [8080]),
        ({"config": {"GitLabOAuthenticator": {"gitlab_url": "https://gitlab.example.org"}}}, [443]),
        ({"config": {"GenericOAuthenticator": {"oauth_callback_url": "https://hub.example.org:4443/x"}}}, []),
        ({"config": {"LDAPAuthenticator": {"server_address": "ldap.example.org"}}}, [389, 636]),
        ({"config": {"LDAPAuthenticator": {"server_port": 1389}}}, [1389]),
    ],
)
def test_the_hub_reaches_what_its_values_name(hub: dict[str, Any], ports: list[int]) -> None:
    own = spec(merged(nested("hub.networkPolicy", CLOSED), {"hub": hub}), "hub")["egress"][len(OWN["hub"]) :]
    assert [[port["port"] for port in rule["ports"]] for rule in own] == ([ports] if ports else [])
    for rule in own:
        assert [list(each) for each in rule["to"]] == [["namespaceSelector"], ["ipBlock"], ["ipBlock"]]
        assert rule["to"][1]["ipBlock"] == {"cidr": "0.0.0.0/0", "except": METADATA_BLOCKS}


def test_the_proxy_reaches_services_at_their_ports() -> None:
    services = {"a": {"url": "http://a:9000/x"}, "b": {"url": "https://b.example.org"}, "c": {"apiToken": "x" * 32}}
    values = merged(nested("proxy.chp.networkPolicy", CLOSED), {"hub": {"services": services}})
    rule = spec(values, "proxy")["egress"][2]
    assert sorted(port["port"] for port in rule["ports"]) == [443, 9000]


def test_kubernetes_api_by_its_addresses() -> None:
    values = {"networkPolicy": {"kubernetesApi": {"ports": [6443], "cidrs": ["203.0.113.7/32", "fd00::7/128"]}}}
    rule = {"ports": [{"port": 6443}], "to": blocks("203.0.113.7/32", "fd00::7/128")}
    assert spec(values, "hub")["egress"][2] == rule
    assert spec(values, "jobs")["egress"][0] == rule
    excepted = spec(values, "singleuser")["egress"][-1]["to"][0]["ipBlock"]["except"]
    assert "203.0.113.7/32" in excepted
    assert "fd00::7/128" not in excepted  # an exception must lie in its block


def test_no_pod_is_without_a_policy(default: Rendered) -> None:
    """Hub, proxy, jobs and pullers: each is selected by a policy both ways."""
    pods = [
        each["spec"]["template"]["metadata"]["labels"]
        for kind in ("Deployment", "Job", "DaemonSet")
        for each in default.all(kind)
    ]
    assert len(pods) >= 7
    policies = [policy["spec"] for policy in default.all("NetworkPolicy")]
    assert all(policy["policyTypes"] == ["Ingress", "Egress"] for policy in policies)
    assert [labels for labels in pods if not any(selects(policy["podSelector"], labels) for policy in policies)] == []


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Tell whether a label selector, with the operators that the chart uses, selects a pod with `labels`."""
    for each in selector.get("matchExpressions", []):
        if (labels.get(each["key"]) in each["values"]) is not (each["operator"] == "In"):
            return False
    return bool(selector["matchLabels"].items() <= labels.items())


def test_jobs_have_their_policy_before_they_run_and_pullers_no_network(default: Rendered) -> None:
    for name in ("jobs", "hook-image-puller"):
        policy = default.get("NetworkPolicy", name)
        assert policy["metadata"]["annotations"]["helm.sh/hook-weight"] == "-20"
        assert "ingress" not in policy["spec"]
    udp = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 5353, "protocol": "UDP"}]}
    assert default.get("NetworkPolicy", "jobs")["spec"]["egress"] == [API, udp]
    for name in ("hook-image-puller", "default-deny"):
        assert "egress" not in default.get("NetworkPolicy", name)["spec"]


def test_policies_of_jobs_and_pullers_can_be_left_out() -> None:
    left = [policy["metadata"]["name"] for policy in render({"networkPolicy": {"enabled": False}}).all("NetworkPolicy")]
    assert sorted(left) == ["hub", "proxy", "singleuser"]


@pytest.mark.parametrize("required", [True, False])
def test_the_preflight_job_reads_whether_policies_must_be_enforced(required: bool) -> None:
    data = render({"networkPolicy": {"required": required}}).get("ConfigMap", "hub-preflight")["data"]
    assert json.loads(data["values.json"])["networkPolicy"]["required"] is required
