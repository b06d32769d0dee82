"""The network policies on a network that enforces them: real connections between pods, for several configurations.

The pods are stand-ins with the labels and named ports of the release's own; the policies are those that Helm renders.
That whole releases work under them, the other tests of this folder show.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any

import pytest

from ci.cluster.embedded.cluster import Embedded
from hub_config.facts import Facts
from hub_config.singleuser.pod import common_labels
from tests.harness.access import Access
from tests.harness.flows import CONFIGURATIONS, UNPROTECTED, Configuration, Flow
from tests.harness.outside import outside
from tests.harness.probes import Probe, connections, start_probes
from tests.harness.release import Release
from tests.render.chart import Manifest, Rendered, render

pytestmark = pytest.mark.cluster

PORTS = (22, 53, 80, 443, 3306, 5432, 8000, 8001, 8081, 8888, 9000, 9001)
"""What every probe and every server outside listens on."""
EFFECT_SECONDS = 30.0
"""For a network to follow a change of policies."""
FEWEST = 60
"""Flows that each configuration must at least be tried with."""
ACCESS = {f"hub.jupyter.org/network-access-{name}": "true" for name in ("hub", "proxy-http", "proxy-api", "singleuser")}


def pod_of(rendered: Rendered, kind: str, name: str) -> Manifest:
    return dict(rendered.get(kind, name)["spec"]["template"])


def probe_like(name: str, namespace: str, pod: Manifest) -> Probe:
    ports = [port for container in pod["spec"]["containers"] for port in container.get("ports", [])]
    named = {port["name"]: port["containerPort"] for port in ports}
    return Probe(name, namespace, pod["metadata"]["labels"], named)


class Field:
    """The probes, where else there is to connect to, and the namespace whose policies are tried."""

    def __init__(self, access: Access, inside: Release, elsewhere: Release, servers: Mapping[str, str]) -> None:
        self.access, self.namespace = access, inside.namespace
        self.policies: dict[str, Manifest] = {}
        rendered = render({})
        facts = Facts(release="demo", namespace=self.namespace, chart_name="jupyterhub", names={})
        user = {**common_labels(facts, None), "component": "singleuser-server"}
        user |= {"hub.jupyter.org/network-access-hub": "true"}
        here, there = inside.namespace, elsewhere.namespace
        self.probes = [
            probe_like("hub", here, pod_of(rendered, "Deployment", "hub")),
            probe_like("proxy", here, pod_of(rendered, "Deployment", "proxy")),
            probe_like("job", here, pod_of(rendered, "Job", "hub-preflight")),
            probe_like("puller", here, pod_of(rendered, "DaemonSet", "hook-image-puller")),
            *(Probe(name, here, user, {"notebook-port": 8888}) for name in ("ada", "bob")),
            Probe("stranger", here),
            Probe("labelled", here, ACCESS),
            Probe("elsewhere", there, ACCESS),
            Probe("database", there),
        ]
        self.addresses = {**start_probes(access, self.probes, PORTS), **servers, **self._cluster()}

    def _cluster(self) -> dict[str, str]:
        """Return the addresses of cluster DNS, of Kubernetes' API and of the node."""
        kube = self.access.kube
        dns, api = kube.get("Service", "kube-dns", "kube-system"), kube.get("Service", "kubernetes", "default")
        found = {"dns": dns["spec"]["clusterIP"]} if dns else {}
        found |= {"api": api["spec"]["clusterIP"]} if api else {}
        if isinstance(self.access.cluster, Embedded):
            found["node"] = self.access.cluster.settings.node_address
        return found

    def replace_policies(self, values: Mapping[str, Any]) -> None:
        """Put the policies of a release with `values` in the place of those of before; what is the same stays."""
        wanted = {each["metadata"]["name"]: each for each in render(dict(values)).all("NetworkPolicy")}
        for name in {**self.policies, **wanted}:
            if self.policies.get(name) == wanted.get(name):
                continue
            if name in self.policies:
                self.access.kube.delete("NetworkPolicy", name, self.namespace)
            if name in wanted:
                metadata = {"name": name, "namespace": self.namespace}
                self.access.kube.create({**wanted[name], "metadata": metadata})
        self.policies = wanted

    def try_all(self, wanted: list[Flow]) -> dict[Flow, bool]:
        """Return of each flow whether somebody took the connection."""
        by_address = {(source, self.addresses[target], port): (source, target, port) for source, target, port in wanted}
        answers = connections(self.access, self.probes, by_address)
        return {by_address[key]: answer for key, answer in answers.items()}

    def wrong(self, expected: Mapping[Flow, bool]) -> list[str]:
        """Try the flows until all are as expected; return those that are not, in words, after `EFFECT_SECONDS`."""
        deadline = time.monotonic() + EFFECT_SECONDS
        while True:
            found = self.try_all(list(expected))
            wrong = [
                f"{source} -> {target}:{port} is {'allowed' if answer else 'denied'}"
                for (source, target, port), answer in found.items()
                if answer is not expected[source, target, port]
            ]
            if not wrong or time.monotonic() >= deadline:
                return wrong


@pytest.fixture(scope="module")
def field(access: Access, new_release: Callable[[str], Release]) -> Iterator[Field]:
    cluster = access.cluster
    embedded = isinstance(cluster, Embedded)
    if isinstance(cluster, Embedded) and cluster.settings.network_policy == "none":
        pytest.skip("this cluster enforces no NetworkPolicy: it was made with NETWORK_POLICY=none")
    world = outside(cluster.settings, PORTS) if isinstance(cluster, Embedded) else nullcontext({})
    with world as servers:
        assert bool(servers) is embedded
        yield Field(access, new_release("flows"), new_release("elsewhere"), servers)


def check(field: Field, configuration: Configuration) -> None:
    # Outside of the embedded cluster there is no world of ours to connect to.
    expected = {flow: answer for flow, answer in configuration.flows().items() if flow[1] in field.addresses}
    assert len(expected) >= FEWEST
    field.replace_policies(configuration.values)
    assert field.wrong(expected) == []


def test_without_policies_every_flow_gets_through(field: Field) -> None:
    check(field, UNPROTECTED)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_flows(field: Field, name: str) -> None:
    check(field, CONFIGURATIONS[name])
