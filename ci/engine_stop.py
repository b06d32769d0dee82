"""Stop the Docker engine that `ci.engine` started, and take its bridge and firewall rules away.

An engine that somebody else started, or in which anything but the built images lives (containers, networks), stays.
Images stay on disk: the next start finds them.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from ci.engine import PID_FILE, engine_answers
from ci.progress import run, say, step, wait_until

BRIDGE = "docker0"
DATA = Path("/var/lib/docker")
COMMAND_SECONDS = 20
STOP_SECONDS = 60
_OWN_NETWORKS = {"bridge", "host", "none"}
_TABLES = ("filter", "nat")


def stop_engine() -> None:
    """Stop our engine and remove what it left in the kernel. Raises `CiError` when it does not end in time."""
    pid = _our_engine()
    if pid is None:
        return
    if used := _used_by_others():
        say(f"the Docker engine stays: {used}")
        return
    with step("stopping the Docker engine"):
        os.kill(pid, signal.SIGTERM)
        wait_until(f"dockerd (process {pid}) to end", lambda: not _runs(pid), timeout=STOP_SECONDS)
        PID_FILE.unlink(missing_ok=True)
        _remove_rules()
        if Path("/sys/class/net", BRIDGE).exists():
            run(["ip", "link", "delete", BRIDGE], timeout=COMMAND_SECONDS)
        # dockerd mounts its folder over itself, to keep the mounts in it to itself, and leaves that behind.
        if any(line.split()[1] == os.fspath(DATA) for line in Path("/proc/mounts").read_text().splitlines()):
            run(["umount", os.fspath(DATA)], timeout=COMMAND_SECONDS)


def _our_engine() -> int | None:
    """Return the process id of the engine that was started with our pid file; None when there is none."""
    try:
        pid = int(PID_FILE.read_text())
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (OSError, ValueError):
        return None
    return pid if os.fspath(PID_FILE) in words else None


def _runs(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not reaped yet has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def _used_by_others() -> str:
    """Return what lives in the engine besides images, "" when nothing does."""
    if not engine_answers():
        return ""
    containers = run(["docker", "ps", "--quiet"], timeout=COMMAND_SECONDS).stdout.split()
    names = run(["docker", "network", "ls", "--format", "{{.Name}}"], timeout=COMMAND_SECONDS).stdout.split()
    networks = sorted(set(names) - _OWN_NETWORKS)
    if containers:
        return f"{len(containers)} containers run in it"
    return f"it has networks: {', '.join(networks)}" if networks else ""


def _remove_rules() -> None:
    """Delete the rules and chains that dockerd leaves behind when it ends."""
    for program in ("iptables", "ip6tables"):
        if shutil.which(program) is None:
            continue
        for table in _TABLES:
            listed = run([program, "-t", table, "-S"], timeout=COMMAND_SECONDS, check=False).stdout
            for words in removals(listed.splitlines()):
                run([program, "-t", table, *words], timeout=COMMAND_SECONDS)


def removals(rules: Sequence[str]) -> list[list[str]]:
    """Return the iptables arguments that take Docker's own rules and chains out of a table listed by `iptables -S`.

    Docker's are the chains whose name begins with DOCKER, and every rule of another chain that leads to one of them or
    names Docker's bridge. Rules go first, then the chains' content, then the chains.
    """
    split = [rule.split() for rule in rules]
    chains = [words[1] for words in split if words[:1] == ["-N"] and words[1].startswith("DOCKER")]
    own = {*chains, BRIDGE}
    outside = [words for words in split if words[:1] == ["-A"] and words[1] not in chains and own & set(words)]
    deletions = [["-D", *words[1:]] for words in outside]
    return [*deletions, *(["-F", chain] for chain in chains), *(["-X", chain] for chain in chains)]
