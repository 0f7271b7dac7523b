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
from hauberk.checks.model.beside import LINK
from hauberk.digest import dir_hash
from hauberk.edge.clock import stopwatch
from hauberk.edge.sources import Odd, open_file, printable, require_apart, require_local, walk_tree
from hauberk.errors import Misconfigured
from hauberk.finding import Coverage, Location, Report, Scan, Scanned, Unchecked
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.verbs.scan_crew import Crew, by
from hauberk.verbs.scan_file import How
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hauberk.digest import Digest
    from hauberk.edge.sources import StrPath
    from hauberk.rule import Rule
    from hauberk.verbs.scan_file import Engine, Slot


def scan(
    *paths: StrPath,
    limits: Limits = DEFAULT_LIMITS,
    rules: Iterable[Rule] | None = None,
    digest: bool = True,
    own: OwnRows = NO_ROWS,
    jobs: int | None = None,
    engine: Engine = "processes",
    state: StrPath | None = None,
) -> Scan:
    """Return what is in files, or in every file of directories. Raises nothing for what a file contains.

    Args:
        paths: each a file or a directory; it may be a symbolic link, but no link inside of a directory is followed. Or
            an address, as `hf://org/name@commit`: of what lies there, only what matters is read.
        limits: what is over them is unchecked.
        rules: which questions are asked; None asks all. Rules that are given are asked in this process.
        digest: whether all bytes are hashed. Without it only what matters is read of a large file; the report has no
            digest and its basis is `claimed`, so no gate passes it.
        own: signed rows beside our own tables of callables; they change what is reported, never what is loaded.
        jobs: how many processes look at once, where there is much to look at; None is one for each processor.
        engine: `processes` of this machine, or a `ray` cluster, whose nodes have the files under the same paths.
        state: a file that keeps what was seen, so that a scan that was stopped looks at each file once.

    Raises:
        Unavailable: there is no such file or directory, or it cannot be opened.
        Misconfigured: a directory holds no file at all, or no path was given, or one is no address that is read.
    """
    if not paths:
        raise Misconfigured("nothing to scan", "name a file or a directory")
    if state is not None:
        require_apart(state, paths)
    begun, how = stopwatch(), How(limits, None if rules is None else tuple(rules), digest, own)
    crew = Crew(how, by(jobs=jobs, engine=engine, state=state, alone=rules is not None), begun=begun)
    names = [os.fspath(path) for path in paths]
    found = [_remote(name, how) if _is_address(name) else _found(name, how, crew) for name in names]
    crew.finish()
    seen = [_seen(one, how) if isinstance(one, _Found) else one for one in found]
    return Scan(
        tuple(subject for subject, _, _ in seen),
        tuple(report for _, reports, _ in seen for report in reports),
        tuple(odd for _, _, unread in seen for odd in unread),
        stopwatch() - begun,
    )


_Seen = tuple[Scanned, tuple[Report, ...], tuple[Unchecked, ...]]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a person named, and what lies there in the order in which it was met; a file has its own name alone."""

    name: str
    tree: bool
    there: tuple[Slot | Odd, ...]


def _is_address(name: str) -> bool:
    if ":/" not in name:
        return False
    from hauberk.edge.remote.address import is_address  # noqa: PLC0415 - as below

    return is_address(name)


def _remote(name: str, how: How) -> _Seen:
    from hauberk.verbs.scan_remote import scan_remote  # noqa: PLC0415 - sockets and TLS, which no local file needs

    return scan_remote(name, how)


def _found(name: str, how: How, crew: Crew) -> _Found:
    require_local(name)
    if os.path.isdir(name):  # noqa: PTH112 - a path, as given
        return _Found(name, tree=True, there=tuple(_in_tree(name, how, crew)))
    with open_file(name) as view:
        return _Found(name, tree=False, there=(crew.look(view, name, None, name),))


def _in_tree(name: str, how: How, crew: Crew) -> Iterator[Slot | Odd]:
    for found in walk_tree(name, limits=how.limits):
        if isinstance(found, Odd):
            yield found
        else:
            relative, view = found
            yield crew.look(view, name, relative, _within(name, relative))


def _seen(found: _Found, how: How) -> _Seen:
    """Return a subject with its reports, once everything in it was looked at."""
    reports: dict[str, Report] = {}
    unread: list[Unchecked] = []
    links: dict[str, str] = {}
    for one in found.there:
        if isinstance(one, Odd):
            seen = _unread(found.name, one)
            if one.leads_out:
                links[one.path] = one.detail
                reports[one.path] = _of_link(seen)
            else:
                unread.append(seen)
        elif isinstance(one.seen, Report):
            reports[one.relative or ""] = one.seen
        elif one.seen is not None:
            unread.append(one.seen)
    if found.tree:
        return _tree(found.name, reports, tuple(unread), tuple(links.items()), how)
    if unread:
        return Scanned(found.name, None), (), tuple(unread)
    (report,) = reports.values()
    return Scanned(found.name, report.digest, report.basis), (report,), ()


def _unread(name: str, odd: Odd) -> Unchecked:
    return Unchecked(odd.code, odd.detail, Location(path=_within(name, odd.path)))


def _of_link(seen: Unchecked) -> Report:
    """Return a report for a link that is not followed: it has no bytes, and a finding needs a report to stand in."""
    place = seen.location.path or ""
    unchecked = (replace(seen, location=Location()),)
    return Report(place, None, LINK, Basis.CLAIMED, Coverage.PARTIAL, unchecked=unchecked)


def _tree(
    name: str, reports: dict[str, Report], unread: tuple[Unchecked, ...], links: tuple[tuple[str, str], ...], how: How
) -> _Seen:
    if not reports and not unread:
        raise Misconfigured(f"there is no file in {printable(name)}", "name a file, or a directory that holds one")
    from hauberk.checks.model.tree import judge_tree  # noqa: PLC0415 - a single file needs none of it

    digest = None if unread else _tree_digest(reports)
    reports = judge_tree(reports, links=links, rules=how.rules)
    basis = Basis.COMPUTED if how.digest else Basis.CLAIMED
    return Scanned(name, digest, basis), tuple(reports.values()), unread


def _tree_digest(reports: Mapping[str, Report]) -> Digest | None:
    hashed = [(relative, report.digest.hex) for relative, report in reports.items() if report.digest is not None]
    return dir_hash(hashed) if len(hashed) == len(reports) else None


def _within(name: str, relative: str) -> str:
    return os.path.join(name, relative)  # noqa: PTH118 - a path, as given
