"""The record of an intake as one JSON document, `urn:hauberk:intake:v1`: what came from where, and what was found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.render import report_json
from hauberk.render.words import storable

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.finding import Scan

SCHEMA = "urn:hauberk:intake:v1"


@dataclass(frozen=True, slots=True)
class Record:
    """What an intake did.

    Attributes:
        address: as it was named.
        pinned: the address at the revision that was fetched; empty where it did not get so far.
        instant: when it began, RFC 3339.
        files: path, size in bytes and hex SHA-256 of each.
        digest: of all of it, computed here.
        expected: that a person gave.
        left_out: paths of files that were dropped, because no signature covers them and no digest was expected.
        signer: id of the publisher's key that signed it.
        reasons: why it was refused; none: it was accepted.
        scan: what was found in it; None where it was refused before.
    """

    address: str
    pinned: str
    instant: str
    files: tuple[tuple[str, int, str], ...] = ()
    digest: Digest | None = None
    expected: Digest | None = None
    left_out: tuple[str, ...] = ()
    signer: str = ""
    reasons: tuple[str, ...] = ()
    scan: Scan | None = None


def render(record: Record, *, version: str) -> str:
    """Return the document, indented, in ASCII only."""
    return json.dumps(document(record, version=version), indent=2, allow_nan=False) + "\n"


def document(record: Record, *, version: str) -> dict[str, Any]:
    """Return the document as plain data."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "hauberk", "version": version},
        "address": storable(record.address),
        "pinned": storable(record.pinned),
        "instant": record.instant,
        "accepted": not record.reasons,
        "reasons": [storable(reason) for reason in record.reasons],
        "digest": None if record.digest is None else str(record.digest),
        "expected": None if record.expected is None else str(record.expected),
        "signer": record.signer or None,
        "files": [{"path": path, "size": size, "sha256": digest} for path, size, digest in record.files],
        "leftOut": [storable(path) for path in record.left_out],
        "report": None if record.scan is None else report_json.document(record.scan, version=version),
    }
