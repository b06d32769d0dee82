"""What the chart hands to JupyterHub as it is: `hub.config`, `hub.extraConfig`, `custom`, environment and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from traitlets.config import Config

from hub_config.base import ConfigurationError, JsonMap, Model, Reader
from hub_config.chart.common import Environment, ExtraFile
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

_MADE_ELSEWHERE = {
    "JupyterHub": {"authenticator_class", "cookie_secret", "proxy_auth_token"},
    "ConfigurableHTTPProxy": {"auth_token"},
    "CryptKeeper": {"keys"},
}
"""What the slice `hub.auth` sets, and secrets that `load.py` and the chart read, from `hub.config` themselves."""


class PassthroughOptions(Model):
    """Configuration that goes to JupyterHub unchanged."""

    reader: ClassVar[Reader] = Reader.HUB_SECRET

    config: dict[str, JsonMap] = {
        "JupyterHub": {"admin_access": True, "authenticator_class": "shared-password"},
    }
    """JupyterHub's own configuration: class to trait to value, as in `jupyterhub_config.py`."""
    extra_config: dict[str, str] = {}
    """Python code for `jupyterhub_config.py`: any name to code, run in the order of the names, last of all."""
    extra_env: Annotated[Environment, Reader.TEMPLATES] = {}
    """More environment variables of the hub: name to a text, or to the rest of a Kubernetes `EnvVar`; or a list."""
    extra_files: Annotated[dict[str, ExtraFile], Reader.TEMPLATES] = {}
    """Files to place in the hub's container: any name to a file."""
    existing_secret: Annotated[str | None, Reader.TEMPLATES] = None
    """A Secret of yours: a key `hub.config.<Class>.<trait>` sets that trait and wins over the values."""
    cookie_secret: str | None = None
    """The key that signs login cookies: 64 hexadecimal digits; null lets the chart make one in the cluster."""


def configure(values: Values, _facts: Facts) -> Config:
    """Hand `hub.config` over, less what has been set from it already."""
    config = Config()
    for section, traits in values.hub.config.items():
        if not section[:1].isupper():
            raise ConfigurationError(
                f"hub.config.{section}: the keys of hub.config are names of classes and begin with a capital, such as "
                f"JupyterHub. If you meant hub.{section}, move it one level up."
            )
        if section == "JupyterHub" and "services" in traits:
            # It would take the culler's place, and a Secret has no place for the tokens of a list.
            raise ConfigurationError(
                "hub.config.JupyterHub.services: write services in hub.services, each as its name and its other keys"
            )
        skip = _MADE_ELSEWHERE.get(section, set())
        config[section].update({trait: value for trait, value in traits.items() if trait not in skip})
    return config
