"""Keys of Zero to JupyterHub, of today and of earlier versions, that this chart has not, and what to write instead."""

from __future__ import annotations

_HTTPS = (
    "this chart's proxy speaks plain http: end https at an Ingress (ingress.tls) or at the load balancer, and remove it"
)
_SCHEDULER = (
    "this chart runs no scheduler of its own: name one of the cluster in singleuser.schedulerName, or leave it out"
)
_PLACEHOLDERS = "this chart makes no placeholder pods: remove it, and let the cluster's autoscaler keep spare nodes"
_ROUTE = "this chart makes no HTTPRoute: write one that leads to the Service proxy-public, port 80, or use ingress"
_NO_RIGHTS = "image pullers need no service account: logins of registries go to imagePullSecrets"

REFUSED = {
    "auth": "logins are configured in hub.config: JupyterHub.authenticator_class, Authenticator.admin_users and so on",
    "httpRoute": _ROUTE,
    "hub.extraConfigMap": "values of your own go to custom",
    "hub.fsGid": "write hub.podSecurityContext.fsGroup",
    "hub.imagePullPolicy": "write hub.image.pullPolicy",
    "hub.imagePullSecret": "write imagePullSecret, beside hub",
    "hub.publicURL": "write hub.config.JupyterHub.public_url",
    "hub.uid": "write hub.containerSecurityContext.runAsUser",
    "prePuller.continuous.serviceAccount": _NO_RIGHTS,
    "prePuller.hook.image": "the job that waits runs in the hub's image: see hub.image",
    "prePuller.hook.serviceAccountImagePuller": _NO_RIGHTS,
    "proxy.containerSecurityContext": "write proxy.chp.containerSecurityContext",
    "proxy.https": _HTTPS,
    "proxy.networkPolicy": "write proxy.chp.networkPolicy",
    "proxy.nodeSelector": "write proxy.chp.nodeSelector",
    "proxy.pdb": "write proxy.chp.pdb",
    "proxy.resources": "write proxy.chp.resources",
    "proxy.secretSync": _HTTPS,
    "proxy.service.disableHttpPort": "it would close the only port that there is: remove it",
    "proxy.traefik": _HTTPS,
    "rbac.enabled": "write rbac.create",
    "scheduling.podPriority.userPlaceholderPriority": _PLACEHOLDERS,
    "scheduling.userPlaceholder": _PLACEHOLDERS,
    "scheduling.userScheduler": _SCHEDULER,
    "singleuser.cloudMetadata.enabled": (
        "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer says whether users reach the metadata server"
    ),
    "singleuser.networkTools": (
        "no container changes the pod's network here: "
        "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer: false blocks the metadata server; remove it"
    ),
}
"""Dotted key to a sentence; it holds for what is below the key too."""


def instead_of(key: str) -> str | None:
    """Return what to write instead of a dotted key; None when it is none of those that are refused by name."""
    parts = key.split(".")
    ends = range(len(parts), 0, -1)
    return next((REFUSED[path] for end in ends if (path := ".".join(parts[:end])) in REFUSED), None)
