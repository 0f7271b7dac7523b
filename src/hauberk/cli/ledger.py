"""`hauberk ledger`: what the log has published, proofs, an audit, its witness, and whom a changed table concerns."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from hauberk.callables.versions import tables
from hauberk.cli import (
    ledger_anchor,
    ledger_deployed,
    ledger_export,
    ledger_outbox,
    ledger_serve,
    ledger_tiles,
    ledger_where,
    ledger_witness,
)
from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver, facts, say, warn
from hauberk.cli.progress import progress
from hauberk.digest import Digest
from hauberk.edge import clock
from hauberk.edge.pool import processors
from hauberk.edge.sources import read_file
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.gate.standing import former_authorities, standing
from hauberk.ledger.audit import audit
from hauberk.ledger.authority import Authority, authority_at, size_in
from hauberk.ledger.backup import check_copy, restore
from hauberk.ledger.log import Log
from hauberk.ledger.places import is_there
from hauberk.ledger.prove import prove
from hauberk.ledger.served import ServedLog
from hauberk.ledger.witness import read_head
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.project import open_project
from hauberk.pipeline.reading import as_of, open_ledger
from hauberk.verbs.where import Question, where

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from hauberk.evidence.trust import Trust
    from hauberk.ledger.audit import Audited


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    head = actions.add_parser("head", help="print the latest checkpoint, verified", allow_abbrev=False)
    head.set_defaults(call=show_head)
    proof = actions.add_parser("prove", help="print an entry, or all about a digest, with proofs", allow_abbrev=False)
    proof.add_argument("what", help="an entry's number, or a digest: dirHash:… of a model, sha256:… of a file or a key")
    proof.add_argument("--output", metavar="FILE", help="where to write the proofs instead of standard output")
    proof.set_defaults(call=show_proofs)
    check = actions.add_parser("verify", help="compute everything that the ledger says again", allow_abbrev=False)
    check.add_argument("--since", metavar="FILE", help="a checkpoint kept elsewhere, which the ledger must continue")
    check.set_defaults(call=verify)
    place = actions.add_parser("where", help="list what runs, and what older tables judged", allow_abbrev=False)
    ledger_where.configure(place)
    place.add_argument("--rule", metavar="NAME", help="instead: those in whose last scan this rule was broken")
    place.add_argument("--callable", metavar="NAME", help="instead: those that use this callable, or may: module.name")
    place.add_argument("--table", metavar="SOURCE", help="only this table, as in numpy")
    again = actions.add_parser(
        "rebuild", help="compute from the entries what is computed from them, again", allow_abbrev=False
    )
    again.set_defaults(call=rebuild)
    save = actions.add_parser("backup", help="copy the ledger, as it is now, into one file", allow_abbrev=False)
    save.add_argument("file", metavar="TO", help="the file to be made; one that is there is not replaced")
    save.set_defaults(call=back_up)
    back = actions.add_parser("restore", help="put a copy in the place of a ledger that is gone", allow_abbrev=False)
    back.add_argument("file", metavar="FROM", help="a file that `hauberk ledger backup` made")
    back.add_argument("--check-only", action="store_true", help="say what the copy holds, and put nothing back")
    back.add_argument(
        "--although-entries-are-lost", action="store_true", help="even where the witness has signed more than it holds"
    )
    back.set_defaults(call=put_back)
    place.set_defaults(call=show_where)
    started = actions.add_parser("deployed", help="record where a digest runs, or that it ended", allow_abbrev=False)
    ledger_deployed.configure(started)
    told = actions.add_parser("export", help="print decisions for a SOC, a JSON line each", allow_abbrev=False)
    ledger_export.configure(told)
    for action in (head, proof, check, place, again, save, back, started, told):
        action.add_argument(
            "--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)"
        )
    ledger_witness.configure(actions)
    ledger_serve.configure(actions)
    ledger_tiles.configure(actions)
    ledger_outbox.configure(actions)
    ledger_anchor.configure(actions)


def show_head(options: argparse.Namespace) -> int:
    """Print the latest checkpoint as the note that it is; one that does not hold is raised."""
    project = open_project(options.project)
    trust = project.read_trust()
    with open_ledger(project, read_only=True) as log:
        note = log.latest_checkpoint()
        if note is None:
            raise Unavailable("the ledger has no checkpoint yet", "run `hauberk run`")
        present = Authority(trust.log, trust.witnesses, trust.quorum)
        authority_at(size_in(note), former_authorities(log, trust), present).attest(note)
    say(note)
    return Exit.CLEAN


def show_proofs(options: argparse.Namespace) -> int:
    """Print the proofs as one JSON list; a digest that no entry speaks of is raised."""
    digest = None if re.fullmatch("[0-9]{1,18}", options.what) else _digest(options.what)
    project = open_project(options.project)
    with open_ledger(project, read_only=True) as log:
        proofs = prove(log, [int(options.what)] if digest is None else log.entries_about(digest))
    if not proofs:
        raise NotVerified(f"no entry of the ledger speaks of {digest}", "is it the digest of what is there now?")
    deliver(json.dumps([proof.to_json() for proof in proofs], indent=2), options.output, recognise=_are_proofs)
    return Exit.CLEAN


def verify(options: argparse.Namespace) -> int:
    """Audit the ledger; the first thing that does not hold is raised."""
    project = open_project(options.project)
    trust = project.read_trust()
    earlier = None if options.since is None else _read_note(options.since)
    remembered, memory = _remembered(project.witness, trust.log.name)
    with open_ledger(project, read_only=True) as log, progress("verifying the ledger"):
        audited = audit(
            log,
            key=trust.log,
            witness_keys=trust.witnesses,
            quorum=trust.quorum,
            now=clock.now(),
            earlier=earlier,
            remembered=remembered,
            jobs=processors(),
            former=lambda: former_authorities(log, trust),
        )
        url = log.served.client.url if isinstance(log, ServedLog) else None
    if url is not None:
        memory = f"a copy of what {url} gives, with the checkpoints that were seen here"
    say(facts("the ledger holds", {**_seen(audited), "compared": memory}))
    for line in audited.notes if url is None else ():  # a copy has not seen each checkpoint
        warn(line)
    return Exit.CLEAN


def rebuild(options: argparse.Namespace) -> int:
    """Compute the stored tree and the table of digests again from the entries, which stay as they are."""
    project = open_project(options.project)
    with Log.open(project.ledger) as log, progress("reading the ledger"):
        log.rebuild()
        size = log.size
    say(f"computed again from {size} entries; `hauberk ledger verify` says whether these hold")
    return Exit.CLEAN


def back_up(options: argparse.Namespace) -> int:
    """Copy the ledger into one file, and read that again."""
    project = open_project(options.project)
    with open_ledger(project, read_only=True) as log, progress("copying the ledger"):
        log.copy_to(options.file)
    with Log.open_file(options.file, read_only=True) as copy:
        note, size = copy.latest_checkpoint(), copy.size
    seen = {"entries": size, "published": "nothing" if note is None else f"the first {note.splitlines()[1]} entries"}
    say(facts(f"copied to {options.file}", seen))
    return Exit.CLEAN


@contextmanager
def _telling_older_trust(file: str, trust: Trust) -> Iterator[None]:
    """Say of a copy that does not hold under a trust whether it is from before it: other keys signed it then."""
    try:
        yield
    except NotVerified as error:
        told = _older_trust(file, trust)
        if not told:
            raise
        raise NotVerified(
            f"{told}: {error.message}",
            "look for a later copy; to audit this one, put the trust file that was kept beside it in place",
        ) from None


def _older_trust(file: str, trust: Trust) -> str:
    """Return words for a copy that ends with an older trust than this project has: a thief's key would count again."""
    try:
        with Log.open_file(file, read_only=True) as copy:
            version = standing(copy).trust.version
    except HauberkError:
        return ""
    if version >= trust.version:
        return ""
    return f"rollback: the copy ends with trust version {version}, and this project has version {trust.version}"


