"""containerd: its configuration, its process, and loading images into it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ci.cluster.embedded import cilium
from ci.cluster.embedded.build import folder
from ci.cluster.embedded.images import SANDBOX
from ci.cluster.embedded.pins import CILIUM, CNI_PLUGINS, CONTAINERD
from ci.cluster.embedded.processes import Service
from ci.cluster.embedded.settings import Settings
from ci.progress import CiError, run, tail

CTR_TIMEOUT = 60.0
IMPORT_TIMEOUT = 900.0
"""Seconds to import images; a notebook image of some gigabytes takes a minute."""
ID_LABEL = "jupyterhub-chart/docker-id"
"""Label on an imported image: the Docker engine's id of what was imported."""

_CONFIG = """\
version = 3
root = {root}
state = {state}

[grpc]
address = {socket}

[plugins.'io.containerd.shim.v1.manager']
socket_dir = {shims}

[plugins.'io.containerd.cri.v1.images']
snapshotter = 'overlayfs'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = {sandbox}

[plugins.'io.containerd.cri.v1.images'.registry]
config_path = {registries}

[plugins.'io.containerd.cri.v1.runtime']
# Where this process may not lower a score (CAP_SYS_RESOURCE), asking for it would fail each container.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
enable_unprivileged_ports = true
enable_unprivileged_icmp = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [{plugins}, {policies}]
conf_dir = {networks}
# The plugin for it would leave a result outside of our folders for each pod.
use_internal_loopback = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
SystemdCgroup = false
"""

_NO_REGISTRY = """\
# Pods run loaded images only, on every machine alike: a pull is refused at once by a port where nothing listens.
server = "http://127.0.0.1:9"
[host."http://127.0.0.1:9"]
capabilities = ["pull", "resolve"]
"""


def files(settings: Settings) -> dict[Path, str]:
    """Return containerd's configuration files."""
    config, base = settings.config, settings.state / "containerd"
    values = {
        "root": base / "root",
        "state": base / "state",
        "socket": settings.containerd_socket,
        "shims": settings.state / "s",
        "registries": config / "registries",
        "plugins": folder(CNI_PLUGINS),
        "policies": folder(CILIUM),
        "networks": config / "cni",
    }
    quoted = {name: json.dumps(str(value)) for name, value in values.items()}
    return {
        config / "containerd.toml": _CONFIG.format(sandbox=json.dumps(SANDBOX), **quoted),
        config / "registries" / "_default" / "hosts.toml": _NO_REGISTRY,
    }


def service(settings: Settings) -> Service:
    """Return containerd's process. It finds its shim next to itself."""
    binaries = folder(CONTAINERD)
    command = (str(binaries / "containerd"), "--config", str(settings.config / "containerd.toml"))
    # Network plugins get containerd's environment: it tells Cilium's where its agent listens.
    return Service("containerd", command, (str(binaries),), (("CILIUM_SOCK", str(cilium.api_socket(settings))),))


def ctr(settings: Settings, *words: str, timeout: float = CTR_TIMEOUT) -> str:
    """Run `ctr` in Kubernetes' namespace of our containerd, and return what it prints."""
    binary = folder(CONTAINERD) / "ctr"
    command = [str(binary), "--address", str(settings.containerd_socket), "--namespace", "k8s.io", *words]
    return run(command, timeout=timeout).stdout


def answers(settings: Settings) -> Callable[[], bool]:
    """Return a probe that tells whether containerd's CRI plugin serves."""

    def probe() -> bool:
        try:
            plugins = ctr(settings, "plugins", "list", timeout=10)
        except CiError:
            return False
        return any("cri" in line.split()[:2] and "ok" in line.split() for line in plugins.splitlines())

    return probe


def import_archive(settings: Settings, archive: Path) -> None:
    """Import the images of an archive file in `docker save`'s format."""
    ctr(settings, "images", "import", str(archive), timeout=IMPORT_TIMEOUT)


def import_from_docker(settings: Settings, references: Sequence[str]) -> None:
    """Import Docker images through a pipe, all in one so that layers they share travel once."""
    binary = folder(CONTAINERD) / "ctr"
    importer = [str(binary), "--address", str(settings.containerd_socket), "--namespace", "k8s.io"]
    with tempfile.TemporaryFile() as errors:
        save = subprocess.Popen(["docker", "save", *references], stdout=subprocess.PIPE, stderr=errors)
        try:
            load = subprocess.run(
                [*importer, "images", "import", "-"],
                stdin=save.stdout,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                timeout=IMPORT_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CiError(f"importing {', '.join(references)} took more than {IMPORT_TIMEOUT:.0f} s") from error
        finally:
            if save.stdout is not None:
                save.stdout.close()
            save.terminate()
            saved = save.wait()
        errors.seek(0)
        if load.returncode != 0:
            text = errors.read().decode(errors="replace")
            raise CiError(f"importing {', '.join(references)} failed (docker save: {saved})\n{tail(text)}")


def docker_ids(settings: Settings) -> dict[str, str]:
    """Return for each image that was imported from Docker its full name and the id that Docker had for it."""
    found: dict[str, str] = {}
    for line in ctr(settings, "images", "list").splitlines():
        words = line.replace(",", " ").split()
        labels = [word.partition("=")[2] for word in words if word.startswith(f"{ID_LABEL}=")]
        if labels:
            found[words[0]] = labels[0]
    return found


def remember_docker_id(settings: Settings, name: str, identifier: str) -> None:
    """Write Docker's id of the image `name` (its full name) next to it."""
    ctr(settings, "images", "label", name, f"{ID_LABEL}={identifier}")
