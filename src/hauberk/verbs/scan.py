"""Scan: look into files and directories without running anything that is in them.

A file up to `max_private_bytes` is copied into private memory, and both its hash and what is found are of that copy. A
larger one is read in place, with `fstat` before and after: if it changed, it has no report, only the word that it
changed. A directory is one subject, its dirHash made of the same hashes that its files' reports carry.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.callables.own import NO_ROWS, OwnRows
from hauberk.checks.model.examine import examine
from hauberk.checks.model.registry import RULES
from hauberk.checks.model.tree_case_fold_twins import TreeNames
from hauberk.digest import dir_hash
from hauberk.edge.clock import stopwatch
from hauberk.edge.sources import Odd, open_file, printable, require_local, unread_code, walk_tree
from hauberk.edge.spool import spool
from hauberk.errors import Misconfigured, Unavailable
from hauberk.finding import Location, Report, Scan, Scanned, Unchecked
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.rule import apply
from hauberk.view import Basis, BytesView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hauberk.digest import Digest
    from hauberk.edge.sources import FileView, StrPath
    from hauberk.rule import Rule


@dataclass(frozen=True, slots=True)
class How:
    """How a scan looks: within which limits, by which rules, hashing all bytes or not, believing whose rows."""

    limits: Limits = DEFAULT_LIMITS
    rules: tuple[Rule, ...] = RULES
    digest: bool = True
    own: OwnRows = NO_ROWS


def scan(
    *paths: StrPath,
    limits: Limits = DEFAULT_LIMITS,
    rules: Iterable[Rule] | None = None,
    digest: bool = True,
    own: OwnRows = NO_ROWS,
) -> Scan:
    """Return what is in files, or in every file of directories. Raises nothing for what a file contains.

    Args:
        paths: each a file or a directory; it may be a symbolic link, but no link inside of a directory is followed.
        limits: what is over them is unchecked.
        rules: which questions are asked; None asks all.
        digest: whether all bytes are hashed. Without it only what matters is read of a large file; the report has no
            digest and its basis is `claimed`, so no gate passes it.
        own: signed rows beside our own tables of callables; they change what is reported, never what is loaded.

    Raises:
        Unavailable: there is no such file or directory, or it cannot be opened.
        Misconfigured: a directory holds no file at all, or no path was given, or one is an address.
    """
    if not paths:
        raise Misconfigured("nothing to scan", "name a file or a directory")
    begun, how = stopwatch(), How(limits, RULES if rules is None else tuple(rules), digest, own)
    seen = [_seen(os.fspath(path), how) for path in paths]
    return Scan(
        tuple(subject for subject, _, _ in seen),
        tuple(report for _, reports, _ in seen for report in reports),
        tuple(odd for _, _, unread in seen for odd in unread),
        stopwatch() - begun,
    )


_Seen = tuple[Scanned, tuple[Report, ...], tuple[Unchecked, ...]]


def _seen(name: str, how: How) -> _Seen:
    require_local(name)
    look = _tree if os.path.isdir(name) else _single  # noqa: PTH112 - a path, as given
    return look(name, how)


def _single(name: str, how: How) -> _Seen:
    with open_file(name) as view:
        seen = _file(view, name, how)
    if isinstance(seen, Unchecked):
        return Scanned(name, None), (), (seen,)
    return Scanned(name, seen.digest, seen.basis), (seen,), ()


def _tree(name: str, how: How) -> _Seen:
    reports: dict[str, Report] = {}
    unread: list[Unchecked] = []
    for found in walk_tree(name, limits=how.limits):
        if isinstance(found, Odd):
            unread.append(Unchecked(found.code, found.detail, Location(path=_within(name, found.path))))
            continue
        relative, view = found
        seen = _file(view, _within(name, relative), how)
        if isinstance(seen, Report):
            reports[relative] = seen
        else:
            unread.append(seen)
    if not reports and not unread:
        raise Misconfigured(f"there is no file in {printable(name)}", "name a file, or a directory that holds one")
    digest = None if unread else _tree_digest(reports)
    reports = {relative: reports[relative] for relative in sorted(reports, key=str.encode)}
    for finding in apply(how.rules, TreeNames(tuple(reports))):
        relative = finding.location.path or ""
        report = reports[relative]
        reports[relative] = replace(report, findings=(*report.findings, finding))
    basis = Basis.COMPUTED if how.digest else Basis.CLAIMED
    return Scanned(name, digest, basis), tuple(reports.values()), tuple(unread)


def _tree_digest(reports: Mapping[str, Report]) -> Digest | None:
    hashed = [(relative, report.digest.hex) for relative, report in reports.items() if report.digest is not None]
    return dir_hash(hashed) if len(hashed) == len(reports) else None


def _file(view: FileView, name: str, how: How) -> Report | Unchecked:
    """Return the report of one file, or why its bytes could not be had."""
    try:
        private = BytesView(view.read_at(0, view.size)) if view.size <= how.limits.max_private_bytes else view
        examined = examine(
            private, name, limits=how.limits, rules=how.rules, spool=spool, digest=how.digest, own=how.own
        )
        view.check_unchanged()
    except Unavailable as error:
        return Unchecked(unread_code(view), error.message, Location(path=name))
    return examined.report


def _within(name: str, relative: str) -> str:
    return os.path.join(name, relative)  # noqa: PTH118 - a path, as given
