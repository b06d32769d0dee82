"""How the hub drives the proxy, which runs in a pod of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from traitlets.config import Config

from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values

PROXY = "hub_config.runtime.proxy.RouteKeepingProxy"
"""configurable-http-proxy, with its routes put back within seconds after it restarted."""

PUBLIC_PORT = 80
"""The Service `proxy-public`. The hub's network policy denies it, so a connection shows that none is enforced."""


PROXY_TOKEN_KEY = "hub.config.ConfigurableHTTPProxy.auth_token"  # noqa: S105 - a key of the Secret


def configure(_values: Values, facts: Facts) -> Config:
    """Choose our `ConfigurableHTTPProxy` and configure it for a proxy that is there already, with the same token.

    The proxy's pod reads the token from the same Secrets, in the same order: the values, the administrator's own, the
    generated one.
    """
    config = Config()
    config.JupyterHub.proxy_class = PROXY
    config.ConfigurableHTTPProxy.should_start = False
    config.ConfigurableHTTPProxy.api_url = facts.proxy_api_url
    config.RouteKeepingProxy.public_address = f"{facts.names['proxy-public']}:{PUBLIC_PORT}"
    if token := facts.credentials.get(PROXY_TOKEN_KEY):
        config.ConfigurableHTTPProxy.auth_token = token
    return config
