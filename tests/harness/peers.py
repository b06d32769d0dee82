"""Real servers that a hub talks to in tests: databases, directories, identity providers.

Each is an image of its own, `tests/peers/NAME/Dockerfile`, made from the packages that the chart's images are made
from, and runs as a pod beside the release, under the Pod Security level `restricted` like everything else there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ci.base_image import ensure_base_image, image_exists
from ci.cache import cache_folder, locked
from ci.engine import ensure_engine
from ci.progress import run, step
from tests.harness.access import Access
from tests.harness.kube import Object, ready
from tests.harness.release import Release

PEERS = Path(__file__).parents[1] / "peers"
BUILD_SECONDS = 900
START_SECONDS = 90
USER = 10001
"""Whom peers run as: a number without a name, as on clusters that choose it."""


def peer_image(access: Access, name: str) -> str:
    """Build the image of `tests/peers/NAME` unless it is there, load it into the cluster, and return its reference."""
    reference = build_peer(name)
    access.cluster.load_images([reference])
    return reference


def build_peer(name: str) -> str:
    """Build the image of `tests/peers/NAME` unless the engine has it; return its reference, named by its content."""
    folder = PEERS / name
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    reference = f"jupyterhub-chart/test-{name}:{digest.hexdigest()[:12]}"
    ensure_engine()
    logs = cache_folder("peers")
    with locked(logs / f"{name}.lock", what=f"building {reference}", timeout=BUILD_SECONDS):
        if not image_exists(reference):
            bases = re.findall(r"^ARG BASE=(\S+)$", (folder / "Dockerfile").read_text("utf-8"), re.MULTILINE)
            ensure_base_image(bases[0])
            with step(f"image {reference}"):
                command = ["docker", "build", "--quiet", "--tag", reference, str(folder)]
                run(command, timeout=BUILD_SECONDS, log=logs / f"{name}.log")
    return reference


def start_peer(
    release: Release,
    name: str,
    *,
    port: int,
    environment: Mapping[str, str] | None = None,
    image: str | None = None,
    claim: str | None = None,
    timeout: float = START_SECONDS,
) -> Object:
    """Run the peer `tests/peers/NAME` in the namespace of `release`, and return its pod once its port is open.

    It is reached as `NAME:port` by pods there, by a pod that takes the place of one that was deleted as well. What it
    keeps is in `/data`, which ends with the pod, or is the volume of `claim`.
    """
    image = image or peer_image(release.access, name)
    if release.kube.get("Service", name, release.namespace) is None:
        release.kube.create(_service(release, name, port, "ClusterIP"))
    spec = _pod(name, image, port, environment or {}, claim)
    release.kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": _metadata(release, name), "spec": spec})
    return release.kube.wait(
        f"the peer {name} in {release.namespace} to be ready",
        "Pod",
        lambda pods: next((each for each in pods if ready(each)), None),
        timeout=timeout,
        namespace=release.namespace,
        selector=f"peer={name}",
    )


def expose_peer(release: Release, name: str, *, port: int) -> str:
    """Make a peer's Service, before the peer itself, and return the `http://host:port` at which browsers reach it."""
    made = release.kube.create(_service(release, name, port, "NodePort"))
    return release.access.cluster.address(made["spec"]["ports"][0]["nodePort"])


def _metadata(release: Release, name: str) -> dict[str, Any]:
    return {"name": name, "namespace": release.namespace, "labels": {"peer": name}}


def _service(release: Release, name: str, port: int, kind: str) -> Object:
    ports = [{"name": name, "port": port, "targetPort": port}]
    spec = {"type": kind, "selector": {"peer": name}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(release, name), "spec": spec}


def _pod(name: str, image: str, port: int, environment: Mapping[str, str], claim: str | None) -> dict[str, Any]:
    security = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {
        "name": name,
        "image": image,
        "imagePullPolicy": "Never",
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "ports": [{"containerPort": port}],
        "readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 1},
        "securityContext": security,
        "volumeMounts": [{"name": each, "mountPath": f"/{each}"} for each in ("data", "tmp", "run")],
    }
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"fsGroup": USER},
        "containers": [container],
        "volumes": [
            {"name": "data", **({"persistentVolumeClaim": {"claimName": claim}} if claim else {"emptyDir": {}})},
            *({"name": each, "emptyDir": {}} for each in ("tmp", "run")),
        ],
    }
