"""Which authenticator `hub.config` chooses, where the chart has something of its own for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHARED_PASSWORD = "shared-password"  # noqa: S105 - the authenticator's name
"""What a hub has by default."""
FIRST_USE = frozenset({"firstuse", "firstuseauthenticator", "firstuseauthenticator.FirstUseAuthenticator"})
"""The names of FirstUseAuthenticator: those of its entry points, and its import path."""
NATIVE = frozenset(
    {
        "native",
        "nativeauthenticator.NativeAuthenticator",
        "nativeauthenticator.nativeauthenticator.NativeAuthenticator",
    }
)
"""The names of NativeAuthenticator."""
OUR_NATIVE = "hub_config.runtime.native.NativeAuthenticator"
"""What stands in for it."""


def chosen(config: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return the name, or import path, of the authenticator that `hub.config` chooses, unchecked."""
    return config.get("JupyterHub", {}).get("authenticator_class", SHARED_PASSWORD)
