"""Internal TLS: the authorities that sign for hub, proxy and servers, and where the hub has their files.

The names are JupyterHub's own (`JupyterHub.internal_ssl_authorities`): the keys of a Secret that holds them are
`hub-ca.crt`, `hub-ca.key` and so on, and certipy, by which JupyterHub makes certificates, keeps them below its store as
`hub-ca/hub-ca.crt`.
"""

from __future__ import annotations

from pathlib import Path

HUB, SERVERS = "hub-ca", "notebooks-ca"
AUTHORITIES = (HUB, SERVERS, "proxy-api-ca", "proxy-client-ca", "services-ca")

MOUNTED = Path("/etc/jupyterhub/internal-tls")
"""Where the chart mounts the Secret: in the hub's pod that of the authorities, in the proxy's that of the proxy."""

STORE = Path("/run/internal-tls/store")
"""The hub's certipy store, in memory. It is a folder of the hub's own: certipy sets the mode of what it reads."""


def certificate(store: Path, name: str) -> Path:
    """Return the path that certipy has for the certificate `name`."""
    return store / name / f"{name}.crt"


def key(store: Path, name: str) -> Path:
    """Return the path that certipy has for the private key of `name`."""
    return store / name / f"{name}.key"


def files(store: Path, name: str) -> dict[str, str]:
    """Return an authority's files as a record of certipy, and as JupyterHub's `external_ssl_authorities`, has them."""
    own = str(certificate(store, name))
    return {"key": str(key(store, name)), "cert": own, "ca": own}
