"""The ledger's service: what pods append and read, without a database's credentials and without its file.

| request | role | answer |
|---|---|---|
| `POST /v1/append` | append; for revocations revoke | the entries, once they are durable |
| `GET /v1/proof/12` | read | entry 12 with its proof |
| `GET /v1/about/dirHash:…` | read | each published entry about a digest with its proof |
| `GET /v1/log/12` | read | entries from 12 on, published or not, each with its envelope: two lines |
| `GET /checkpoint`, `GET /tile/…` | read | the newest checkpoint, and tiles (`hauberk.ledger.tiles`) |
| `GET /healthz` | none | whether the ledger can be read |

A body of `append` is envelopes, one canonical DSSE envelope a line. All of it is appended, in its order, or nothing.
What is there already keeps its number, so that whoever lost an answer asks again. Many callers share commits.
An error is `{"error": {"kind": …, "message": …, "hint": …}}` with one of the kinds of `hauberk.errors`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hauberk.digest import Digest, sha256
from hauberk.edge.listen.request import BYTES, JSON, Said
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.evidence.predicates import REVOCATION
from hauberk.gate.moves import check_moves, moving
from hauberk.gate.standing import admit
from hauberk.ledger.prove import prove, published_size
from hauberk.ledger.service_client import MOST_ENVELOPES
from hauberk.ledger.tiles import Published, Tile
from hauberk.serve.callers import Caller, Role, role_for
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hauberk.edge.listen.request import Asked, Head
    from hauberk.ledger.appender import Appender
    from hauberk.ledger.log import Log
    from hauberk.serve.authority import Authority, Watch
    from hauberk.serve.callers import Door
    from hauberk.statement import Envelope, Verified

_MOST_PROOFS: Final = 1000
_MOST_ENTRIES: Final = 1000  # of one answer, which ends once it is long enough
_ENOUGH_BYTES: Final = 2 << 20
_AT_ONCE: Final = 32  # entries in one question to the database
_TRIES: Final = 16  # each time a new trust came between reading it and appending under it
_STATUS: Final[Mapping[type[HauberkError], int]] = {
    Malformed: 400,
    NotVerified: 422,
    Refused: 403,
    Exceeded: 413,
    Unavailable: 503,
    Misconfigured: 500,
}
_WHO: Final = 401


@dataclass(frozen=True, slots=True)
class LedgerService:
    """The parts of a service that runs.

    Attributes:
        open_log: opens the log for reading, in the calling thread.
        open_read: let anybody read.
        tell: is told of each refusal, for the log of the service.
    """

    open_log: Callable[[], Log]
    appender: Appender
    watch: Watch
    door: Door
    clock: Callable[[], int]
    open_read: bool
    tell: Callable[[str], None]

    def admit(self, head: Head) -> Caller | Said | None:
        """Return who asks, None for anybody, or the refusal; before any of the body is read."""
        if _is_open(head, open_read=self.open_read):
            return None
        try:
            try:
                return self._caller(head)
            except NotVerified:
                if not self.watch.look():  # trust may name a key since a moment ago
                    raise
                return self._caller(head)
        except HauberkError as error:
            status = 503 if isinstance(error, Unavailable) else _WHO
            return self._refusal(head, error, status, who="somebody")

    def _caller(self, head: Head) -> Caller:
        newest = self.watch.newest
        return self.door.admit(head, newest.stands.trust, self.clock(), revoked=newest.revoked)

    def answer(self, asked: Asked) -> Said:
        """Answer one request; called in many threads."""
        caller = asked.caller if isinstance(asked.caller, Caller) else None
        try:
            if caller is not None:
                caller.request.check_body(asked.body)
            return self._answer(asked, caller)
        except HauberkError as error:
            return self._refusal(asked.head, error, _STATUS[type(error)], who=caller.name if caller else "anybody")

    def _answer(self, asked: Asked, caller: Caller | None) -> Said:
        path, method = asked.head.path, asked.head.method
        if path == "/v1/append":
            if method != "POST" or caller is None:
                return Said(405, headers={"Allow": "POST"})
            return self._append(asked.body, caller)
        if method not in ("GET", "HEAD"):
            return Said(405, headers={"Allow": "GET, HEAD"})
        if caller is not None:
            caller.require(Role.READ)
        with self.open_log() as log:
            return _read(log, path)

    def _append(self, body: bytes, caller: Caller) -> Said:
        envelopes = _envelopes(body)
        for role in sorted({role_for(_type(envelope)) for envelope in envelopes.values()}):
            caller.require(role)
        with self.open_log() as log:
            known = log.numbers_of(list(envelopes))  # these are in, whatever trust says of them today
        wanted = {digest: envelope for digest, envelope in envelopes.items() if digest not in known}
        if wanted:
            known |= dict(zip(wanted, self._append_new(list(wanted.values())), strict=True))
        return _json({"durable": True, "entries": [known[digest] for digest in _digests(body)]})

    def _append_new(self, envelopes: Sequence[Envelope]) -> list[int]:
        for _ in range(_TRIES):
            authority = self.watch.newest
            statements = admit(authority.stands, authority.roots, envelopes, self.clock())
            numbers = self.appender.append(statements, still=self._condition(authority, statements))
            if numbers:
                if any(item.statement.predicate_type == REVOCATION.type for item in statements):
                    self.watch.refresh()  # what is revoked by it opens nothing from now on
                return numbers
            self.watch.refresh()
        raise Unavailable("the ledger's trust changes without a pause", "nothing was appended: try again")

    def _condition(self, authority: Authority, statements: Sequence[Verified]) -> Callable[[Log], bool]:
        """Return what must hold of the log when it is written; raise `NotVerified` for a move that does not follow."""
        if not moving(statements):
            return authority.still_holds
        with self.open_log() as log:
            check_moves(log, statements)
        return partial(holds, authority, statements)

    def _refusal(self, head: Head, error: HauberkError, status: int, *, who: str) -> Said:
        self.tell(f"{status} to {who} for {head.method} {head.path}: {error.message}")
        said = {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
        return _json({"error": said}, status)


def holds(authority: Authority, statements: Sequence[Verified], log: Log) -> bool:
    """Say whether statements may still enter a log: nothing is new of its realm, and moves follow the last ones."""
    try:
        check_moves(log, statements)
    except NotVerified:  # somebody moved the alias meanwhile: the next try says so to the caller
        return False
    return authority.still_holds(log)


def _is_open(head: Head, *, open_read: bool) -> bool:
    """Say whether anybody may ask this; nobody reads a body of somebody who is not known."""
    return not head.length and head.method in ("GET", "HEAD") and (open_read or head.path == "/healthz")


def _read(log: Log, path: str) -> Said:
    kind, _, rest = path.removeprefix("/").removeprefix("v1/").partition("/")
    if path == "/healthz":
        return Said(200, b"%d entries\n" % log.size)
    if path == "/checkpoint":
        note = log.latest_checkpoint()
        if note is None:
            raise Unavailable("nothing is published yet", "have the log's owner publish")
        return Said(200, note.encode())
    if kind == "tile":
        data = Published.of(log).read(Tile.parse(path.removeprefix("/")))
        return Said(200, data, BYTES, {"Cache-Control": "private, max-age=31536000, immutable"})
    if path.startswith("/v1/") and kind in ("proof", "log") and rest.isascii() and rest.isdecimal() and len(rest) < 17:
        return _entries(log, int(rest)) if kind == "log" else _json([one.to_json() for one in prove(log, [int(rest)])])
    if path.startswith("/v1/") and kind == "about":
        return _about(log, Digest.parse(rest))
    return Said(404, b"there is no such thing here\n")


def _entries(log: Log, start: int) -> Said:
    """Return entries and envelopes in turns, each on a line, which neither of them breaks: canonical JSON has none."""
    size, lines = 0, list[bytes]()
    for record, envelope in _pairs(log, start, min(start + _MOST_ENTRIES, log.size)):
        lines += [record, envelope]
        size += len(record) + len(envelope)
        if size > _ENOUGH_BYTES:
            break
    return Said(200, b"".join(line + b"\n" for line in lines), BYTES)


def _pairs(log: Log, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield entries with their envelopes, several for one question to the database, which may be far."""
    for place in range(start, end, _AT_ONCE):
        until = min(place + _AT_ONCE, end)
        yield from zip(log.records(place, until), log.each_hashed(place, until), strict=True)


