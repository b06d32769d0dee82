"""Kubernetes' API for tests: plain dicts, and waits that follow a watch instead of asking again and again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import urllib3
from kubernetes import client, config, dynamic
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import NotFoundError, ResourceNotFoundError

T = TypeVar("T")
Object = dict[str, Any]

REQUEST_SECONDS = 20
WATCH_SECONDS = 5
"""Seconds after which a watch is opened anew, so that a limit is noticed although nothing happens."""


class WaitError(AssertionError):
    """Something did not come about in time; the message says what was awaited and what was there instead."""


class Kubernetes:
    """A cluster's API. `kind` may carry its group's version: `Pod`, `apps/v1/DaemonSet`."""

    def __init__(self, kubeconfig: Path) -> None:
        self.api = config.new_client_from_config(str(kubeconfig))
        self._dynamic = dynamic.DynamicClient(self.api)
        self.core = client.CoreV1Api(self.api)

    def create(self, manifest: Object) -> Object:
        """Create an object and return it as it is then. Raises `ApiException`."""
        namespace = manifest["metadata"].get("namespace")
        made = self._resource(manifest["kind"]).create(body=manifest, namespace=namespace)
        return _plain(made)

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """Return an object, None when it is not there."""
        try:
            return _plain(self._resource(kind).get(name=name, namespace=namespace))
        except NotFoundError:
            return None

    def list(self, kind: str, namespace: str | None = None, selector: str = "") -> list[Object]:
        """Return the objects that match the label `selector`."""
        found = _plain(self._resource(kind).get(namespace=namespace, label_selector=selector))
        return list(found["items"])

    def patch(self, kind: str, name: str, change: Object, namespace: str | None = None) -> Object:
        """Merge `change` into an object (JSON merge patch: None removes a key)."""
        how = "application/merge-patch+json"
        return _plain(self._resource(kind).patch(body=change, name=name, namespace=namespace, content_type=how))

    def delete(self, kind: str, name: str, namespace: str | None = None) -> None:
        """Ask for an object's deletion; one that is gone is fine. It may take until finalizers are done."""
        try:
            self._resource(kind).delete(name=name, namespace=namespace)
        except NotFoundError:
            return

    def wait(
        self,
        what: str,
        kind: str,
        done: Callable[[list[Object]], T | None],
        *,
        timeout: float,
        namespace: str | None = None,
        selector: str = "",
    ) -> T:
        """Follow the objects that match until `done(objects)` returns something true, and return that.

        Raises `WaitError` after `timeout` seconds, with a line for each object that was there.
        """
        deadline = time.monotonic() + timeout
        resource = self._resource(kind)
        while True:
            listed = _plain(resource.get(namespace=namespace, label_selector=selector))
            now = {item["metadata"]["uid"]: item for item in listed["items"]}
            if result := done(list(now.values())):
                return result
            left = deadline - time.monotonic()
            if left <= 0:
                saw = "; ".join(map(summary, now.values())) or "nothing"
                raise WaitError(f"waited {timeout:.0f} s for {what}; last saw {saw}")
            version = listed["metadata"]["resourceVersion"]
            result = self._follow(resource, now, done, min(left, WATCH_SECONDS), namespace, selector, version)
            if result:
                return result

    def _follow(
        self,
        resource: Any,
        now: dict[str, Object],
        done: Callable[[list[Object]], T | None],
        seconds: float,
        namespace: str | None,
        selector: str,
        version: str,
    ) -> T | None:
        """Apply the events of `seconds` seconds to `now`, asking `done` after each."""
        deadline = time.monotonic() + seconds
        try:
            for event in resource.watch(
                namespace=namespace,
                label_selector=selector,
                resource_version=version,
                timeout=max(1, round(seconds)),
            ):
                item = _plain(event["raw_object"])
                if event["type"] == "ERROR":  # the version is too old: list again
                    return None
                now[item["metadata"]["uid"]] = item
                if event["type"] == "DELETED":
                    del now[item["metadata"]["uid"]]
                if result := done(list(now.values())):
                    return result
                if time.monotonic() >= deadline:
                    return None
        except (ApiException, urllib3.exceptions.HTTPError):
            return None  # the list that follows says more, or the same again
        return None

    def watch_over(
        self,
        what: str,
        kind: str,
        holds: Callable[[list[Object]], bool],
        *,
        seconds: float,
        namespace: str | None = None,
        selector: str = "",
    ) -> None:
        """Assert that `holds(objects)` is true now and after every change for `seconds` seconds."""
        try:
            broken = self.wait(
                what, kind, lambda found: not holds(found), timeout=seconds, namespace=namespace, selector=selector
            )
        except WaitError:
            return  # nothing changed for the worse
        assert not broken, f"{what}: not for {seconds:.0f} s"

    def wait_gone(self, kind: str, namespace: str | None = None, selector: str = "", *, timeout: float) -> None:
        """Wait until no object matches."""
        what = f"no {kind} {selector or 'at all'} in {namespace or 'the cluster'}"
        self.wait(what, kind, lambda found: not found, timeout=timeout, namespace=namespace, selector=selector)

    def allowed(self, account: str, namespace: str, verb: str, resource: str, group: str = "", name: str = "") -> bool:
        """Tell, as `kubectl auth can-i --as` does, whether a service account (`namespace:name`) may do something."""
        asked = {"namespace": namespace, "verb": verb, "group": group, "resource": resource.partition("/")[0]}
        asked |= {"subresource": resource.partition("/")[2], "name": name}
        owner = account.partition(":")[0]
        spec = {
            "user": f"system:serviceaccount:{account}",
            "groups": ["system:serviceaccounts", f"system:serviceaccounts:{owner}", "system:authenticated"],
            "resourceAttributes": asked,
        }
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "metadata": {}, "spec": spec}
        return bool(self.create(body)["status"]["allowed"])

    def logs(self, pod: str, namespace: str, container: str | None = None, lines: int = 60) -> str:
        """Return the end of a container's log, or why there is none."""
        try:
            return str(
                self.core.read_namespaced_pod_log(
                    pod, namespace, container=container, tail_lines=lines, _request_timeout=REQUEST_SECONDS
                )
            )
        except ApiException as error:
            return f"(no log: {error.reason})"

    def node_summary(self, node: str) -> Object:
        """Return the kubelet's figures of a node and its pods (kubelet `stats/summary`)."""
        answer = self.core.connect_get_node_proxy_with_path(
            node, "stats/summary", _preload_content=False, _request_timeout=REQUEST_SECONDS
        )
        return dict(json.loads(answer.data))

    def listable_kinds(self) -> Sequence[Any]:
        """Return every namespaced resource that can be listed, once each, events left out."""
        found: dict[tuple[str, str], Any] = {}
        for resource in self._dynamic.resources.search():
            if not getattr(resource, "namespaced", False) or "list" not in resource.verbs:
                continue
            if resource.kind.endswith("List") or resource.kind == "Event" or "metrics" in (resource.group or ""):
                continue
            if resource.preferred or (resource.group, resource.kind) not in found:
                found[resource.group, resource.kind] = resource
        return list(found.values())

    def everything(self, namespace: str) -> dict[str, list[Object]]:
        """Return all objects of a namespace by kind, events left out."""
        return {each.kind: _plain(each.get(namespace=namespace))["items"] for each in self.listable_kinds()}

    def _resource(self, kind: str) -> Any:
        version, _, name = kind.rpartition("/")
        if version:
            return self._dynamic.resources.get(api_version=version, kind=name)
        versions = ("v1", "apps/v1", "batch/v1", "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1")
        versions += ("storage.k8s.io/v1", "authorization.k8s.io/v1")
        for each in versions:
            try:
                return self._dynamic.resources.get(api_version=each, kind=name)
            except ResourceNotFoundError:
                continue
        raise LookupError(f"kind {kind}: in none of {', '.join(versions)}; write its version before it")


def _plain(thing: Any) -> Any:
    return thing.to_dict() if hasattr(thing, "to_dict") else thing


def ready(pod: Object) -> bool:
    """Tell whether a pod is Ready and stays (is not being deleted)."""
    conditions = pod.get("status", {}).get("conditions") or []
    is_ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return is_ready and not pod["metadata"].get("deletionTimestamp")


def restarts(pod: Object) -> int:
    """Return how often the pod's containers were restarted."""
    return sum(each["restartCount"] for each in pod.get("status", {}).get("containerStatuses") or [])


def summary(item: Object) -> str:
    """Return an object in a few words: kind, name, phase, what its containers wait for or why they ended."""
    status = item.get("status", {})
    words = [f"{item.get('kind', '')} {item['metadata']['name']}".strip()]
    words += [str(status["phase"])] if "phase" in status else []
    for each in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        for state, details in (each.get("state") or {}).items():
            if state != "running":
                words.append(f"{each['name']} {state} {details.get('reason', '')} {details.get('message', '')}".strip())
    words += ["being deleted"] if item["metadata"].get("deletionTimestamp") else []
    return ", ".join(words)
