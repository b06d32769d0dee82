"""The preflight job: find out that an install or upgrade cannot work, before it changes anything.

Runs as the first Helm hook, in the new hub image with the new values. It configures JupyterHub as the hub will, asks
the API by dry runs whether the namespace admits the pods and the cluster has storage, and looks at the database. A
failure ends the install or upgrade with one message; an earlier release goes on serving.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kubernetes_asyncio import client
from traitlets.config import Config

from hub_config.base import ConfigurationError
from hub_config.chart.network import ReleaseNetwork
from hub_config.compose import configure
from hub_config.facts import Facts
from hub_config.load import check_config, check_snippets, check_spawner, read_facts, read_values
from hub_config.mounted import MOUNTED
from hub_config.quantity import quantity
from hub_config.runtime.api import REQUEST_TIMEOUT, connection, own_namespace, reason
from hub_config.runtime.database_check import Hub, database_problem, why_not_checked
from hub_config.runtime.enforcement import NOT_ENFORCED, UNKNOWN, enforced_for_jobs
from hub_config.runtime.existing_secret import check_existing_secret
from hub_config.runtime.user_pod import user_pods
from hub_config.values import Values

EXISTING_SECRET = MOUNTED / "existing-secret"
_FORBIDDEN = 403
_NOT_FOUND = 404


def check_values(pods: list[dict[str, Any]]) -> tuple[Values, Facts, Config]:
    """Read and compose the mounted values as the hub will; return all three. Raises `ConfigurationError`."""
    values = read_values(MOUNTED)
    check_existing_secret(EXISTING_SECRET, pods)
    check_config(values)
    facts = read_facts(MOUNTED, values)
    config = configure(values, facts)
    check_spawner(config, values)
    check_snippets(values)
    return values, facts, config


def check_database(hub: Hub) -> list[str]:
    """Return what keeps the hub from using its database, a line each; say so when that cannot be seen from here."""
    if reason_not := why_not_checked(hub):
        print(f"The database was not looked at: {reason_not}.")
        return []
    problem = database_problem(hub)
    return [problem] if problem else []


async def check_cluster(
    values: Values, config: Config, pods: list[dict[str, Any]], services: list[dict[str, Any]], names: Mapping[str, str]
) -> list[str]:
    """Return what stands in the way in the cluster, a line each.

    `pods` are the chart's own, each `{"name": ..., "pod": {"metadata": ..., "spec": ...}}`; users', as `config` makes
    them, are asked for too. `services` are those that ask for a node's port, as `{"name": ..., "spec": ...}`; `names`
    are those of the release's resources, by their plain names.
    """
    namespace = own_namespace()
    async with connection() as api:
        core = client.CoreV1Api(api)
        found = [await _pod_problem(core, namespace, each["name"], without_new(each["pod"], names)) for each in pods]
        users = values.singleuser.namespace
        there = namespace if users.name in (None, namespace) else users.name
        if there != namespace and (users.create or users.is_per_user):
            print("Whether users' pods are admitted was not asked: their namespace may not be there yet.")
        else:
            asked = [(each["name"], without_new(each["pod"], names)) for each in await user_pods(config, api)]
            found += [await _pod_problem(core, str(there), name, pod) for name, pod in asked]
        found += [await _port_problem(core, namespace, each["name"], each["spec"]) for each in services]
        found += [await _storage_problem(core, namespace, *claim) for claim in _claims(values, names["hub-db-dir"])]
    return [problem for problem in found if problem]


def _claims(values: Values, database_claim: str) -> Iterator[tuple[str, str, str]]:
    """Yield (name, key of its storage class, key that avoids it) of each claim that relies on the default class."""
    if values.hub.db.type == "sqlite-pvc" and values.hub.db.pvc.storage_class_name is None:
        yield database_claim, "hub.db.pvc.storageClassName", "hub.db.type: sqlite-memory (forgets users at restarts)"
    storage = values.singleuser.storage
    if storage.type == "dynamic" and storage.dynamic.storage_class is None:
        yield "claim-of-a-user", "singleuser.storage.dynamic.storageClass", "singleuser.storage.type: none (no homes)"


def without_new(pod: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a pod without what the first install brings only later, and admission asks for: accounts, priorities."""
    classes = {names["priority"], names["image-puller-priority"]}
    new = {"serviceAccountName", "serviceAccount"}
    if pod["spec"].get("priorityClassName") in classes:
        new.add("priorityClassName")
    return {**pod, "spec": {key: value for key, value in pod["spec"].items() if key not in new}}


async def _pod_problem(core: client.CoreV1Api, namespace: str, name: str, pod: dict[str, Any]) -> str | None:
    """Ask by a dry run whether the namespace admits a pod; return None when it does."""
    metadata = {**pod.get("metadata", {}), "generateName": "preflight-"}
    body: Any = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {**pod["spec"], "restartPolicy": "Always"},
    }
    try:
        await core.create_namespaced_pod(namespace, body, dry_run="All", _request_timeout=REQUEST_TIMEOUT)
    except client.ApiException as error:
        said = reason(error)
        if error.status == _FORBIDDEN and "exceeded quota" in said and fits_when_empty(said):
            return None
        return f"namespace {namespace} does not admit the pod {name}: {said}"
    return None


