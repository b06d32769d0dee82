"""The hub's pages: templates of ours, which extend JupyterHub's, after those that `hub.templatePaths` names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets.config import Config

from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

TEMPLATES = Path(__file__).parents[1] / "templates"


def configure(_values: Values, _facts: Facts) -> Config:
    """Add our templates; a template of the same name in `hub.templatePaths` comes first and wins."""
    config = Config()
    config.JupyterHub.template_paths = [str(TEMPLATES)]
    return config