def put_back(options: argparse.Namespace) -> int:
    """Audit a copy, and put it in the place of a ledger that is gone; entries that would be lost are a refusal."""
    project = open_project(options.project)
    trust = project.read_trust()
    remembered, memory = _remembered(project.witness, trust.log.name)
    with ExitStack() as stack, progress("verifying the copy"), _telling_older_trust(options.file, trust):
        compares = options.check_only and is_there(project.ledger)
        live = stack.enter_context(open_ledger(project, read_only=True)) if compares else None
        found = check_copy(
            options.file,
            key=trust.log,
            witness_keys=trust.witnesses,
            quorum=trust.quorum,
            now=clock.now(),
            remembered=remembered,
            live=live,
            jobs=processors(),
            former=lambda copy: former_authorities(copy, trust),
        )
    say(facts("the copy holds", {**_seen(found.audited), "compared": memory, "behind": f"{found.behind} entries"}))
    if options.check_only:
        return Exit.CLEAN
    if found.behind and not options.although_entries_are_lost:
        raise NotVerified(
            f"rollback: the witness has signed {found.behind} entries more than the copy holds",
            "look for a later copy; without one, see the page of the ledger on what to do before you lose them",
        )
    older = _older_trust(options.file, trust)
    if older and not options.although_entries_are_lost:
        raise NotVerified(older, "look for a later copy; without one, what the newer trust ended has to be ended again")
    restore(options.file, project.ledger)
    say(f"restored to {project.ledger}")
    if older:
        warn(older)
    if remembered is None:
        warn("no witness's memory was at hand, so nobody here can say whether this was the latest copy")
    if found.behind:
        warn(f"{found.behind} entries are lost, and the witness signs nothing of this ledger until a person has looked")
    return Exit.CLEAN


