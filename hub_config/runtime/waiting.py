"""Why a server waits, in words: Kubernetes' scheduler says for each node what it lacks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from kubespawner import KubeSpawner

from hub_config.runtime.amounts import in_words, requested

_NODES = re.compile(r"^0/(\d+) nodes are available: (.*?)(?:\.? (?:preemption|no new claims)|\.?$)", re.DOTALL)
_PART = re.compile(r"(\d+) ([^,{]+(?:\{[^}]*\})?)")
_WORDS = (
    (r"Insufficient cpu", "too little free CPU"),
    (r"Insufficient memory", "too little free memory"),
    (r"Insufficient ephemeral-storage", "too little free disk"),
    (r"Insufficient (\S+/gpu)", "too few free GPUs"),
    (r"Insufficient (\S+)", r"too little of \1"),
    (r"Too many pods", "no room for another pod"),
    (r".*untolerated taint.*", "another purpose"),
    (r".*node affinity/selector.*", "other properties than were asked for"),
    (r".*volume node affinity conflict.*", "no access to the volume with the files"),
    (r".*unschedulable.*", "been closed for maintenance"),
)


def in_sentence(message: str, asked: Mapping[str, float]) -> str | None:
    """Return what a message of the scheduler means for a user who asked for `asked`; None when it is another message.

    The same message stands for a full cluster and for one that is too small: the hub may not look at nodes.
    """
    match = _NODES.match(message)
    if match is None:
        return None
    number = int(match[1])
    lacks = _PART.findall(match[2])
    if number == 1:
        room = f"the one machine of the cluster has {' and '.join(_said(why) for _, why in lacks)}"
    else:
        each = (f"{count} {'has' if count == '1' else 'have'} {_said(why)}" for count, why in lacks)
        room = f"none of the {number} machines of the cluster has room for it now ({', '.join(each)})"
    wanted = " and ".join(in_words(name, asked[name]) for name in sorted(asked) if name != "servers" and asked[name])
    return (
        f"Your server waits: {room}. It asks for {wanted or 'nothing special'}, and starts as "
        "soon as there is room. If that takes long, stop it and choose a smaller one, or ask your administrator."
    )


def _said(why: str) -> str:
    for pattern, words in _WORDS:
        if match := re.fullmatch(pattern, why.strip()):
            return match.expand(words)
    return f"the obstacle “{why}”"


class ExplainingSpawner(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """KubeSpawner that says on the progress page in words what a server waits for."""

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Yield KubeSpawner's events, the scheduler's in words and each reason once."""
        said = ""
        async for event in super().progress():
            raw = event.get("raw_event", {})
            if raw.get("reason") == "FailedScheduling":
                sentence = in_sentence(raw.get("message", ""), requested(self)) or event["message"]
                if sentence == said:
                    continue
                event["message"] = said = sentence
            yield event
