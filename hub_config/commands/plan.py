"""`hub-config plan`: which pods an upgrade restarts, and whether anybody's home would move."""

from __future__ import annotations

import argparse
import sys

from hub_config.commands.arguments import add_key, prefix_of
from hub_config.commands.examine import examine
from hub_config.commands.findings import Mark, has_errors
from hub_config.commands.layers import Layers, load
from hub_config.commands.upgrade import Plan, plan
from hub_config.values import Values

HELP = "what an upgrade would restart, and whether homes would move"
DESCRIPTION = """\
Compare the values that a release runs with and those that it shall have, and say what the upgrade does: which keys
change, whether the hub and the proxy restart and because of which keys, and what becomes of users' volumes. Users' own
servers are never restarted by an upgrade. A change of the chart's version or of its images is not looked at.

exit codes:
  0  nobody's files are touched
  1  the new values have an error
  2  the command line itself is wrong
  3  homes would move: users would not find their files"""
EPILOG = """\
examples:
  hub-config plan old.yaml new.yaml
  hub-config plan base.yaml,old.yaml base.yaml,new.yaml          several files are separated by commas
  helm get values hub -n jupyterhub | hub-config plan - values.yaml"""
MOVES_HOMES = 3


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "plan",
        help=HELP,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", metavar="OLD", help="the value files of the release as it runs, `-` for standard input")
    parser.add_argument("new", metavar="NEW", help="the value files that it shall have")
    add_key(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the plan, and return the exit code."""
    old_layers, new_layers = (load(names.split(","), prefix_of(options)) for names in (options.old, options.new))
    old, new = _values(old_layers), _values(new_layers)
    if old is None or new is None:
        return 1
    found = plan(old, new)
    print("\n".join(_lines(found, old_layers, new_layers)))
    return MOVES_HOMES if found.moved_homes else 0


def _values(layers: Layers) -> Values | None:
    """Return the values, None when they have an error, which is printed then."""
    examined = examine(layers)
    if not has_errors(examined.findings):
        return examined.values
    print(*examined.findings, sep="\n", file=sys.stderr)
    return None


def _lines(found: Plan, old: Layers, new: Layers) -> list[str]:
    if not found.changed:
        return ["nothing changes"]
    lines = ["changed:"]
    lines += [f"  {_place(key, old, new)}{key}" for key in found.changed]
    lines += ["", "restarts:", f"  hub: {_because(found.hub)}", f"  proxy: {_because(found.proxy)}"]
    lines += ["  users' servers: no; what concerns them applies to servers that are started afterwards"]
    lines += ["", "homes:", *(f"  WOULD MOVE: {each}" for each in found.moved_homes)]
    lines += ["  stay where they are"] * (not found.moved_homes)
    if found.notes:
        lines += ["", "mind:", *(f"  {each}" for each in found.notes)]
    return lines


def _because(keys: list[str]) -> str:
    return f"yes, for {', '.join(keys)}" if keys else "no"


def _place(key: str, old: Layers, new: Layers) -> str:
    """Return where the new value is written, or else where the old one was."""
    path = tuple(key.split("."))
    for layers in (new, old):
        for length in range(len(path), 0, -1):
            mark: Mark | None = layers.marks.get(path[:length])
            if mark is not None:
                return f"{mark}: "
    return ""
