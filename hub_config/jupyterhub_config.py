"""What JupyterHub loads in the hub's pod: everything comes from the chart's values."""

from pathlib import Path

from hub_config.load import load_jupyterhub_config
from hub_config.runtime.certificates import prepare
from hub_config.runtime.login import secure_logins
from hub_config.runtime.sqlite_restore import restore_at_start

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it to config files
values, facts = load_jupyterhub_config(c)
prepare(values)
secure_logins(c, values, facts)
restore_at_start(c, Path(values.hub.db.backup.folder))
