"""Start the cluster's processes detached, record them, and recognise and kill them later, also after a killed run.

A recorded process is known by its pid and start time, so that a reused pid is never taken for it. A process without
a record (a pod's shim and containers, or one started by a run that was killed right then) is known by what it runs:
see `belongs`.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ci.cache import CACHE_NAME
from ci.cluster.embedded.namespace import inside
from ci.cluster.embedded.packages import SYSTEM_PATH
from ci.cluster.embedded.settings import Settings
from ci.progress import CiError, tail

DAEMONS = (
    "kubelet",
    "cilium-agent",
    "containerd",
    "containerd-shim-runc-v2",
    "kube-proxy",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-apiserver",
    "etcd",
)
"""Names of our binaries that stay running, in the order to kill them: those that start others come first."""
KILL_TIMEOUT = 20.0
"""Seconds for killed processes to be gone."""
KILL_ROUNDS = 10
"""How often to look again for processes that were started while others were killed."""


@dataclass(frozen=True)
class Service:
    """A process of the cluster: its name, command, and the folders with the programs that it calls itself."""

    name: str
    command: tuple[str, ...]
    path: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    """More variables, as pairs of name and value."""


@dataclass(frozen=True)
class Started:
    """A service that this program has started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise `CiError` with the end of its log when the process has ended."""
        code = self.process.poll()
        if code is not None:
            text = self.log.read_text(encoding="utf-8", errors="replace")
            raise CiError(f"{self.name} ended with exit code {code} (whole log: {self.log})\n{tail(text)}")


@dataclass(frozen=True)
class ProcessFacts:
    """What /proc says of a process, as far as it tells whose it is."""

    pid: int
    executable: str
    arguments: tuple[str, ...]
    root_mount: str
    """Options of the file system at `/` of its own mount namespace; empty in this program's namespace."""


def start(service: Service, settings: Settings) -> Started:
    """Start `service` in the cluster's network and a session of its own, output to its log file, and record it."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    settings.records.mkdir(parents=True, exist_ok=True)
    log = settings.logs / f"{service.name}.log"
    environment = {
        "PATH": ":".join((*service.path, SYSTEM_PATH)),
        "HOME": str(settings.state),
        **dict(service.environment),
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            (*inside(settings), *service.command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o022,  # files that are made for pods must be readable there, whatever the person's umask is
            env=environment,
            cwd="/",
        )
    record = {"pid": process.pid, "started": _start_time(process.pid)}
    temporary = settings.records / f".{service.name}.json"
    temporary.write_text(json.dumps(record), encoding="utf-8")
    temporary.rename(settings.records / f"{service.name}.json")
    return Started(service.name, process, log)


def running(name: str, settings: Settings) -> int | None:
    """Return the pid of the recorded service `name`, or None when it does not run (any more)."""
    try:
        record = json.loads((settings.records / f"{name}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    pid = int(record["pid"])
    started = _start_time(pid)
    return pid if started is not None and started == record["started"] else None


def belongs(facts: ProcessFacts, settings: Settings) -> bool:
    """Tell whether a process is part of the embedded cluster.

    It is when it runs one of our daemons' binaries (or runc) with our state folder on its command line, or when its
    root file system is an overlay of containerd's layers below our state folder: then it is in one of our containers.
    """
    inside = f"{settings.state}/"
    if inside in facts.root_mount:
        return True
    executable = Path(facts.executable.removesuffix(" (deleted)"))
    # Not by the cache folder's whole path: the run that started it may have had another home folder.
    ours = executable.name in DAEMONS and executable.parent.parent.name == CACHE_NAME
    if not ours and executable.name != "runc":
        return False
    return any(inside in argument for argument in facts.arguments)


def ours(settings: Settings) -> list[int]:
    """Return the pids of all processes of the embedded cluster, recorded or not."""
    found = [facts for facts in _all_processes() if belongs(facts, settings)]
    order = {name: index for index, name in enumerate(DAEMONS)}
    found.sort(key=lambda facts: order.get(Path(facts.executable).name, len(order)))
    return [facts.pid for facts in found]


def kill_all(settings: Settings) -> int:
    """Kill all processes of the embedded cluster, wait until they are gone, and return how many there were.

    Raises `CiError` when some outlive `KILL_TIMEOUT`, or when new ones never cease to appear.
    """
    killed = 0
    for _ in range(KILL_ROUNDS):
        pids = ours(settings)
        if not pids:
            return killed
        killed += len(pids)
        _kill(pids, settings)
    raise CiError(f"the cluster's processes come back as fast as they are killed: {ours(settings)}")


def _kill(pids: Sequence[int], settings: Settings) -> None:
    """Kill `pids`, each pinned by a pidfd and only then checked again, so that a reused pid is left alone."""
    own_namespace = _namespace(os.getpid())
    pinned: dict[int, int] = {}
    try:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                pinned[descriptor] = pid
                facts = _facts(pid, own_namespace)
                if facts is None or not belongs(facts, settings):
                    os.close(descriptor)
                    del pinned[descriptor]
                else:
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        _wait_gone(pinned)
    finally:
        for descriptor in pinned:
            os.close(descriptor)


def _wait_gone(pinned: Mapping[int, int]) -> None:
    poller = select.poll()
    for descriptor in pinned:
        poller.register(descriptor, select.POLLIN)
    left = dict(pinned)
    deadline = time.monotonic() + KILL_TIMEOUT
    while left:
        events = poller.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not events:
            raise CiError(f"waited {KILL_TIMEOUT:.0f} s for killed processes to end: {sorted(left.values())}")
        for descriptor, _ in events:
            poller.unregister(descriptor)
            del left[descriptor]


def _all_processes() -> Iterator[ProcessFacts]:
    own_namespace = _namespace(os.getpid())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            facts = _facts(int(entry.name), own_namespace)
            if facts is not None:
                yield facts


def _facts(pid: int, own_namespace: str | None) -> ProcessFacts | None:
    folder = Path("/proc") / str(pid)
    try:
        executable = str((folder / "exe").readlink())
        arguments = tuple((folder / "cmdline").read_text(errors="replace").split("\0"))
        root = "" if _namespace(pid) == own_namespace else _root_mount((folder / "mountinfo").read_text())
    except OSError:  # gone meanwhile, or a kernel thread, which has no executable
        return None
    return ProcessFacts(pid, executable, arguments, root)


def _namespace(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/mnt").readlink())
    except OSError:
        return None


def _root_mount(mountinfo: str) -> str:
    """Return the options of the last file system mounted at `/`. The columns are those of proc(5), `mountinfo`."""
    options = ""
    for line in mountinfo.splitlines():
        words = line.split(" ")
        if words[4] == "/":
            options = words[-1]
    return options


def _start_time(pid: int) -> int | None:
    """Return the process's start time in clock ticks since boot, None when it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command's name, in brackets, may hold spaces and brackets itself: count the columns after the last bracket.
    columns = text.rpartition(")")[2].split()
    return None if columns[0] in "ZX" else int(columns[19])
