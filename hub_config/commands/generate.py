"""`hub-config generate`: write the generated files of this repository, or say which are stale."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hub_config import generate, installed_traits, traits
from hub_config.reference import reference_markdown


@cache
def known_classes() -> traits.Catalogue:
    """Return the classes that `hub.config` may configure: those installed here, as far as the hub's image has them.

    Where a package of the image is missing, what was found last time stays.
    """
    return traits.pinned() if installed_traits.missing() else installed_traits.installed()


def known_authenticators() -> frozenset[str]:
    """Return the names of the authenticators of the hub's image, by the same rule."""
    return traits.authenticators() if installed_traits.missing() else installed_traits.authenticators()


GENERATED: dict[str, Callable[[], str]] = {
    "jupyterhub/values.yaml": generate.values_yaml,
    "hub_config/traits.json": lambda: (
        json.dumps({"$comment": generate.SOURCE, **traits.document(known_classes(), known_authenticators())}, indent=1)
        + "\n"
    ),
    "jupyterhub/values.schema.json": lambda: json.dumps(generate.json_schema(known_classes()), indent=0) + "\n",
    "jupyterhub/files/model.json": generate.model_json,
    "docs/reference.md": reference_markdown,
}
"""Path in the repository to the function that makes the file's text."""

_TAG_LINE = re.compile(r"^( *tag: ).*$", re.MULTILINE)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    text = "write values.yaml, values.schema.json, model.json and the reference (for work on the chart itself)"
    parser = commands.add_parser("generate", help=text, description=text)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is stale")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository (default: the current folder)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the files; the exit code is 1 when `--check` finds a stale one."""
    if options.check:
        stale = stale_files(options.root)
        for name in stale:
            print(f"{name} is stale: run `make generate` and commit it", file=sys.stderr)
        return 1 if stale else 0
    if lacking := installed_traits.missing():
        print(f"hub_config/traits.json stays as it is: {', '.join(lacking)} cannot be imported here", file=sys.stderr)
    for name, text in GENERATED.items():
        path = options.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), encoding="utf-8")
        print(f"wrote {name}")
    return 0


def stale_files(root: Path) -> list[str]:
    """Return the generated files below `root` that differ from what the models say, or are missing.

    Image tags in `values.yaml` are ignored: chartpress writes the built ones there.
    """
    return [name for name, text in GENERATED.items() if _comparable(root / name) != _untagged(name, text())]


def _comparable(path: Path) -> str | None:
    return _untagged(path.name, path.read_text(encoding="utf-8")) if path.is_file() else None


def _untagged(name: str, text: str) -> str:
    return _TAG_LINE.sub(r"\1(any)", text) if name.endswith("values.yaml") else text
