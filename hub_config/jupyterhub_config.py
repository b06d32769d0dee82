"""What JupyterHub loads in the hub's pod: everything comes from the chart's values."""

from hub_config.load import load_jupyterhub_config
from hub_config.runtime.certificates import prepare
from hub_config.runtime.login import secure_logins

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it to config files
values, facts = load_jupyterhub_config(c)
prepare(values)
secure_logins(c, values, facts)
