"""Promote a model of a project: its gate is asked, the answer is recorded, and the alias moves where it says allow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.edge.sources import printable, read_file
from hauberk.enforce import promote as door
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.alias import Alias
from hauberk.gate.resolve import gate_of, resolve, resolve_passport
from hauberk.ledger import merkle
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.asking import ask_gate, publish_for, record_answer
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.outage import alarmed, forget_or_say, forgetting
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.reading import open_ledger
from hauberk.pipeline.seen import see
from hauberk.subject import Subject
from hauberk.verbs.written import read_root
from hauberk.verdict import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath
    from hauberk.gate.moves import Moved
    from hauberk.gate.resolve import Resolved
    from hauberk.pipeline.project import Project
    from hauberk.verdict import Verdict


_WHICH = "name the file that `hauberk passport export` wrote, or get it again: it may be cut or changed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be promoted, to where, from where (None for nowhere), and why (empty for no reason given)."""

    digest: Digest
    to: str
    origin: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Promoted:
    """What came of it.

    Attributes:
        verdict: the gate's.
        moved: the move that lets the alias name the digest; None if denied.
        is_new: whether it was moved now; it may have named the digest before.
        size: of the checkpoint that shows it.
    """

    alias: Alias
    verdict: Verdict
    moved: Moved | None
    is_new: bool
    size: int
    development: bool


def promote(project: Project, wanted: Wanted, *, warn: Callable[[str], None]) -> Promoted:
    """Ask the gate about a digest of the project's model, and move the alias of an environment to it.

    An alias that names the digest already stays, if the gate allows it today: so that a job can be run again.

    Raises:
        Misconfigured: an environment or a reason that is none.
        Refused: as of `enforce.promote`; the project names no key of the gate or the log.
        NotVerified: the ledger does not hold, or trust does not let the gate's key promote.
        Unavailable: not published; the move is in the ledger then, and readers refuse the alias until it is published.
    """
    alias = _alias(project, wanted)
    policy = project.read_policy()
    gate = gate_of(policy, wanted.to)
    subject = Subject("model", project.file.model.name, wanted.digest)
    with alarmed(project, policy, gate, warn=warn), open_ledger(project) as log:
        book = Book(log, Keyring(project, warn), policy, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        publish_for(project, book, policy, gate)
        with forgetting(project):
            verdict = ask_gate(project, book, policy, gate, subject).verdict
        if verdict.result is not Answer.ALLOW:
            forget_or_say(project, warn)
        moved, is_new = None, False
        if verdict.result is Answer.ALLOW:
            moved, is_new = door.promote(
                log,
                verdict.require(),
                gate=gate,
                environment=wanted.to,
                origin=wanted.origin,
                signer=book.keys.signer("gate"),
                now=book.clock(),
                reason=wanted.reason,
            )
        if record_answer(book, verdict) or is_new:
            publish_all(project, book)
        publish_for(project, book, policy, gate)  # of another process: it moved the alias meanwhile, and did not yet
        return Promoted(alias, verdict, moved, is_new, log.size, book.trust.development)


def resolve_alias(project: Project, alias: Alias) -> Resolved:
    """Return what an alias names by the project's ledger, which may not go back behind what was seen; as `resolve`."""
    with open_ledger(project, read_only=True) as log:
        found = resolve(
            log,
            alias,
            root=project.read_root(),
            trust=project.read_trust(),
            policy=project.read_policy(),
            now=clock.now(),
        )
        see(project.seen, lambda size: merkle.root(log.leaf_hashes(size)), found.checkpoint)
    return found


def resolve_alias_by(passport: StrPath, alias: Alias, *, root: StrPath, seen: StrPath | None) -> Resolved:
    """Return what an alias names by a passport and the root's public key alone; errors as `resolve_passport`.

    Args:
        passport: its file.
        alias: that is asked for.
        root: the file `root.pub`.
        seen: the file that remembers the newest checkpoint that was seen; None: nobody remembers.
    """
    data = read_file(passport, limit=DEFAULT_LIMITS.max_document_bytes)
    try:
        found = resolve_passport(data, alias, root=read_root(root), now=clock.now())
    except Malformed as error:
        raise Malformed(f"{printable(passport)} is no passport: {error.message}", error.hint or _WHICH) from None
    if seen is not None:
        see(Path(seen), None, found.checkpoint)
    return found


def _alias(project: Project, wanted: Wanted) -> Alias:
    label = f"model/{project.file.model.name}"
    try:
        for environment in (wanted.to, *(() if wanted.origin is None else (wanted.origin,))):
            Alias(label, environment)
    except Malformed as error:
        raise Misconfigured(error.message, error.hint) from None
    if wanted.to == wanted.origin:
        raise Misconfigured(f"it is to come from {wanted.to} and to go there", "name two environments")
    if wanted.reason and not (wanted.reason.isprintable() and wanted.reason.strip()):
        raise Misconfigured("a reason is one printable line", 'as in --reason "the newer one is worse at night"')
    return Alias(label, wanted.to)
