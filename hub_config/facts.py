"""What the hub must know besides the values: who and where it is. Made by the chart, read by `load.py`, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The release that this hub belongs to, and the secrets it was given.

    `names` maps a resource's plain name (`hub`, `proxy-api`, `singleuser`, `image-pull-secret`) to its name in this
    release (the chart's `fullnameOverride` may prefix it). `credentials` maps a key such as
    `hub.config.JupyterHub.cookie_secret` to its value; it is kept out of `repr`. `authenticators` are the names that
    `authenticator_class` may have: the entry points `jupyterhub.authenticators` of the packages in the hub image.
    `hub_host` is the hub's name for pods of other namespaces, where there are any of the release; None without.
    `scheme` is what hub and proxy API speak: `http`, or `https` with internal TLS.
    """

    release: str
    namespace: str
    chart_name: str
    names: Mapping[str, str]
    hub_host: str | None = None
    scheme: str = "http"
    hub_port: int = 8081
    proxy_api_port: int = 8001
    authenticators: frozenset[str] = frozenset()
    credentials: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @property
    def hub_url(self) -> str:
        """Where proxy and user pods reach the hub, such as `http://hub:8081`."""
        return f"{self.scheme}://{self.hub_host or self.names['hub']}:{self.hub_port}"

    @property
    def proxy_api_url(self) -> str:
        """Where the hub reaches the proxy's REST API, such as `http://proxy-api:8001`."""
        return f"{self.scheme}://{self.names['proxy-api']}:{self.proxy_api_port}"
