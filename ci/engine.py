"""Make sure that a Docker engine answers, and that it has the base image that the Dockerfiles start from.

A machine with a running engine needs nothing. Elsewhere, root on Debian or Ubuntu gets Debian's engine started in the
background; whoever is neither is told what to do. Nothing here stops an engine, or touches one that answers.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ci.cache import locked
from ci.debian import apt_install
from ci.progress import CiError, run, say, step, tail, wait_until

STATE = Path("/var/lib/jupyterhub-chart/engine")
PID_FILE = STATE / "dockerd.pid"
LOG_FILE = STATE / "dockerd.log"
# The engine's own containerd writes its id here, and a later engine believes it without looking what the id is now.
CONTAINERD_PID_FILE = Path("/run/docker/containerd/containerd.pid")
INSTALL_SECONDS = 600
START_SECONDS = 60
ANSWER_SECONDS = 15


def engine_answers() -> bool:
    """Return whether the engine that the `docker` command points at answers."""
    if shutil.which("docker") is None:
        return False
    try:
        done = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def ensure_engine() -> None:
    """Return once a Docker engine answers, installing and starting one where that is needed and allowed.

    Raises `CiError`, saying what to do, where nobody but the person can help.
    """
    if engine_answers():
        return
    if os.environ.get("DOCKER_HOST"):
        where = os.environ["DOCKER_HOST"]
        raise CiError(f"no Docker engine answers at DOCKER_HOST={where}: start it, or unset DOCKER_HOST")
    if os.geteuid() != 0:
        raise CiError(
            "no Docker engine answers: start Docker (for example `sudo systemctl start docker`, or Docker Desktop),"
            " see that your user may use it, or run this as root to have an engine installed and started"
        )
    with locked(STATE / "lock", what="starting the Docker engine", timeout=INSTALL_SECONDS + START_SECONDS):
        if engine_answers():
            return
        if shutil.which("dockerd") is None:
            install_packages("docker.io")
            if Path("/run/systemd/system").is_dir() and _answers_within(ANSWER_SECONDS):
                return  # the package's own service came up
        _start()


def install_packages(*packages: str) -> None:
    """Install Debian packages without asking anything; raises `CiError` where that cannot be done."""
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CiError(f"{names} is missing: install it, or run this as root on Debian or Ubuntu to have it installed")
    apt_install(packages, timeout=INSTALL_SECONDS)


def _start() -> None:
    """Start dockerd in a session of its own, so that it outlives this program, and wait until it answers."""
    _forget_dead(PID_FILE, "dockerd")
    _forget_dead(CONTAINERD_PID_FILE, "containerd")
    forwarded_before = _forward_policy()
    options = ["--pidfile", os.fspath(PID_FILE)]
    if "--ip-forward-no-drop" in run(["dockerd", "--help"], timeout=ANSWER_SECONDS).stdout:
        options.append("--ip-forward-no-drop")
    else:
        # An engine that finds forwarding already on leaves the policy of the FORWARD chain alone. One that turns it
        # on itself sets DROP, which would cut off the pods of every bridge network that is not Docker's.
        with contextlib.suppress(OSError):  # not allowed: the engine will say so in its own words
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
    with step("starting the Docker engine"), LOG_FILE.open("w") as log:
        process = subprocess.Popen(
            ["dockerd", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )

        def probe() -> bool:
            if process.poll() is not None:
                raise CiError(f"dockerd ended with exit code {process.returncode} (log: {LOG_FILE})\n{_log_tail()}")
            return engine_answers()

        try:
            wait_until("the Docker engine to answer", probe, timeout=START_SECONDS)
        except CiError:
            # Ours alone, and useless: a half-started engine would hold its files against the next try.
            process.terminate()
            raise
    if forwarded_before == "ACCEPT" and _forward_policy() == "DROP":
        say("letting forwarded packets pass, as before the engine was started")
        run(["iptables", "-P", "FORWARD", "ACCEPT"], timeout=ANSWER_SECONDS)


def _answers_within(seconds: float) -> bool:
    try:
        return wait_until("the Docker engine", engine_answers, timeout=seconds)
    except CiError:
        return False


def _forget_dead(pid_file: Path, program: str) -> None:
    """Delete `pid_file` unless the process it names is `program`: after a power cut the id may be anybody's."""
    try:
        pid = int(pid_file.read_text())
        # Empty for a process that is dead and not yet reaped.
        name = Path(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]).name
    except (OSError, ValueError):
        name = ""
    if name != program:
        pid_file.unlink(missing_ok=True)


def _forward_policy() -> str:
    """Return the policy of the FORWARD chain, "" where there is no iptables."""
    if shutil.which("iptables") is None:
        return ""
    rules = run(["iptables", "-S", "FORWARD"], timeout=ANSWER_SECONDS, check=False).stdout
    return next((line.split()[-1] for line in rules.splitlines() if line.startswith("-P FORWARD ")), "")


def _log_tail() -> str:
    time.sleep(0.2)  # its last words may still be on their way
    return tail(LOG_FILE.read_text(errors="replace"))


def main() -> int:
    """Start an engine where none answers."""
    try:
        ensure_engine()
    except CiError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
