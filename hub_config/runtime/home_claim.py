"""The part of the spawner that looks after claims: each server gets its own home, for ever, or is refused.

Which claim that is, `ownership.py` decides; here claims are read, made, marked and grown, and what must be remembered
goes into the spawner's state, which the hub's database keeps.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar

from kubespawner import KubeSpawner
from kubespawner.slugs import escape_slug, is_valid_label, safe_slug

from hub_config.quantity import quantity
from hub_config.runtime import home_place
from hub_config.runtime.claims import Claim, ClaimRefusedError, Claims
from hub_config.runtime.home_memory import others
from hub_config.runtime.older_claims import OlderClaims
from hub_config.runtime.ownership import (
    KEY,
    RETAINED,
    SERVERNAME,
    USERNAME,
    Make,
    Owner,
    Refuse,
    Wish,
    alternative,
    decide,
    key_of,
    marks,
    missing,
    owner_of,
    plain,
)
from hub_config.runtime.refusal import Refused, refused


class ClaimKeeping(KubeSpawner):  # type: ignore[misc]  # KubeSpawner has no type information
    """See the module. Overrides methods of KubeSpawner 7.1; a test holds their names and meaning."""

    _older_claims: ClassVar[dict[str, OlderClaims]] = {}
    """By namespace."""
    _home_claim: str | None = None
    """The claim that this server is known to have."""
    _home_written: Owner | None = None
    """Whose it was by its annotations when the server last started."""
    _home_notes: list[str]
    """What users shall read about their homes while their server starts."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._home_notes = []

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what was remembered. KubeSpawner's own memory of the claim stays out of play, as it checks nothing.

        KubeSpawner looks for claims of its older versions only until a server of theirs was stopped once, and by the
        template alone (kubespawner#937, z2jh#3574): that part is left to `ownership.py` too.
        """
        super().load_state(state)
        self._state_kubespawner_version = state.get("kubespawner_version")
        self._pvc_exists = False
        self._home_claim = state.get("pvc_name")
        self._home_written = Owner(*state["home_owner"]) if "home_owner" in state else None
        self._home_notes = []

    def get_state(self) -> dict[str, Any]:
        """Return what must be remembered; a claim that all share is nobody's."""
        state: dict[str, Any] = super().get_state()
        state.pop("pvc_name", None)
        if self._home_claim:
            state["pvc_name"] = self._home_claim
        if self._home_written:
            state["home_owner"] = [self._home_written.user, self._home_written.server]
        return state

    def clear_state(self) -> None:
        """Forget what belongs to one run; the home is looked up at every start."""
        super().clear_state()
        self._pvc_exists = False
        self._home_notes = []

    async def _make_create_pvc_request(self, pvc: Any, request_timeout: float) -> bool:
        """Find the home, or make it; return False to be called again (KubeSpawner `exponential_backoff`)."""
        try:
            return await self._find_or_make(Claims(self.api, self.namespace, request_timeout))
        except TimeoutError:
            return False
        except ClaimRefusedError as error:
            if error.status == HTTPStatus.TOO_MANY_REQUESTS or (error.status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.log.warning("Kubernetes does not say which homes there are: %s", error)
                return False
            said = refused(error.cause, "your files' volume")
            if not isinstance(said, Refused):
                said = Refused(f"Kubernetes refuses your home: {error}", reason="home")
            raise said from None

    async def _find_or_make(self, claims: Claims) -> bool:
        template_name = self._expand_user_properties(self.pvc_name_template)
        if not home_place.is_of_user(self.pvc_name_template):
            self.pvc_name = template_name
            there = await claims.get(template_name) or await claims.create(self.get_pvc_manifest())
            return there is not None
        wish = self._wish(template_name)
        candidates = await self._candidates(claims, wish)
        held = self._held(wish, candidates)
        decision = decide(wish, candidates, held)
        if isinstance(decision, Refuse):
            raise refusal(decision.found, decision.settle)
        if isinstance(decision, Make):
            self.pvc_name = decision.name
            claim = await claims.create(self.get_pvc_manifest())
        else:
            claim = decision.claim
            self.pvc_name = claim["metadata"]["name"]
            borne = marks(wish)
            if self.pvc_name in held:  # by another server of the same user, since before each had its own
                del borne["annotations"][SERVERNAME]
            if change := missing(borne, claim):
                claim = await claims.patch(claim, {"metadata": change})
        if claim is None:
            return False
        self._home_claim, self._home_written = self.pvc_name, owner_of(claim)
        await self._grow(claims, claim)
        return True

    def _wish(self, template_name: str) -> Wish:
        legacy = self._expand_user_properties(self.pvc_name_template, slug_scheme="escape")
        of_user = not home_place.is_of_server(self.pvc_name_template)
        return Wish(
            owner=Owner(self.user.name, "" if of_user else self.name),
            release=self.common_labels.get("release", ""),
            names=tuple(dict.fromkeys((template_name, legacy))) if self.handle_legacy_names else (template_name,),
            of_user=of_user,
            remembered=self._home_claim if self.remember_pvc_name else None,
            written=self._home_written,
        )

    async def _candidates(self, claims: Claims, wish: Wish) -> dict[str, Claim]:
        """Return by name the claims that may be the home, and those that have its name."""
        found: dict[str, Claim] = {}
        if wish.remembered and (claim := await claims.get(wish.remembered)) is not None:
            found[wish.remembered] = claim
            if _is_as_ever(wish, claim):
                return found
        known = wish.names if self.remember_pvc_name else (*wish.names, alternative(wish))
        names = [name for name in known if name not in found]
        named = await asyncio.gather(*(claims.get(name) for name in names))
        found |= {claim["metadata"]["name"]: claim for claim in named if claim is not None}
        if self.remember_pvc_name:  # else names alone decide
            user = wish.owner.user
            labels = {safe_slug(user, is_valid=is_valid_label), escape_slug(user)}
            older = self._older_claims.setdefault(self.namespace, OlderClaims())
            labelled, of_before = await asyncio.gather(
                claims.matching(f"{KEY}={key_of(user)}"), older.alike(claims, user, [*filter(is_valid_label, labels)])
            )
            for claim in (*labelled, *of_before):
                owner = owner_of(claim)
                if owner is not None and plain(owner.user) == plain(user):
                    found[claim["metadata"]["name"]] = claim
        return found

    def _held(self, wish: Wish, candidates: dict[str, Claim]) -> dict[str, Owner]:
        """Return those candidates that the database says another server has, and whose that is."""
        held = {}
        for name, claim in candidates.items():
            if name == wish.remembered and _is_as_ever(wish, claim):
                continue  # nobody else's word counts: no need to search the states of all servers
            for owner, state in others(self.orm_spawner, name):
                written = state.get("home_owner")
                is_current = written is None or Owner(*written) == owner_of(claim)
                if state.get("pvc_name") == name and is_current and not (wish.of_user and owner.user == self.user.name):
                    held[name] = owner
        return held

    async def _grow(self, claims: Claims, claim: Claim) -> None:
        """Ask for the size that the values say, when it is more than the home has."""
        has = claim["spec"]["resources"]["requests"]["storage"]
        if not self.storage_capacity or quantity(self.storage_capacity) <= quantity(has):
            return
        try:
            await claims.patch(claim, {"spec": {"resources": {"requests": {"storage": self.storage_capacity}}}})
        except ClaimRefusedError as error:
            self.log.warning("%s keeps its %s, not %s: %s", self.pvc_name, has, self.storage_capacity, error)
            self._home_notes.append(f"Your home keeps its {has}: its volume cannot grow to {self.storage_capacity}")

    def get_pvc_manifest(self) -> Any:
        """Return the claim to make: marked as whose it is, or as nobody's when all share it."""
        claim = super().get_pvc_manifest()
        metadata = claim.metadata
        if not home_place.is_of_user(self.pvc_name_template):
            for mark in (USERNAME, SERVERNAME):
                metadata.annotations.pop(mark, None)
                metadata.labels.pop(mark, None)
            return claim
        metadata.labels[KEY] = key_of(self.user.name)
        if not home_place.is_of_server(self.pvc_name_template):
            metadata.annotations.pop(SERVERNAME, None)
        return claim

    async def delete_forever(self) -> None:
        """Delete the home of a user, or of a named server, that is deleted, or mark it as kept (`delete_pvc`).

        One that others share, or that is not this server's own, is left alone (kubespawner#880).
        """
        of_server = home_place.is_of_server(self.pvc_name_template)
        is_own = of_server if self.name else home_place.is_of_user(self.pvc_name_template)
        if not self.storage_pvc_ensure or not is_own:
            self.log.info("The home of %s/%s is shared: it stays", self.user.name, self.name)
            return
        claims = Claims(self.api, self.namespace, self.k8s_api_request_timeout)
        wish = self._wish(self._expand_user_properties(self.pvc_name_template))
        candidates = await self._candidates(claims, wish)
        decision = decide(wish, candidates, self._held(wish, candidates))
        if isinstance(decision, Make):
            return
        if isinstance(decision, Refuse):
            self.log.warning("Homes of %s/%s stay: %s", self.user.name, self.name, decision.found)
        elif self.delete_pvc:
            self.log.info(
                "Deleting %s, the home of %s/%s", decision.claim["metadata"]["name"], self.user.name, self.name
            )
            await claims.delete(decision.claim)
        else:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            await claims.patch(decision.claim, {"metadata": {"annotations": {RETAINED: now}}})


def _is_as_ever(wish: Wish, claim: Claim) -> bool:
    """Tell whether the claim that is remembered says what it said at the last start: it is this server's."""
    return owner_of(claim) == wish.owner == wish.written


def refusal(found: str, settle: str) -> Refused:
    """Return the error that ends a start for want of certainty: what was found, and what settles it."""
    return Refused(
        f"Which home is yours cannot be told, so your server was not started and nothing was changed: {found}. "
        f"Your administrator can settle it: {settle}.",
        reason="home",
    )
