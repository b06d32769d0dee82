"""Keys of Zero to JupyterHub's values that this chart has no place for, and what to write instead.

Only keys that the models do not know are looked up here, so an entry whose key gets a place of its own is without
effect. Keys of versions before 1.0 are among them, because files live long.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub_config.meant import Path


@dataclass(frozen=True)
class Move:
    """The same value has another key here."""

    to: str
    note: str = ""


@dataclass(frozen=True)
class Drop:
    """The key is needless here: without it everything works as it did, or better."""

    why: str


@dataclass(frozen=True)
class Refuse:
    """Somebody must decide what comes in the key's place; `instead` says what to write."""

    instead: str


Fate = Move | Drop | Refuse

_OLD_LOGIN = Refuse(
    "login is configured by class: write hub.config.JupyterHub.authenticator_class and the class's own keys"
)
_NO_ACCOUNT = Drop("pullers run without a service account's token, as they never call Kubernetes")

TABLE: dict[str, Fate] = {
    # Zero to JupyterHub 4 and its main branch
    "proxy.https": Refuse(
        "TLS ends at the Ingress: write ingress.enabled: true and ingress.tls (cert-manager brings certificates), "
        "or let your load balancer end it, with annotations in proxy.service.annotations"
    ),
    "proxy.traefik": Drop("there is no autohttps pod: TLS ends at the Ingress or the load balancer"),
    "proxy.secretSync": Drop("there is no autohttps pod whose certificate would have to be kept"),
    "proxy.service.disableHttpPort": Drop("the Service has one port; TLS ends before it"),
    "singleuser.networkTools": Drop(
        "no privileged container runs in user pods: singleuser.networkPolicy keeps users away from the metadata server"
    ),
    "scheduling.userScheduler": Drop(
        "there is no second scheduler: the cluster's own places user pods, by scheduling.userPods and the affinities"
    ),
    "scheduling.podPriority": Drop(
        "user pods have the cluster's default priority; singleuser.extraPodConfig can name a class"
    ),
    "scheduling.userPlaceholder": Drop("there are no placeholder pods: let the cluster's autoscaler keep room"),
    "prePuller.hook.pullOnlyOnChanges": Drop(
        "the hook always runs: images that are on the nodes cost it a few seconds"
    ),
    "prePuller.hook.image": Drop("the hook runs the hub's image"),
    "prePuller.hook.serviceAccountImagePuller": _NO_ACCOUNT,
    "prePuller.continuous.serviceAccount": _NO_ACCOUNT,
    "httpRoute": Refuse(
        "make the HTTPRoute beside the chart, with the Service proxy-public and its port 80 as backend, or use ingress"
    ),
    # Zero to JupyterHub 1 to 3
    "singleuser.cloudMetadata.enabled": Drop("singleuser.networkPolicy keeps users away from the metadata server"),
    "rbac.enabled": Move("rbac.create"),
    "hub.fsGid": Move("hub.podSecurityContext.fsGroup"),
    "hub.uid": Move("hub.containerSecurityContext.runAsUser"),
    "hub.imagePullPolicy": Move("hub.image.pullPolicy"),
    "hub.imagePullSecret": Move("imagePullSecret"),
    "hub.extraConfigMap": Move("custom", "code reads it as `custom`"),
    "hub.publicURL": Move("hub.config.JupyterHub.public_url"),
    "proxy.networkPolicy": Move("proxy.chp.networkPolicy"),
    "proxy.pdb": Move("proxy.chp.pdb"),
    "proxy.nodeSelector": Move("proxy.chp.nodeSelector"),
    "proxy.tolerations": Move("proxy.chp.tolerations"),
    "proxy.resources": Move("proxy.chp.resources"),
    "proxy.containerSecurityContext": Move("proxy.chp.containerSecurityContext"),
    "singleuser.imagePullPolicy": Move("singleuser.image.pullPolicy"),
    "singleuser.imagePullSecret": Move("imagePullSecret"),
    "cull.podCuller": Drop("there is one culler"),
    # before 1.0
    "auth.type": Move("hub.config.JupyterHub.authenticator_class"),
    "auth.admin.access": Move("hub.config.JupyterHub.admin_access"),
    "auth.admin.users": Move("hub.config.Authenticator.admin_users"),
    "auth.whitelist.users": Move("hub.config.Authenticator.allowed_users"),
    "auth.allowlist.users": Move("hub.config.Authenticator.allowed_users"),
    "auth.blacklist.users": Move("hub.config.Authenticator.blocked_users"),
    "auth.state.enabled": Move("hub.config.Authenticator.enable_auth_state"),
    "auth.state.cryptoKey": Move("hub.config.CryptKeeper.keys"),
    "auth.dummy.password": Move("hub.config.DummyAuthenticator.password"),
    "auth.github.clientId": Move("hub.config.GitHubOAuthenticator.client_id"),
    "auth.github.clientSecret": Move("hub.config.GitHubOAuthenticator.client_secret"),
    "auth.github.callbackUrl": Move("hub.config.GitHubOAuthenticator.oauth_callback_url"),
    "auth.github.orgWhitelist": Move("hub.config.GitHubOAuthenticator.allowed_organizations"),
    "auth.google.clientId": Move("hub.config.GoogleOAuthenticator.client_id"),
    "auth.google.clientSecret": Move("hub.config.GoogleOAuthenticator.client_secret"),
    "auth.google.callbackUrl": Move("hub.config.GoogleOAuthenticator.oauth_callback_url"),
    "auth.google.hostedDomain": Move("hub.config.GoogleOAuthenticator.hosted_domain"),
    "auth": _OLD_LOGIN,
}
"""Dotted key to what becomes of it; a key stands for everything below it that has no entry of its own."""


def fate(path: Path) -> tuple[Path, Fate] | None:
    """Return what becomes of the key at `path`, and the path of the entry that says so; None without an entry."""
    for length in range(len(path), 0, -1):
        if (found := TABLE.get(".".join(map(str, path[:length])))) is not None:
            return path[:length], found
    return None


def advice(path: Path) -> str | None:
    """Return a sentence about an unknown key that Zero to JupyterHub has or had, None when it is not one of those."""
    found = fate(path)
    if found is None:
        return None
    match found[1]:
        case Move(to=to):
            return f"unknown key; did you mean {to}?"
        case Drop(why=why):
            return f"unknown key, of Zero to JupyterHub; remove it: {why}"
        case Refuse(instead=instead):
            return f"unknown key, of Zero to JupyterHub; {instead}"
