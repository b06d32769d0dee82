"""`hub-config check`: every mistake of value files, with file, line, key, and what to write instead."""

from __future__ import annotations

import argparse

from hub_config.commands.arguments import add_values, prefix_of
from hub_config.commands.examine import examine
from hub_config.commands.findings import FORMATS, has_errors, rendered
from hub_config.commands.layers import load

HELP = "find every mistake in value files before Helm or a user does"
DESCRIPTION = """\
Check value files for the chart jupyterhub. The files are merged as `helm -f a.yaml -f b.yaml` merges them, over the
chart's defaults, and every mistake is told at once: where it is (file, line, column), its key, what is wrong, what was
probably meant and what to write instead. Nothing is contacted: no cluster, no registry.

Found are: YAML that is none, keys that are written twice, unknown keys, values of the wrong type or unit, traits that
no class of the hub's image has (in hub.config, profiles and group overrides), Kubernetes objects that the API would
refuse, values that contradict each other, code in hub.extraConfig that is no Python, keys of Zero to JupyterHub that do
nothing here, and plain words that YAML takes for something else (`1.20`, `no`).

A line reads FILE:LINE:COLUMN: KEY: what is wrong; did you mean ...? Values of keys that hold secrets are never shown.

exit codes:
  0  these files are fine (there may be warnings)
  1  at least one error
  2  the command line itself is wrong"""
EPILOG = """\
examples:
  hub-config check -f values.yaml
  hub-config check -f environments/onprem.yaml -f values.yaml -f secrets.yaml
  hub-config check -f umbrella.yaml --key jupyterhub     the chart as a dependency of your own chart
  hub-config check -f values.yaml --format github        annotations on a pull request
  helm get values hub -n jupyterhub | hub-config check -f -"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "check",
        help=HELP,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_values(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="text for people and editors, json for programs, github for annotations (default: text)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check, print, and return the exit code."""
    layers = load(options.values, prefix_of(options))
    findings = examine(layers).findings
    text = rendered(findings, options.format, layers.files)
    if text:
        print(text)
    return 1 if has_errors(findings) else 0
