"""`hauberk passport`: all evidence on one model in one file, and what a stranger can make of it with one public key."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import colourful, facts, say, say_sentences, warn
from hauberk.edge import clock
from hauberk.edge.sources import check_output, digest_path, read_file, write_output
from hauberk.errors import Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.gate.decide import check_age
from hauberk.gate.export import check_all_published, collect, export
from hauberk.gate.passport import is_passport
from hauberk.gate.prove import verify_passport
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.project import open_project
from hauberk.pipeline.reading import open_ledger
from hauberk.render.borne import borne_lines
from hauberk.render.verdict import development_notice, verdict_table
from hauberk.subject import Subject
from hauberk.verbs.sign import place_inside
from hauberk.verbs.written import read_root
from hauberk.verdict import Answer

if TYPE_CHECKING:
    import argparse

    from hauberk.gate.prove import Answer as PassportAnswer
    from hauberk.verdict import Verdict


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="export|verify")
    out = actions.add_parser("export", help="write the passport of a model of this project", allow_abbrev=False)
    out.add_argument("model", help="the model: a directory or a file")
    out.add_argument("-o", "--output", required=True, metavar="FILE", help="where the passport is written")
    out.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    out.set_defaults(call=write)
    check = actions.add_parser("verify", help="ask a passport's gate again, offline", allow_abbrev=False)
    check.add_argument("passport", help="the passport")
    check.add_argument("--root", required=True, metavar="FILE", help="the root.pub of the model's owner")
    check.add_argument("--model", metavar="PATH", help="also compute the digest of this model and compare")
    check.add_argument("--at", metavar="TIME", help="ask as of this time (2026-11-23T17:00:00Z) instead of now")
    check.set_defaults(call=read)


def write(options: argparse.Namespace) -> int:
    """Collect, prove and write the passport; a denied model gets none."""
    project = open_project(options.project)
    if place_inside(options.model, options.output) is not None:
        raise Misconfigured(
            f"the passport {options.output} would lie inside of the model that it speaks of",
            "name a path beside the model",
        )
    check_output(options.output, recognise=is_passport)
    subject = Subject("model", project.file.model.name, digest_path(options.model))
    with open_ledger(project, read_only=True) as log:
        check_all_published(log)
        data, verdict, proven = export(collect(log, gate=project.gate, subject=subject), root=project.read_root())
    if verdict.result is not Answer.ALLOW:
        say(_table(verdict))
        raise Refused("no passport is written for a model that its gate denies", "see the reasons above")
    write_output(options.output, data, recognise=is_passport)
    say(
        facts(
            f"wrote {options.output}",
            {"model": subject.digest, "as of": format_instant(proven.evidence.time), "bytes": len(data)},
        )
    )
    if proven.development:
        say_sentences(development_notice())
    return Exit.CLEAN


def read(options: argparse.Namespace) -> int:
    """Verify a passport with nothing but the root's public key, and say what it does not know."""
    now = _instant(options.at) if options.at else clock.now()
    root = read_root(options.root)
    data = read_file(options.passport, limit=DEFAULT_LIMITS.max_document_bytes)
    try:
        answer = verify_passport(data, root=root)
    except Malformed as error:
        raise Malformed(
            f"{options.passport} is no passport: {error.message}",
            error.hint
            or "name the file that `hauberk passport export` wrote, or get it again: it may be cut or changed",
        ) from None
    if options.model:
        _compare(answer, options.model)
    untimely = _untimely(answer, now)
    say(_table(answer.verdict, instead="" if untimely is None else "STALE"))
    for line in (*borne_lines(answer.verdict, now=now), *answer.notes):
        warn(line)
    _say_what_is_unknown(answer, compared=bool(options.model))
    if untimely is not None:
        raise untimely
    return Exit.CLEAN if answer.verdict.result is Answer.ALLOW else Exit.FOUND


def _untimely(answer: PassportAnswer, now: int) -> Unavailable | None:
    """Return why a passport that holds says nothing about now; None where it does."""
    for borne in answer.verdict.borne:
        if now > borne.until:
            return Unavailable(
                f"held as of {format_instant(answer.proven.evidence.time)}, and rested on {borne.statement}, "
                f"by which {', '.join(borne.rules)} was borne until {format_instant(borne.until)}",
                "ask its owner for a passport of today",
            )
    hours = answer.policy.gates[answer.verdict.gate].max_evidence_age_hours
    try:
        check_age(answer.proven.evidence.time, now, hours)
    except Unavailable as error:
        return error
    return None


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except Malformed as error:
        raise Misconfigured(f"--at: {error.message}", error.hint) from None


def _compare(answer: PassportAnswer, model: str) -> None:
    here = digest_path(model)
    if here != answer.verdict.subject.digest:
        raise NotVerified(
            f"the passport is of {answer.verdict.subject.digest}, {model} is {here}",
            "use the passport of this model, or the model of this passport",
        )


def _say_what_is_unknown(answer: PassportAnswer, *, compared: bool) -> None:
    hours = answer.policy.gates[answer.verdict.gate].max_evidence_age_hours
    time = format_instant(answer.proven.evidence.time)
    say(f"holds as of {time}; revocations after that are unknown; the policy wants at most {hours} h")
    if not compared:
        say("no model was compared: add --model PATH, or compare the digest above yourself")
    if answer.proven.development:
        say_sentences(development_notice())


def _table(verdict: Verdict, *, instead: str = "") -> str:
    width = shutil.get_terminal_size((100, 24)).columns
    return verdict_table(verdict, names=None, colour=colourful(), width=width, instead=instead)
