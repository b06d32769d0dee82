"""Typed configuration of JupyterHub on Kubernetes: from the chart's values to JupyterHub's configuration."""

from __future__ import annotations

from hub_config.compose import configure

__all__ = ["__version__", "configure"]

__version__ = "0.1.0"
