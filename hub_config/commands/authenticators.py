"""The names that `hub.config.JupyterHub.authenticator_class` may have with the chart's own hub image.

They are the entry points `jupyterhub.authenticators` of what `images/hub/requirements.txt` installs. A test compares
those of the packages that are installed where it runs.
"""

from __future__ import annotations

_JUPYTERHUB = frozenset({"default", "dummy", "null", "pam", "shared-password"})
_PROVIDERS = (
    "auth0",
    "azuread",
    "bitbucket",
    "cilogon",
    "generic-oauth",
    "github",
    "gitlab",
    "globus",
    "google",
    "openshift",
)
_OAUTHENTICATOR = frozenset({*_PROVIDERS, *(f"local-{name}" for name in _PROVIDERS), "mediawiki"})

IN_THE_HUB_IMAGE = _JUPYTERHUB | _OAUTHENTICATOR | {"ldap", "ldapauthenticator", "native", "tmp"}
