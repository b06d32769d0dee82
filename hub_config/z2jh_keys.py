"""What becomes of the keys of Zero to JupyterHub, of today and of earlier versions, that do something else here.

Two tables: `GONE` has the keys that the models do not know, `TAKEN` those that they know for the sake of files that
have them. `hub-config check`, `hub-config migrate`, the chart's own checks (by `files/model.json`) and its notes all
say what is said here. A key of `GONE` that gets a place of its own in the models, and a key of `TAKEN` that gets an
effect, loses its entry: nothing else has to be changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Move:
    """The same value has another key here."""

    to: str
    note: str = ""

    @property
    def sentence(self) -> str:
        """What `check` says about the key."""
        return f"unknown key; did you mean {self.to}?"


@dataclass(frozen=True)
class Drop:
    """The key is needless here: without it everything works as it did, or better."""

    why: str

    @property
    def sentence(self) -> str:
        """What `check` says about the key."""
        return f"not in this chart: {self.why}; remove it"


@dataclass(frozen=True)
class Refuse:
    """Somebody must decide what comes in the key's place; `instead` says what to write."""

    instead: str

    @property
    def sentence(self) -> str:
        """What `check` says about the key."""
        return f"not in this chart: {self.instead}"


@dataclass(frozen=True)
class NotYet:
    """Refused when it is switched on, as people would rely on it; `instead` says what to write."""

    instead: str

    @property
    def sentence(self) -> str:
        """What `check` says about the key."""
        return f"not in this chart yet: {self.instead}"


@dataclass(frozen=True)
class Idle:
    """Taken, and told about: nobody relies on its effect, which this chart reaches in another way or not at all."""

    why: str

    @property
    def sentence(self) -> str:
        """What `check` and the notes after an install say about the key."""
        return f"has no effect: {self.why}"


Fate = Move | Drop | Refuse

_NO_ACCOUNT = "pullers never call Kubernetes, and logins of registries go to imagePullSecrets"

GONE: dict[str, Fate] = {
    # Zero to JupyterHub 1 to 3
    "cull.podCuller": Drop("there is one culler"),
    "hub.extraConfigMap": Move("custom", "code reads it as `custom`"),
    "hub.fsGid": Move("hub.podSecurityContext.fsGroup"),
    "hub.imagePullPolicy": Move("hub.image.pullPolicy"),
    "hub.imagePullSecret": Move("imagePullSecret"),
    "hub.publicURL": Move("hub.config.JupyterHub.public_url"),
    "hub.uid": Move("hub.containerSecurityContext.runAsUser"),
    "httpRoute.gateway": Refuse("write httpRoute.parentRefs, a list of such maps"),
    "prePuller.enabled": Refuse("write prePuller.hook.enabled and prePuller.continuous.enabled"),
    "proxy.containerSecurityContext": Move("proxy.chp.containerSecurityContext"),
    "proxy.networkPolicy": Move("proxy.chp.networkPolicy"),
    "proxy.nginx": Drop("there is no nginx: TLS ends at the Ingress or at the load balancer"),
    "proxy.nodeSelector": Move("proxy.chp.nodeSelector"),
    "proxy.pdb": Move("proxy.chp.pdb"),
    "proxy.resources": Move("proxy.chp.resources"),
    "proxy.tolerations": Move("proxy.chp.tolerations"),
    "rbac.enabled": Move("rbac.create"),
    "singleuser.cloudMetadata.enabled": Drop("singleuser.networkPolicy keeps users away from the metadata server"),
    "singleuser.imagePullPolicy": Move("singleuser.image.pullPolicy"),
    "singleuser.imagePullSecret": Move("imagePullSecret"),
    # before 1.0
    "auth": Refuse(
        "login is configured by class: write hub.config.JupyterHub.authenticator_class and the class's own keys"
    ),
    "auth.admin.access": Move("hub.config.JupyterHub.admin_access"),
    "auth.admin.users": Move("hub.config.Authenticator.admin_users"),
    "auth.allowlist.users": Move("hub.config.Authenticator.allowed_users"),
    "auth.blacklist.users": Move("hub.config.Authenticator.blocked_users"),
    "auth.dummy.password": Move("hub.config.DummyAuthenticator.password"),
    "auth.github.callbackUrl": Move("hub.config.GitHubOAuthenticator.oauth_callback_url"),
    "auth.github.clientId": Move("hub.config.GitHubOAuthenticator.client_id"),
    "auth.github.clientSecret": Move("hub.config.GitHubOAuthenticator.client_secret"),
    "auth.github.orgWhitelist": Move("hub.config.GitHubOAuthenticator.allowed_organizations"),
    "auth.google.callbackUrl": Move("hub.config.GoogleOAuthenticator.oauth_callback_url"),
    "auth.google.clientId": Move("hub.config.GoogleOAuthenticator.client_id"),
    "auth.google.clientSecret": Move("hub.config.GoogleOAuthenticator.client_secret"),
    "auth.google.hostedDomain": Move("hub.config.GoogleOAuthenticator.hosted_domain"),
    "auth.state.cryptoKey": Move("hub.config.CryptKeeper.keys"),
    "auth.state.enabled": Move("hub.config.Authenticator.enable_auth_state"),
    "auth.type": Move("hub.config.JupyterHub.authenticator_class"),
    "auth.whitelist.users": Move("hub.config.Authenticator.allowed_users"),
}
"""Dotted key to what becomes of it; a key stands for everything below it that has no entry of its own."""

