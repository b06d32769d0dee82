"""`python -m ci.cluster up|down|env|build`: bring up, remove or build for the cluster that `CLUSTER` names."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from ci.cluster.choice import BACKENDS, choose
from ci.cluster.embedded.cluster import Embedded
from ci.cluster.embedded.settings import Settings
from ci.progress import CiError, step


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ci.cluster", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "env", "build", "diagnostics"))
    parser.add_argument("--backend", default=os.environ.get("CLUSTER", "auto"), help=", ".join(BACKENDS))
    options = parser.parse_args(arguments)
    try:
        _do(options.command, options.backend)
    except CiError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _do(command: str, backend: str) -> None:
    if command == "build":
        with step("Building what the embedded cluster needs"):
            Embedded(os.environ.get("KUBE_VERSION"), Settings.from_environment()).build()
        return
    cluster = choose(backend)
    if command == "up":
        cluster.up()
    elif command == "down":
        cluster.down()
    elif command == "env":
        for name, value in cluster.environment().items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    else:
        sys.stdout.write(cluster.diagnostics() + "\n")


if __name__ == "__main__":
    sys.exit(main())
