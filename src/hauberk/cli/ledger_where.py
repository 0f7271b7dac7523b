"""`hauberk ledger where DIGEST` and `--live`: where something runs, on what it rests, and what speaks against it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.digest import Digest
from hauberk.edge import clock
from hauberk.errors import Malformed, Misconfigured, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.ledger.edges import Edges
from hauberk.pipeline.project import open_project
from hauberk.pipeline.reading import as_of, open_ledger
from hauberk.verbs.live import Inquiry, kinds_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hauberk.evidence.deployments import Running
    from hauberk.evidence.trust import Trust
    from hauberk.ledger.log import Log
    from hauberk.verbs.live import Flaw, Found, Live

SCHEMA = "urn:hauberk:where:v1"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that this module answers."""
    parser.add_argument("digest", nargs="?", help="where this runs, and what runs that depends on it")
    parser.add_argument("--live", action="store_true", help="everything that runs, and what speaks against it")
    parser.add_argument("--again", action="store_true", help="read the whole ledger, not the table made from it before")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def is_asked(options: argparse.Namespace) -> bool:
    """Say whether the options ask what runs, and not which tables judged; raise `Misconfigured` for both."""
    others = [name for name in ("rule", "callable", "table") if getattr(options, name) is not None]
    asked = options.live or options.digest is not None
    if (asked and others) or (options.live and options.digest is not None):
        raise Misconfigured("ask one thing: a digest, --live, or a rule, a callable or a table", "ask twice")
    if not asked and (options.again or options.format != "text"):
        raise Misconfigured("--again and --format belong to a digest or --live", "name a digest, or say --live")
    return asked


def call(options: argparse.Namespace) -> int:
    """Answer; the exit code is 1 where something runs that is flawed, or rests on the flawed thing asked about."""
    digest = None if options.live else _digest(options.digest)
    project = open_project(options.project)
    trust = project.read_trust()
    with (
        open_ledger(project, read_only=True) as log,
        _edges(project.ledger) as edges,
        progress("reading the ledger"),
    ):
        if options.again:
            edges.forget()
        inquiry = Inquiry(log, edges, trust, clock.now())
        found = None if digest is None else inquiry.where(digest)
        live = inquiry.everything() if found is None else found.live
        lag, kinds = as_of(log), kinds_of(log, [step.entry for one in live for step in one.way])
    if lag is not None:
        warn(lag)
    if options.format == "json":
        say(json.dumps(_document(found, live, inquiry.entries, kinds), indent=2))
    else:
        say(_text(found, live, inquiry.entries, kinds))
    bad = any(one.flaws for one in live) if found is None else found.endangered
    return Exit.FOUND if bad else Exit.CLEAN


def running(log: Log, folder: Path, trust: Trust, digests: Sequence[Digest]) -> dict[Digest, dict[str, str]]:
    """Return, for each digest, rows that say where it and what depends on it runs."""
    if not digests:
        return {}
    with _edges(folder) as edges:
        inquiry = Inquiry(log, edges, trust, clock.now())
        return {digest: _rows(digest, inquiry.where(digest).live) for digest in digests}


def _rows(digest: Digest, live: Sequence[Live]) -> dict[str, str]:
    told = [_place(run) + ("" if one.digest == digest else f", as {one.digest}") for one in live for run in one.runs]
    return {f"runs in {number}": text for number, text in enumerate(told, start=1)} or {"runs": "nowhere that is known"}


@contextmanager
def _edges(folder: Path) -> Iterator[Edges]:
    """Open the table beside the ledger; where that cannot be written, one that is thrown away."""
    try:
        kept = Edges.open(folder)
    except Unavailable as error:
        warn(f"the table of what rests on what cannot be kept, so all is read again: {error.message}")
        with TemporaryDirectory() as other, Edges.open(other) as edges:
            yield edges
        return
    with kept as edges:
        yield edges


def _text(found: Found | None, live: Sequence[Live], entries: int, kinds: dict[int, str]) -> str:
    blocks = []
    if found is not None:
        rows = {"known as": ", ".join(found.labels) or "an input or a key: no statement is about it"}
        blocks.append(facts(str(found.digest), rows | _flawed(found.flaws)))
    for one in live:
        rows = {f"runs in {number}": _place(run) for number, run in enumerate(one.runs, start=1)}
        rows |= {
            f"through {number}": f"{step.digest}, {kinds[step.entry]} in entry {step.entry}"
            for number, step in enumerate(one.way, start=1)
        }
        blocks.append(facts(f"{_labels(one)}  {one.digest}", rows | _flawed(one.flaws)))
    if not live:
        blocks.append("nothing runs" if found is None else "nothing runs that is it or depends on it")
    blocks.append(f"as {entries} entries of the ledger say; what nobody recorded is not in it")
    return "\n".join(blocks)


def _flawed(flaws: Sequence[Flaw]) -> dict[str, str]:
    return {
        f"but {number}": f"{flaw.what} ({flaw.digest}, entry {flaw.entry})"
        for number, flaw in enumerate(flaws, start=1)
    }


def _place(run: Running) -> str:
    overdue = (
        ""
        if run.until is None
        else f", was to end at {format_instant(run.until)}"
        if run.until < clock.now()
        else f" until {format_instant(run.until)}"
    )
    doubt = f"; not verified: {run.doubt}" if run.doubt else ""
    return f"{run.place} since {format_instant(run.since)}{overdue}, by {run.by}, entry {run.entry}{doubt}"


def _labels(one: Live) -> str:
    return ", ".join(dict.fromkeys(run.thing.label for run in one.runs))


def _document(found: Found | None, live: Sequence[Live], entries: int, kinds: dict[int, str]) -> dict[str, Any]:
    asked = None
    if found is not None:
        asked = {"digest": str(found.digest), "labels": list(found.labels), "flaws": [_flaw(f) for f in found.flaws]}
    return {"schema": SCHEMA, "entries": entries, "asked": asked, "live": [_live(one, kinds) for one in live]}


def _live(one: Live, kinds: dict[int, str]) -> dict[str, Any]:
    return {
        "digest": str(one.digest),
        "runs": [_running(run) for run in one.runs],
        "through": [{"digest": str(s.digest), "entry": s.entry, "predicate": kinds[s.entry]} for s in one.way],
        "flaws": [_flaw(flaw) for flaw in one.flaws],
    }


def _running(run: Running) -> dict[str, Any]:
    return {
        "label": run.thing.label,
        "place": run.place.to_json(),
        "since": format_instant(run.since),
        "until": None if run.until is None else format_instant(run.until),
        "by": run.by,
        "entry": run.entry,
        "verified": not run.doubt,
        "doubt": run.doubt,
    }


def _flaw(flaw: Flaw) -> dict[str, Any]:
    return {"digest": str(flaw.digest), "what": flaw.what, "entry": flaw.entry}


def _digest(text: str) -> Digest:
    try:
        return Digest.parse(text)
    except Malformed as error:
        raise Misconfigured(
            error.message, "write dirHash:… of a model, or sha256:… of a data set, a script or a key"
        ) from None
