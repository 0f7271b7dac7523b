"""What is asked of a process that hashes rows, and what it answers: JSON, decoded field by field.

The rows' records are not in an answer, but in a file of which the answer has the digest, so that nobody holds them all.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hauberk.dataset.manifest import Lock
from hauberk.dataset.rows import Column
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

FAULT = b"!"  # begins an answer that tells of our own fault
ERRORS: dict[str, type[HauberkError]] = {
    kind.__name__: kind for kind in (Malformed, Exceeded, NotVerified, Unavailable, Misconfigured)
}


@dataclass(frozen=True, slots=True)
class How:
    """How rows are hashed; the members are those of `hauberk.verbs.data_manifest.Wanted`."""

    salt: bytes | None
    key: tuple[str, ...] = ()
    source: str | None = None
    person: str | None = None
    person_salts: str | None = None


def encode_how(how: How) -> bytes:
    """Return, for a process to hear once, how rows are hashed."""
    body = [None if how.salt is None else how.salt.hex(), how.key, how.source, how.person, how.person_salts]
    return json.dumps({"version": VERSION, "how": body}).encode()


def decode_how(data: bytes) -> How | str:
    """Return how rows are hashed, or why this release does not know."""
    told = json.loads(data)
    if told["version"] != VERSION:
        return f"a worker of release {VERSION} was asked by one of {told['version']}"
    salt, key, *others = told["how"]
    return How(None if salt is None else bytes.fromhex(salt), tuple(key), *others)


@dataclass(frozen=True, slots=True)
class Asked:
    """A file, or some row groups of one that is here.

    Attributes:
        name: of the file in the data set.
        root, relative: where it is; `relative` is None where `root` is the file itself.
        kind, size, changed: what it was, how long, and when it changed, as the asker saw it.
        part: the file that takes the records; None: only the digest is asked for.
        digest: whether the file is to be hashed as a whole.
        groups: first row group, and the one behind the last; None: all rows.
        there: of a file that lies elsewhere, what `data_there` says of it; root, kind and changed then say nothing.
    """

    name: str
    root: str
    relative: str | None
    kind: str
    size: int
    changed: int
    part: str | None
    digest: bool
    groups: tuple[int, int] | None = None
    there: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What was fetched: its kind, its length, and where a store keeps it, as `DataFile` has these."""

    kind: str
    size: int
    address: str
    version: str | None = None
    lock: Lock | None = None


@dataclass(frozen=True, slots=True)
class Hashed:
    """What a process found.

    Attributes:
        sha256: of the file, where it was asked for.
        columns: None where no rows were asked for.
        count: of rows.
        part: the SHA-256 of the records' file.
        sources: for each source, in the order of their numbers in the records, its name and how many rows it has.
        kept: of a file that lies elsewhere; None for one that is here.
    """

    sha256: str | None
    columns: tuple[Column, ...] | None = None
    count: int = 0
    part: str | None = None
    sources: tuple[tuple[str, int], ...] = ()
    kept: Kept | None = None


def encode_asked(asked: Asked) -> bytes:
    """Return a request as bytes; names that are not UTF-8 come back as they were."""
    return json.dumps([getattr(asked, name) for name in Asked.__slots__]).encode()


def decode_asked(data: bytes) -> Asked:
    """Return the request; it comes from a process that is trusted."""
    fields = dict(zip(Asked.__slots__, json.loads(data), strict=True))
    return Asked(**(fields | {"groups": fields["groups"] and tuple(fields["groups"])}))


def encode_hashed(found: Hashed) -> bytes:
    """Return an answer as bytes."""
    columns = None if found.columns is None else [[one.name, one.type] for one in found.columns]
    body = [found.sha256, columns, found.count, found.part, [list(one) for one in found.sources]]
    return json.dumps({"found": body, "kept": None if found.kept is None else asdict(found.kept)}).encode()


def encode_error(error: HauberkError) -> bytes:
    """Return an answer that says why there is none."""
    kind = type(error).__name__
    return json.dumps({"error": [kind if kind in ERRORS else "Unavailable", error.message, error.hint]}).encode()


def decode_hashed(data: bytes) -> Hashed | HauberkError:
    """Return what was found, or why nothing was; raise `Malformed` for bytes that are no answer."""
    try:
        value = json.loads(data)
        if "error" in value:
            return decode_error(value)
        sha256, columns, count, part, sources = value["found"]
        return Hashed(
            _or_none(sha256, _hex),
            _or_none(columns, lambda all_: tuple(Column(_text(name), _text(kind)) for name, kind in all_)),
            _count(count),
            _or_none(part, _hex),
            tuple((_text(name), _count(many)) for name, many in sources),
            _or_none(value["kept"], _kept),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Malformed(f"no answer: {type(error).__name__}") from None


def decode_error(value: Any) -> HauberkError:
    """Return the error that an answer tells; raise `KeyError`, `TypeError` or `ValueError` where it tells none."""
    kind, message, hint = map(_text, value["error"])
    return ERRORS[kind](message, hint)


def _or_none(value: Any, reads: Callable[[Any], Any]) -> Any:
    return None if value is None else reads(value)


def _kept(value: Any) -> Kept:
    lock = _or_none(value["lock"], lambda told: Lock(_text(told["mode"]), _text(told["until"])))
    version = _or_none(value["version"], _text)
    return Kept(_text(value["kind"]), _count(value["size"]), _text(value["address"]), version, lock)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _hex(value: Any) -> str:
    if len(bytes.fromhex(_text(value))) != 32:
        raise ValueError
    return str(value)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value
