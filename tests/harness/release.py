"""A release of the chart in a namespace of its own, made and changed by the very command that the README gives."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from kubernetes.client.exceptions import ApiException

from ci.progress import CommandError, run, say, wait_until
from tests.harness.access import Access
from tests.harness.diagnosis import diagnose
from tests.harness.kube import Object, ready

HELM_SECONDS = 240
DELETION_SECONDS = 120
PORT_SECONDS = 20
OWNER_LABEL = "tests.jupyterhub-chart/process"
"""On the namespaces of tests: the process that made them, so that a later run removes what a killed one left."""
REACH_SERVICE = "reach-the-proxy"


class InstallError(AssertionError):
    """`helm` failed; `output` is what the person saw."""

    def __init__(self, output: str, seconds: float, state: str) -> None:
        super().__init__(f"helm failed after {seconds:.0f} s:\n{output}\n{state}")
        self.output, self.seconds = output, seconds


class Release:
    """A namespace that enforces the Pod Security level `restricted`, and the release in it."""

    live: list[Release] = []
    """Those whose namespaces exist now: what is looked at when a test fails."""

    def __init__(self, access: Access, purpose: str, *, name: str = "jupyterhub") -> None:
        self.access, self.kube, self.name = access, access.kube, name
        self.namespace = f"test-{purpose}-{secrets.token_hex(2)}"
        self.values: dict[str, Any] | None = None
        self._is_open = False
        self.said = ""
        """What Helm printed at the last install or upgrade that succeeded."""
        # `warn` looks at the templates in Deployments and the like too, and Helm prints what it says.
        levels = dict.fromkeys(("pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn"), "restricted")
        labels = {**levels, OWNER_LABEL: str(os.getpid())}
        metadata = {"name": self.namespace, "labels": labels}
        self.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        self.live.append(self)
        for kind, expected in (("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")):
            what = f"{kind} {expected}, which every namespace gets,"
            self.kube.wait(what, kind, bool, timeout=20, namespace=self.namespace)

    def install(self, values: dict[str, Any] | None = None, *, timeout: float = HELM_SECONDS) -> str:
        """Install or upgrade with `values`, exactly these, and return Helm's output. Raises `InstallError`."""
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "values.yaml"
            file.write_text(yaml.safe_dump(values or {}), encoding="utf-8")
            files = ["-f", str(file)] if values is not None else []
            output = self._helm(
                *("upgrade", "--cleanup-on-fail", "--install", self.name, str(self.access.chart)),
                *("--namespace", self.namespace, "--create-namespace", *files),
                *("--wait", "--timeout", f"{timeout:.0f}s"),
                timeout=timeout + 60,
            )
        assert "would violate PodSecurity" not in output, output
        self.values, self.said = values, output
        say(f"helm upgrade --install in {self.namespace}: {time.monotonic() - begin:.1f} s")
        return output

    def uninstall(self) -> str:
        """Uninstall and return Helm's output. Raises `InstallError`."""
        return self._helm("uninstall", self.name, "--namespace", self.namespace, "--wait", timeout=DELETION_SECONDS)

    def delete(self) -> None:
        """Ask for the deletion of the namespace with everything in it, homes included."""
        self.kube.delete("Namespace", self.namespace)
        self.live.remove(self)

    def wait_deleted(self) -> None:
        """Wait until the namespace is gone."""
        gone = f"namespace {self.namespace} to be gone"
        wait_until(gone, lambda: self.kube.get("Namespace", self.namespace) is None, timeout=DELETION_SECONDS)

    def url(self) -> str:
        """Return the `http://host:port` of the proxy, which is there.

        It goes on leading to the proxy when the proxy is restarted, and when the release is installed again.
        """
        url = self.address()
        if not self._is_open:
            parts = urlsplit(url)
            wait_until(f"{url} to be open", lambda: _open(parts.hostname, parts.port), timeout=PORT_SECONDS)
            self._is_open = True
        return url

    def address(self) -> str:
        """Return what `url` will be, also before the first install: a node port of a Service that the test adds."""
        there = self.kube.get("Service", REACH_SERVICE, self.namespace)
        made = there or self.kube.create(self._reach_service())
        return self.access.cluster.address(made["spec"]["ports"][0]["nodePort"])

    def _reach_service(self) -> Object:
        ports = [{"name": "http", "port": 80, "targetPort": "http"}]
        spec = {"type": "NodePort", "selector": {"release": self.name, "component": "proxy"}, "ports": ports}
        metadata = {"name": REACH_SERVICE, "namespace": self.namespace}
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}

    def pods(self, component: str | None = None) -> list[Object]:
        """Return the release's pods, users' included; of one `component` when given."""
        return self.kube.list("Pod", self.namespace, self._selector(component))

    def wait_ready(self, component: str, *, other_than: str = "", timeout: float = 90) -> Object:
        """Return the Ready pod of a component, waiting for it; `other_than` is the uid of one that shall be gone."""

        def done(pods: list[Object]) -> Object | None:
            fit = [pod for pod in pods if ready(pod) and pod["metadata"]["uid"] != other_than]
            return fit[0] if fit else None

        what = f"a ready pod of {component} in {self.namespace}"
        selector = self._selector(component)
        return self.kube.wait(what, "Pod", done, timeout=timeout, namespace=self.namespace, selector=selector)

    def user_pod(self, user: str) -> Object:
        """Return the pod of a user's default server."""
        found = self.kube.list("Pod", self.namespace, f"hub.jupyter.org/username={user}")
        assert len(found) == 1, f"{len(found)} pods of {user}, not 1"
        return found[0]

    def wait_no_user_pod(self, user: str, *, timeout: float) -> None:
        """Wait until a user has no pod."""
        self.kube.wait_gone("Pod", self.namespace, f"hub.jupyter.org/username={user}", timeout=timeout)

    def credentials(self) -> dict[str, str]:
        """Return the generated credentials by key."""
        return self.access.decode(self.kube.get("Secret", "hub-credentials", self.namespace))

    def diagnosis(self) -> str:
        """Return pods, events and logs in words."""
        return diagnose(self.kube, self.namespace)

    def _selector(self, component: str | None) -> str:
        return f"release={self.name}" + (f",component={component}" if component else "")

    def _helm(self, *words: str, timeout: float) -> str:
        begin = time.monotonic()
        try:
            return run([self.access.helm, *words], timeout=timeout, env=self.access.environment).stdout
        except CommandError as error:
            state = self.diagnosis() if words[0] == "upgrade" else ""
            raise InstallError(error.output, time.monotonic() - begin, state) from error


def _open(host: str | None, port: int | None) -> bool:
    with socket.create_connection((host or "", port or 80), timeout=2):
        return True


def delete_orphans(access: Access) -> None:
    """Delete the namespaces that killed runs of the tests left behind, without waiting for their end."""
    for namespace in access.kube.list("Namespace", selector=OWNER_LABEL):
        if not Path(f"/proc/{namespace['metadata']['labels'][OWNER_LABEL]}").exists():
            try:
                access.kube.delete("Namespace", namespace["metadata"]["name"])
            except ApiException as error:
                say(f"namespace {namespace['metadata']['name']} is still there: {error.reason}")