def _seen(audited: Audited) -> dict[str, str | int]:
    return {
        "entries": audited.entries,
        "indexes": f"{audited.indexes}, built again",
        "checkpoints": audited.checkpoints,
        "root": audited.root.hex(),
        "published": f"the first {audited.published} entries",
        "witnessed": "never" if audited.time is None else format_instant(audited.time),
    }


def show_where(options: argparse.Namespace) -> int:
    """Say what runs, where that is asked; else whom a changed table, a rule or a callable concerns."""
    return ledger_where.call(options) if ledger_where.is_asked(options) else show_concerned(options)


def show_concerned(options: argparse.Namespace) -> int:
    """List the models that are concerned, with why; any make the exit code 1."""
    project = open_project(options.project)
    known = tables()
    if options.table is not None and options.table not in {one.source for one in known}:
        raise Misconfigured(f"no table is called {options.table}", f"one of {', '.join(one.source for one in known)}")
    asked = Question(options.rule, options.callable, options.table)
    trust = project.read_trust()
    with open_ledger(project, read_only=True) as log, progress("reading the ledger"):
        found = where(log, trust=trust, tables=known, asked=asked, now=clock.now())
        lag = as_of(log)
        running = ledger_where.running(log, project.ledger, trust, [one.digest for one in found])
    if lag is not None:
        warn(lag)
    for one in found:
        why = {f"{number}": text for number, text in enumerate(one.why, start=1)}
        say(facts(f"{one.label}  {one.digest}  entry {one.entry}", why | running[one.digest]))
    if not found:
        say("no model of the ledger is concerned")
    return Exit.FOUND if found else Exit.CLEAN


def _are_proofs(data: bytes) -> bool:
    return data.startswith(b'[\n  {\n    "entry": ')


def _digest(text: str) -> Digest:
    try:
        return Digest.parse(text)
    except Malformed as error:
        raise Misconfigured(
            error.message, "write an entry's number, dirHash:… of a model, or sha256:… of a file"
        ) from None


def _read_note(path: str) -> str:
    try:
        text = read_file(path, limit=DEFAULT_LIMITS.max_note_bytes).decode("utf-8", "strict")
        size_in(text)
    except (UnicodeDecodeError, Malformed) as error:
        why = error.message if isinstance(error, Malformed) else "it is not text"
        raise Malformed(f"{path} is no checkpoint: {why}", "name the note that `hauberk ledger head` printed") from None
    return text


def _remembered(state: Path, origin: str) -> tuple[str | None, str]:
    """Return what the project's own witness has signed last, where it can be read, and what is known of it in words."""
    try:
        note = read_head(state, origin)
    except Unavailable as error:
        return None, f"not with the witness's memory: {error.message}"
    return note, "with the witness's memory" if note else "with the witness's memory, which knows nothing of this log"
