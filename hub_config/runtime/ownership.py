"""Whose home a claim is: what is written on it, and the rule that decides which claim a server gets; pure.

A claim belongs to the user, and to the server where each server has a home of its own, whose exact names its
annotations bear. KubeSpawner has written these since 2018, so homes of Zero to JupyterHub bear them too. Names of
claims are made of them, by templates and escapings that change with time: a claim's name tells where to put a new home,
never whose it is. Where that cannot be told, the server is refused, for an empty home in place of one's own looks like
the loss of all files, and another's home is one.
"""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from hub_config.runtime.claims import Claim

USERNAME = "hub.jupyter.org/username"
SERVERNAME = "hub.jupyter.org/servername"
NOT_HOME_OF = "hub.jupyter.org/not-home-of"
"""Annotation by which an administrator says whose home a claim is not."""
RETAINED = "hub.jupyter.org/retained-since"
"""Annotation of a home whose user, or named server, was deleted: when."""
KEY = "hub.jupyter.org/home-key"
"""Label that names have in common which differ in case, in %-escapes or in Unicode's forms alone."""
RELEASE = "release"
_LONGEST = 63
"""Characters of a new claim's name: what every storage driver takes (RFC 1123 label)."""


@dataclass(frozen=True)
class Owner:
    """The user and the server (empty: the default one) that a home belongs to."""

    user: str
    server: str = ""


@dataclass(frozen=True)
class Wish:
    """A server that needs its home."""

    owner: Owner
    release: str
    names: tuple[str, ...]
    """Names that the home has by the template, in today's escaping first; a new one gets the first."""
    of_user: bool
    """Whether all servers of the user share one home."""
    remembered: str | None = None
    """The claim that the hub's database says this server has."""
    written: Owner | None = None
    """Whose it was by its annotations when the server last started; None where the database does not say."""


@dataclass(frozen=True)
class Use:
    """The server's home is this claim."""

    claim: Claim


@dataclass(frozen=True)
class Make:
    """The server has had no home: make one of this name."""

    name: str


@dataclass(frozen=True)
class Refuse:
    """It cannot be told; what was found, and what settles it."""

    found: str
    settle: str


Decision = Use | Make | Refuse


def key_of(user: str) -> str:
    """Return the value of the label `KEY` for a user's name."""
    return hashlib.sha256(plain(user).encode()).hexdigest()[:32]


def plain(user: str) -> str:
    """Return a user's name without case, %-escapes and Unicode's variants: what providers change on their own."""
    return unicodedata.normalize("NFKC", unquote(user)).casefold()


def owner_of(claim: Claim) -> Owner | None:
    """Return whose home a claim is by its annotations, None when they do not say."""
    annotations = claim["metadata"].get("annotations") or {}
    user = annotations.get(USERNAME)
    return None if user is None else Owner(user, annotations.get(SERVERNAME, ""))


def decide(wish: Wish, claims: Mapping[str, Claim], held: Mapping[str, Owner]) -> Decision:
    """Return what the server of `wish` gets.

    `claims`, by name, are all that may be its home: the remembered one, those of its names, those whose label `KEY` is
    that of the user, and those without that label. `held` are claims that the database says another server has: as
    its administrator renamed people or servers, it knows better than the annotations.
    """
    theirs = dict(claims)
    if (name := wish.remembered) is not None:
        there = theirs.get(name)
        if there is not None and _still_mine(wish, there):
            owner, other = owner_of(there), held.get(name, wish.owner)
            if other.user != wish.owner.user and (owner is None or owner.user != wish.owner.user):
                return _two_servers(wish, name, other)
            return _usable(there)
        found = _search(wish, theirs, held)
        return found or (_gone(wish, name) if there is None else _new(wish, theirs, held))
    return _search(wish, theirs, held) or _new(wish, theirs, held)


def _still_mine(wish: Wish, claim: Claim) -> bool:
    """Tell whether nobody has given the claim to another, by annotating it, since the server last started."""
    owner = owner_of(claim)
    if _set_aside(wish, claim):
        return False
    return owner is None or owner.user == wish.owner.user or wish.written in (None, owner)


def _search(wish: Wish, claims: Mapping[str, Claim], held: Mapping[str, Owner]) -> Decision | None:
    """Look for the home by what is written on the claims; None when none is the server's."""
    free = [claim for name, claim in claims.items() if name not in held and not _set_aside(wish, claim)]
    mine = [claim for claim in free if _is_owner(wish, claim)]
    mine = [each for each in mine if not each["metadata"].get("deletionTimestamp")] or mine
    if wish.of_user and len(mine) > 1:
        mine = [each for each in mine if _name(each) in wish.names] or mine
    mine = mine or [each for each in free if owner_of(each) is None and _name(each) in wish.names]
    if len(mine) > 1:
        return _several(wish, mine)
    if not mine:
        return None
    release = (mine[0]["metadata"].get("labels") or {}).get(RELEASE)
    if release and wish.release and release != wish.release:
        return _of_another_release(wish, mine[0], release)
    return _usable(mine[0])


def _is_owner(wish: Wish, claim: Claim) -> bool:
    owner = owner_of(claim)
    if owner is None:
        return False
    return owner.user == wish.owner.user if wish.of_user else owner == wish.owner


