"""`python -m ci up|down|status|env|test`: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from ci.build import build
from ci.cluster import choose
from ci.deploy import Release, check_port_is_free, deploy, kubectl, tell
from ci.engine_stop import stop_engine
from ci.progress import CiError, say, step
from ci.suite import run_suite


def up() -> int:
    """Bring a cluster up, build and load the images, install the chart, say how to get in."""
    release = Release.from_environment()
    cluster = choose(os.environ.get("CLUSTER", "auto"))
    check_port_is_free(cluster, release)
    with step(f"cluster ({cluster.name})"):
        cluster.up()
    with step("images"):
        built = build()
    with step("loading the images into the cluster"):
        cluster.load_images(list(built.images.values()))
    deploy(cluster, built, release)
    tell(cluster, release)
    return 0


def down() -> int:
    """Remove the cluster and everything in it, and the Docker engine when it was started here."""
    cluster = choose(os.environ.get("CLUSTER", "auto"))
    with step(f"removing the cluster ({cluster.name})"):
        cluster.down()
    stop_engine()
    return 0


def status() -> int:
    """Print what runs, and where to look."""
    cluster = choose(os.environ.get("CLUSTER", "auto"))
    release = Release.from_environment()
    print(cluster.diagnostics())
    print(kubectl(cluster, "-n", release.namespace, "get", "pods,services,pvc,events", check=False))
    return 0


def env() -> int:
    """Print the lines to evaluate in a shell so that kubectl and helm talk to the cluster."""
    for name, value in choose(os.environ.get("CLUSTER", "auto")).environment().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


COMMANDS = {"up": up, "down": down, "status": status, "env": env, "test": run_suite}


def main() -> int:
    """Run one command; a person's mistake or a failed step ends with a message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m ci", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args().command
    try:
        return COMMANDS[command]()
    except CiError as error:
        sys.stdout.flush()
        print(f"\n{command} failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("interrupted; run the same command again, it goes on where it can")
        return 130


if __name__ == "__main__":
    sys.exit(main())
