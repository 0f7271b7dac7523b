"""All that is known about one subject and its ancestors at one time: what a policy is asked about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hauberk.digest import Digest
from hauberk.evidence.predicates import EXCEPTION, REVOCATION, edges
from hauberk.evidence.verify import Unverified, only_hurting
from hauberk.statement import Named, Verified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hauberk.evidence.trust import Trust


@dataclass(frozen=True, slots=True)
class Evidence:
    """Every logged statement about a subject, its ancestors, their signers and the realm, complete to a size.

    Attributes:
        held: the statements that hold.
        rest: those whose signers may not say this; they never help and may hurt.
        time: T, when the quorum of witnesses had seen the log, Unix seconds.
        checkpoint_size: size of the log that was proven.
    """

    held: tuple[Verified, ...]
    rest: tuple[Unverified, ...]
    trust: Trust
    time: int
    checkpoint_size: int
    _about: Mapping[Named, Sequence[Verified | Unverified]] = field(init=False, repr=False, compare=False)
    _exceptions: Mapping[str, Sequence[Verified]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        about: defaultdict[Named, list[Verified | Unverified]] = defaultdict(list)
        exceptions: defaultdict[str, list[Verified]] = defaultdict(list)
        logged: tuple[Verified | Unverified, ...] = (*self.held, *self.rest)
        for item in logged:
            for thing in item.statement.subjects:
                about[thing].append(item)
                for part in parts_of(thing):
                    about[part].append(only_hurting(item))
        for verified in self.held:
            if verified.statement.predicate_type == EXCEPTION.type:
                exceptions[verified.statement.predicate["statement"]].append(verified)
        object.__setattr__(self, "_about", dict(about))
        object.__setattr__(self, "_exceptions", dict(exceptions))

    def about(self, thing: Named) -> list[Verified]:
        """Return the statements that hold about exactly this thing: kind, name and digest."""
        return [item for item in self.said_of(thing) if isinstance(item, Verified)]

    def exceptions_for(self, statement: Digest) -> Sequence[Verified]:
        """Return the exceptions that hold for exactly this statement."""
        return self._exceptions.get(str(statement), ())

    def said_of(self, thing: Named) -> Sequence[Verified | Unverified]:
        """Return what is said about exactly this thing, held or not: first what holds, each in the log's order."""
        return self._about.get(thing, ())

    def ancestry(self, start: Named) -> list[Verified | Unverified]:
        """Return what is said about a thing and, through all edges, about what it was made from; held or not.

        One statement signed twice by different keys is listed twice: the second must not hide the first one's signers.
        """
        waiting, met = [start], {start}
        found: dict[tuple[Digest, tuple[str, ...], bool], Verified | Unverified] = {}
        while waiting:
            for item in self.said_of(waiting.pop()):
                found[item.id, signed_by(item), isinstance(item, Verified)] = item
                fresh = [edge for edge in made_from(item) if edge not in met]
                met.update(fresh)
                waiting.extend(fresh)
        return list(found.values())

    def revocations(self, digests: Iterable[Digest]) -> Iterator[tuple[Digest, Digest, str]]:
        """Yield (revoked digest, statement id, reason) for every revocation of one of these, whoever may sign today."""
        wanted = set(digests)
        logged: tuple[Verified | Unverified, ...] = (*self.held, *self.rest)
        for item in logged:
            if item.statement.predicate_type == REVOCATION.type:
                for digest in sorted(wanted & set(item.statement.digests)):
                    yield digest, item.id, str(item.statement.predicate.get("reason", ""))


def made_from(item: Verified | Unverified) -> tuple[Named, ...]:
    """Return the edges of a statement, held or not."""
    return item.edges if isinstance(item, Unverified) else edges(item.statement)


def concerned(items: Iterable[Verified | Unverified], start: Named) -> frozenset[Digest]:
    """Return every digest whose revocation matters: the thing, all edges, and the keys of all signers."""
    found = set(start.digests)
    for item in items:
        found.update(item.statement.digests)
        found.update(digest for edge in made_from(item) for digest in edge.digests)
        found.update(key_digest(keyid) for keyid in signed_by(item))
    return frozenset(found)


def parts_of(thing: Named) -> tuple[Named, ...]:
    """Return a thing that has several digests once for each of them, and nothing for one that has a single digest.

    All digests must match for evidence to help. To deny, one is enough: a failing scan that lists one digest more than
    its model has still speaks of that model.
    """
    if len(thing.digests) == 1:
        return ()
    return tuple(Named(thing.label, (digest,)) for digest in thing.digests)


def signed_by(item: Verified | Unverified) -> tuple[str, ...]:
    """Return every key that an envelope lists, also one that trust does not let say this.

    Taking a grant away from one of two signers must not make its other deeds, or its revocation, disappear.
    """
    return item.signers if isinstance(item, Unverified) else tuple(s.keyid for s in item.envelope.signatures)


def key_digest(keyid: str) -> Digest:
    """Return the digest under which a key can be revoked: its keyid is the SHA-256 of its SubjectPublicKeyInfo."""
    return Digest("sha256", keyid)