def _new(wish: Wish, claims: Mapping[str, Claim], held: Mapping[str, Owner]) -> Decision:
    alike = [claim for name, claim in claims.items() if _is_alike(wish, claim, held.get(name))]
    if alike:
        return _alike(wish, alike)
    names = itertools.chain(wish.names[:1], (alternative(wish, number) for number in itertools.count()))
    return Make(next(name for name in names if name not in claims))


def _is_alike(wish: Wish, claim: Claim, holder: Owner | None) -> bool:
    """Tell whether a claim may be this user's under another spelling of the name."""
    other = holder or owner_of(claim)
    if other is None or other.user == wish.owner.user or _set_aside(wish, claim):
        return False
    if not wish.of_user and other.server != wish.owner.server:
        return False
    return plain(other.user) == plain(wish.owner.user)


def alternative(wish: Wish, number: int = 0) -> str:
    """Return another name for the home, for where the template's name is the home of somebody else."""
    text = "\0".join((wish.owner.user, wish.owner.server, str(number)))
    end = hashlib.sha256(text.encode()).hexdigest()[:10]
    return f"{wish.names[0][: _LONGEST - len(end) - 1].rstrip('-.')}-{end}"


def _set_aside(wish: Wish, claim: Claim) -> bool:
    return bool((claim["metadata"].get("annotations") or {}).get(NOT_HOME_OF) == wish.owner.user)


def _name(claim: Claim) -> str:
    return str(claim["metadata"]["name"])


def _usable(claim: Claim) -> Decision:
    """Return the claim unless it is about to vanish or has lost its volume."""
    name = _name(claim)
    if claim["metadata"].get("deletionTimestamp"):
        return Refuse(
            f"the claim {name} is being deleted",
            f"if that is meant, wait until it is gone (kubectl describe pvc {name} says what still uses it)",
        )
    if (claim.get("status") or {}).get("phase") == "Lost":
        return Refuse(
            f"the claim {name} has lost its volume {claim['spec'].get('volumeName', '')}".rstrip(),
            f"bring the PersistentVolume back, or delete the claim {name} when its files are given up",
        )
    return Use(claim)


def _gone(wish: Wish, name: str) -> Refuse:
    what = "server" if wish.owner.server else "user"
    return Refuse(
        f"the claim {name} is gone",
        f"restore it; if its files are given up, delete the {what} in the hub's admin page: an empty home comes next",
    )


def _several(wish: Wish, claims: Collection[Claim]) -> Refuse:
    return Refuse(
        f"{len(claims)} claims bear this name: {', '.join(map(_described, claims))}",
        f"for each that is not the home: {_command('CLAIM', NOT_HOME_OF, wish.owner.user)}",
    )


def _alike(wish: Wish, claims: Collection[Claim]) -> Refuse:
    name = _name(next(iter(claims)))
    whose = ", ".join(f"{_described(each)} of {(owner_of(each) or wish.owner).user}" for each in claims)
    return Refuse(
        f"there is a home of a name that is spelt alike: {whose}",
        f"for the same person: {_command(name, USERNAME, wish.owner.user)}; for another: "
        f"{_command(name, NOT_HOME_OF, wish.owner.user)}",
    )


def _two_servers(wish: Wish, name: str, other: Owner) -> Refuse:
    return Refuse(
        f"the claim {name} is the home of {other.user} as well by the hub's database",
        f"say whose it is: {_command(name, USERNAME, wish.owner.user)}, or another's name",
    )


def _of_another_release(wish: Wish, claim: Claim, release: str) -> Refuse:
    return Refuse(
        f"the claim {_name(claim)} is a home of the release {release}",
        f"if that release is no more: kubectl label pvc -l component=singleuser-storage,{RELEASE}={release} "
        f"{RELEASE}={wish.release} --overwrite",
    )


def _described(claim: Claim) -> str:
    size = claim["spec"].get("resources", {}).get("requests", {}).get("storage", "")
    return f"{_name(claim)} ({size}, made {str(claim['metadata'].get('creationTimestamp', ''))[:10]})"


def _command(claim: str, annotation: str, user: str) -> str:
    quoted = user.replace("'", "'\\''")
    return f"kubectl annotate pvc {claim} --overwrite {annotation}='{quoted}'"


def marks(wish: Wish) -> dict[str, dict[str, str | None]]:
    """Return what a home of `wish` bears, as a merge patch of its metadata (None: not there)."""
    annotations = {
        USERNAME: wish.owner.user,
        SERVERNAME: None if wish.of_user else wish.owner.server or None,
        RETAINED: None,
    }
    labels: dict[str, str | None] = {KEY: key_of(wish.owner.user)}
    if wish.release:
        labels[RELEASE] = wish.release
    return {"annotations": annotations, "labels": labels}


def missing(marks: Mapping[str, Mapping[str, str | None]], claim: Claim) -> dict[str, dict[str, str | None]]:
    """Return those `marks` that a claim does not bear yet."""
    changes = {
        kind: {key: value for key, value in wanted.items() if (claim["metadata"].get(kind) or {}).get(key) != value}
        for kind, wanted in marks.items()
    }
    return {kind: change for kind, change in changes.items() if change}
