"""What JupyterHub loads in the hub's pod: everything comes from the chart's values."""

from hub_config.load import load_jupyterhub_config
from hub_config.runtime.login import secure_logins

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it to config files
secure_logins(c, *load_jupyterhub_config(c))