def _about(log: Log, digest: Digest) -> Said:
    size = published_size(log)
    numbers = [number for number in log.entries_about(digest) if number < size]
    if len(numbers) > _MOST_PROOFS:
        raise Exceeded(
            f"{len(numbers)} entries speak of {digest}, the most that are proved at once are {_MOST_PROOFS}",
            "ask for entries by number",
        )
    return _json([proof.to_json() for proof in prove(log, numbers)])


def _lines(body: bytes) -> list[bytes]:
    return body.removesuffix(b"\n").split(b"\n")


def _digests(body: bytes) -> list[Digest]:
    return list(map(sha256, _lines(body)))


def _envelopes(body: bytes) -> dict[Digest, Envelope]:
    """Return the envelopes of a body, each once and in their order, by the digest under which a log knows them."""
    lines = _lines(body)
    if len(lines) > MOST_ENVELOPES:
        raise Exceeded(f"{len(lines)} envelopes; {MOST_ENVELOPES} are taken at once", "send fewer")
    found: dict[Digest, Envelope] = {}
    for number, line in enumerate(lines, start=1):
        try:
            found.setdefault(sha256(line), dsse.decode_envelope(line))
        except HauberkError as error:
            raise type(error)(f"line {number}: {error.message}", error.hint) from None
    return found


def _type(envelope: Envelope) -> str:
    return dsse.decode_statement(envelope.payload).predicate_type


def _json(value: Any, status: int = 200) -> Said:
    return Said(status, json.dumps(value, separators=(",", ":")).encode() + b"\n", JSON)
