"""Typed configuration of JupyterHub on Kubernetes."""

__version__ = "0.1.0"
