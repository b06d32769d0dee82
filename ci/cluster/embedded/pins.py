"""Versions of everything that is built from Go modules. Each pin repeats its `go.mod`; a test compares the two."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ci.progress import CiError

MODULES = Path(__file__).parent / "modules"
DEFAULT_KUBERNETES = "1.36.3"


@dataclass(frozen=True)
class Bundle:
    """Binaries built together from the one `go.mod` in `modules/<folder>`."""

    folder: str
    module: str
    """Path of the Go module that `version` is of; empty for our own programs."""
    version: str
    """Without the leading `v`."""
    binaries: tuple[tuple[str, str], ...]
    """Pairs of binary name and the package it is built from."""
    stamps: tuple[tuple[str, str], ...] = ()
    """Pairs of string variable (package path and name) and the value that the linker writes into it."""
    tags: tuple[str, ...] = ()
    """Build tags."""
    folders: tuple[str, ...] = ()
    """Folders of the module that are needed at run time, and are kept beside the binaries."""

    @property
    def source(self) -> Path:
        """The folder with `go.mod` and `go.sum`."""
        return MODULES / self.folder


@dataclass(frozen=True)
class Kubernetes:
    """A Kubernetes version that this package can bring up, and where it differs from the others."""

    version: str
    runtime_by_flags: bool
    """kubelet takes the runtime's endpoint as flags: its configuration file knows it from 1.27 on."""
    modern_kubelet_config: bool
    """kubelet's configuration file knows `failCgroupV1` (from 1.31 on) and `podLogsDir` (from 1.29 on)."""

    @property
    def minor(self) -> str:
        """Return for example `1.36`."""
        return self.version.rpartition(".")[0]

    @property
    def bundle(self) -> Bundle:
        """All the binaries of this version."""
        names = ("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet")
        major, minor, _ = self.version.split(".")
        stamps = {"gitVersion": f"v{self.version}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
        return Bundle(
            folder=f"kubernetes-{self.minor}",
            module="k8s.io/kubernetes",
            version=self.version,
            binaries=tuple((name, f"k8s.io/kubernetes/cmd/{name}") for name in names),
            # The API server of 1.24 answers `/version` with client-go's copy, everything else reads component-base's.
            stamps=tuple(
                (f"k8s.io/{package}.{name}", value)
                for package in ("component-base/version", "client-go/pkg/version")
                for name, value in stamps.items()
            ),
        )


KUBERNETES = (
    Kubernetes("1.36.3", runtime_by_flags=False, modern_kubelet_config=True),
    Kubernetes("1.24.17", runtime_by_flags=True, modern_kubelet_config=False),
)

_CONTAINERD = "github.com/containerd/containerd/v2"
_PLUGINS = "github.com/containernetworking/plugins"

ETCD = Bundle("etcd", "go.etcd.io/etcd/server/v3", "3.7.3", (("etcd", "go.etcd.io/etcd/server/v3"),))
CONTAINERD = Bundle(
    "containerd",
    _CONTAINERD,
    "2.4.2",
    tuple((name, f"{_CONTAINERD}/cmd/{name}") for name in ("containerd", "containerd-shim-runc-v2", "ctr")),
    ((f"{_CONTAINERD}/version.Version", "v2.4.2"),),
)
CNI_PLUGINS = Bundle(
    "cni-plugins",
    _PLUGINS,
    "1.9.1",
    tuple(
        (path.rpartition("/")[2], f"{_PLUGINS}/plugins/{path}")
        for path in ("main/bridge", "ipam/host-local", "meta/portmap")
    ),
)
COREDNS = Bundle("coredns", "github.com/coredns/coredns", "1.15.0", (("coredns", "github.com/coredns/coredns"),))
_PROVISIONER = "github.com/rancher/local-path-provisioner"
LOCAL_PATH = Bundle("local-path-provisioner", _PROVISIONER, "0.0.30", (("local-path-provisioner", _PROVISIONER),))
_TOOLS = "jupyterhub-chart/node-tools"
NODE_TOOLS = Bundle("node-tools", "", "1", (("pause", f"{_TOOLS}/pause"), ("volume", f"{_TOOLS}/volume")))
_HELM_INTERNAL = "helm.sh/helm/v4/internal/version"
HELM = Bundle(
    "helm",
    "helm.sh/helm/v4",
    "4.3.1",
    (("helm", "helm.sh/helm/v4/cmd/helm"),),
    ((f"{_HELM_INTERNAL}.version", "v4.3.1"),),
)
KUBECONFORM = Bundle(
    "kubeconform",
    "github.com/yannh/kubeconform",
    "0.8.0",
    (("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform"),),
    (("main.version", "v0.8.0"),),
)
KUBE_SCORE = Bundle(
    "kube-score",
    "github.com/zegl/kube-score",
    "1.20.0",
    (("kube-score", "github.com/zegl/kube-score/cmd/kube-score"),),
)

_CILIUM = "github.com/cilium/cilium"
CILIUM = Bundle(
    "cilium",
    _CILIUM,
    "1.20.2",
    (("cilium-agent", f"{_CILIUM}/daemon"), ("cilium-cni", f"{_CILIUM}/plugins/cilium-cni")),
    ((f"{_CILIUM}/pkg/version.ciliumVersion", "1.20.2"),),
    # Without it the agent would look people up by cgo's resolver, which a static binary lacks.
    tags=("osusergo",),
    folders=("bpf", "pkg/k8s/apis/cilium.io/client/crds"),
)

NODE_BUNDLES = (CONTAINERD, COREDNS, LOCAL_PATH, ETCD, CNI_PLUGINS, NODE_TOOLS)
"""What a node needs besides Kubernetes itself and Cilium, the slowest builds first."""
TOOL_BUNDLES = (HELM, KUBECONFORM)
SCANNER_BUNDLES = (KUBE_SCORE,)
"""What only tests need."""


def kubernetes(wanted: str | None) -> Kubernetes:
    """Return the pinned Kubernetes for `KUBE_VERSION`: `1.36.3`, `v1.36.3` or `1.36`; the default for None or "".

    Raises `CiError` naming the versions there are.
    """
    version = (wanted or DEFAULT_KUBERNETES).removeprefix("v")
    for pinned in KUBERNETES:
        if version in (pinned.version, pinned.minor):
            return pinned
    known = ", ".join(pinned.version for pinned in KUBERNETES)
    raise CiError(f"KUBE_VERSION={wanted}: this version is not pinned; write one of {known}")
