"""The command line tools that the rest of `ci` calls: kubectl, Helm and kubeconform.

Helm and kubeconform are always the pinned ones, so that what they print and accept is the same everywhere; kubectl is
the one on PATH where that is close enough to the cluster's version, as kubectl's version skew policy has it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from ci.cluster.embedded.build import build_bundle, folder
from ci.cluster.embedded.pins import HELM, KUBECONFORM, Kubernetes, kubernetes

VERSION_TIMEOUT = 20.0


def tools(version: Kubernetes | None = None) -> dict[str, Path]:
    """Return the paths of kubectl, helm and kubeconform, building those that are missing.

    `version` is the cluster's; by default that of `KUBE_VERSION`. Raises `CiError` when a build fails.
    """
    wanted = version or kubernetes(os.environ.get("KUBE_VERSION"))
    return {
        "kubectl": _kubectl(wanted),
        "helm": build_bundle(HELM) / "helm",
        "kubeconform": build_bundle(KUBECONFORM) / "kubeconform",
    }


def path_with_tools(version: Kubernetes | None = None) -> str:
    """Return this process's PATH with the folders of `tools` in front."""
    folders = dict.fromkeys(str(tool.parent) for tool in tools(version).values())
    rest = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry not in folders]
    return os.pathsep.join([*folders, *rest])


def _kubectl(wanted: Kubernetes) -> Path:
    built = folder(wanted.bundle) / "kubectl"
    if not built.exists():
        found = shutil.which("kubectl")
        if found is not None and close_enough(_version(found), wanted):
            return Path(found)
        build_bundle(wanted.bundle, only=["kubectl"])
    return built


def _version(kubectl: str) -> str:
    """Return what `kubectl` says of its own version, as JSON; empty when it says nothing."""
    command = [kubectl, "version", "--client", "--output=json"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=VERSION_TIMEOUT, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def close_enough(printed: str, wanted: Kubernetes) -> bool:
    """Tell whether a kubectl that prints this version is at most one minor version away from `wanted`."""
    try:
        version = str(json.loads(printed)["clientVersion"]["gitVersion"])
        major, minor = (int(part) for part in version.removeprefix("v").split(".")[:2])
    except (ValueError, KeyError, TypeError):
        return False
    wanted_major, wanted_minor = (int(part) for part in wanted.minor.split("."))
    return major == wanted_major and abs(minor - wanted_minor) <= 1