TAKEN: dict[str, NotYet | Idle] = {
    "httpRoute.enabled": NotYet(
        "write an HTTPRoute of your own that leads to the Service proxy-public, port 80, or use ingress"
    ),
    "prePuller.continuous.serviceAccount.create": Idle(_NO_ACCOUNT),
    "prePuller.continuous.serviceAccount.name": Idle(_NO_ACCOUNT),
    "prePuller.hook.image.name": Idle("the job that waits runs in the hub's image: see hub.image"),
    "prePuller.hook.serviceAccountImagePuller.create": Idle(_NO_ACCOUNT),
    "prePuller.hook.serviceAccountImagePuller.name": Idle(_NO_ACCOUNT),
    "proxy.https.enabled": NotYet(
        "this chart's proxy speaks plain http: end https at an Ingress (ingress.enabled: true and ingress.tls) or at "
        "the load balancer, and write false"
    ),
    "proxy.service.disableHttpPort": NotYet("it would close the only port that there is: remove it"),
    "scheduling.userPlaceholder.replicas": Idle(
        "the chart makes no placeholder pods yet: let the cluster's autoscaler keep spare nodes"
    ),
    "scheduling.userScheduler.enabled": Idle(
        "the chart runs no scheduler of its own yet: the cluster's places user pods, or one that "
        "singleuser.schedulerName names"
    ),
    "singleuser.cloudMetadata.blockWithIptables": Idle(
        "singleuser.networkPolicy keeps users away from the metadata server, without a privileged container"
    ),
    "singleuser.networkTools.image.name": Idle(
        "no container changes the network of user pods: singleuser.networkPolicy keeps users away from the metadata "
        "server"
    ),
}
"""Dotted key of the models to what is said when it is switched on: true, a number above 0, or a text."""


def fate(path: tuple[int | str, ...]) -> tuple[tuple[int | str, ...], Fate] | None:
    """Return what becomes of the key at `path`, and the path of the entry that says so; None without an entry."""
    for length in range(len(path), 0, -1):
        if (found := GONE.get(".".join(map(str, path[:length])))) is not None:
            return path[:length], found
    return None


def gone_below(path: tuple[int | str, ...], value: Any) -> list[tuple[int | str, ...]]:
    """Return the paths, at or below a key that is not in the models, that the table has something to say about.

    A key stands for what is below it that has no entry of its own; none are returned when the key is not known at all.
    """
    entry = fate(path)
    if isinstance(value, dict) and (entry is None or isinstance(entry[1], Refuse)):
        below = [each for key, inner in value.items() for each in gone_below((*path, key), inner)]
        exact = [each for each in below if (found := fate(each)) and found[0] == each]
        rest = [each for each in below if each not in exact] or len(below) < len(value)
        return [*exact, path] if entry and (rest or not exact) else exact
    return [path] if entry else []


def switched_on(values: dict[str, Any]) -> list[tuple[str, NotYet | Idle]]:
    """Return the entries of `TAKEN` whose key is switched on in values."""
    return [(key, said) for key, said in TAKEN.items() if _is_on(_at(values, key))]


def _at(values: Any, key: str) -> Any:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


def _is_on(value: Any) -> bool:
    return bool(value) and (value is True or isinstance(value, str) or (isinstance(value, int | float) and value > 0))
