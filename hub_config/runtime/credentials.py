"""The credentials job: make the secrets that nobody gave, once, in the cluster, and never change one that is there.

Runs as a Helm hook before each install and upgrade, last of all hooks, with rights on one Secret only.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubernetes_asyncio import client

from hub_config.hub.auth import ADMIN_PASSWORD_KEY, USER_PASSWORD_KEY
from hub_config.hub.services import token_key
from hub_config.mounted import MOUNTED, mounted_secret
from hub_config.runtime.api import REQUEST_TIMEOUT, connection, own_namespace, reason

PROXY_TOKEN_KEY = "hub.config.ConfigurableHTTPProxy.auth_token"  # noqa: S105 - a key of the Secret
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


def additions(present: Mapping[str, str], given: Mapping[str, str], services: Sequence[str]) -> dict[str, str]:
    """Return the keys to write, in base64, so that a Secret with the data `present` has all that is needed.

    `given` (key to plain text) are the administrator's own: the hub and the proxy must both use that proxy token, and
    read it from this Secret, so it is copied, over an older one as well. What is there otherwise stays.
    """
    wanted = {
        key: given[key] if key in given else make() for key, make in makers(services).items() if key not in present
    }
    if PROXY_TOKEN_KEY in given:
        wanted[PROXY_TOKEN_KEY] = given[PROXY_TOKEN_KEY]
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in wanted.items()}
    return {key: value for key, value in encoded.items() if present.get(key) != value}


async def ensure(name: str, labels: Mapping[str, str], given: Mapping[str, str], services: Sequence[str]) -> list[str]:
    """Make the Secret `name`, or add what it lacks; return the keys that were written. Raises `ApiException`."""
    namespace = own_namespace()
    async with connection() as api:
        core = client.CoreV1Api(api)
        try:
            secret = await core.read_namespaced_secret(name, namespace, _request_timeout=REQUEST_TIMEOUT)
        except client.ApiException as error:
            if error.status != _NOT_FOUND:
                raise
            data = additions({}, given, services)
            body: Any = {"metadata": {"name": name, "labels": dict(labels)}, "type": "Opaque", "data": data}
            await core.create_namespaced_secret(namespace, body, _request_timeout=REQUEST_TIMEOUT)
            return sorted(data)
        data = additions(secret.data or {}, given, services)
        if data:
            await core.patch_namespaced_secret(name, namespace, {"data": data}, _request_timeout=REQUEST_TIMEOUT)
        return sorted(data)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; keys are named, values never."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secret", required=True, help="name of the Secret")
    parser.add_argument("--service", action="append", default=[], help="a service that needs a token")
    parser.add_argument("--label", action="append", default=[], metavar="KEY=VALUE", help="a label of the Secret")
    options = parser.parse_args(arguments)
    labels = dict(label.split("=", 1) for label in options.label)
    try:
        written = asyncio.run(
            ensure(options.secret, labels, mounted_secret(MOUNTED / "existing-secret"), options.service)
        )
    except client.ApiException as error:
        print(f"Secret {options.secret}: {reason(error)}", file=sys.stderr)
        return 1
    print(f"Secret {options.secret}: {'wrote ' + ', '.join(written) if written else 'has all keys'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
