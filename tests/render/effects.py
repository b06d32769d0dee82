"""Which field of which manifest each value that only templates read ends up in: the table behind `test_effects.py`.

Numbers and names are odd on purpose, so that one that is found came from the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub_config.base import Reader
from hub_config.generate import reader_paths

HUB = "Deployment/hub/spec/template"
PROXY = "Deployment/proxy/spec/template"
PULLER = "DaemonSet/continuous-image-puller/spec/template"
AWAITER = "Job/hook-image-awaiter/spec/template/spec"
PREFLIGHT = "Job/hub-preflight/spec/template/spec"
CREDENTIALS = "Job/hub-credentials/spec/template/spec"
CONTAINER = "spec/containers/0"
CONTEXT = {"runAsUser": 77, "runAsNonRoot": True, "allowPrivilegeEscalation": False}
RESOURCES = {"requests": {"cpu": "77m"}}
TOLERATION = {"key": "seventy-seven", "operator": "Exists"}
LABELS = {"example.org/seven": "77"}
PORT = {"name": "seventy-seven", "port": 77}


@dataclass(frozen=True)
class Effect:
    """`value` at `path` makes the field at `where` (kind, name, keys; `~1` is a slash) be, or contain, `expected`."""

    path: str
    value: Any
    where: str
    expected: Any
    also: dict[str, Any] = field(default_factory=dict)
    """Other values, by their paths, without which this one says nothing."""


_NOT_YET = (
    "httpRoute",
    "proxy.https",
    "proxy.secretSync",
    "proxy.traefik",
    "scheduling.userPlaceholder",
    "scheduling.userScheduler",
)
NO_EFFECT = {
    **{
        path: "belongs to a part that the chart does not have yet"
        for path in reader_paths(Reader.TEMPLATES)
        if path.startswith(tuple(f"{part}." for part in _NOT_YET))
    },
    **{
        path: "is there so that values of Zero to JupyterHub are taken"
        for path in reader_paths(Reader.TEMPLATES)
        if path.startswith(
            (
                "prePuller.continuous.serviceAccount.",
                "prePuller.hook.image.",
                "prePuller.hook.serviceAccountImagePuller.",
                "singleuser.networkTools.",
            )
        )
    },
    "scheduling.podPriority.userPlaceholderPriority": "belongs to a part that the chart does not have yet",
    "enabled": "is for parent charts",
    "hub.allowOpenLogin": "lets values be that are refused otherwise",
    "prePuller.hook.pullOnlyOnChanges": "is there so that values of Zero to JupyterHub are taken",
    "proxy.service.disableHttpPort": "is false",
    "global.safeToShowValues": "is there so that values of Zero to JupyterHub are taken",
    "proxy.service.nodePorts.https": "waits for https",
    "singleuser.cloudMetadata.blockWithIptables": "needs no effect: the network policy has it",
}
"""Values without effect, and why."""


def effects() -> list[Effect]:
    """Return the whole table."""
    return [
        *_hub(),
        *_hub_service(),
        *_proxy(),
        *_pullers(),
        *_jobs(),
        *_routing(),
        *_shared(),
        *_tenants(),
        *_others(),
    ]


def _hub() -> Iterator[Effect]:
    files = {"f": {"mountPath": "/f", "stringData": "x"}}
    plain: dict[str, tuple[Any, str, Any]] = {
        "labels": (LABELS, "metadata/labels", LABELS),
        "annotations": (LABELS, "metadata/annotations", LABELS),
        "podSecurityContext": ({"fsGroup": 77}, "spec/securityContext/fsGroup", 77),
        "containerSecurityContext": (CONTEXT, f"{CONTAINER}/securityContext", CONTEXT),
        "resources": (RESOURCES, f"{CONTAINER}/resources", RESOURCES),
        "lifecycle": ({"preStop": {"sleep": {"seconds": 7}}}, f"{CONTAINER}/lifecycle/preStop/sleep/seconds", 7),
        "initContainers": ([{"name": "i", "image": "i:1"}], "spec/initContainers/0/image", "i:1"),
        "extraContainers": ([{"name": "e", "image": "e:1"}], "spec/containers/1/image", "e:1"),
        "extraVolumes": ([{"name": "v", "emptyDir": {}}], "spec/volumes", [{"name": "v", "emptyDir": {}}]),
        "extraVolumeMounts": ([{"name": "v", "mountPath": "/v"}], f"{CONTAINER}/volumeMounts", [{"mountPath": "/v"}]),
        "extraPodSpec": ({"priorityClassName": "p"}, "spec/priorityClassName", "p"),
        "nodeSelector": (LABELS, "spec/nodeSelector", LABELS),
        "tolerations": ([TOLERATION], "spec/tolerations", [TOLERATION]),
        "command": (["{{ .Release.Name }}"], f"{CONTAINER}/command", ["demo"]),
        "args": (["--for={{ .Release.Name }}"], f"{CONTAINER}/args", ["--for=demo"]),
        "extraEnv": ({"SEVEN": "7"}, f"{CONTAINER}/env", [{"name": "SEVEN"}]),
        "extraFiles": (files, f"{CONTAINER}/volumeMounts", [{"mountPath": "/f", "subPath": "f"}]),
        "existingSecret": ("own", "spec/volumes", [{"secret": {"secretName": "own"}}]),
    }
    for key, (value, where, expected) in plain.items():
        yield Effect(f"hub.{key}", value, f"{HUB}/{where}", expected)
    claim = "PersistentVolumeClaim/hub-db-dir"
    yield Effect("hub.db.pvc.annotations", LABELS, f"{claim}/metadata/annotations", LABELS)
    yield Effect("hub.db.pvc.selector", {"matchLabels": LABELS}, f"{claim}/spec/selector/matchLabels", LABELS)
    yield Effect("hub.db.pvc.accessModes", ["ReadWriteMany"], f"{claim}/spec/accessModes", ["ReadWriteMany"])
    yield Effect("hub.db.pvc.storage", "77Gi", f"{claim}/spec/resources/requests/storage", "77Gi")
    yield Effect("hub.db.pvc.storageClassName", "", f"{claim}/spec/storageClassName", "")
    yield Effect("hub.db.pvc.subPath", "s", f"{HUB}/{CONTAINER}/volumeMounts", [{"name": "pvc", "subPath": "s"}])
    account = "ServiceAccount/hub"
    yield Effect("hub.serviceAccount.create", False, account, None)
    yield Effect("hub.serviceAccount.name", "other", f"{HUB}/spec/serviceAccountName", "other")
    yield Effect("hub.serviceAccount.annotations", LABELS, f"{account}/metadata/annotations", LABELS)


def _hub_service() -> Iterator[Effect]:
    spec = "Service/hub/spec"
    yield Effect("hub.service.type", "NodePort", f"{spec}/type", "NodePort")
    yield Effect("hub.service.annotations", LABELS, "Service/hub/metadata/annotations", LABELS)
    node = {"hub.service.type": "NodePort"}
    yield Effect("hub.service.ports.nodePort", 30077, f"{spec}/ports/0/nodePort", 30077, node)
    yield Effect("hub.service.ports.appProtocol", "http", f"{spec}/ports/0/appProtocol", "http")
    yield Effect("hub.service.extraPorts", [PORT], f"{spec}/ports/1", PORT)
    cloud = {"hub.service.type": "LoadBalancer"}
    yield Effect("hub.service.loadBalancerIP", "10.7.7.7", f"{spec}/loadBalancerIP", "10.7.7.7", cloud)
    yield Effect("hub.service.ipFamilyPolicy", "SingleStack", f"{spec}/ipFamilyPolicy", "SingleStack")
    yield Effect("hub.service.ipFamilies", ["IPv6"], f"{spec}/ipFamilies", ["IPv6"])


def _proxy() -> Iterator[Effect]:
    plain: dict[str, tuple[Any, str, Any]] = {
        "labels": (LABELS, "metadata/labels", LABELS),
        "annotations": (LABELS, "metadata/annotations", LABELS),
        "chp.command": (["chp"], f"{CONTAINER}/command", ["chp"]),
        "chp.extraCommandLineFlags": (["--for={{ .Release.Name }}"], f"{CONTAINER}/args", ["--for=demo"]),
        "chp.defaultTarget": ("http://d", f"{CONTAINER}/args", ["--default-target=http://d"]),
        "chp.errorTarget": ("http://e", f"{CONTAINER}/args", ["--error-target=http://e"]),
        "chp.extraEnv": ({"SEVEN": "7"}, f"{CONTAINER}/env", [{"name": "SEVEN", "value": "7"}]),
        "chp.resources": (RESOURCES, f"{CONTAINER}/resources", RESOURCES),
        "chp.containerSecurityContext": (CONTEXT, f"{CONTAINER}/securityContext", CONTEXT),
        "chp.nodeSelector": (LABELS, "spec/nodeSelector", LABELS),
        "chp.tolerations": ([TOLERATION], "spec/tolerations", [TOLERATION]),
        "chp.extraPodSpec": ({"priorityClassName": "p"}, "spec/priorityClassName", "p"),
    }
    for key, (value, where, expected) in plain.items():
        yield Effect(f"proxy.{key}", value, f"{PROXY}/{where}", expected)
    token = "Secret/hub/data/hub.config.ConfigurableHTTPProxy.auth_token"
    yield Effect("proxy.secretToken", "seven", token, "c2V2ZW4=")
    public = "Service/proxy-public"
    node, cloud = {"proxy.service.type": "NodePort"}, {"proxy.service.type": "LoadBalancer"}
    ranges = ["10.7.0.0/16"]
    yield Effect("proxy.service.type", "NodePort", f"{public}/spec/type", "NodePort")
    yield Effect("proxy.service.labels", LABELS, f"{public}/metadata/labels", LABELS)
    yield Effect("proxy.service.annotations", LABELS, f"{public}/metadata/annotations", LABELS)
    yield Effect("proxy.service.nodePorts.http", 30077, f"{public}/spec/ports/0/nodePort", 30077, node)
    yield Effect("proxy.service.extraPorts", [PORT], f"{public}/spec/ports/1", PORT)
    yield Effect("proxy.service.externalIPs", ["7.7.7.7"], f"{public}/spec/externalIPs", ["7.7.7.7"])
    yield Effect("proxy.service.loadBalancerIP", "7.7.7.7", f"{public}/spec/loadBalancerIP", "7.7.7.7", cloud)
    where = f"{public}/spec/loadBalancerSourceRanges"
    yield Effect("proxy.service.loadBalancerSourceRanges", ranges, where, ranges, cloud)
    yield Effect("proxy.service.ipFamilyPolicy", "SingleStack", "Service/proxy-api/spec/ipFamilyPolicy", "SingleStack")
    yield Effect("proxy.service.ipFamilies", ["IPv6"], f"{public}/spec/ipFamilies", ["IPv6"])


def _pullers() -> Iterator[Effect]:
    daemonset, hook = "DaemonSet/continuous-image-puller", "DaemonSet/hook-image-puller"
    image = {"name": "more", "tag": "7"}
    profiles = [{"display_name": "p", "kubespawner_override": {"image": "p:7"}}]
    first, pause = f"{PULLER}/spec/initContainers/0", f"{PULLER}/spec/containers/0"
    yield Effect("prePuller.revisionHistoryLimit", 77, f"{daemonset}/spec/revisionHistoryLimit", 77)
    yield Effect("prePuller.labels", LABELS, f"{PULLER}/metadata/labels", LABELS)
    yield Effect("prePuller.annotations", LABELS, f"{PULLER}/metadata/annotations", LABELS)
    yield Effect("prePuller.resources", RESOURCES, f"{first}/resources", RESOURCES)
    yield Effect("prePuller.containerSecurityContext", CONTEXT, f"{first}/securityContext", CONTEXT)
    yield Effect("prePuller.extraTolerations", [TOLERATION], f"{PULLER}/spec/tolerations", [TOLERATION])
    yield Effect("prePuller.extraImages", {"m": image}, f"{PULLER}/spec/initContainers/1/image", "more:7")
    yield Effect("prePuller.continuous.enabled", False, daemonset, None)
    yield Effect("prePuller.continuous.daemonsetAnnotations", LABELS, f"{daemonset}/metadata/annotations", LABELS)
    yield Effect("prePuller.hook.enabled", False, hook, None)
    yield Effect("prePuller.hook.daemonsetAnnotations", LABELS, f"{hook}/metadata/annotations", LABELS)
    also = {"singleuser.profileList": profiles}
    yield Effect("prePuller.pullProfileListImages", False, f"{PULLER}/spec/initContainers/1", None, also)
    yield Effect("prePuller.pause.image.name", "p", f"{pause}/image", "p:1", {"prePuller.pause.image.tag": "1"})
    yield Effect("prePuller.pause.image.tag", "7", f"{pause}/image", "p:7", {"prePuller.pause.image.name": "p"})
    also = {"prePuller.pause.image": {"name": "p", "tag": "7"}}
    yield Effect("prePuller.pause.image.pullPolicy", "Never", f"{pause}/imagePullPolicy", "Never", also)
    secrets = [{"name": "login"}]
    yield Effect("prePuller.pause.image.pullSecrets", ["login"], f"{PULLER}/spec/imagePullSecrets", secrets, also)
    yield Effect("prePuller.pause.containerSecurityContext", CONTEXT, f"{pause}/securityContext", CONTEXT)


def _jobs() -> Iterator[Effect]:
    for key, where in (("prePuller.hook", AWAITER), ("preflight", PREFLIGHT), ("preflight", CREDENTIALS)):
        yield Effect(f"{key}.resources", RESOURCES, f"{where}/containers/0/resources", RESOURCES)
        context = f"{key}.containerSecurityContext"
        yield Effect(context, CONTEXT, f"{where}/containers/0/securityContext", CONTEXT)
        yield Effect(f"{key}.nodeSelector", LABELS, f"{where}/nodeSelector", LABELS)
        yield Effect(f"{key}.tolerations", [TOLERATION], f"{where}/tolerations", [TOLERATION])
    args = f"{AWAITER}/containers/0/args"
    yield Effect("preflight.enabled", False, "Job/hub-preflight", None)
    yield Effect("preflight.database", False, f"{PREFLIGHT}/containers/0/args", ["--no-database"])
    yield Effect("preflight.timeoutSeconds", 77, "Job/hub-preflight/spec/activeDeadlineSeconds", 77)
    yield Effect("prePuller.hook.timeoutSeconds", 77, args, ["--timeout", "77"])
    scheduling = ["--pod-scheduling-wait-duration", "77"]
    yield Effect("prePuller.hook.podSchedulingWaitDuration", 77, args, scheduling)
    account = "ServiceAccount/hook-image-awaiter"
    yield Effect("prePuller.hook.serviceAccount.create", False, account, None)
    yield Effect("prePuller.hook.serviceAccount.name", "other", f"{AWAITER}/serviceAccountName", "other")
    annotations = f"{account}/metadata/annotations"
    yield Effect("prePuller.hook.serviceAccount.annotations", LABELS, annotations, LABELS)


def _routing() -> Iterator[Effect]:
    on, ingress = {"ingress.enabled": True}, "Ingress/jupyterhub"
    paths = f"{ingress}/spec/rules/0/http/paths"
    backend = {"service": {"name": "other", "port": {"number": 77}}}
    before = {"path": "/before", "pathType": "Exact", "backend": backend}
    tls = [{"hosts": ["h"], "secretName": "s"}]
    yield Effect("ingress.enabled", True, f"{paths}/0/backend/service/name", "proxy-public")
    yield Effect("ingress.annotations", LABELS, f"{ingress}/metadata/annotations", LABELS, on)
    yield Effect("ingress.ingressClassName", "nginx", f"{ingress}/spec/ingressClassName", "nginx", on)
    yield Effect("ingress.hosts", ["h"], f"{ingress}/spec/rules/0/host", "h", on)
    yield Effect("ingress.pathSuffix", "*", f"{paths}/0/path", "/*", on)
    yield Effect("ingress.pathType", "Exact", f"{paths}/0/pathType", "Exact", on)
    yield Effect("ingress.tls", tls, f"{ingress}/spec/tls", tls, on)
    yield Effect("ingress.extraPaths", [before], f"{paths}/0", before, on)


def _tenants() -> Iterator[Effect]:
    quota, limits = {"hard": {"pods": 77}}, {"limits": [{"type": "Pod", "max": {"memory": "77Gi"}}]}
    apart, users = {"singleuser.namespace.name": "users"}, "singleuser.namespace"
    made = "Namespace/users/metadata"
    for key, also in (("", {}), (f"{users}.", apart)):
        yield Effect(f"{key}quota", quota, "ResourceQuota/users/spec", quota, also)
        yield Effect(f"{key}limitRange", limits, "LimitRange/users/spec", limits, also)
    yield Effect(f"{users}.create", False, "Namespace/users", None, apart)
    yield Effect(f"{users}.labels", LABELS, f"{made}/labels", LABELS, apart)
    yield Effect(f"{users}.annotations", LABELS, f"{made}/annotations", LABELS, apart)


def _shared() -> Iterator[Effect]:
    """What hub and proxy have alike."""
    for key, strategy, name, pod in (("hub", "hub", "hub", HUB), ("proxy.chp", "proxy", "proxy", PROXY)):
        deployment, container = f"Deployment/{name}/spec", f"{pod}/{CONTAINER}"
        rolling = {f"{strategy}.deploymentStrategy.type": "RollingUpdate"}
        surge = {"maxSurge": 7}
        where = f"{deployment}/strategy"
        yield Effect(f"{strategy}.deploymentStrategy.type", "RollingUpdate", f"{where}/type", "RollingUpdate")
        yield Effect(f"{strategy}.deploymentStrategy.rollingUpdate", surge, f"{where}/rollingUpdate", surge, rolling)
        yield Effect(f"{key}.revisionHistoryLimit", 77, f"{deployment}/revisionHistoryLimit", 77)
        yield Effect(f"{key}.image.name", "seven", f"{container}/image", "seven:1", {f"{key}.image.tag": "1"})
        yield Effect(f"{key}.image.tag", "7", f"{container}/image", "i:7", {f"{key}.image.name": "i"})
        yield Effect(f"{key}.image.pullPolicy", "Never", f"{container}/imagePullPolicy", "Never")
        yield Effect(f"{key}.image.pullSecrets", ["login"], f"{pod}/spec/imagePullSecrets", [{"name": "login"}])
        budget, on = f"PodDisruptionBudget/{name}/spec", {f"{key}.pdb.enabled": True}
        yield Effect(f"{key}.pdb.enabled", True, f"{budget}/minAvailable", 1)
        yield Effect(f"{key}.pdb.minAvailable", 7, f"{budget}/minAvailable", 7, on)
        percent = {**on, f"{key}.pdb.minAvailable": None}
        yield Effect(f"{key}.pdb.maxUnavailable", "7%", f"{budget}/maxUnavailable", "7%", percent)
        for probe in ("livenessProbe", "readinessProbe"):
            yield Effect(f"{key}.{probe}.enabled", False, f"{container}/{probe}", None)
            for number in ("initialDelaySeconds", "periodSeconds", "failureThreshold", "timeoutSeconds"):
                yield Effect(f"{key}.{probe}.{number}", 77, f"{container}/{probe}/{number}", 77)


def _others() -> Iterator[Effect]:
    login = "Secret/image-pull-secret/data/.dockerconfigjson"
    for key in ("registry", "username", "password", "email"):
        also = {"imagePullSecret": {"create": True, "username": "u", "password": "p"}}
        yield Effect(f"imagePullSecret.{key}", "seven", login, "base64:seven", also)
    require = "spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
    core = [{"matchExpressions": [{"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["core"]}]}]
    match = "scheduling.corePods.nodeAffinity.matchNodePurpose"
    for pod in (HUB, PROXY, AWAITER.removesuffix("/spec")):
        yield Effect("scheduling.corePods.tolerations", [TOLERATION], f"{pod}/spec/tolerations", [TOLERATION])
        yield Effect(match, "require", f"{pod}/{require}/nodeSelectorTerms", core)
        yield Effect(match, "ignore", f"{pod}/spec/affinity", None)
    on = {"scheduling.podPriority.enabled": True}
    users, pullers = "PriorityClass/demo-default-priority", "PriorityClass/demo-image-puller-priority"
    yield Effect("scheduling.podPriority.globalDefault", True, f"{users}/globalDefault", True, on)
    yield Effect("scheduling.podPriority.defaultPriority", 77, f"{users}/value", 77, on)
    yield Effect("scheduling.podPriority.imagePullerPriority", -77, f"{pullers}/value", -77, on)
    yield Effect("rbac.create", False, "Role/hub", None)
    address = "NetworkPolicy/singleuser/spec/egress/2/to/0/ipBlock/cidr"
    yield Effect("singleuser.cloudMetadata.ip", "7.7.7.7", address, "7.7.7.7/32")
