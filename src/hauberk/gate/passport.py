"""The passport as a file: one gate, one subject, everything that a stranger needs to ask the gate's question again.

RFC 8785, refused unless re-encoding gives the same bytes. A passport has no field that is not covered: statements are
in the log's tree, ranges in its index, the checkpoint carries signatures, the verdict is computed again, and everything
else is fixed by those. This module reads and writes; `hauberk.gate.prove` says what holds.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest, sha256
from hauberk.errors import HauberkError, Malformed
from hauberk.evidence.instant import format_instant
from hauberk.evidence.shape import (
    DIGEST,
    INSTANT,
    LINE,
    Among,
    Anything,
    Integer,
    ListOf,
    Nullable,
    Object,
    Text,
)
from hauberk.evidence.verify import Logged
from hauberk.ledger.entry import Entry
from hauberk.ledger.index import Range, proof_of
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import base64, dsse, jcs
from hauberk.statement import Named
from hauberk.subject import Subject
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.statement import Envelope
    from hauberk.verdict import Verdict

SCHEMA = "urn:hauberk:passport:v1"

_STATEMENT = Object({"entry": Integer(), "record": Anything(), "proof": Anything(), "envelope": Anything()})
REASON = Object({"rule": LINE, "evidence": Nullable(DIGEST), "seen": Anything(), "wanted": Anything()})

SHAPE = Object(
    {
        "schema": Among((SCHEMA,)),
        "gate": LINE,
        "subject": Object({"kind": LINE, "name": LINE, "digest": DIGEST}),
        "roots": ListOf(Integer(), least=1),
        "trust": Integer(),
        "policies": ListOf(Integer()),
        "checkpoint": Text(),
        "index": Object({"statement": Integer(), "ranges": ListOf(Anything(), least=1)}),
        "statements": ListOf(_STATEMENT, least=1),
        "verdict": Object({"result": Among(("allow", "deny")), "at": INSTANT, "reasons": ListOf(REASON)}),
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """One logged statement: its entry, the log's record of it, the inclusion proof, the envelope."""

    entry: int
    record: Entry
    proof: tuple[bytes, ...]
    envelope: Envelope

    @property
    def logged(self) -> Logged:
        """Return the envelope with its place in the log."""
        return Logged(self.envelope, self.entry, self.record.time)


@dataclass(frozen=True, slots=True)
class Passport:
    """A passport as it was read. Its subject is `claimed`: whoever holds the bytes computes their digest."""

    gate: str
    subject: Subject
    roots: tuple[int, ...]
    trust: int
    policies: tuple[int, ...]
    checkpoint: str
    index: int
    ranges: Mapping[Digest, Range]
    items: Mapping[int, Item]
    verdict: Mapping[str, Any]

    @property
    def thing(self) -> Named:
        """Return the subject as statements name it."""
        return Named(self.subject.label, (self.subject.digest,))


def encode(passport: Passport) -> bytes:
    """Return the one text of a passport."""
    subject = passport.subject
    return jcs.encode(
        {
            "schema": SCHEMA,
            "gate": passport.gate,
            "subject": {"kind": subject.kind, "name": subject.name, "digest": str(subject.digest)},
            "roots": list(passport.roots),
            "trust": passport.trust,
            "policies": list(passport.policies),
            "checkpoint": passport.checkpoint,
            "index": {
                "statement": passport.index,
                "ranges": [passport.ranges[digest].to_json() for digest in sorted(passport.ranges, key=str)],
            },
            "statements": [_item_json(passport.items[entry]) for entry in sorted(passport.items)],
            "verdict": dict(passport.verdict),
        }
    )


def decode(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Passport:
    """Read a passport; raise `Malformed` unless `data` is exactly what `encode` gives, `Exceeded` past a limit."""
    value = jcs.decode_canonical(data, what="passport", limits=limits)
    SHAPE.check(value, "passport")
    subject = value["subject"]
    items = [_item_of(entry) for entry in value["statements"]]
    ranges = [Range.from_json(entry) for entry in value["index"]["ranges"]]
    _check_ascending([item.entry for item in items], "statements")
    _check_ascending([str(found.digest) for found in ranges], "ranges")
    _check_ascending(value["roots"], "roots")
    _check_ascending(value["policies"], "policies")
    passport = Passport(
        gate=value["gate"],
        subject=Subject(subject["kind"], subject["name"], Digest.parse(subject["digest"]), Basis.CLAIMED),
        roots=tuple(value["roots"]),
        trust=value["trust"],
        policies=tuple(value["policies"]),
        checkpoint=value["checkpoint"],
        index=value["index"]["statement"],
        ranges={found.digest: found for found in ranges},
        items={item.entry: item for item in items},
        verdict=value["verdict"],
    )
    missing = [
        entry
        for entry in (*passport.roots, passport.trust, *passport.policies, passport.index)
        if entry not in passport.items
    ]
    if missing:
        raise Malformed(f"the passport points at entry {missing[0]}, which it does not hold")
    return passport


def is_passport(data: bytes) -> bool:
    """Say whether bytes are a passport, so that a newer one may take its place."""
    try:
        decode(data)
    except HauberkError:
        return False
    return True


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as passports carry it."""
    return {
        "result": str(verdict.result),
        "at": format_instant(verdict.at),
        "reasons": [
            {
                "rule": r.rule,
                "evidence": None if r.evidence is None else str(r.evidence),
                "seen": r.seen,
                "wanted": r.wanted,
            }
            for r in verdict.reasons
        ],
    }


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "entry": item.entry,
        "record": item.record.to_json(),
        "proof": [base64.encode(node) for node in item.proof],
        "envelope": dsse.envelope_json(item.envelope),
    }


def _item_of(value: Mapping[str, Any]) -> Item:
    """Read one statement; the record must commit this envelope, this id and exactly these subjects."""
    entry = value["entry"]
    record = Entry.from_json(value["record"])
    envelope = dsse.envelope_of(value["envelope"])
    statement = dsse.decode_statement(envelope.payload)
    if sha256(dsse.encode_envelope(envelope)) != record.envelope or dsse.statement_id(envelope.payload) != record.id:
        raise Malformed(f"the record of entry {entry} commits another statement than the one beside it")
    if list(record.subjects) != sorted(map(str, statement.digests)):
        raise Malformed(f"the record of entry {entry} lists other subjects than its statement")
    return Item(entry, record, proof_of(value["proof"]), envelope)


def _check_ascending(values: list[Any], what: str) -> None:
    if any(a >= b for a, b in itertools.pairwise(values)):
        raise Malformed(f"the passport's {what} are not sorted and unique")
