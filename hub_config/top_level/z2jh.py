"""`import z2jh`, as code for Zero to JupyterHub has it. The wheel ships this file as a module of its own."""

from hub_config.z2jh import get_config, get_name, get_name_env, get_secret_value, set_config_if_not_none

__all__ = ["get_config", "get_name", "get_name_env", "get_secret_value", "set_config_if_not_none"]
