"""Claims that no hub with this code has used yet: found whatever they are called, and labelled once when many.

A home may bear its owner's name in another spelling, which no label of KubeSpawner's can be asked for; so all of its
claims without our label are looked through. After a move from Zero to JupyterHub these may be ten thousand, 20 MB of
JSON: too much for each start. Then they are labelled in the background, and starts look at what was found meanwhile.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterator, Sequence

import aiohttp

from hub_config.runtime.claims import Claim, ClaimRefusedError, Claims
from hub_config.runtime.ownership import KEY, USERNAME, key_of, owner_of, plain

_LOG = logging.getLogger(__name__)
OF_BEFORE = f"component=singleuser-storage,!{KEY}"
FEW = 200
"""So many are looked through at each start that does not know its home."""
AT_ONCE = 4
"""Requests for labels at a time: ten thousand take some minutes, and starts notice nothing."""
PAUSE_SECONDS = 600.0
"""After claims that Kubernetes did not let us label: what was found serves so long before all are listed again."""


class OlderClaims:
    """Those of one namespace, for as long as the hub runs."""

    def __init__(self) -> None:
        self._first = asyncio.Lock()
        self._is_counted = False
        self._labelling: asyncio.Task[None] | None = None
        self._names: dict[str, list[str]] = {}

    async def alike(self, claims: Claims, user: str, username_labels: Sequence[str]) -> list[Claim]:
        """Return those of `user` in any spelling, and those with one of KubeSpawner's own labels for the user's name.

        Raises as the methods of `Claims` do.
        """
        if not self._is_counted:
            async with self._first:  # many start at once after a restart: one of them lists for all
                if not self._is_counted:
                    return await self._survey(claims, user)
        if not self._is_labelling:
            return await self._survey(claims, user)
        labelled = [claims.matching(f"{OF_BEFORE},{USERNAME}={label}") for label in username_labels]
        named = [claims.get(name) for name in self._names.get(plain(user), [])]
        found = [*itertools.chain(*await asyncio.gather(*labelled)), *await asyncio.gather(*named)]
        return list({each["metadata"]["name"]: each for each in found if each is not None}.values())

    @property
    def _is_labelling(self) -> bool:
        return self._labelling is not None and not self._labelling.done()

    async def _survey(self, claims: Claims, user: str) -> list[Claim]:
        """List all and return those of `user`; begin to label the others when they are many."""
        wanted = plain(user)
        mine: list[Claim] = []
        names: dict[str, list[str]] = {}
        todo: list[tuple[str, Claim]] = []
        async for page in claims.pages(OF_BEFORE):
            for claim in page:
                if (owner := owner_of(claim)) is None:
                    continue  # nobody's: its name alone can make it somebody's home, and that is asked for
                key = plain(owner.user)
                names.setdefault(key, []).append(claim["metadata"]["name"])
                if key == wanted:
                    mine.append(claim)
                else:
                    todo.append((owner.user, _identity(claim)))
        self._is_counted = True
        if len(todo) > FEW and not self._is_labelling:
            self._names = names
            self._labelling = asyncio.create_task(self._label(claims, todo))
        return mine

    async def _label(self, claims: Claims, whose: list[tuple[str, Claim]]) -> None:
        _LOG.warning("Labelling %s claims of an older hub, once", len(whose))
        todo = iter(whose)
        if not all(await asyncio.gather(*(_label_each(claims, todo) for _ in range(AT_ONCE)))):
            await asyncio.sleep(PAUSE_SECONDS)
        self._names = {}


def _identity(claim: Claim) -> Claim:
    """Return what a label needs, without the kilobytes around it."""
    return {"metadata": {key: claim["metadata"][key] for key in ("name", "resourceVersion")}}


async def _label_each(claims: Claims, todo: Iterator[tuple[str, Claim]]) -> bool:
    """Label what is left to do; return whether that went well. One that somebody changed meanwhile is left alone."""
    for owner, claim in todo:
        try:
            await claims.patch(claim, {"metadata": {"labels": {KEY: key_of(owner)}}})
        except (ClaimRefusedError, TimeoutError, aiohttp.ClientError) as error:
            _LOG.warning("Claims of an older hub cannot be labelled now: %s: %s", claim["metadata"]["name"], error)
            return False
    return True
