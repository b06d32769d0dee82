"""Pods that listen and connect as one is told: who can reach whom, by real connections."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ci.progress import run
from tests.harness.access import Access
from tests.harness.kube import Object, ready

CONNECT_SECONDS = 1.5
EXEC_SECONDS = 60
START_SECONDS = 60
USER = 10001
LISTEN = """
import selectors, socket, sys
selector = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    selector.register(socket.create_server(("0.0.0.0", port), backlog=64), selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        key.fileobj.accept()[0].close()
"""
CONNECT = """
import asyncio, json, sys
seconds, targets = float(sys.argv[1]), json.loads(sys.argv[2])
async def one(host, port):
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
async def main():
    return await asyncio.gather(*(one(*target) for target in targets))
print(json.dumps(asyncio.run(main())))
"""
"""Prints for each address and port whether somebody took the connection."""


@dataclass(frozen=True)
class Probe:
    """A pod to be: its name, where it is, its labels, and the names of the ports that policies call by name."""

    name: str
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    named_ports: Mapping[str, int] = field(default_factory=dict)


def start_probes(access: Access, probes: Sequence[Probe], ports: Sequence[int]) -> dict[str, str]:
    """Start pods in the hub's image that listen on `ports`, and return each one's address by its name."""
    for probe in probes:
        access.kube.create(_pod(probe, access.images["hub"], ports))
    return {probe.name: _address(access, probe) for probe in probes}


def _address(access: Access, probe: Probe) -> str:
    def done(pods: list[Object]) -> str | None:
        return next((pod["status"]["podIP"] for pod in pods if ready(pod)), None)

    selector = f"probe={probe.name}"
    what = f"the probe {probe.name} to listen"
    return access.kube.wait(what, "Pod", done, timeout=START_SECONDS, namespace=probe.namespace, selector=selector)


def _pod(probe: Probe, image: str, ports: Sequence[int]) -> Object:
    security = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container: dict[str, Any] = {
        "name": "probe",
        "image": image,
        "command": ["python", "-c", LISTEN, *map(str, ports)],
        "ports": [{"name": name, "containerPort": port} for name, port in probe.named_ports.items()],
        # By the kubelet, which policies must never keep from its pods.
        "readinessProbe": {"tcpSocket": {"port": ports[-1]}, "periodSeconds": 1},
        "securityContext": security,
    }
    spec = {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0, "containers": [container]}
    labels = {**probe.labels, "probe": probe.name}
    metadata = {"name": f"probe-{probe.name}", "namespace": probe.namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def connections(
    access: Access, probes: Sequence[Probe], wanted: Iterable[tuple[str, str, int]]
) -> dict[tuple[str, str, int], bool]:
    """Try each (probe's name, address, port), all at once, and return whether somebody took the connection."""
    targets: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for source, address, port in wanted:
        targets[source].append((address, port))

    def ask(probe: Probe) -> list[bool]:
        command = [str(access.kubectl), "-n", probe.namespace, "exec", f"probe-{probe.name}", "--"]
        command += ["python", "-c", CONNECT, str(CONNECT_SECONDS), json.dumps(targets[probe.name])]
        answers: list[bool] = json.loads(run(command, timeout=EXEC_SECONDS, env=access.environment).stdout)
        return answers

    asked = [probe for probe in probes if probe.name in targets]
    with ThreadPoolExecutor(len(asked)) as pool:
        results = list(pool.map(ask, asked))
    return {
        (probe.name, *target): answer
        for probe, answers in zip(asked, results, strict=True)
        for target, answer in zip(targets[probe.name], answers, strict=True)
    }
