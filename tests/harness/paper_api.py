"""Claims and pods in memory, with the statuses of Kubernetes' API where it matters to the hub."""

# ruff: noqa: D102 - methods bear the names of those that they stand for
from __future__ import annotations

import copy
import itertools
import json
from types import SimpleNamespace
from typing import Any

from kubernetes_asyncio import client

Claim = dict[str, Any]


_SERIALIZER = object.__new__(client.ApiClient)
"""Without a connection, which it does not need for this."""


def plain(thing: Any) -> Any:
    """Return an object of Kubernetes' client as the API gets it."""
    return _SERIALIZER.sanitize_for_serialization(thing)


class PaperApi:
    """An API without a network; `growing` tells which storage classes let their claims grow."""

    api_client = _SERIALIZER

    def __init__(self, growing: tuple[str, ...] = ()) -> None:
        self.claims: dict[str, Claim] = {}
        self.pods: dict[str, dict[str, Any]] = {}
        """By namespace/name, as KubeSpawner's watch has them."""
        self.growing = growing
        self._numbers = itertools.count(1)

    async def read_namespaced_persistent_volume_claim(self, name: str, **_: Any) -> Any:
        found = self.claims.get(name)
        return _answer(200, found) if found else _answer(404, {"message": f"claims {name!r} not found"})

    async def list_namespaced_persistent_volume_claim(self, label_selector: str, **_: Any) -> Any:
        items = [claim for claim in self.claims.values() if _matches(label_selector, claim["metadata"]["labels"])]
        return _answer(200, {"items": items, "metadata": {}})

    async def create_namespaced_persistent_volume_claim(self, body: Any, **_: Any) -> Any:
        claim = plain(body)
        name = claim["metadata"]["name"]
        if name in self.claims:
            return _answer(409, {"message": f"claims {name!r} already exists"})
        if len(name) > 253:
            return _answer(422, {"message": "metadata.name: must be no more than 253 characters"})
        claim["metadata"] |= {"uid": str(next(self._numbers)), "resourceVersion": str(next(self._numbers))}
        claim["metadata"].setdefault("annotations", {})
        claim["metadata"].setdefault("labels", {})
        self.claims[name] = claim
        return _answer(201, claim)

    async def patch_namespaced_persistent_volume_claim(self, name: str, body: Any, **_: Any) -> Any:
        claim = copy.deepcopy(self.claims.get(name))
        if claim is None:
            return _answer(404, {"message": "not found"})
        if body["metadata"].get("resourceVersion") not in (None, claim["metadata"]["resourceVersion"]):
            return _answer(409, {"message": "the object has been modified"})
        if "spec" in body and claim["spec"].get("storageClassName") not in self.growing:
            return _answer(403, {"message": "only dynamically provisioned pvc can be resized"})
        _merge(claim, body)
        claim["metadata"]["resourceVersion"] = str(next(self._numbers))
        self.claims[name] = claim
        return _answer(200, claim)

    async def delete_namespaced_persistent_volume_claim(self, name: str, body: Any, **_: Any) -> Any:
        if name not in self.claims:
            return _answer(404, {"message": "not found"})
        if body.preconditions.uid != self.claims[name]["metadata"]["uid"]:
            return _answer(409, {"message": "the UID in the precondition does not match"})
        return _answer(200, self.claims.pop(name))

    async def create_namespaced_pod(self, namespace: str, pod: Any) -> None:
        made = plain(pod)
        reference = f"{namespace}/{made['metadata']['name']}"
        if reference in self.pods:
            raise client.ApiException(status=409)
        made["metadata"]["uid"] = str(next(self._numbers))
        self.pods[reference] = made

    async def list_namespaced_pod(self, namespace: str, field_selector: str, **_: Any) -> Any:
        found = self.pods.get(f"{namespace}/{field_selector.removeprefix('metadata.name=')}")
        return _answer(200, {"items": [found] if found else []})

    async def delete_namespaced_pod(self, name: str, namespace: str, body: Any, **_: Any) -> None:
        there = self.pods.get(f"{namespace}/{name}")
        if there is None:
            raise client.ApiException(status=404)
        if body.preconditions.uid != there["metadata"]["uid"]:
            raise client.ApiException(status=409)
        del self.pods[f"{namespace}/{name}"]


def _answer(status: int, content: Any) -> Any:
    async def text() -> str:
        return json.dumps(content)

    return SimpleNamespace(status=status, reason=str(status), text=text)


def _matches(selector: str, labels: dict[str, str]) -> bool:
    def holds(term: str) -> bool:
        key, equals, value = term.partition("=")
        return key[1:] not in labels if key.startswith("!") else labels.get(key) == value if equals else key in labels

    return all(holds(term) for term in selector.split(","))


def _merge(target: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            _merge(target.setdefault(key, {}), value)
        else:
            target[key] = value
