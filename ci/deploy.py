"""Put the chart on a cluster as an administrator does, and say how to get in."""

from __future__ import annotations

import base64
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from ci.build import ROOT, Built
from ci.cluster import Cluster, tools
from ci.progress import CiError, CommandError, run, say, step

HELM_SECONDS = 600
ANSWER_SECONDS = 20
CREDENTIALS = "hub-credentials"
USER_KEY = "hub.config.SharedPasswordAuthenticator.user_password"


@dataclass(frozen=True)
class Release:
    """What to install, and where: from the variables RELEASE, NAMESPACE and VALUES."""

    name: str
    namespace: str
    values: Path

    @classmethod
    def from_environment(cls) -> Release:
        """Return the release that the environment asks for, by default `environments/laptop.yaml` as `jupyterhub`."""
        values = Path(os.environ.get("VALUES") or ROOT / "environments" / "laptop.yaml")
        if not values.is_file():
            raise CiError(f"VALUES={values}: there is no such file")
        return cls(
            name=os.environ.get("RELEASE") or "jupyterhub",
            namespace=os.environ.get("NAMESPACE") or "jupyterhub",
            values=values,
        )

    def node_port(self) -> int | None:
        """Return the node port that the values ask for, None when they ask for none."""
        values = yaml.safe_load(self.values.read_text(encoding="utf-8")) or {}
        service = values.get("proxy", {}).get("service", {})
        port = service.get("nodePorts", {}).get("http") if service.get("type") == "NodePort" else None
        return int(port) if port else None


def deploy(cluster: Cluster, built: Built, release: Release) -> None:
    """Install or upgrade `release` with the chart that was built. Raises `CiError` with the end of what Helm said."""
    environment = cluster.environment()
    with step(f"helm upgrade --install {release.name} (namespace {release.namespace}, {release.values.name})"):
        command = [
            *(str(tools()["helm"]), "upgrade", "--cleanup-on-fail", "--install", release.name, str(built.chart)),
            *("--namespace", release.namespace, "--create-namespace", "-f", str(release.values)),
            *("--wait", "--timeout", f"{HELM_SECONDS - 30}s"),
        ]
        try:
            run(command, timeout=HELM_SECONDS, env=environment)
        except CommandError as error:
            events = kubectl(cluster, "-n", release.namespace, "get", "events", "--sort-by=.lastTimestamp", check=False)
            raise CiError(f"{error}\nThe last events of the namespace:\n{events[-3000:]}") from error


def kubectl(cluster: Cluster, *words: str, check: bool = True) -> str:
    """Return what kubectl prints."""
    command = [str(tools()["kubectl"]), *words]
    return run(command, timeout=60, env=cluster.environment(), check=check).stdout


def check_port_is_free(cluster: Cluster, release: Release) -> None:
    """Raise `CiError` when another program listens on the node port: people would meet that program instead."""
    port = release.node_port()
    if port is None or cluster.name == "current" or not _on_this_machine(cluster, port):
        return
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    if taken and not _is_ours(cluster, port):
        raise CiError(
            f"port {port} is in use by another program: end it, or choose another port under "
            f"proxy.service.nodePorts.http in {release.values}"
        )


def _on_this_machine(cluster: Cluster, port: int) -> bool:
    return urlsplit(cluster.address(port)).hostname == "127.0.0.1"


def _is_ours(cluster: Cluster, port: int) -> bool:
    if not cluster.kubeconfig.exists():
        return False
    listed = kubectl(cluster, "get", "services", "-A", "-o", "json", check=False)
    try:
        services = json.loads(listed)["items"]
    except (ValueError, KeyError):
        return False
    return any(each.get("nodePort") == port for service in services for each in service["spec"].get("ports", []))


def _in_front(value: str) -> str:
    """Shorten a PATH that begins with folders of ours to those folders and `$PATH`."""
    own = os.environ.get("PATH", "")
    return value.removesuffix(own) + "$PATH" if own and value != own and value.endswith(own) else value


def tell(cluster: Cluster, release: Release) -> None:
    """Print the address, a user with the password, and the next commands."""
    port = release.node_port()
    secret = kubectl(cluster, "-n", release.namespace, "get", "secret", CREDENTIALS, "-o", "json", check=False)
    try:
        password = base64.b64decode(json.loads(secret)["data"][USER_KEY]).decode()
    except (ValueError, KeyError):
        password = "(see the notes: helm get notes)"  # noqa: S105 - a hint
    address = cluster.address(port) if port else "see `helm get notes`: the values name no node port"
    exports = "\n".join(f"    export {name}={_in_front(value)}" for name, value in cluster.environment().items())
    target = urlsplit(address).hostname
    tunnel = f"    ssh -L {port}:{target}:{port} THIS-MACHINE     then open http://127.0.0.1:{port}" if port else ""
    where = f"-n {release.namespace}"
    say(
        f"""JupyterHub is up.

  Open      {address}
  User      any name, such as ada
  Password  {password}

  From another machine:
{tunnel}

  To use kubectl and helm on this cluster:
{exports}

  When something is wrong:
    kubectl {where} get pods,events        kubectl {where} logs deploy/hub
    make status                            make down   (removes the cluster and everything in it)
"""
    )
