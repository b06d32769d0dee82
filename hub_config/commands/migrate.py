"""`hub-config migrate`: a value file of Zero to JupyterHub as one of this chart, and a note for each change."""

from __future__ import annotations

import argparse
import sys

from hub_config.commands.arguments import add_key, prefix_of
from hub_config.commands.examine import examine
from hub_config.commands.findings import Finding, has_errors, in_order
from hub_config.commands.layers import Layers, load
from hub_config.commands.moving import Note, moved
from hub_config.commands.write import as_yaml

HELP = "turn a value file of Zero to JupyterHub into one of this chart"
DESCRIPTION = """\
Print a value file of Zero to JupyterHub as a value file of this chart, and say what was changed and why.

Most keys mean the same here and stay as they are. Keys that have another place are moved, keys without a use are left
out, defaults that differ and that users would notice are written out, and what a person must decide is named under
"to do", with what to write. The file goes to the standard output and the notes to the standard error.

exit codes:
  0  the file that was printed is fine
  1  somebody has to look at it: the notes under "to do" say where
  2  the command line itself is wrong"""
EPILOG = """\
examples:
  hub-config migrate z2jh-values.yaml > values.yaml
  helm get values jhub -n jhub | hub-config migrate - > values.yaml
  hub-config migrate umbrella.yaml --key jupyterhub > values.yaml"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "migrate",
        help=HELP,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="the value file of Zero to JupyterHub, `-` for the standard input")
    add_key(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the new file and the notes, and return the exit code."""
    layers = load([options.file], prefix_of(options))
    if has_errors(layers.findings):
        print(*layers.findings, sep="\n", file=sys.stderr)
        return 1
    values, notes = moved(layers.own)
    new = Layers(layers.files, own=values, marks=layers.marks, texts=layers.texts, blocks=layers.blocks)
    left = [each for each in examine(new).findings if not _is_told(each, notes)]
    print(as_yaml(values), end="")
    _print_notes(layers, notes, left)
    return 1 if has_errors(left) or any(note.to_do for note in notes) else 0


def _is_told(finding: Finding, notes: list[Note]) -> bool:
    return any(note.to_do and finding.key == note.key for note in notes)


def _print_notes(layers: Layers, notes: list[Note], left: list[Finding]) -> None:
    findings = [Finding(layers.mark(note.path), note.key, note.text) for note in notes]
    to_do = [each for each, note in zip(findings, notes, strict=True) if note.to_do]
    changed = [each for each in findings if each not in to_do]
    for title, lines in (("changed", changed), ("to do", [*to_do, *left])):
        if lines:
            ordered = in_order(lines, layers.files)
            print(f"{title}:", *(f"  {line}" for line in ordered), sep="\n", file=sys.stderr)
    if not (changed or to_do or left):
        print("nothing had to be changed", file=sys.stderr)
