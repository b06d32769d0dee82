"""Options that several commands have."""

from __future__ import annotations

import argparse

from hub_config.places import Path


def add_values(parser: argparse.ArgumentParser) -> None:
    """Add `-f FILE`, as often as with Helm, and `--key KEY`."""
    parser.add_argument(
        "-f",
        "--values",
        action="append",
        required=True,
        metavar="FILE",
        help="a value file, `-` for the standard input; give several in the order in which Helm gets them",
    )
    add_key(parser)


def add_key(parser: argparse.ArgumentParser) -> None:
    """Add `--key KEY`."""
    parser.add_argument(
        "--key",
        metavar="KEY",
        default="",
        help="where the chart's values are in the files of a parent chart, such as jupyterhub (default: at the top)",
    )


def prefix_of(options: argparse.Namespace) -> Path:
    """Return the path that `--key` names."""
    return tuple(part for part in str(options.key).split(".") if part)
