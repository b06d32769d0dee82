"""What the embedded cluster needs of the machine: Linux, root, and some Debian packages."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from ci.debian import apt_install
from ci.progress import CiError

APT_TIMEOUT = 300.0
"""Seconds for one apt-get command."""

PACKAGES = {
    "runc": "runc",
    "iptables": "iptables",
    "ip6tables": "iptables",
    "ip": "iproute2",
    "ipset": "ipset",
    "conntrack": "conntrack",
    "socat": "socat",
    "nsenter": "util-linux",
    "mount": "mount",
    "umount": "mount",
    "openssl": "openssl",
}
"""Command and the Debian package that brings it. kubelet, kube-proxy and containerd call them by name."""

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where those commands are; a user's own PATH often lacks the `sbin` folders."""


def require_machine() -> None:
    """Raise `CiError` where the embedded cluster cannot run at all, before anything is done."""
    if platform.system() != "Linux":
        system = platform.system()
        raise CiError(f"the embedded cluster needs Linux, this is {system}: use CLUSTER=k3d or CLUSTER=current")
    if os.geteuid() != 0:
        raise CiError("the embedded cluster needs root: run this as root, or use CLUSTER=k3d or CLUSTER=current")


def install_packages(more: Mapping[str, str]) -> None:
    """Install the Debian packages whose commands are missing: of `PACKAGES`, and of `more` in the same form.

    Raises `CiError` where apt-get is not there.
    """
    wanted = {**PACKAGES, **more}
    missing = sorted({wanted[command] for command in wanted if shutil.which(command, path=SYSTEM_PATH) is None})
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise CiError(f"install these packages first (no apt-get here to do it): {' '.join(missing)}")
    apt_install(missing, timeout=APT_TIMEOUT)


def name_servers(resolv_conf: Path = Path("/etc/resolv.conf")) -> list[str]:
    """Return the machine's name servers, without loopback ones, which mean nothing inside a pod."""
    try:
        lines = resolv_conf.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    servers = [words[1] for line in lines if len(words := line.split()) >= 2 and words[0] == "nameserver"]
    return [server for server in servers if not server.startswith("127.") and server != "::1"]
