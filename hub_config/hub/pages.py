"""The hub's pages: templates of ours, which extend JupyterHub's, after those that `hub.templatePaths` names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets.config import Config

from hub_config.authenticators import FIRST_USE, NATIVE, chosen
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

TEMPLATES = Path(__file__).parents[1] / "templates"
_OF_AUTHENTICATORS = {FIRST_USE: "firstuse", NATIVE: "native"}
"""Names of an authenticator that has pages of its own to the folder with ours."""


def configure(values: Values, _facts: Facts) -> Config:
    """Add our templates; a template of the same name in `hub.templatePaths` comes first and wins."""
    config = Config()
    name = chosen(values.hub.config)
    own = [str(TEMPLATES / folder) for names, folder in _OF_AUTHENTICATORS.items() if str(name) in names]
    config.JupyterHub.template_paths = [*own, str(TEMPLATES)]
    return config
