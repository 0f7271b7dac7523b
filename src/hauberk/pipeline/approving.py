"""Approve a policy: the approver signs the digest of what it says, and from then on gates ask what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.errors import Malformed, Refused
from hauberk.evidence import cosigning
from hauberk.evidence.predicates import POLICY
from hauberk.gate.standing import append, standing
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.reading import open_ledger
from hauberk.signature import jcs
from hauberk.statement import Named, Statement

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.evidence.cosigning import Draft
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.keyring import Keyring
    from hauberk.pipeline.project import Project
    from hauberk.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Approved:
    """The policy that holds, whose checkpoint shows it, and whether it held before."""

    policy: Policy
    published: Published
    held_before: bool
    development: bool


def signed_policy(keys: Keyring, key: str | None, realm: Digest | None) -> tuple[Policy, Draft]:
    """Return the policy as it is written, signed; nothing is appended.

    Args:
        keys: of the project.
        key: the URI of the key that signs; None is the approver's.
        realm: whose policy it is; None asks the ledger.

    Raises:
        Misconfigured: it is no policy.
        Unavailable: no realm is named, and the ledger cannot be read.
        NotVerified: trust does not let this key approve policies now.
    """
    policy = keys.project.read_policy()
    if realm is None:
        with open_ledger(keys.project, read_only=True) as log:
            (realm,) = standing(log).realm.subject.digests
    said = Statement((Named(f"realm/{realm.hex}", (realm,)),), POLICY.type, policy.predicate)
    draft = cosigning.begin([said], keys.signer_of(key))
    cosigning.people(draft.envelopes[0], keys.project.read_trust(), now=clock.now())
    return policy, draft


def approve(keys: Keyring, signed: Draft) -> Approved:
    """Append a policy that the approver has signed, and publish a checkpoint that shows it.

    Raises:
        Refused: the file on disk says something else, or an approved policy holds that this one may not replace, or
            beside which it opens nothing.
        NotVerified: a signature that does not hold or is not granted, another realm, or a trust that has ended.
        Unavailable: not published; the policy is in the ledger then, and counts once it is.
    """
    project, policy = keys.project, keys.project.read_policy()
    if len(signed.statements) != 1 or _digest(signed.statements[0]) != policy.digest:
        raise Refused(
            f"{project.file.policy} does not say what was signed",
            "put the signed policy there, or have this one signed",
        )
    with open_ledger(project) as log:
        book = Book(log, keys, None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        cosigning.people(signed.envelopes[0], book.trust, now=book.clock())
        held = is_approved(book, policy)
        check_may_follow(project, book, policy)
        if not held:
            append(log, signed.envelopes, now=book.clock())
        return Approved(policy, publish_all(project, book), held, book.trust.development)


def read_signed(data: bytes) -> Draft:
    """Return a signed policy; raise `Malformed` for anything else."""
    try:
        return cosigning.read(data, kinds=(POLICY,))
    except Malformed as error:
        raise Malformed(
            f"it is no signed policy: {error.message}", "name the file that `hauberk gate approve -o` wrote"
        ) from None


def is_approved(book: Book, policy: Policy) -> bool:
    """Say whether this policy is the newest approved one of its name."""
    newest = _newest(book, policy.name)
    return newest is not None and newest.digest == policy.digest


def check_may_follow(project: Project, book: Book, policy: Policy) -> None:
    """Raise `Refused` where this policy, approved now, would not be the one that holds."""
    _check_alone(project, book, policy)
    newest = _newest(book, policy.name)
    if (
        newest is None
        or newest.digest == policy.digest
        or (policy.version >= newest.version and not _is_in_ledger(book, policy))
    ):
        return
    why = "was approved before and replaced since: it cannot come back under the same version"
    if policy.version < newest.version:
        why = f"is older than the approved version {newest.version}"
    raise Refused(f"{in_words(project, policy)} {why}", f"set `version: {newest.version + 1}` in {project.file.policy}")


def _check_alone(project: Project, book: Book, policy: Policy) -> None:
    """Raise `Refused` where a policy of another name speaks of the same: a gate that two policies cover is closed."""
    for other in book.standing.policies.values():
        if other.name != policy.name and (gates := policy.shared(other)):
            raise Refused(
                f"{in_words(project, policy)} and the approved {other.name} version {other.version} both speak of the "
                f"gate {gates[0]}, which two policies close",
                f"keep the name: `name: {other.name}`, `version: {other.version + 1}`; or first approve a version "
                f"{other.version + 1} of {other.name} that lacks the gate",
            )


def in_words(project: Project, policy: Policy) -> str:
    """Return the file of a policy, and which one it is."""
    return f"{project.file.policy} ({policy.name} version {policy.version}, {policy.digest.hex[:12]})"


def _newest(book: Book, name: str) -> Policy | None:
    return next((policy for policy in book.standing.policies.values() if policy.name == name), None)


def _is_in_ledger(book: Book, policy: Policy) -> bool:
    """Say whether the ledger holds this policy: signed again it would keep its old place, and stay replaced.

    One whose signer may not say it any more counts for nothing, and has no place that it could keep.
    """
    return any(_digest(one.statement) == policy.digest for one in book.about(book.standing.realm.subject, POLICY))


def _digest(statement: Statement) -> Digest:
    return sha256(jcs.encode(dict(statement.predicate)))
