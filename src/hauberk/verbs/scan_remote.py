"""Scan what lies at an address by reading only what matters of it.

A small file is read whole and hashed, as one that lies here. Of a large one the readers ask for the ranges that they
look at; its digest is the source's claim, if there is one, and its basis `claimed`, so that no gate passes it. The
report says how much was read, at which version, and whether the format accounts for the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.checks.model.examine import examine
from hauberk.checks.model.tree import judge_tree
from hauberk.digest import dir_hash
from hauberk.edge.remote.source import open_address
from hauberk.edge.sources import printable
from hauberk.edge.spool import spool
from hauberk.errors import Misconfigured, Unavailable
from hauberk.finding import Location, Report, Scanned, Unchecked, UncheckedCode
from hauberk.view import Basis, BytesView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.digest import Digest
    from hauberk.edge.remote.listing import Listing, RemoteFile
    from hauberk.verbs.scan_file import How


def scan_remote(address: str, how: How) -> tuple[Scanned, tuple[Report, ...], tuple[Unchecked, ...]]:
    """Return what is at an address: the subject, a report for each file that was read, and what was not.

    Raises:
        Unavailable, Misconfigured, Exceeded, NotVerified: as `open_address`.
        Misconfigured: there is no file at all.
    """
    with open_address(address, limits=how.limits) as listing:
        unread = [
            Unchecked(odd.code, odd.detail, Location(path=f"{listing.address}/{odd.path}")) for odd in listing.odd
        ]
        reports: dict[str, Report] = {}
        for file in listing.files:
            seen = _file(listing, file, how)
            if isinstance(seen, Report):
                reports[file.name] = seen
            else:
                unread.append(seen)
    if not reports and not unread:
        raise Misconfigured(f"there is no file at {printable(address)}", "name a file, or a place that holds one")
    reports = judge_tree(reports, rules=how.rules)
    all_computed = not unread and all(report.basis is Basis.COMPUTED for report in reports.values())
    digest = None if unread else _identity(reports, is_tree=listing.is_tree)
    subject = Scanned(listing.address, digest, Basis.COMPUTED if all_computed else Basis.CLAIMED)
    return subject, tuple(reports.values()), tuple(unread)


def _file(listing: Listing, file: RemoteFile, how: How) -> Report | Unchecked:
    """Return the report of one file, or why its bytes could not be had."""
    path, limits = listing.path_of(file), how.limits
    view = listing.open(file, limits=limits)
    try:
        is_whole = view.size <= limits.max_remote_whole_bytes or not view.can_range
        bytes_or_view = BytesView(view.read_at(0, view.size)) if is_whole else view
        report = examine(
            bytes_or_view, path, limits=limits, rules=how.rules, spool=spool, digest=is_whole, own=how.own
        ).report
    except Unavailable as error:
        return Unchecked(view.trouble, f"{error.message}{f'; {error.hint}' if error.hint else ''}", Location(path=path))
    computed = view.digest
    return replace(
        report,
        digest=computed or file.claimed,
        basis=view.basis,
        unchecked=(*report.unchecked, *_difference(computed, file.claimed)),
        reading=view.reading(file.pinned),
    )


def _difference(computed: Digest | None, claimed: Digest | None) -> tuple[Unchecked, ...]:
    """Say where bytes are not those that their source says they are."""
    if computed is None or claimed is None or computed == claimed:
        return ()
    return (Unchecked(UncheckedCode.CHANGED, f"its bytes are {computed}, where the source says {claimed}"),)


def _identity(reports: Mapping[str, Report], *, is_tree: bool) -> Digest | None:
    known = {name: report.digest for name, report in reports.items() if report.digest is not None}
    if len(known) < len(reports):
        return None
    return dir_hash((name, digest.hex) for name, digest in known.items()) if is_tree else next(iter(known.values()))
