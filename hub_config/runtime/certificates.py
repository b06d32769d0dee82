"""The certificates of internal TLS: made once by the credentials job, and laid out for the hub when it starts.

The Secret of the hub has the authorities with their keys, so that a hub that restarts goes on signing what running
servers trust. The Secret of the proxy has no authority's key: two pairs, and whom each of them trusts.
"""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from certipy import Certipy
from kubernetes_asyncio import client

from hub_config.base import ConfigurationError
from hub_config.certificates import AUTHORITIES, HUB, MOUNTED, SERVERS, STORE, certificate, files, key
from hub_config.mounted import mounted_secret
from hub_config.runtime.api import REQUEST_TIMEOUT, connection, own_namespace
from hub_config.values import Values

YEARS = 10
"""How long the authorities and the proxy's pairs are valid: what is made once must outlast the release."""
API, CLIENT = "proxy-api", "proxy-client"
_TRUST = {API: (HUB,), CLIENT: (HUB, SERVERS)}
"""Whom the proxy talks with: the hub at its own API, hub and servers as their client."""
_NOT_FOUND = 404


@dataclass(frozen=True)
class Names:
    """The Secrets of hub and proxy, and the host name by which the hub reaches the proxy's API."""

    hub: str
    proxy: str
    host: str


def new_authorities() -> dict[str, str]:
    """Return new authorities with their keys, as the Secret has them: `hub-ca.crt` and so on to PEM."""
    with TemporaryDirectory() as folder:
        store = Path(folder)
        maker = Certipy(store_dir=str(store))
        for name in AUTHORITIES:
            maker.create_ca(name, years=YEARS)
        return {each.name: each.read_text("ascii") for name in AUTHORITIES for each in _pair(store, name)}


def proxy_pairs(authorities: Mapping[str, str], host: str) -> dict[str, str]:
    """Return the proxy's two pairs, signed by `authorities`, and their trust (`proxy-api-trust.crt`), as PEM."""
    with TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        lay_out(authorities, store)
        maker = Certipy(store_dir=str(store))
        for name in (API, CLIENT):
            authority = f"{name}-ca"
            maker.store.add_record(authority, is_ca=True, files=files(store, authority))
            maker.create_signed_pair(name, authority, years=YEARS, alt_names=[f"DNS:{host}", "DNS:localhost"])
        pairs = {each.name: each.read_text("ascii") for name in (API, CLIENT) for each in _pair(store, name)}
    return {**pairs, **trusts(authorities)}


def trusts(authorities: Mapping[str, str]) -> dict[str, str]:
    """Return whose certificates the proxy takes: `proxy-api-trust.crt` and `proxy-client-trust.crt`, as PEM."""
    return {
        f"{name}-trust.crt": "".join(f"{authorities[f'{authority}.crt'].strip()}\n" for authority in trusted)
        for name, trusted in _TRUST.items()
    }


def lay_out(authorities: Mapping[str, str], store: Path) -> None:
    """Make `store` a folder for certipy with nothing but `authorities`, in files that this process owns.

    A store that has these authorities already stays as it is: a command such as `jupyterhub token` reads the
    configuration too, beside the hub that uses the store.
    """
    wanted = {path: f"{authorities[path.name].strip()}\n" for name in AUTHORITIES for path in _pair(store, name)}
    if all(path.exists() and path.read_text("ascii") == text for path, text in wanted.items()):
        return
    shutil.rmtree(store, ignore_errors=True)
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, "ascii")


def prepare(values: Values, mounted: Path = MOUNTED, store: Path = STORE) -> None:
    """With internal TLS, lay out the authorities of the mounted Secret for JupyterHub, which makes the hub's own pair.

    A Secret that lacks one ends the process with a message: without it the hub would make another, which nobody trusts.
    """
    if not values.internal_tls.enabled:
        return
    authorities = mounted_secret(mounted)
    try:
        _check(authorities, "hub-internal-tls")
    except ConfigurationError as error:
        sys.exit(f"The hub cannot start: {error}")
    lay_out(authorities, store)


async def ensure(names: Names, labels: Mapping[str, str]) -> list[str]:
    """Make the two Secrets that `names` says, or what is missing of them; return what was done, in words.

    Raises `ApiException`, and `ConfigurationError` for authorities that are there in part.
    """
    namespace, done = own_namespace(), []
    async with connection() as api:
        core = client.CoreV1Api(api)
        authorities = await _read(core, names.hub, namespace)
        if authorities is None:
            authorities = new_authorities()
            await _create(core, namespace, names.hub, labels, authorities)
            done.append(f"Secret {names.hub}: wrote new authorities")
        _check(authorities, names.hub)
        there = await _read(core, names.proxy, namespace)
        if there is None:
            await _create(core, namespace, names.proxy, labels, proxy_pairs(authorities, names.host))
            done.append(f"Secret {names.proxy}: wrote new certificates")
        elif not trusts(authorities).items() <= there.items():
            body = {"data": _encoded(proxy_pairs(authorities, names.host))}
            await core.patch_namespaced_secret(names.proxy, namespace, body, _request_timeout=REQUEST_TIMEOUT)
            done.append(f"Secret {names.proxy}: wrote new certificates, since the authorities are others now")
    return done or [f"Secrets {names.hub} and {names.proxy}: nothing is missing"]


def _pair(store: Path, name: str) -> Sequence[Path]:
    return certificate(store, name), key(store, name)


def _check(authorities: Mapping[str, str], secret: str) -> None:
    lacking = [each.name for name in AUTHORITIES for each in _pair(Path(), name) if each.name not in authorities]
    if lacking:
        raise ConfigurationError(
            f"Secret {secret} lacks {', '.join(lacking)}: delete it, and helm upgrade makes a new one"
        )


async def _read(core: Any, name: str, namespace: str) -> dict[str, str] | None:
    try:
        secret = await core.read_namespaced_secret(name, namespace, _request_timeout=REQUEST_TIMEOUT)
    except client.ApiException as error:
        if error.status != _NOT_FOUND:
            raise
        return None
    return {each: base64.b64decode(value).decode() for each, value in (secret.data or {}).items()}


async def _create(core: Any, namespace: str, name: str, labels: Mapping[str, str], data: Mapping[str, str]) -> None:
    metadata = {"name": name, "labels": dict(labels)}
    body = {"metadata": metadata, "type": "Opaque", "data": _encoded(data)}
    await core.create_namespaced_secret(namespace, body, _request_timeout=REQUEST_TIMEOUT)


def _encoded(data: Mapping[str, str]) -> dict[str, str]:
    return {each: base64.b64encode(value.encode()).decode() for each, value in data.items()}
