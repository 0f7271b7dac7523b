"""Intake: fetch a model into a quarantine, verify it, scan it, write down what was seen. Nothing opens it.

What is not what was asked for (another digest, another signature) is removed. What is, and was found bad or could not
be looked at in full, stays under a name that says so. `model/` exists only for what was accepted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.checks.profile import STANDARD
from hauberk.digest import Digest, dir_hash
from hauberk.edge import clock
from hauberk.edge.quarantine import Quarantine
from hauberk.edge.remote.address import is_address
from hauberk.edge.remote.fetch import pieces
from hauberk.edge.remote.source import open_address
from hauberk.edge.sources import printable, read_file
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified
from hauberk.evidence.instant import format_instant
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.render.intake_json import Record, render
from hauberk.signature import oms
from hauberk.verbs.scan import scan
from hauberk.verbs.sign import listed
from hauberk.verbs.verify import verify
from hauberk.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.checks.profile import Profile
    from hauberk.edge.files import StrPath
    from hauberk.edge.remote.listing import Listing
    from hauberk.edge.sources import TreeFile
    from hauberk.evidence.trust import Trust
    from hauberk.finding import Scan

_BUNDLES = (".sig", ".sigstore", ".sigstore.json")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What makes the bytes the right ones: their digest, a publisher's signature, or both.

    Attributes:
        expect: sha256 of a file, dirHash of a directory.
        trust: whose keys may sign an artefact.
        signature: the bundle, where it does not come with the files.
    """

    expect: Digest | None = None
    trust: Trust | None = None
    signature: StrPath | None = None

    def __post_init__(self) -> None:
        if self.expect is None and self.trust is None:
            raise Misconfigured("nothing says which bytes are the right ones", "give --expect, --publisher or both")
        if self.expect is not None and self.expect.algorithm not in ("sha256", "dirHash"):
            raise Misconfigured(
                f"no file is known by {self.expect.algorithm}", "sha256 of a file, dirHash of a directory"
            )


def intake(
    address: str,
    *,
    output: StrPath,
    wanted: Wanted,
    profile: Profile = STANDARD,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Record, Path]:
    """Take in what lies at an address; return the record, and where the files are.

    Args:
        address: of a file or a directory, as `scan` takes it.
        output: the quarantine: a directory that is made, or an empty one.
        wanted: what makes the bytes the right ones.
        profile: what in the scan refuses them; anything unchecked does as well.
        limits: of what is fetched and looked at.

    Raises:
        NotVerified, Malformed: these are not the right bytes; they were removed.
        Unavailable, Exceeded, Misconfigured: it could not be done; nothing is left.
    """
    if not is_address(address):
        raise Misconfigured(f"{printable(address)}: not an address", "name one, as in hf://org/name@commit")
    begun = format_instant(clock.now())
    with open_address(address, limits=limits) as listing:
        record = Record(address, listing.address, begun, expected=wanted.expect)
        _require_sound(listing)
        place = Quarantine.make(output)
        try:
            files = _fetched(listing, place, limits)
            record = replace(
                record,
                digest=_digest(files, is_tree=listing.is_tree),
                files=tuple((file.path, file.size, file.sha256) for file in files),
            )
            record = _verified(record, place, wanted, is_tree=listing.is_tree, limits=limits)
        except (NotVerified, Malformed) as error:
            failed = replace(record, reasons=(error.message,))
            place.refuse(render(failed, version=VERSION).encode(), error.message, keep=False)
            raise
        except BaseException:
            place.remove()
            raise
    return _judged(record, place, is_tree=listing.is_tree, profile=profile, limits=limits)


def _judged(
    record: Record, place: Quarantine, *, is_tree: bool, profile: Profile, limits: Limits
) -> tuple[Record, Path]:
    """Scan what was verified, and accept or refuse it."""
    path = place.unverified if is_tree else place.unverified / record.files[0][0]
    try:
        seen = scan(path, limits=limits)
    except BaseException:
        place.remove()
        raise
    reasons = _reasons(seen, profile)
    whither = place.path / ("refused" if reasons else "model")
    record = replace(record, reasons=reasons, scan=_moved(seen, str(place.unverified), str(whither)))
    data = render(record, version=VERSION).encode()
    if reasons:
        place.refuse(data, "\n".join(reasons), keep=True)
        return record, whither
    return record, place.accept(data)


