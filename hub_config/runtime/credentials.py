"""The credentials job: make the secrets that nobody gave, once, in the cluster, and never change one that is there.

Runs as a Helm hook before each install and upgrade, last of all hooks, with rights on the Secrets that it makes only.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import secrets
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from kubernetes_asyncio import client

from hub_config.base import ConfigurationError
from hub_config.hub.auth import ADMIN_PASSWORD_KEY, USER_PASSWORD_KEY
from hub_config.hub.proxy import PROXY_TOKEN_KEY
from hub_config.hub.services import token_key
from hub_config.mounted import MOUNTED, mounted_secret
from hub_config.runtime import certificates
from hub_config.runtime.api import REQUEST_TIMEOUT, connection, own_namespace, reason

_NOT_FOUND, _CONFLICT = 404, 409
_WORDS = "abcdefghjkmnpqrstuvwxyz23456789"
_PASSWORD_LENGTH, _ADMIN_PASSWORD_LENGTH = 16, 40
"""JupyterHub's shared-password authenticator asks for 8 and 32; people type these, so no 0, O, 1, l or i."""


def _hex_key() -> str:
    return secrets.token_hex(32)


def _password(length: int) -> str:
    return "".join(secrets.choice(_WORDS) for _ in range(length))


def makers(services: Sequence[str]) -> dict[str, Callable[[], str]]:
    """Return, for each key that the Secret must have, what makes its value."""
    return {
        "hub.config.JupyterHub.cookie_secret": _hex_key,
        PROXY_TOKEN_KEY: _hex_key,
        "hub.config.CryptKeeper.keys": _hex_key,
        USER_PASSWORD_KEY: lambda: _password(_PASSWORD_LENGTH),
        ADMIN_PASSWORD_KEY: lambda: _password(_ADMIN_PASSWORD_LENGTH),
        **{token_key(name): _hex_key for name in services},
    }


def additions(present: Collection[str], given: Collection[str], services: Sequence[str]) -> dict[str, str]:
    """Return the keys to write, in base64, so that a Secret with the keys `present` has all that nobody gave.

    `given` are the keys of the administrator's own Secret: they are read there and nowhere else.
    """
    wanted = {key: make for key, make in makers(services).items() if key not in present and key not in given}
    return {key: base64.b64encode(make().encode()).decode() for key, make in wanted.items()}


async def ensure(name: str, labels: Mapping[str, str], given: Collection[str], services: Sequence[str]) -> list[str]:
    """Make the Secret `name`, or add what it lacks; return the keys that were written. Raises `ApiException`.

    Where the administrator's own Secret has everything, none is made.
    """
    namespace = own_namespace()
    async with connection() as api:
        core = client.CoreV1Api(api)
        try:
            secret = await core.read_namespaced_secret(name, namespace, _request_timeout=REQUEST_TIMEOUT)
        except client.ApiException as error:
            if error.status != _NOT_FOUND:
                raise
            data = additions((), given, services)
            if not data:
                return []
            body: Any = {"metadata": {"name": name, "labels": dict(labels)}, "type": "Opaque", "data": data}
            await core.create_namespaced_secret(namespace, body, _request_timeout=REQUEST_TIMEOUT)
            return sorted(data)
        data = additions((secret.data or {}).keys(), given, services)
        if data:
            await core.patch_namespaced_secret(name, namespace, {"data": data}, _request_timeout=REQUEST_TIMEOUT)
        return sorted(data)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; keys are named, values never."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secret", required=True, help="name of the Secret")
    parser.add_argument("--service", action="append", default=[], help="a service that needs a token")
    parser.add_argument("--label", action="append", default=[], metavar="KEY=VALUE", help="a label of the Secret")
    words = "Secrets of internal TLS, and the host of the proxy's API"
    parser.add_argument("--internal-tls", nargs=3, metavar=("HUB", "PROXY", "HOST"), help=words)
    options = parser.parse_args(arguments)
    labels = dict(label.split("=", 1) for label in options.label)
    try:
        given = mounted_secret(MOUNTED / "existing-secret").keys()
        written = asyncio.run(ensure(options.secret, labels, given, options.service))
        print(f"Secret {options.secret}: {'wrote ' + ', '.join(written) if written else 'nothing is missing'}")
        if options.internal_tls:
            names = certificates.Names(*options.internal_tls)
            print("\n".join(asyncio.run(certificates.ensure(names, labels))))
    except client.ApiException as error:
        print(f"Secret {options.secret}: {reason(error)}", file=sys.stderr)
        return 1
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
