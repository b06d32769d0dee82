"""The backend `k3d`: k3s in Docker, by a handful of documented k3d commands and one config file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from ci.cache import cache_root
from ci.cluster import docker
from ci.cluster.base import NAME, PUBLISHED, Cluster
from ci.cluster.embedded.pins import DEFAULT_KUBERNETES, kubernetes
from ci.cluster.tools import path_with_tools, tools
from ci.progress import CiError, CommandError, run, step

CONFIG = Path(__file__).with_name("k3d.yaml")
SERVER = f"k3d-{NAME}-server-0"
"""Name of the node and of its container."""
CREATE_TIMEOUT = 300.0
PULL_TIMEOUT = 300.0
IMPORT_TIMEOUT = 900.0
TIMEOUT = 60.0


class K3d(Cluster):
    """See the module. `kube_version` is a pinned minor version, or any that k3s has released, such as `1.36.3`."""

    name = "k3d"

    def __init__(self, kube_version: str | None = None) -> None:
        version = (kube_version or DEFAULT_KUBERNETES).removeprefix("v")
        if version.count(".") < 2:
            version = kubernetes(version).version
        self.image = f"rancher/k3s:v{version}-k3s1"
        self.kubeconfig = cache_root() / "k3d" / "kubeconfig"

    def image_available(self) -> bool:
        """Tell whether k3s's image is there or can be pulled."""
        try:
            docker.image_ids([self.image])
        except CiError:
            try:
                run(["docker", "pull", "--quiet", self.image], timeout=PULL_TIMEOUT)
            except CommandError:
                return False
        return True

    def up(self) -> None:
        """Create the cluster where it is missing, start it where it is stopped, and wait for its node and DNS."""
        if shutil.which("k3d") is None:
            raise CiError("CLUSTER=k3d needs the k3d command: install k3d, or use CLUSTER=embedded")
        existing = self._existing()
        if existing is not None and not self._runs_image():
            self.down()
            existing = None
        if existing is None:
            with step(f"Creating the k3d cluster {NAME} ({self.image})"):
                create = ["k3d", "cluster", "create", "--config", str(CONFIG), "--image", self.image]
                run(create, timeout=CREATE_TIMEOUT)
        elif existing == 0:
            run(["k3d", "cluster", "start", NAME], timeout=CREATE_TIMEOUT)
        self.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        run(["k3d", "kubeconfig", "write", NAME, "--output", self.kubeconfig, "--overwrite"], timeout=TIMEOUT)
        self._kubectl("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=120s")
        # k3s's own add-ons are applied some seconds after its node is there: both waits also wait for existence.
        for name in ("coredns", "local-path-provisioner"):
            deployment = f"deployment/{name}"
            self._kubectl("-n", "kube-system", "wait", "--for=create", deployment, "--timeout=120s")
            self._kubectl("-n", "kube-system", "rollout", "status", deployment, "--timeout=120s")

    def down(self) -> None:
        """Delete the cluster; k3d is content when there is none."""
        run(["k3d", "cluster", "delete", NAME], timeout=CREATE_TIMEOUT)
        self.kubeconfig.unlink(missing_ok=True)

    def load_images(self, references: Sequence[str]) -> None:
        """Import what the node lacks, or has with another id."""
        wanted = docker.image_ids(references)
        there = self._node_images()
        changed = [reference for reference, identifier in wanted.items() if identifier not in there]
        if changed:
            with step(f"Loading {len(changed)} image(s): {', '.join(changed)}"):
                run(["k3d", "image", "import", "--cluster", NAME, *changed], timeout=IMPORT_TIMEOUT)

    def address(self, node_port: int) -> str:
        """Return 127.0.0.1 for the published node ports, the node container's address for others."""
        if node_port in PUBLISHED:
            return f"http://127.0.0.1:{node_port}"
        template = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
        found = run(["docker", "inspect", "--format", template, SERVER], timeout=TIMEOUT).stdout.split()
        if not found:
            raise CiError(f"the container {SERVER} has no address: is the cluster up?")
        return f"http://{found[0]}:{node_port}"

    def environment(self) -> dict[str, str]:
        """Return KUBECONFIG and PATH."""
        return {"KUBECONFIG": str(self.kubeconfig), "PATH": path_with_tools()}

    def diagnostics(self) -> str:
        """Return the end of the node's log, and its pods."""
        lines = []
        for command in (
            ["docker", "logs", "--tail", "40", SERVER],
            [str(tools()["kubectl"]), f"--kubeconfig={self.kubeconfig}", "get", "pods", "--all-namespaces"],
        ):
            try:
                lines.append(run(command, timeout=TIMEOUT).stdout)
            except CommandError as error:
                lines.append(str(error))
        return "\n".join(lines)

    def _existing(self) -> int | None:
        """Return how many servers of the cluster run; None when there is no such cluster."""
        listed = json.loads(run(["k3d", "cluster", "list", "--output", "json"], timeout=TIMEOUT).stdout)
        for cluster in listed:
            if cluster["name"] == NAME:
                return int(cluster["serversRunning"])
        return None

    def _runs_image(self) -> bool:
        """Tell whether the node container was made from the wanted version's image."""
        command = ["docker", "inspect", "--format", "{{.Config.Image}}", SERVER]
        return self.image in run(command, timeout=TIMEOUT, check=False).stdout

    def _node_images(self) -> set[str]:
        """Return the ids of the images on the node, as the container runtime interface lists them."""
        command = ["docker", "exec", SERVER, "crictl", "images", "--output", "json"]
        return {image["id"] for image in json.loads(run(command, timeout=TIMEOUT).stdout)["images"]}

    def _kubectl(self, *words: str) -> str:
        return run([tools()["kubectl"], f"--kubeconfig={self.kubeconfig}", *words], timeout=CREATE_TIMEOUT).stdout
