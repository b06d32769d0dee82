"""Find out which process listens on a TCP port, from /proc alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ci.progress import CiError

_LISTEN = "0A"
"""The state TCP_LISTEN as /proc/net/tcp writes it (Linux `include/net/tcp_states.h`)."""


def listeners(ports: Mapping[int, str] | set[int]) -> dict[int, str]:
    """Return for each of `ports` that is listened on the inode of its socket."""
    found: dict[int, str] = {}
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            words = line.split()
            port = int(words[1].rpartition(":")[2], 16)
            if words[3] == _LISTEN and port in ports:
                found[port] = words[9]
    return found


def holder(inode: str) -> int | None:
    """Return the pid of the process that holds the socket `inode` open, None when it cannot be seen."""
    wanted = f"socket:[{inode}]"
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if any(str(link.readlink()) == wanted for link in (process / "fd").iterdir()):
                    return int(process.name)
            except OSError:  # the process, or that file, is gone meanwhile
                continue
    return None


def require_free(ports: Mapping[int, str]) -> None:
    """Raise one `CiError` that names each port that is in use, what we want it for, and the process that has it."""
    taken = [f"port {port} ({ports[port]}) is in use by {_name(inode)}" for port, inode in listeners(ports).items()]
    if taken:
        raise CiError("; ".join(sorted(taken)) + ": end that process, then try again")


def _name(inode: str) -> str:
    pid = holder(inode)
    if pid is None:
        return "a process that cannot be seen from here"
    words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    return f"process {pid} ({words[:120]})"
