"""Internal TLS: https between hub, proxy and users' servers, by certificates that are made in the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from traitlets.config import Config

from hub_config.base import Model, Reader
from hub_config.certificates import AUTHORITIES, STORE, files
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values


class InternalTls(Model):
    """Encryption inside the cluster."""

    reader: ClassVar[Reader] = Reader.HUB

    enabled: bool = False
    """Whether hub, proxy and users' servers speak https with each other, and take connections only from one another,
    by certificates that the chart has made in the cluster. The hub stops the servers that run when this changes."""


def configure(values: Values, facts: Facts) -> Config:
    """Configure JupyterHub's internal TLS with the authorities that `runtime.certificates` puts into the store.

    KubeSpawner makes a Secret and a Service for each server, whose names its certificate has. The names given here are
    those of the hub's: by which proxy and servers, in another namespace as well, reach it.
    """
    config = Config()
    if not values.internal_tls.enabled:
        return config
    app, hub = config.JupyterHub, facts.names["hub"]
    app.internal_ssl = True
    app.internal_certs_location = str(STORE)
    app.external_ssl_authorities = {name: files(STORE, name) for name in AUTHORITIES}
    app.trusted_alt_names = [
        f"DNS:{name}" for name in (hub, f"{hub}.{facts.namespace}", f"{hub}.{facts.namespace}.svc")
    ]
    return config
