"""The claims of a namespace, as plain dicts: exactly the requests that looking after homes needs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any

from kubernetes_asyncio import client

from hub_config.runtime.api import reason

Claim = dict[str, Any]
"""A PersistentVolumeClaim as the API's JSON has it."""
PAGE = 100
"""Claims of one answer: 200 kB of JSON, which take some milliseconds to read."""


class ClaimRefusedError(Exception):
    """The API refused a request; the message is its own sentence."""

    def __init__(self, error: client.ApiException) -> None:
        super().__init__(reason(error))
        self.cause, self.status = error, error.status


class Claims:
    """The claims of `namespace`.

    Every method may raise `TimeoutError` after `timeout` seconds, and `ClaimRefusedError` where the API refuses.
    Answers are read as JSON: KubeSpawner's client takes a millisecond for each object that it turns into its own.
    """

    def __init__(self, api: client.CoreV1Api, namespace: str, timeout: float) -> None:
        self._api, self._namespace, self._timeout = api, namespace, timeout

    async def get(self, name: str) -> Claim | None:
        """Return a claim, None when it is not there."""
        try:
            found: Claim = await self._ask(self._api.read_namespaced_persistent_volume_claim, name=name)
        except ClaimRefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return found

    async def matching(self, selector: str) -> list[Claim]:
        """Return the claims that match a label selector."""
        return [claim async for page in self.pages(selector) for claim in page]

    async def pages(self, selector: str) -> AsyncIterator[list[Claim]]:
        """Yield them page by page, so that others have their turn between two."""
        more: dict[str, str] = {}
        while True:
            listing = self._api.list_namespaced_persistent_volume_claim
            page = await self._ask(listing, label_selector=selector, limit=PAGE, **more)
            yield page["items"]
            if not (following := page["metadata"].get("continue")):
                return
            more = {"_continue": following}

    async def create(self, manifest: Any) -> Claim | None:
        """Make a claim; return None when there is one of that name."""
        try:
            made: Claim = await self._ask(self._api.create_namespaced_persistent_volume_claim, body=manifest)
        except ClaimRefusedError as error:
            if error.status == HTTPStatus.CONFLICT:
                return None
            raise
        return made

    async def patch(self, claim: Claim, change: dict[str, Any]) -> Claim | None:
        """Merge `change` into the claim as it was read (None removes a key); None when somebody was faster."""
        metadata = {**change.get("metadata", {}), "resourceVersion": claim["metadata"]["resourceVersion"]}
        body = {**change, "metadata": metadata}
        name = claim["metadata"]["name"]
        patch = self._api.patch_namespaced_persistent_volume_claim
        try:
            media = "application/merge-patch+json"
            changed: Claim = await self._ask(patch, name=name, body=body, _content_type=media)
        except ClaimRefusedError as error:
            if error.status in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND):
                return None
            raise
        return changed

    async def delete(self, claim: Claim) -> None:
        """Delete this very claim, and not one that has taken its name since."""
        options = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid=claim["metadata"]["uid"]))
        try:
            name = claim["metadata"]["name"]
            await self._ask(self._api.delete_namespaced_persistent_volume_claim, name=name, body=options)
        except ClaimRefusedError as error:
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
                raise

    async def _ask(self, request: Callable[..., Any], **arguments: Any) -> Any:
        answer = await request(
            namespace=self._namespace, _preload_content=False, _request_timeout=self._timeout, **arguments
        )
        text = await answer.text()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            error = client.ApiException(status=answer.status, reason=answer.reason)
            error.body = text
            raise ClaimRefusedError(error)
        return json.loads(text)
