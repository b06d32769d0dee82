"""What JupyterHub loads in the hub's pod: everything comes from the chart's values."""

from hub_config.load import load_jupyterhub_config

load_jupyterhub_config(get_config())  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it to config files
