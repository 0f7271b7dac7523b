"""Take a digest out of every gate for good: signed by the approver, logged, and published at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.errors import Misconfigured, Unavailable
from hauberk.evidence.collection import key_digest
from hauberk.evidence.cosigning import KINDS
from hauberk.evidence.predicates import BY_TYPE, REVOCATION
from hauberk.gate.standing import former_authorities
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.outage import forget_or_say
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.reading import open_ledger
from hauberk.signature import dsse
from hauberk.statement import Named

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.digest import Digest
    from hauberk.ledger.log import Log
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.project import Project


def revoke(project: Project, digest: Digest, reason: str, *, warn: Callable[[str], None]) -> tuple[Published, bool]:
    """Revoke a digest; return the checkpoint that shows it, and whether the trust is for development.

    Args:
        project: whose approver signs, and in whose ledger it stands.
        digest: of a model, a data set, a script, or a key (`sha256:` of its id).
        reason: for everybody who is denied; one line.
        warn: is told what is weak about a key, and of a revocation that changes nothing that is known here.

    Raises:
        Misconfigured: the reason is empty or not one printable line, or the digest is the id of a statement.
        Refused, NotVerified: the project names no approver's key, trust does not let it revoke, or it has ended.
        Unavailable: not published; the revocation is in the ledger then, and gates deny until it is published. Or it
            is published, and an answer of before cannot be forgotten.
    """
    if not reason.strip() or not reason.isprintable():
        raise Misconfigured("a revocation needs a reason of one printable line", 'as in --reason "stolen key"')
    forget_or_say(project, warn)  # first: also a revocation that cannot be logged yet is known here
    with open_ledger(project) as log:
        book = Book(log, Keyring(project, warn), None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        thing = Named(f"digest/{digest}", (digest,))
        is_unknown = not _is_spoken_of(log, digest) and not _is_key(book, digest)
        if is_unknown:
            _check_no_statement(log, digest)
        if book.about(thing, REVOCATION):
            warn(f"{digest} is revoked already")
        elif is_unknown:
            warn(f"nothing in this ledger speaks of {digest}: is it the right one?")
        book.record("approver", REVOCATION, thing, {"reason": reason})
        left: list[str] = []
        forget_or_say(project, left.append)  # again: a gate that was asked before may have answered meanwhile
        published = publish_all(project, book)
        if left:
            raise Unavailable(
                f"{digest} is revoked and published; but {left[0]}",
                "remove that folder: it answers while the ledger is away",
            )
        return published, book.trust.development


def _is_spoken_of(log: Log, digest: Digest) -> bool:
    """Say whether anything but a revocation speaks of a digest."""
    envelopes = (dsse.decode_envelope(log.envelope(number)) for number in log.entries_about(digest))
    return any(dsse.decode_statement(one.payload).predicate_type != REVOCATION.type for one in envelopes)


def _check_no_statement(log: Log, digest: Digest) -> None:
    """Raise `Misconfigured` where a digest is a statement's id: no gate asks whether one of these is revoked."""
    number = next((number for number, entry in enumerate(log.entries()) if entry.id == digest), None)
    if number is None:
        return
    statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(number)).payload)
    known = BY_TYPE.get(statement.predicate_type)
    kind = known.name if known is not None else statement.predicate_type
    if known in KINDS:
        hint = "it ends by the policy: take out what bears it, or name other signers, and have the approver sign that"
    else:
        hint = f"revoke what it is about ({', '.join(map(str, statement.digests))}), or the key that signed it"
    raise Misconfigured(f"{digest} is the id of a statement ({kind}, entry {number}): these are not revoked", hint)


def _is_key(book: Book, digest: Digest) -> bool:
    """Say whether a digest is the id of a key of the ledger's trust or roots; statements do not list their signers."""
    stands = book.standing
    former = [key for one in former_authorities(book.log, stands.trust) for key in (one.log, *one.witnesses)]
    owners = (stands.trust.log, *stands.trust.witnesses, *former)
    keys = {*stands.trust.keys, *(key.public.keyid for key in owners), *(k for r in stands.realm.roots for k in r.keys)}
    return digest in {key_digest(keyid) for keyid in keys}