def _require_sound(listing: Listing) -> None:
    if listing.odd:
        raise NotVerified(
            f"{printable(listing.address)} holds what no directory may: "
            f"{listed([f'{odd.path} ({odd.detail})' for odd in listing.odd])}",
            "tell its publisher",
        )
    if not listing.files:
        raise Misconfigured(f"there is no file at {printable(listing.address)}", "name a place that holds one")


def _fetched(listing: Listing, place: Quarantine, limits: Limits) -> tuple[TreeFile, ...]:
    left, files = limits.max_intake_bytes, []
    announced = sum(file.size or 0 for file in listing.files)
    if announced > left:
        raise Exceeded(f"{printable(listing.address)} is {announced} bytes long, {left} are allowed")
    for file in listing.files:
        written = place.write(file.name, pieces(listing.client, file, limit=left))
        left -= written.size
        if file.claimed is not None and file.claimed.hex != written.sha256:
            raise NotVerified(
                f"{printable(file.name)} came as sha256:{written.sha256}, where its source says {file.claimed}",
                "get it again; if it stays so, tell its publisher",
            )
        files.append(written)
    return tuple(files)


def _digest(files: tuple[TreeFile, ...], *, is_tree: bool) -> Digest:
    return dir_hash((file.path, file.sha256) for file in files) if is_tree else Digest("sha256", files[0].sha256)


def _verified(record: Record, place: Quarantine, wanted: Wanted, *, is_tree: bool, limits: Limits) -> Record:
    """Hold what was fetched against what was wanted; return the record of what holds, with the key that signed it."""
    only = Digest("sha256", record.files[0][2]) if len(record.files) == 1 else None
    if wanted.expect is not None and wanted.expect not in (record.digest, only):
        raise NotVerified(
            f"{printable(record.pinned)} has the digest {record.digest}, where {wanted.expect} is expected",
            "ask who gave you the digest; what was fetched is removed",
        )
    if wanted.trust is None:
        return record
    bundle = wanted.signature or _bundle(record, place, limits)
    model = place.unverified if is_tree else place.unverified / record.files[0][0]
    verified = verify(model, bundle, trust=wanted.trust, limits=limits)
    record = replace(record, signer=verified.key.keyid)
    if wanted.expect is not None:
        return record
    covered = {file.path for file in verified.files}
    left = [path for path, _, _ in record.files if path not in covered and place.unverified / path != bundle]
    return _without(record, left, place) if left else record


def _without(record: Record, left: list[str], place: Quarantine) -> Record:
    """Drop the files of which nobody says that they are right: those that the standard lets a signature pass over."""
    for path in left:
        place.drop(path)
    files = tuple(file for file in record.files if file[0] not in left)
    return replace(
        record, files=files, left_out=tuple(left), digest=dir_hash((path, sha256) for path, _, sha256 in files)
    )


def _bundle(record: Record, place: Quarantine, limits: Limits) -> Path:
    """Return the one signature that came with the files."""
    most = limits.max_document_bytes
    named = [path for path, size, _ in record.files if "/" not in path and path.endswith(_BUNDLES) and size <= most]
    found = [place.unverified / path for path in named]
    found = [path for path in found if oms.is_bundle(read_file(path, limit=most))]
    if len(found) != 1:
        raise NotVerified(f"{len(found)} signatures came with the files", "name the publisher's by --signature")
    return found[0]


def _reasons(seen: Scan, profile: Profile) -> tuple[str, ...]:
    """Return why a scan refuses, or nothing."""
    said = [f"the scan calls it {seen.outcome.value}"] if profile.fails(seen) else []
    if not seen.complete:
        number = len(seen.unread) + sum(not report.complete for report in seen.reports)
        said.append(f"{number} of its files could not be looked at in full")
    return tuple(said)


def _moved(seen: Scan, old: str, new: str) -> Scan:
    """Return a scan whose paths are those that the files have now."""

    def moved(path: str) -> str:
        return new + path[len(old) :] if path.startswith(old) else path

    return replace(
        seen,
        subjects=tuple(replace(subject, path=moved(subject.path)) for subject in seen.subjects),
        reports=tuple(replace(report, path=moved(report.path)) for report in seen.reports),
        unread=tuple(
            replace(one, location=replace(one.location, path=moved(one.location.path or ""))) for one in seen.unread
        ),
    )
