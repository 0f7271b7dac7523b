"""What must hold of a store that keeps a data set, and what was seen of it: one row a claim, over all files.

A claim is proven by what the store answers, disproven by it, or not answered; the last is no proof.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge.files import printable
from hauberk.errors import NotVerified
from hauberk.evidence.instant import format_instant
from hauberk.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hauberk.edge.remote.store import Store
    from hauberk.edge.remote.stored import Stored

# What is asked of each version.
_FILE = ("checksum", "retention", "newest", "private", "encryption")
NAMES = ("versioning", "object-lock", "retention", "private", "encryption", "checksum", "newest")


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a store is to hold to.

    Attributes:
        name: one of `NAMES`.
        saw: what was seen, of the first thing for which it does not hold where there is one.
        holds: None where the store does not answer.
    """

    name: str
    saw: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it is to be in a store: its digest in hex, its version, and until when that must be locked."""

    key: str
    sha256: str
    version: str
    until: int


def of_bucket(bucket: Store, *, encryption: str = "") -> tuple[Claim, ...]:
    """Ask what a bucket is set to.

    Args:
        bucket: to be asked.
        encryption: the algorithm that each put will ask for, so that the bucket's own need not be known.
    """
    claims: list[Claim] = []
    for name, found in bucket.settings().items():
        if name == "encryption" and encryption:
            claims.append(Claim(name, f"{encryption} is asked for with each object", holds=True))
        else:
            claims.append(Claim(name, found.saw, found.holds))
    return tuple(claims)


def of_files(bucket: Store, files: Iterable[Kept], read: Callable[[Kept], str]) -> tuple[Claim, ...]:
    """Ask for each file what the store says of its version, and for the newest one of its name.

    Args:
        bucket: to be asked.
        files: to be asked for.
        read: returns the SHA-256 of a version's bytes in hex; asked where the store keeps no checksum of the whole.
    """
    seen: dict[str, list[Claim]] = {name: [] for name in _FILE}
    for kept in files:
        for claim in _of_file(bucket, kept, read):
            seen[claim.name].append(claim)
    return tuple(_joined(name, claims) for name, claims in seen.items() if claims)


def joined(*groups: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Return one claim of each name, in the order of `NAMES`; what is asked of each file proves what a bucket hides."""
    return tuple(
        _of_two([claim for group in groups for claim in group if claim.name == name])
        for name in NAMES
        if any(claim.name == name for group in groups for claim in group)
    )


def _of_two(claims: list[Claim]) -> Claim:
    """Join what was seen of a bucket and of its files: a disproof of either counts, else the word on the files.

    But who may read is the word of both.
    """
    for claim in claims:
        if claim.holds is False:
            return claim
    if claims[0].name == "private" and (unknown := next((claim for claim in claims if claim.holds is None), None)):
        return unknown  # who is denied without credentials may be let in with anybody's
    last = claims[-1]
    if not last.holds:
        return last
    return Claim(last.name, "; ".join(claim.saw for claim in reversed(claims) if claim.holds), holds=True)


def _joined(name: str, claims: list[Claim]) -> Claim:
    """Return one claim over all files: the first that is disproven, else the first that is not answered."""
    for verdict in (False, None):
        found = [claim for claim in claims if claim.holds is verdict]
        if found:
            more = f", and {counted(len(found) - 1, 'more')}" if len(found) > 1 else ""
            return Claim(name, f"{found[0].saw}{more}", verdict)
    times = Counter(claim.saw for claim in claims)
    return Claim(name, "; ".join(f"{saw}, {counted(count, 'version')}" for saw, count in times.items()), holds=True)


def _of_file(bucket: Store, kept: Kept, read: Callable[[Kept], str]) -> Iterable[Claim]:
    name = printable(kept.key)
    found = bucket.head(kept.key, kept.version)
    if found is None or found.version != kept.version:
        gone = f"{name}: the store has no version {printable(kept.version)}"
        yield Claim("retention", gone, holds=False)
        yield Claim("checksum", gone, holds=False)
        return
    yield _checksum(kept, found, read)
    yield _retention(bucket, kept, found)
    yield _newest(bucket, kept)
    yield _private(bucket, kept)
    yield Claim("encryption", found.encryption or f"{name}: the store says nothing", True if found.encryption else None)


def _checksum(kept: Kept, found: Stored, read: Callable[[Kept], str]) -> Claim:
    name = printable(kept.key)
    if found.claimed is not None:
        same = found.claimed.hex == kept.sha256
        return Claim("checksum", "the store keeps the same SHA-256" if same else f"{name}: {found.claimed}", same)
    try:
        said = read(kept)
    except NotVerified as error:  # not even what the store itself says of them
        return Claim("checksum", f"{name}: {error.message}", holds=False)
    return Claim("checksum", "read back" if said == kept.sha256 else f"{name}: sha256:{said}", said == kept.sha256)


def _retention(bucket: Store, kept: Kept, found: Stored) -> Claim:
    name, wanted = printable(kept.key), format_instant(kept.until)
    mode, until = found.mode, found.until
    if not mode:  # who may not read locks is told of none
        answer = bucket.lock_of(kept.key, kept.version)
        if isinstance(answer, str):
            return Claim("retention", f"{name}: {answer}", None)
        mode, until = answer
    if mode == bucket.strictest and until >= kept.until:
        return Claim("retention", f"{mode} until {wanted} or later", holds=True)
    saw = f"{mode} until {format_instant(until)}" if mode else "no lock"
    return Claim("retention", f"{name}: {saw}, not {bucket.strictest} until {wanted}", holds=False)


def _newest(bucket: Store, kept: Kept) -> Claim:
    newest = bucket.head(kept.key)
    if newest is not None and newest.version == kept.version:
        return Claim("newest", "nothing was written over it", holds=True)
    saw = "was deleted" if newest is None else f"was written over by the version {printable(newest.version)}"
    return Claim("newest", f"{printable(kept.key)} {saw}; {printable(kept.version)} is still there", holds=False)


def _private(bucket: Store, kept: Kept) -> Claim:
    is_open = bucket.is_open(kept.key, kept.version)
    if is_open is None:
        return Claim("private", f"{printable(kept.key)}: asked without credentials: no answer", None)
    saw = f"{printable(kept.key)}: given without credentials" if is_open else "denied without credentials"
    return Claim("private", saw, not is_open)
