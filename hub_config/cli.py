"""The command `hub-config`: check value files, see what they do, move from Zero to JupyterHub, look after a hub."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from hub_config import __version__
from hub_config.commands import backup, check, explain, generate, homes, migrate, plan, restore
from hub_config.commands.generate import GENERATED, known_classes, stale_files

__all__ = ["GENERATED", "known_classes", "main", "stale_files"]

_COMMANDS = (check, explain, plan, migrate, homes, backup, restore, generate)
_EPILOG = """\
`hub-config COMMAND --help` explains a command with examples. `homes`, `backup` and `restore` run in the hub's
pod; all others work offline, on the values alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 when all is well, 2 when the command line is wrong."""
    parser = argparse.ArgumentParser(
        prog="hub-config", description=__doc__, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"hub-config {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for each in _COMMANDS:
        each.add(commands)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `hub-config ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
