"""Write down that a digest runs somewhere, or that it ended there: signed as the gate, logged and published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.deployments import deployment_body, what_runs
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import DEPLOYMENT
from hauberk.evidence.verify import Logged
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.reading import open_ledger
from hauberk.signature import dsse
from hauberk.statement import Named
from hauberk.subject import check_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.digest import Digest
    from hauberk.evidence.deployments import Place
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.project import Project

ROLE = "gate"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is to be recorded: what runs where, or ended there, by whom, and when.

    Attributes:
        label: `kind/name` of what runs.
        ended: it ended; otherwise it started.
        by: who or what deployed it, one line.
        at: an instant in text that is not in the future; None for now.
        until: an instant in text at which it is to end, if that is known.
    """

    digest: Digest
    label: str
    place: Place
    ended: bool
    by: str
    at: str | None = None
    until: str | None = None


def record_deployment(project: Project, wanted: Deployed, *, warn: Callable[[str], None]) -> Published:
    """Record a start or an end, and return the checkpoint that shows it.

    Raises:
        Misconfigured: the place, the label or `by` are none, a time is none or in the future; or an end of what does
            not run there.
        Refused, NotVerified: the project names no key for it, trust does not let it say this, or it has ended.
        Unavailable: not published; the statement is in the ledger then.
    """
    thing = _thing(wanted)
    at, until = _times(wanted)
    with open_ledger(project) as log:
        book = Book(log, Keyring(project, warn), None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        if wanted.ended and not _runs(book, wanted.place, thing):
            raise Misconfigured(
                f"{thing.label} {wanted.digest} does not run in {wanted.place}, as far as the ledger knows",
                "name the place as its start did: `hauberk ledger where DIGEST` lists it",
            )
        if not wanted.ended and not log.entries_about(wanted.digest):
            warn(f"nothing in this ledger speaks of {wanted.digest}: is it the right one?")
        state = "ended" if wanted.ended else "started"
        body = deployment_body(wanted.place, thing, state=state, at=at, by=wanted.by, until=until)
        book.record(ROLE, DEPLOYMENT, wanted.place.thing, body)
        if _runs(book, wanted.place, thing) == wanted.ended:
            raise Misconfigured(
                "the ledger holds this very statement from before, and it counts where it stands",
                "leave out --at, or give the time to the second",
            )
        return publish_all(project, book)


def _thing(wanted: Deployed) -> Named:
    try:
        check_label(wanted.label)
    except Malformed as error:
        raise Misconfigured(error.message, error.hint) from None
    if not wanted.by.strip() or not wanted.by.isprintable():
        raise Misconfigured("a deployment names who or what did it, in one printable line", "as in --by argo-cd")
    return Named(wanted.label, (wanted.digest,))


def _times(wanted: Deployed) -> tuple[str, str | None]:
    now = clock.now()
    try:
        at = now if wanted.at is None else parse_instant(wanted.at)
        until = None if wanted.until is None else parse_instant(wanted.until)
    except Malformed as error:
        raise Misconfigured(error.message, error.hint) from None
    if at > now:
        raise Misconfigured(f"{wanted.at} is in the future", "record what has happened")
    if until is not None and until <= at:
        raise Misconfigured(f"{wanted.until} is not after the start", "give the instant at which it is to end")
    return format_instant(at), wanted.until


def _runs(book: Book, place: Place, thing: Named) -> bool:
    numbers = book.log.entries_about(place.thing.digests[0])
    logged = [Logged(dsse.decode_envelope(book.log.envelope(n)), n, book.log.entry(n).time) for n in numbers]
    return any(one.thing == thing and one.place == place for one in what_runs(logged, book.trust, revoked=()))
