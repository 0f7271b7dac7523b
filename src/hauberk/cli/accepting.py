"""The options of `hauberk scan` that accept findings: a baseline is read and applied, or written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hauberk.cli.output import warn
from hauberk.edge import clock
from hauberk.edge.sources import write_output
from hauberk.errors import Misconfigured
from hauberk.render.words import counted

if TYPE_CHECKING:
    import argparse

    from hauberk.checks.baseline import Entry
    from hauberk.checks.profile import Profile
    from hauberk.finding import Scan

_SHOWN = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    group = parser.add_argument_group("accepted findings")
    group.add_argument("--baseline", metavar="FILE", help="findings that are accepted, by digest, rule and place")
    group.add_argument("--write-baseline", metavar="FILE", help="write all findings there, as accepted by --owner")
    group.add_argument("--owner", help="who accepts them")
    group.add_argument("--reason", help="why")
    group.add_argument("--until", metavar="DAY", help="the last day on which they are, as 2027-01-31")


def check(options: argparse.Namespace) -> None:
    """Raise `Misconfigured` where the options do not fit together."""
    words = {"--owner": options.owner, "--reason": options.reason, "--until": options.until}
    if options.write_baseline is None:
        given = [name for name, value in words.items() if value is not None]
        if given:
            raise Misconfigured(f"{given[0]} belongs to --write-baseline", "name the file to write")
        return
    missing = [name for name, value in words.items() if value is None]
    if missing:
        raise Misconfigured(f"a baseline needs {', '.join(missing)}", "say who accepts the findings, why, until when")
    from hauberk.checks.baseline import day  # noqa: PLC0415 - most scans read no YAML

    day(options.until)


def known(options: argparse.Namespace, profile: Profile) -> tuple[Entry, ...]:
    """Return the accepted findings that the options name, or else the profile."""
    path = options.baseline or profile.baseline
    if path is None:
        return ()
    from hauberk.verbs.scan_files import read_baseline  # noqa: PLC0415 - most scans read no YAML

    return read_baseline(path)


def accepted(seen: Scan, entries: tuple[Entry, ...]) -> Scan:
    """Return the scan with what is accepted today marked; say what has expired, and what was not met."""
    if not entries:
        return seen
    from hauberk.checks.baseline import accept  # noqa: PLC0415 - most scans read no YAML

    applied = accept(seen, entries, today=datetime.fromtimestamp(clock.now(), UTC).date())
    for entry in applied.expired[:_SHOWN]:
        warn(f"{entry.owner} accepted {entry.rule} in {entry.digest} until {entry.until}: it counts again")
    if len(applied.expired) > _SHOWN:
        warn(f"and {counted(len(applied.expired) - _SHOWN, 'more acceptance')} that ended: they count again")
    if applied.idle:
        warn(f"{counted(len(applied.idle), 'accepted finding')} of the baseline met nothing here")
    return applied.scan


def write(seen: Scan, options: argparse.Namespace) -> None:
    """Write the baseline, where one was asked for."""
    if options.write_baseline is None:
        return
    from hauberk.checks.baseline import HEAD, written  # noqa: PLC0415 - most scans read no YAML

    text = written(seen, owner=options.owner, reason=options.reason, until=options.until)
    write_output(
        options.write_baseline,
        text.encode(),
        recognise=lambda data: data.startswith(HEAD.encode()),
        inputs=options.paths,
    )
