"""The images that the cluster itself runs, written as archives in `docker save`'s format without any engine.

Each is a single layer with static binaries, so nothing has to be pulled. The format is that of the "Docker Image
Specification v1.2", which `ctr images import` reads.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ci.cache import cache_root
from ci.cluster.embedded.build import folder
from ci.cluster.embedded.pins import COREDNS, LOCAL_PATH, NODE_TOOLS, Bundle

_PREFIX = "localhost/jupyterhub-chart"
"""No registry serves this name, so a missing image can never be replaced by somebody else's."""
SANDBOX = f"{_PREFIX}/node-tools:{NODE_TOOLS.version}"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Image:
    """An image made of one bundle's binaries, which all lie in `/`."""

    name: str
    bundle: Bundle
    entry: str


IMAGES = (
    Image(SANDBOX, NODE_TOOLS, "/pause"),
    Image(f"{_PREFIX}/coredns:{COREDNS.version}", COREDNS, "/coredns"),
    Image(f"{_PREFIX}/local-path-provisioner:{LOCAL_PATH.version}", LOCAL_PATH, "/local-path-provisioner"),
)


def archives() -> list[Path]:
    """Return the archives of all images, writing those that the cache lacks."""
    return [_archive(image) for image in IMAGES]


def _archive(image: Image) -> Path:
    binaries = folder(image.bundle)
    target = cache_root() / "images" / f"{binaries.name}.tar"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        layer = _tar([(name, (binaries / name).read_bytes(), 0o755) for name, _ in image.bundle.binaries])
        partial.write_bytes(docker_archive(image.name, image.entry, layer))
        partial.rename(target)
    return target


def docker_archive(name: str, entry: str, layer: bytes) -> bytes:
    """Return a `docker save` archive of one image `name` with the uncompressed tar `layer`, which starts `entry`."""
    machine = platform.machine()
    config = {
        "architecture": MACHINES.get(machine, machine),
        "os": "linux",
        "config": {"Entrypoint": [entry], "WorkingDir": "/", "Env": ["PATH=/"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "history": [{"created_by": "ci.cluster.embedded.images"}],
    }
    config_text = json.dumps(config).encode()
    config_name = f"{hashlib.sha256(config_text).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]
    members = [(config_name, config_text, 0o644), ("layer.tar", layer, 0o644)]
    return _tar([*members, ("manifest.json", json.dumps(manifest).encode(), 0o644)])


def _tar(members: Sequence[tuple[str, bytes, int]]) -> bytes:
    """Return an uncompressed tar of name, content and mode, owned by root and without times: the same each time."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content, mode in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
