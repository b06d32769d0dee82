"""`hub-config explain`: the pod, claim and environment that a user would get, and which key each field comes from."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from typing import Any

from hub_config.base import ConfigurationError
from hub_config.commands.arguments import add_values, prefix_of
from hub_config.commands.examine import examine, offline_facts
from hub_config.commands.findings import has_errors
from hub_config.commands.layers import Layers, load
from hub_config.commands.pod import Objects, Visitor, objects
from hub_config.commands.provenance import leaves, sources
from hub_config.commands.write import as_yaml
from hub_config.facts import Facts
from hub_config.problems import dotted
from hub_config.values import Values

HELP = "the exact pod and volume claim that a user would get"
DESCRIPTION = """\
Print the pod (its environment included) and the volume claim that KubeSpawner would make for a user with these values,
as YAML. Nothing is contacted. With --why, print each field with the key, file and line that decides it: keys that you
wrote are left out one after the other, and a field that changes comes from that key; everything else is a default.

Code in hub.extraConfig is not run: what it does to pods is not shown. What is only known at the start of a server, such
as its token, is shown as "(made at each start)". KubeSpawner must be installed, as it is in the hub's image.

exit codes:
  0  printed
  1  the values have an error, the choices do not exist, or KubeSpawner is missing
  2  the command line itself is wrong"""
EPILOG = """\
examples:
  hub-config explain ada -f values.yaml
  hub-config explain ada -f values.yaml --profile gpu --option image=torch --why
  hub-config explain ada --server experiment -f base.yaml -f prod.yaml"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "explain",
        help=HELP,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("user", metavar="USER", help="the user's name")
    parser.add_argument(
        "--group", action="append", default=[], metavar="G", help="a group of the user; may be repeated"
    )
    parser.add_argument(
        "--admin", action="store_true", help="the user is an administrator (default: as hub.config says)"
    )
    parser.add_argument("--server", default="", metavar="NAME", help="the named server (default: the unnamed one)")
    parser.add_argument(
        "--profile", default="", metavar="SLUG", help="the profile that is chosen (default: the default)"
    )
    parser.add_argument(
        "--option", action="append", default=[], type=_option, metavar="K=V", help="a choice in the profile; repeatable"
    )
    parser.add_argument("--release", default="jupyterhub", help="the release's name (default: jupyterhub)")
    parser.add_argument("--namespace", default="jupyterhub", help="the release's namespace (default: jupyterhub)")
    parser.add_argument("--why", action="store_true", help="each field with the key, file and line that decides it")
    add_values(parser)
    parser.set_defaults(run=run)


def _option(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"write key=value, not {text}")
    return key, value


def run(options: argparse.Namespace) -> int:
    """Print, and return the exit code."""
    layers = load(options.values, prefix_of(options))
    examined = examine(layers)
    if has_errors(examined.findings):
        print(*examined.findings, sep="\n", file=sys.stderr)
        return 1
    facts = offline_facts(options.release, options.namespace)
    if examined.values.singleuser.namespace.name not in (None, options.namespace):
        facts = replace(facts, hub_host=f"{facts.names['hub']}.{options.namespace}")
    if examined.values.internal_tls.enabled:
        facts = replace(facts, scheme="https")
    visitor = Visitor(
        name=options.user,
        groups=tuple(options.group),
        server=options.server,
        profile=options.profile,
        options=dict(options.option),
        admin=options.admin,
    )
    try:
        print(_why(layers, facts, visitor) if options.why else _plain(examined.values, facts, visitor), end="")
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    if examined.values.hub.extra_config:
        print("hub.extraConfig was not run: what it changes is not shown", file=sys.stderr)
    return 0


def _plain(values: Values, facts: Facts, visitor: Visitor) -> str:
    made = objects(values, facts, visitor)
    return "---\n".join(as_yaml(each) for each in _each(made).values())


def _each(made: Objects) -> dict[str, dict[str, Any]]:
    return {"pod": made.pod} | ({"claim": made.claim} if made.claim is not None else {})


def _why(layers: Layers, facts: Facts, visitor: Visitor) -> str:
    def make(values: Values) -> dict[str, Any]:
        return _each(objects(values, facts, visitor))

    found = sources(layers, make)
    lines = []
    for leaf, value in leaves(make(examine(layers).values)):
        keys = found.get(leaf, [])
        origin = ", ".join(f"{dotted((*layers.prefix, *key))} ({layers.mark(key)})" for key in keys) or "default"
        lines.append(f"{leaf}: {json.dumps(value, ensure_ascii=False)}  <- {origin}\n")
    return "".join(lines)
