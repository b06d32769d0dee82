"""The backend `embedded`: an upstream Kubernetes of one node, as processes of this machine, built from Go modules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from ci.cache import locked
from ci.cluster import docker
from ci.cluster.base import PUBLISHED, Cluster
from ci.cluster.embedded import (
    addons,
    api,
    certificates,
    cgroups,
    cilium,
    cleanup,
    containerd,
    control_plane,
    images,
    namespace,
    network,
    node,
    packages,
    pins,
    processes,
)
from ci.cluster.embedded.build import build, folder
from ci.cluster.embedded.pins import Bundle
from ci.cluster.embedded.processes import Service, Started
from ci.cluster.embedded.settings import Settings
from ci.cluster.tools import path_with_tools
from ci.progress import CiError, run, say, step, tail, wait_until

START_TIMEOUT = 60.0
"""Seconds for a component to answer, and for the whole cluster to be ready after that."""
APPLY_TIMEOUT = 60.0
LOCK_TIMEOUT = 3600.0
"""Seconds to wait for another program: it may be building all the binaries."""


class Embedded(Cluster):
    """See the module. `kube_version` is a `KUBE_VERSION` as `pins.kubernetes` reads it."""

    name = "embedded"

    def __init__(self, kube_version: str | None = None, settings: Settings | None = None) -> None:
        self.kubernetes = pins.kubernetes(kube_version)
        self.settings = settings or Settings()
        self.kubeconfig = self.settings.kubeconfig

    def build(self) -> None:
        """Build all the binaries that the cache lacks."""
        build([self.kubernetes.bundle, *pins.TOOL_BUNDLES, *self._node_bundles()])

    def _node_bundles(self) -> list[Bundle]:
        return [*([pins.CILIUM] if self._enforces else []), *pins.NODE_BUNDLES]

    @property
    def _enforces(self) -> bool:
        """Whether the network enforces NetworkPolicy."""
        return self.settings.network_policy == "cilium"

    def up(self) -> None:
        """Bring the cluster up, or leave a healthy one of the same version and configuration alone."""
        packages.require_machine()
        with self._lock():
            if self._is_up():
                say(f"The cluster is up: Kubernetes {self.kubernetes.version}, KUBECONFIG={self.kubeconfig}")
                return
            packages.install_packages({cilium.CLANG: cilium.CLANG} if self._enforces else {})
            self.build()
            with step(f"Starting Kubernetes {self.kubernetes.version}"):
                cleanup.clean(self.settings)
                namespace.require_free_range(self.settings)
                self._start()
        say(f"KUBECONFIG={self.kubeconfig}")

    def down(self) -> None:
        """Remove all but the cached binaries."""
        packages.require_machine()
        packages.install_packages({})
        with self._lock():
            cleanup.clean(self.settings)

    def load_images(self, references: Sequence[str]) -> None:
        """Import from the Docker engine what is not there yet with the same image id."""
        wanted = docker.image_ids(references)
        there = containerd.docker_ids(self.settings)
        names = {reference: docker.full_name(reference) for reference in wanted}
        changed = [reference for reference in wanted if there.get(names[reference]) != wanted[reference]]
        if not changed:
            return
        with step(f"Loading {len(changed)} image(s): {', '.join(changed)}"):
            containerd.import_from_docker(self.settings, changed)
            for reference in changed:
                containerd.remember_docker_id(self.settings, names[reference], wanted[reference])

    def address(self, node_port: int) -> str:
        """Return 127.0.0.1 for the node ports that are published there, the node's own address for others."""
        published = self.settings.instance == 0 and node_port in PUBLISHED
        return f"http://{'127.0.0.1' if published else self.settings.node_address}:{node_port}"

    def environment(self) -> dict[str, str]:
        """Return KUBECONFIG and PATH."""
        return {"KUBECONFIG": str(self.kubeconfig), "PATH": path_with_tools(self.kubernetes)}

    def diagnostics(self) -> str:
        """Return which processes run, what is lacking, and the end of each log."""
        lines = [f"embedded cluster, Kubernetes {self.kubernetes.version}, state in {self.settings.state}"]
        for service in self._services():
            pid = processes.running(service.name, self.settings)
            lines.append(f"{service.name}: {f'runs as process {pid}' if pid else 'does not run'}")
            log = self.settings.logs / f"{service.name}.log"
            if log.exists():
                lines.append(tail(log.read_text(encoding="utf-8", errors="replace"), 8))
        try:
            lines.append(f"lacking: {', '.join(api.lacking(self.settings)) or 'nothing'}")
            lines += [f"pod {line}" for line in api.troubled_pods(self.settings)]
        except OSError as error:
            lines.append(f"the API server does not answer: {error}")
        return "\n".join(lines)

    def _is_up(self) -> bool:
        try:
            same = (self.settings.state / "fingerprint").read_text(encoding="utf-8") == self._fingerprint()
        except FileNotFoundError:
            return False
        running = all(processes.running(service.name, self.settings) for service in self._services())
        return same and running and api.healthy(self.settings)

    def _start(self) -> None:
        settings = self.settings
        settings.state.mkdir(parents=True, mode=0o755)
        certificates.make_certificates(settings)
        for path, text in self._files().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        cgroups.create(settings)
        network.create(settings)
        started = {service.name: processes.start(service, settings) for service in self._first_services()}
        runtime, api_server = started["containerd"], started["kube-apiserver"]
        self._await("containerd", runtime, containerd.answers(settings))
        for archive in images.archives():
            containerd.import_archive(settings, archive)
        self._await("the API server", api_server, lambda: api.live(settings))
        if self._enforces:
            cilium.prepare(settings)
            self._apply(*(f"--filename={folder}" for folder in cilium.custom_resources()))
        for service in self._other_services():
            started[service.name] = processes.start(service, settings)
        if self._enforces:
            # Before any pod: one that is made without Cilium is not filtered.
            self._await("Cilium", started["cilium-agent"], cilium.answers(settings))
        self._apply("--filename=-", manifests=addons.manifests(settings))
        self._await_ready(list(started.values()))
        (settings.state / "fingerprint").write_text(self._fingerprint(), encoding="utf-8")

    def _services(self) -> list[Service]:
        return [*self._first_services(), *self._other_services()]

    def _first_services(self) -> list[Service]:
        """Return the processes that the others need."""
        settings = self.settings
        api_server = control_plane.api_server(settings, self.kubernetes)
        return [control_plane.etcd(settings), containerd.service(settings), api_server]

    def _other_services(self) -> list[Service]:
        settings, kubernetes = self.settings, self.kubernetes
        return [
            control_plane.controller_manager(settings, kubernetes),
            control_plane.scheduler(settings, kubernetes),
            node.kubelet(settings, kubernetes),
            node.kube_proxy(settings, kubernetes),
            *([cilium.service(settings)] if self._enforces else []),
        ]

    def _files(self) -> dict[Path, str]:
        settings = self.settings
        network_list = settings.config / "cni" / "10-jupyterhub-chart.conflist"
        return {
            **containerd.files(settings),
            **node.files(settings, self.kubernetes),
            **(cilium.files(settings) if self._enforces else {}),
            network_list: network.cni_configuration(settings),
        }

    def _fingerprint(self) -> str:
        """Return a digest of all that is configured: binaries, commands, files, add-ons, addresses."""
        services = [(service.name, service.command) for service in self._services()]
        texts = sorted((str(path), text) for path, text in self._files().items())
        binaries = [folder(bundle).name for bundle in self._node_bundles()]
        everything = (services, texts, binaries, addons.manifests(self.settings), repr(self.settings))
        return hashlib.sha256(json.dumps(everything).encode()).hexdigest()

    def _await(self, what: str, started: Started, probe: Callable[[], bool]) -> None:
        def check() -> bool:
            started.check()
            return probe()

        wait_until(f"{what} to answer (log: {started.log})", check, timeout=START_TIMEOUT)

    def _await_ready(self, started: Sequence[Started]) -> None:
        lacking: list[str] = []

        def check() -> bool:
            for each in started:
                each.check()
            lacking[:] = api.lacking(self.settings)
            return not lacking

        try:
            wait_until("the cluster to be ready", check, timeout=START_TIMEOUT)
        except CiError as error:
            raise CiError(f"{error}; lacking {', '.join(lacking)}\n{self.diagnostics()}") from error

    def _apply(self, *what: str, manifests: str | None = None) -> None:
        kubectl = folder(self.kubernetes.bundle) / "kubectl"
        command = [str(kubectl), f"--kubeconfig={self.kubeconfig}", "apply", "--server-side", *what]
        run(command, timeout=APPLY_TIMEOUT, stdin=manifests, env={"HOME": str(self.settings.state)})

    def _lock(self) -> AbstractContextManager[None]:
        """Let one program at a time change the cluster."""
        return locked(self.settings.home / "lock", what="bringing the cluster up or down", timeout=LOCK_TIMEOUT)
