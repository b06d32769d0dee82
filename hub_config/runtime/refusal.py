"""A start that is refused for a reason that its user can understand, and Kubernetes' own refusals put that way."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from jupyterhub.spawner import SpawnException
from kubernetes_asyncio import client
from kubespawner import KubeSpawner

from hub_config.quantity import quantity
from hub_config.runtime.amounts import in_words, of
from hub_config.runtime.api import reason

CONFLICT = 409
FORBIDDEN = 403
_AMOUNT = r"[0-9.]+[A-Za-z]*"
_EXCEEDED = re.compile(r"exceeded quota: (\S+), requested: (\S+), used: (\S+), limited: (\S+)")
_UNSAID = re.compile(r"failed quota: (\S+): must specify (.+)$")
_RANGE = re.compile(rf"(maximum|minimum) (\S+) usage per (\w+) is ({_AMOUNT}), but (?:request|limit) is ({_AMOUNT})")
_BOUNDS = {"maximum": "most", "minimum": "least"}
_PLAIN = ("requests.", "limits.", "count/")


class Refused(SpawnException):  # type: ignore[misc]  # JupyterHub has no type information
    """A start that is refused: `sentence` is what the user reads, on pages and from the API.

    JupyterHub logs it without a traceback, counts it apart, and does not restart itself after five of them.
    """

    def __init__(self, sentence: str, *, reason: str, log: str = "", status_code: int = CONFLICT) -> None:
        super().__init__(sentence, reason=reason, log_message=log, status_code=status_code)
        # The pages show what bears these names, not `str()` of an exception; the class is for `spawn_pending.html`.
        self.jupyterhub_message = sentence
        self.jupyterhub_html_message = f'<span class="refused">{escape(sentence)}</span>'


class PoliteSpawner(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """KubeSpawner that tells at once, and in words, why Kubernetes refuses a pod. Claims are `home_claim.py`'s.

    KubeSpawner logs a refused pod whole, the user's token included, and JupyterHub counts it as a failure of its own.
    """

    api: Any

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.api = _Polite(self.api)


class _Polite:
    """The API's client, with a pod's refusal put in words."""

    def __init__(self, api: Any) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    async def create_namespaced_pod(self, *arguments: Any, **named: Any) -> Any:
        try:
            return await self._api.create_namespaced_pod(*arguments, **named)
        except client.ApiException as error:
            raise refused(error, "your server") from None


def refused(error: client.ApiException, what: str) -> Exception:
    """Return `Refused` for a request that Kubernetes forbids, with `what` it was for; any other error as it is."""
    if error.status != FORBIDDEN:
        return error
    said = reason(error)
    for kind, sentence in (("quota", _quota(said, what)), ("limit-range", _range(said, what))):
        if sentence:
            return Refused(sentence, reason=kind, log=said)
    sentence = (
        f"Kubernetes does not allow {what}, and trying again will not help. Show this to your administrator: {said}"
    )
    return Refused(sentence, reason="forbidden", log=said)


def _quota(said: str, what: str) -> str | None:
    if match := _EXCEEDED.search(said):
        requested, used, limited = (_amounts(part) for part in match.groups()[1:])
        short = [name for name in requested if used.get(name, 0) + requested[name] > limited.get(name, 0)]
        parts = [
            f"{of(_plain(name), used.get(name, 0), limited.get(name, 0))} are in use, and {what} takes "
            f"{in_words(_plain(name), requested[name])}"
            for name in short or requested
        ]
        return (
            f"There is no room for {what} in the quota that all users here share: {'; '.join(dict.fromkeys(parts))}. "
            "Stop a server of yours that you do not need, choose a smaller one, or try again when others have stopped "
            "theirs. Your administrator can raise the quota."
        )
    if match := _UNSAID.search(said):
        return (
            f"The quota {match[1]} makes Kubernetes refuse {what}, whoever starts it: nothing says its {match[2]}. "
            "Show this to your administrator."
        )
    return None


def _range(said: str, what: str) -> str | None:
    parts = [
        f"the {_BOUNDS[bound]} {name} for one {kind} is {limit}, and {what} asks for {wanted}"
        for bound, name, kind, limit, wanted in _RANGE.findall(said)
    ]
    if not parts:
        return None
    return (
        f"Kubernetes does not allow {what} here: {'; '.join(parts)}. Choose another size, or show this to your "
        "administrator."
    )


def _amounts(text: str) -> dict[str, float]:
    pairs = (pair.split("=", 1) for pair in text.strip(",.").split(",") if "=" in pair)
    return {name: quantity(amount) for name, amount in pairs}


def _plain(name: str) -> str:
    """Return what a quota's name counts: `requests.memory` counts memory."""
    for prefix in _PLAIN:
        name = name.removeprefix(prefix)
    return name