async def _port_problem(core: client.CoreV1Api, namespace: str, name: str, spec: dict[str, Any]) -> str | None:
    """Ask by a dry run whether the node ports that a Service wants are free, unless it has them already."""
    wanted = {port["nodePort"] for port in spec["ports"] if port.get("nodePort")}
    try:
        there = await core.read_namespaced_service(name, namespace, _request_timeout=REQUEST_TIMEOUT)
        wanted -= {port.node_port for port in there.spec.ports}
    except client.ApiException as error:
        if error.status != _NOT_FOUND:
            return f"Service {name}: {reason(error)}"
    if not wanted:
        return None
    ports = [port for port in spec["ports"] if port.get("nodePort") in wanted]
    body: Any = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"generateName": "preflight-"},
        "spec": {"type": "NodePort", "ports": ports},
    }
    try:
        await core.create_namespaced_service(namespace, body, dry_run="All", _request_timeout=REQUEST_TIMEOUT)
    except client.ApiException as error:
        return f"Service {name} cannot have node port {', '.join(map(str, sorted(wanted)))}: {reason(error)}"
    return None


def fits_when_empty(refusal: str) -> bool:
    """Tell, from the API's sentence about a quota, whether the pod would fit if nothing else used the quota.

    An upgrade replaces pods, so a quota that is used up by the pods to be replaced is no obstacle; one that is smaller
    than the pod alone is.
    """
    parts = {name: _amounts(refusal, name) for name in ("requested", "limited")}
    shared = parts["requested"].keys() & parts["limited"].keys()
    return all(parts["requested"][key] <= parts["limited"][key] for key in shared)


def _amounts(refusal: str, name: str) -> dict[str, float]:
    match = re.search(rf"{name}: ([^\s]+)", refusal)
    pairs = (pair.split("=", 1) for pair in match[1].strip(",").split(",") if "=" in pair) if match else ()
    return {key: quantity(amount) for key, amount in pairs}


async def _storage_problem(core: client.CoreV1Api, namespace: str, claim: str, key: str, instead: str) -> str | None:
    """Ask by a dry run whether a claim without storage class gets one: the cluster's default class fills it in."""
    try:
        await core.read_namespaced_persistent_volume_claim(claim, namespace, _request_timeout=REQUEST_TIMEOUT)
    except client.ApiException as error:
        if error.status != _NOT_FOUND:
            return f"PersistentVolumeClaim {claim}: {reason(error)}"
    else:
        return None  # It is there already, whichever way it came about.
    body: Any = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"generateName": "preflight-"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    try:
        made = await core.create_namespaced_persistent_volume_claim(
            namespace, body, dry_run="All", _request_timeout=REQUEST_TIMEOUT
        )
    except client.ApiException as error:
        return f"namespace {namespace} does not admit a volume claim: {reason(error)}"
    if made.spec.storage_class_name:
        return None
    return (
        f"{key} is not set and the cluster has no default StorageClass, so the volume would wait for ever: write the "
        f"name of a class from `kubectl get storageclass`, or {instead}"
    )


async def _check(
    values: Values, config: Config, pods: list[dict[str, Any]], services: list[dict[str, Any]], names: Mapping[str, str]
) -> list[str]:
    """Return what stands in the way: what `check_cluster` finds, and a network that must enforce policies and does not.

    Where it need not, what was found out about the network is printed.
    """
    found, network = await asyncio.gather(
        check_cluster(values, config, pods, services, names), _network_problem(values.network_policy)
    )
    return [*found, *([network] if network else [])]


async def _network_problem(wanted: ReleaseNetwork) -> str | None:
    if not wanted.enabled:
        return None
    enforced = await enforced_for_jobs()
    if enforced:
        return None
    said = UNKNOWN if enforced is None else NOT_ENFORCED
    if wanted.required:
        return f"networkPolicy.required is true: {said}"
    print(said)
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job: print every problem, exit 1 when there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-database", action="store_true", help="do not look at the hub's database")
    options = parser.parse_args(arguments)
    pods, services = (
        json.loads((MOUNTED / "values" / f"{name}.json").read_text(encoding="utf-8")) for name in ("pods", "services")
    )
    try:
        values, facts, config = check_values(pods)
    except ConfigurationError as error:
        print(f"These values cannot work, nothing was changed:\n{error}", file=sys.stderr)
        return 1
    try:
        obstacles = asyncio.run(_check(values, config, pods, services, facts.names))
    except (OSError, TimeoutError) as error:
        print(f"Kubernetes' API does not answer: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    if not options.no_database:
        pod = next(each["pod"] for each in pods if each["name"] == "hub")
        obstacles += check_database(Hub(config, pod, facts.credentials.keys()))
    if obstacles:
        print("This cluster cannot run the release, nothing was changed:", *obstacles, sep="\n", file=sys.stderr)
        return 1
    print("Values and cluster are fit for this release.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
