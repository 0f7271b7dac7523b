"""Who asks, and what they may: keys of the ledger's trust, by the roles that their grants give.

| role | who has it |
|---|---|
| read | a key that trust lists, or that of a witness |
| append | one that a grant lets sign something else than revocations, now |
| revoke | one that a grant lets sign revocations, now |

A key that the log says to be revoked has none. So the roles are signed by the root like all of trust, and a key that
loses its grants loses its role with them.
Delivering is no vouching: each statement must hold by its own signatures, whoever brings it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from hauberk.errors import NotVerified, Refused, Unavailable
from hauberk.evidence.predicates import REVOCATION
from hauberk.signature.key import KeyKind
from hauberk.signature.request import SignedRequest, log_id

if TYPE_CHECKING:
    from collections.abc import Collection

    from hauberk.edge.listen.request import Head
    from hauberk.evidence.trust import Trust
    from hauberk.signature.key import PublicKey

WINDOW_SECONDS: Final = 120  # how far a caller's clock may be from ours
_MOST_NONCES: Final = 1_000_000  # about 200 MB; 4,000 requests a second


class Role(StrEnum):
    """What a caller may do."""

    READ = "read"
    APPEND = "append"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that has signed a request, and what it may."""

    name: str
    keyid: str
    roles: frozenset[Role]
    request: SignedRequest

    def require(self, role: Role) -> None:
        """Raise `Refused` unless the caller has a role."""
        if role not in self.roles:
            raise Refused(
                f"the key of {self.name} may not {role} here",
                "trust gives it no grant for that now: have the root sign one, or use another key",
            )


class Door:
    """Tells callers by their signed requests, and remembers each request until its time is over."""

    def __init__(self, started: int, most_nonces: int = _MOST_NONCES) -> None:
        """Take the time at which this service begins: what was signed earlier may have been seen by the last one."""
        self._started = started
        self._most = most_nonces
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], int] = {}  # in about the order in which they end

    def admit(self, head: Head, trust: Trust, now: int, *, revoked: Collection[str] = ()) -> Caller:
        """Return who asks; the body is not read yet, and is compared by whoever reads it.

        Args:
            head: of the request.
            trust: whose keys may ask.
            now: Unix seconds.
            revoked: ids of keys that trust lists, and that nobody is let in by any more.

        Raises:
            NotVerified: not signed, of another log, by a key that is unknown or revoked, outside of the time, or seen
                before.
            Malformed: signed in another way.
            Unavailable: more requests than can be remembered.
        """
        asked = SignedRequest.read(head.method, head.path, head.query, head.headers)
        if asked.log != log_id(trust.log.name):
            raise NotVerified(f"the request is for another log than {trust.log.name}", "name this one")
        name, key = _known(trust, asked.keyid)
        asked.verify(key)
        if asked.keyid in revoked:
            raise NotVerified(f"the key of {name} is revoked", "use another key: this one opens nothing any more")
        if abs(asked.created - now) > WINDOW_SECONDS:
            which = "behind" if asked.created < now else "ahead of"
            raise NotVerified(
                f"the request was signed by a clock that is {abs(asked.created - now)} s {which} this service's",
                "correct the one that is wrong",
            )
        if asked.created < self._started:
            raise NotVerified("the request was signed before this service began", "ask again")
        self._remember(asked, now)
        return Caller(name, asked.keyid, roles_of(trust, asked.keyid, now), asked)

    def _remember(self, asked: SignedRequest, now: int) -> None:
        which = (asked.keyid, asked.nonce)
        with self._lock:
            if which in self._seen:
                raise NotVerified("replay: this very request was seen before", "ask again")
            if len(self._seen) >= self._most:
                self._seen = {one: until for one, until in self._seen.items() if until >= now}
            if len(self._seen) >= self._most:
                raise Unavailable("more requests than can be remembered", "ask less often, or more at once")
            self._seen[which] = asked.created + WINDOW_SECONDS
            for one in tuple(islice(self._seen, 2)):  # two go for each that comes, so that few are ever too old
                if self._seen[one] < now:
                    del self._seen[one]


def _known(trust: Trust, keyid: str) -> tuple[str, PublicKey]:
    """Return the name and the key of an id; raise `NotVerified` where trust has none that signs requests."""
    witnesses = {witness.public.keyid: (witness.name, witness.public) for witness in trust.witnesses}
    key = trust.key_of(keyid)
    if key is None and keyid in witnesses:
        return witnesses[keyid]
    if key is None or key.kind is not KeyKind.ED25519:
        raise NotVerified(f"the ledger's trust lists no Ed25519 key {keyid}", "use one that it lists")
    return trust.names[keyid], key


def roles_of(trust: Trust, keyid: str, now: int) -> frozenset[Role]:
    """Return the roles that trust gives a key that it lists, at a time (Unix seconds)."""
    roles = {Role.READ}
    for grant in trust.grants:
        if grant.signer == keyid and grant.not_before <= now <= grant.not_after:
            if REVOCATION.type in grant.predicates:
                roles.add(Role.REVOKE)
            if any(predicate != REVOCATION.type for predicate in grant.predicates):
                roles.add(Role.APPEND)
    return frozenset(roles)


def role_for(predicate_type: str) -> Role:
    """Return the role that bringing a statement takes."""
    return Role.REVOKE if predicate_type == REVOCATION.type else Role.APPEND
