"""The backend `current`: whatever cluster the current kubeconfig context points at. It is used, never changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ci.cluster.base import Cluster
from ci.cluster.tools import path_with_tools, tools
from ci.progress import CiError, CommandError, run, say

TIMEOUT = 30.0


class Current(Cluster):
    """See the module. Nodes and images are in the hands of whoever runs that cluster."""

    name = "current"

    def __init__(self) -> None:
        first = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
        self.kubeconfig = Path(first) if first else Path.home() / ".kube" / "config"

    def up(self) -> None:
        """Check that the cluster answers and has a default storage class. Raises `CiError` otherwise."""
        context = self._kubectl("config", "current-context").strip()
        self._kubectl("get", "--raw", "/readyz")
        classes = self._kubectl("get", "storageclass", "--output=jsonpath={.items[*].metadata.annotations}")
        if '"storageclass.kubernetes.io/is-default-class":"true"' not in classes.replace(" ", ""):
            raise CiError(f"the cluster of context {context} has no default storage class: mark one as default")
        say(f"Using the current context {context}")

    def down(self) -> None:
        """Do nothing: the cluster is not ours."""
        say("CLUSTER=current: the cluster is left as it is")

    def load_images(self, references: Sequence[str]) -> None:
        """Say that images cannot be loaded: its nodes must be able to pull them."""
        say(f"CLUSTER=current: its nodes must have or pull {', '.join(references)} themselves")

    def address(self, node_port: int) -> str:
        """Return the first node's internal address with `node_port`."""
        expression = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}'
        addresses = self._kubectl("get", "nodes", f"--output=jsonpath={expression}").split()
        if not addresses:
            raise CiError("the current cluster's first node has no internal address")
        host = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        return f"http://{host}:{node_port}"

    def environment(self) -> dict[str, str]:
        """Return PATH, and KUBECONFIG as it is (which may list several files)."""
        return {"KUBECONFIG": os.environ.get("KUBECONFIG") or str(self.kubeconfig), "PATH": path_with_tools()}

    def diagnostics(self) -> str:
        """Return the nodes and the latest events."""
        parts = [["get", "nodes", "--output=wide"], ["get", "events", "--all-namespaces", "--sort-by=.lastTimestamp"]]
        lines = []
        for words in parts:
            try:
                lines.append(self._kubectl(*words))
            except CommandError as error:
                lines.append(str(error))
        return "\n".join(lines)

    def _kubectl(self, *words: str) -> str:
        return run([tools()["kubectl"], *words], timeout=TIMEOUT).stdout
