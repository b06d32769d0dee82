"""Rules over several values: those that `jupyterhub/templates/validate/` has beside the models' own.

Each rule takes valid `Values` and yields what is broken, with the keys that have a part in it. A test holds them and
Helm's rules together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from hub_config.chart.common import ExtraFile, PodDisruptionBudget
from hub_config.chart.hub_pod import DeploymentStrategy
from hub_config.commands import login_rules, tenancy
from hub_config.commands.broken import Broken, Rule
from hub_config.places import keys_at
from hub_config.pod_security.contradictions import LEVEL_KEY, contradictions
from hub_config.traits import class_instead, pinned
from hub_config.values import Values
from hub_config.z2jh_keys import NotYet, switched_on

_LONGEST_PREFIX = 44
_PREFIX = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_FIRST_KEYS = {"http_route", "proxy", "scheduling"}
_DATA_ENDINGS = (".yaml", ".yml", ".json", ".toml")


def broken(values: Values) -> list[Broken]:
    """Return every rule that `values` break."""
    return [each for rule in RULES for each in rule(values)]


def _names(values: Values) -> Iterator[Broken]:
    prefix = values.fullname_override or ""
    if len(prefix) > _LONGEST_PREFIX:
        yield Broken(
            "fullnameOverride",
            f"the prefix {prefix} is too long: Kubernetes allows {_LONGEST_PREFIX} characters here; write a shorter "
            'fullnameOverride, or "" for names without prefix',
        )
    if prefix and not _PREFIX.fullmatch(prefix):
        yield Broken(
            "fullnameOverride",
            f'the prefix "{prefix}" may have lower-case letters, digits and dashes only, and begins with a letter',
        )
    own = {f"{prefix}-{name}" if prefix else name for name in ("hub", "hub-credentials")}
    if values.hub.existing_secret in own:
        yield Broken(
            "hub.existingSecret",
            f"{values.hub.existing_secret} is a Secret of the chart itself: give yours another name",
            ("fullnameOverride",),
        )


def _login_of_registry(values: Values) -> Iterator[Broken]:
    secret = values.image_pull_secret
    if secret.create and not (secret.username and secret.password):
        yield Broken(
            "imagePullSecret.create",
            "a login needs imagePullSecret.username and imagePullSecret.password",
            ("imagePullSecret.username", "imagePullSecret.password"),
        )


def _network(values: Values) -> Iterator[Broken]:
    network = values.network_policy
    needed = {"networkPolicy.enabled": network.enabled, "preflight.enabled": values.preflight.enabled}
    if network.required and not all(needed.values()):
        lacking = " and ".join(key for key, there in needed.items() if not there)
        yield Broken(
            "networkPolicy.required",
            f"the preflight job finds out whether policies are enforced, which needs {lacking}: true",
            tuple(needed),
        )
    if not network.kubernetes_api.ports:
        yield Broken(
            "networkPolicy.kubernetesApi.ports",
            "without a port the hub reaches no Kubernetes API: write the API server's, such as 6443",
        )


def _disruption(values: Values) -> Iterator[Broken]:
    budgets: dict[str, PodDisruptionBudget] = {"hub.pdb": values.hub.pdb, "proxy.chp.pdb": values.proxy.chp.pdb}
    for key, pdb in budgets.items():
        most, least = pdb.max_unavailable is not None, pdb.min_available is not None
        keys = (f"{key}.maxUnavailable", f"{key}.minAvailable", f"{key}.enabled")
        if pdb.enabled and most and least:
            text = "Kubernetes takes one of maxUnavailable and minAvailable: write null for the other"
            yield Broken(key, text, keys)
        elif pdb.enabled and not most and not least:
            yield Broken(key, "write maxUnavailable or minAvailable, or enabled: false", keys)


def _strategies(values: Values) -> Iterator[Broken]:
    strategies: dict[str, DeploymentStrategy] = {
        "hub.deploymentStrategy": values.hub.deployment_strategy,
        "proxy.deploymentStrategy": values.proxy.deployment_strategy,
    }
    for key, strategy in strategies.items():
        if strategy.rolling_update and strategy.type != "RollingUpdate":
            yield Broken(
                f"{key}.rollingUpdate",
                f"belongs to type RollingUpdate: write null here, or {key}.type: RollingUpdate",
                (f"{key}.type",),
            )


def _services(values: Values) -> Iterator[Broken]:
    public, hub = values.proxy.service, values.hub.service
    balanced = {
        "proxy.service.loadBalancerIP": (public.type, public.load_balancer_ip),
        "proxy.service.loadBalancerSourceRanges": (public.type, public.load_balancer_source_ranges),
        "hub.service.loadBalancerIP": (hub.type, hub.load_balancer_ip),
    }
    for key, (kind, value) in balanced.items():
        service = key.rsplit(".", 1)[0]
        if value and kind not in (None, "LoadBalancer"):
            text = f"has a meaning with a load balancer only: write {service}.type: LoadBalancer, or remove it"
            yield Broken(key, text, (f"{service}.type",))
    ports = {
        "proxy.service.nodePorts.http": (public.type, public.node_ports.http),
        "hub.service.ports.nodePort": (hub.type, hub.ports.node_port),
    }
    for key, (kind, port) in ports.items():
        service = ".".join(key.split(".")[:2])
        if port and kind == "ClusterIP":
            text = f"a Service of type ClusterIP has no port on nodes: write {service}.type: NodePort, or remove it"
            yield Broken(key, text, (f"{service}.type",))


def _classes(values: Values) -> Iterator[Broken]:
    for section in values.hub.config:
        if not section[:1].isupper():
            yield Broken(
                "hub.config", class_instead(section, pinned(), keys_at(("hub",))), at=("hub", "config", section)
            )
    if "services" in values.hub.config.get("JupyterHub", {}):
        text = "write services in hub.services, each as its name and its other keys"
        yield Broken("hub.config.JupyterHub.services", text)


def _profiles(values: Values) -> Iterator[Broken]:
    # Of those that are not for everybody, the first that a user is offered is the default.
    default = [each.display_name for each in values.singleuser.profile_list if each.default and each.is_for_everybody]
    if len(default) > 1:
        yield Broken("singleuser.profileList", f"one profile may be the default, not {', '.join(default)}")


def _files(values: Values) -> Iterator[Broken]:
    every = {"hub": values.hub.extra_files, "singleuser": values.singleuser.extra_files}
    for where, files in every.items():
        for name, file in files.items():
            yield from _file(f"{where}.extraFiles", name, file)


def _file(prefix: str, name: str, file: ExtraFile) -> Iterator[Broken]:
    key = f"{prefix}.{name}"
    contents = {"data": file.data, "stringData": file.string_data, "binaryData": file.binary_data}
    given = [kind for kind, content in contents.items() if content is not None]
    if len(given) != 1:
        there = ", ".join(given) or "none"
        text = f"write the content as exactly one of data, stringData and binaryData (there: {there})"
        yield Broken(key, text, tuple(f"{key}.{kind}" for kind in given))
    if not file.mount_path.startswith("/"):
        yield Broken(f"{key}.mountPath", f'"{file.mount_path}" is no absolute path: begin it with /')
    if "data" in given and PurePosixPath(file.mount_path).suffix not in _DATA_ENDINGS:
        text = "data is written as the ending of the path says, so end it with .yaml, .yml, .json or .toml, or write "
        yield Broken(f"{key}.mountPath", f"{text}stringData")
    if not re.fullmatch(r"[-._a-zA-Z0-9]+", name):
        text = "a name of a file here may have letters, digits, dashes, dots and underscores only; the file's own name "
        yield Broken(key, f"{text}is in mountPath")


def _security_level(values: Values) -> Iterator[Broken]:
    for key, text in contradictions(values):
        # The value itself may be a default: what was written, and so is shown, may be the level.
        yield Broken(key, text, (LEVEL_KEY,))


def _metadata(values: Values) -> Iterator[Broken]:
    policy = values.singleuser.network_policy
    if values.singleuser.cloud_metadata.block_with_iptables and (
        not policy.enabled or policy.egress_allow_rules.cloud_metadata_server
    ):
        yield Broken(
            "singleuser.cloudMetadata.blockWithIptables",
            "no privileged container blocks the metadata server here, and singleuser.networkPolicy does not either: "
            "write singleuser.networkPolicy.enabled: true and "
            "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer: false, or write false here",
            (
                "singleuser.networkPolicy.enabled",
                "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer",
            ),
        )


def _not_yet(values: Values) -> Iterator[Broken]:
    for key, said in switched_on(values.model_dump(by_alias=True, include=_FIRST_KEYS)):
        if isinstance(said, NotYet):
            yield Broken(key, said.sentence)


RULES: tuple[Rule, ...] = (
    _not_yet,
    _metadata,
    _names,
    _login_of_registry,
    _network,
    _disruption,
    _strategies,
    _services,
    _classes,
    _profiles,
    _files,
    tenancy.quotas,
    tenancy.budgets,
    login_rules.open_login,
    login_rules.subdomains,
    _security_level,
)
