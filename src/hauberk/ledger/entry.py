"""Entries: what the log's leaves say. One names one envelope, what its statement speaks of, and when it was logged.

    {"envelope":"sha256:…","id":"sha256:…","subjects":["dirHash:…", …],"time":1700000000}

The leaf is these bytes exactly (RFC 8785), so the root commits to the envelope's digest and through it to the signed
bytes. The time is the log's claim, Unix seconds; the envelope's own bytes lie beside the log.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hauberk.digest import Digest
from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified
from hauberk.ledger.merkle import leaf_hash
from hauberk.ledger.nodes import TAMPERED
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
MAX_ENTRY_BYTES = 65_535  # C2SP tlog-tiles: an entry in a bundle has a length of 16 bits
ENVELOPE = slice(len('{"envelope":"'), len('{"envelope":"sha256:') + 64)  # where a leaf names its envelope
MAX_SUBJECTS = 64  # of the longest digests there are, still far below that length
MAX_TIME = 2**53 - 1  # RFC 8785 section 3.2.2.3: the largest integer that JSON holds exactly

# What `encode` writes, for nearly all entries there are: of digests alone, so that nothing in it is escaped.
_WRITTEN = re.compile(
    rb'\{"envelope":"sha256:([0-9a-f]{64})","id":"sha256:([0-9a-f]{64})",'
    rb'"subjects":\["([0-9A-Za-z_:]+(?:","[0-9A-Za-z_:]+)*)"\],"time":(0|[1-9][0-9]{0,15})\}'
)
# The same of digests of the common kinds, none of which has to be looked at again: subjects, and a time below MAX_TIME.
_COMMON = re.compile(
    rb'\{"envelope":"sha256:[0-9a-f]{64}","id":"sha256:[0-9a-f]{64}",'
    rb'"subjects":\["((?:sha256|dirHash|rfc6962):[0-9a-f]{64}(?:","(?:sha256|dirHash|rfc6962):[0-9a-f]{64})*+)"\],'
    rb'"time":(0|[1-9][0-9]{0,14})\}'
)
_KEYS = {"envelope", "id", "subjects", "time"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the log.

    Attributes:
        envelope: SHA-256 of the canonical envelope.
        id: of the statement in it.
        subjects: the text of every digest that the statement speaks of, sorted and unique.
        time: when it was logged, Unix seconds.
    """

    envelope: Digest
    id: Digest
    subjects: tuple[str, ...]
    time: int

    def __post_init__(self) -> None:
        if self.envelope.algorithm != "sha256" or self.id.algorithm != "sha256":
            raise Malformed("an entry names its envelope and its statement by sha256")
        if len(self.subjects) > MAX_SUBJECTS:
            raise Exceeded(f"the statement speaks of {len(self.subjects)} digests, the ledger takes {MAX_SUBJECTS}")
        if not self.subjects or list(self.subjects) != sorted(set(self.subjects)):
            raise Malformed("an entry's subjects are present, sorted and unique")
        for subject in self.subjects:
            Digest.parse(subject)
        if type(self.time) is not int or not 0 <= self.time <= MAX_TIME:
            raise Malformed(f"an entry's time is Unix seconds from 0 to 2^53 - 1, not {self.time!r:.40}")

    @classmethod
    def decode(cls, data: bytes) -> Entry:
        """Read a leaf; raise `Malformed` unless it is exactly what `encode` writes, `Exceeded` if it is too long."""
        if len(data) > MAX_ENTRY_BYTES:
            raise Exceeded(f"the entry is {len(data)} bytes long, the limit is {MAX_ENTRY_BYTES}")
        written = _WRITTEN.fullmatch(data)
        if written is None:
            return cls.from_json(jcs.decode_canonical(data, what="entry"))
        envelope, statement, subjects, time = (part.decode("ascii") for part in written.groups())
        return cls(Digest("sha256", envelope), Digest("sha256", statement), tuple(subjects.split('","')), int(time))

    @classmethod
    def from_json(cls, value: Any) -> Entry:
        """Return the entry that plain data describes; raise `Malformed` for anything but the form of `to_json`."""
        if not isinstance(value, dict) or set(value) != _KEYS:
            raise Malformed("an entry has envelope, id, subjects and time, and nothing else")
        envelope, statement, subjects = value["envelope"], value["id"], value["subjects"]
        if not isinstance(subjects, list) or not all(isinstance(s, str) for s in (envelope, statement, *subjects)):
            raise Malformed("an entry's envelope, id and subjects are digests in text")
        return cls(Digest.parse(envelope), Digest.parse(statement), tuple(subjects), value["time"])

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Return what the statement speaks of, in the entry's order."""
        return tuple(Digest.parse(subject) for subject in self.subjects)

    @property
    def leaf_hash(self) -> bytes:
        """Return the hash that stands for this entry in the log's tree, 32 bytes."""
        return leaf_hash(self.encode())

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain data: a passport's `record`."""
        subjects = list(self.subjects)
        return {"envelope": str(self.envelope), "id": str(self.id), "subjects": subjects, "time": self.time}

    def encode(self) -> bytes:
        """Return the bytes of the leaf: RFC 8785, which digests and a whole number are written in as they are."""
        subjects = '","'.join(self.subjects)
        text = f'{{"envelope":"{self.envelope}","id":"{self.id}","subjects":["{subjects}"],"time":{self.time}}}'
        return text.encode("ascii")


def claims_in(record: bytes) -> tuple[Sequence[str], int]:
    """Return the subjects of a leaf and its time: what `Entry.decode` reads; errors as that.

    The quick way: of most leaves no value is made.
    """
    common = _COMMON.fullmatch(record) if len(record) <= MAX_ENTRY_BYTES else None
    if common:
        subjects, time = common[1].decode("ascii").split('","'), int(common[2])
        if len(subjects) <= MAX_SUBJECTS and all(map(operator.lt, subjects, subjects[1:])):
            return subjects, time
    entry = Entry.decode(record)
    return entry.subjects, entry.time


def read_leaf(number: int, record: bytes, read: Callable[[bytes], T]) -> T:
    """Return what `read` gets of a log's leaf; raise `NotVerified`, with its number, for one that is no entry."""
    try:
        return read(record)
    except HauberkError as error:
        raise NotVerified(f"rewritten entry: number {number} is no entry: {error.message}", TAMPERED) from None


def subjects_in(record: bytes) -> Sequence[str]:
    """Return what a leaf says that its entry speaks of; raise `Malformed` for what is no leaf.

    Without the checks of `Entry.decode`, for those who have the leaf from a log that made them.
    """
    written = _WRITTEN.fullmatch(record)
    return written[3].decode("ascii").split('","') if written else Entry.decode(record).subjects


def envelope_in(record: bytes) -> str:
    """Return the digest of the envelope that a leaf names; of what is no leaf, something that is none."""
    return record[ENVELOPE].decode("ascii", "replace")
