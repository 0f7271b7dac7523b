"""The actions of `hauberk gate` by which people have a gate bear something, sign it together, and see what it bears."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver, say, say_sentences, warn
from hauberk.digest import Digest
from hauberk.edge import clock
from hauberk.edge.sources import digest_path, read_file
from hauberk.errors import HauberkError, Malformed, Misconfigured
from hauberk.evidence import cosigning
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BREAK_GLASS, BY_TYPE, GRANDFATHERING, RISK_DECISION, result_of
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.bearing import append_signed, cosign, draft, end_of, ends, missing, of_digests, of_risk
from hauberk.pipeline.borne_list import borne
from hauberk.pipeline.excuse import Excuse, exceptions, excuse
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.reading import open_ledger
from hauberk.policy.policy import MOST_HOURS
from hauberk.render.borne import left
from hauberk.render.verdict import development_notice
from hauberk.statement import Named
from hauberk.subject import check_label

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hauberk.evidence.cosigning import Draft
    from hauberk.pipeline.borne_list import Listed
    from hauberk.pipeline.project import Project
    from hauberk.statement import Statement

_HOUR = 3600
_MOST = 1 << 20
_PROJECT = "the folder with hauberk.yaml (default: here)"
_OUTPUT = "write a draft that others sign as well, and append nothing"
_KEY = "the private key that signs (default: the approver's, of hauberk.yaml)"
_DIGEST = re.compile(r"(sha256|dirHash):[0-9a-f]{64}", re.ASCII)


def configure_bearing(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments of these actions."""
    bear = _action(actions, "excuse", "let a statement that does not pass be borne for a while", let_pass)
    bear.add_argument("statement", help="the evidence that the gate names: its first 12 digits, or more")
    _said(bear, until="DAY", until_help="the last day, as in 2026-12-31 (UTC)")
    bear.add_argument("-o", "--output", metavar="DRAFT", help=_OUTPUT)
    bear.add_argument("--key", metavar="URI", help=_KEY)
    old = _action(actions, "grandfather", "let what already runs pass a gate without evidence, to a day", grandfather)
    old.add_argument("what", nargs="?", metavar="MODEL", help="a model, or a digest: dirHash:… or sha256:…")
    old.add_argument("--list", metavar="FILE", help="digests, one a line, each with its KIND/NAME before it if needed")
    _said(old, until="DAY", until_help="the last day, as in 2026-12-31 (UTC)")
    _at_gate(old)
    old.add_argument("-o", "--output", metavar="DRAFT", help=_OUTPUT)
    glass = _action(actions, "break-glass", "draft that two people open a gate for one digest for hours", break_glass)
    glass.add_argument("what", metavar="MODEL", help="a model, or a digest: dirHash:… or sha256:…")
    _said(glass, until=None, until_help="")
    glass.add_argument("--hours", required=True, type=int, metavar="N", help="for how long, from now")
    _at_gate(glass)
    glass.add_argument("-o", "--output", required=True, metavar="DRAFT", help="the draft, which others sign as well")
    risk = _action(actions, "risk", "decide about a model's risks, where the policy asks for that", decide_risk)
    risk.add_argument("what", metavar="MODEL", help="a model, or a digest: dirHash:… or sha256:…")
    risk.add_argument("--decision", required=True, choices=("accept", "reject"), help="whether the risk is borne")
    risk.add_argument("--risk", required=True, help="which risk, in one line")
    _said(risk, until="DAY", until_help="the last day of the decision, as in 2026-12-31 (UTC)")
    risk.add_argument("--name", metavar="KIND/NAME", help="what it is (default: the model of hauberk.yaml)")
    risk.add_argument("--key", metavar="URI", help=_KEY)
    risk.add_argument("-o", "--output", metavar="DRAFT", help=_OUTPUT)
    more = _action(actions, "cosign", "show a draft, and sign it as one person more", add_signature)
    more.add_argument("draft", help="the draft; the signature is added to this file")
    more.add_argument("--key", metavar="URI", help=_KEY)
    last = _action(actions, "append", "append what enough people have signed, and publish it", append)
    last.add_argument("draft", help="the draft with all signatures")
    seen = _action(actions, "exceptions", "list what the gates bear, and for how long", show)
    seen.add_argument("--all", action="store_true", help="also what has ended")
    seen.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def let_pass(options: argparse.Namespace) -> int:
    """Sign the exception, and log and publish it, or write the draft of it."""
    keys = Keyring(open_project(options.project), warn)
    wanted = Excuse(options.statement, options.owner, options.until, options.reason)
    if options.output is not None:
        return _drafted(keys, exceptions(keys.project, wanted).statements, options)
    found = excuse(keys, wanted, key=options.key)
    what = f"the {found.kind} {str(found.statement)[:19]}… about {found.label}"
    published = _published(found.size, development=found.development)
    say_sentences(f"excused until {format_instant(found.until)}: {what}; {published[0]}", *published[1:])
    return Exit.CLEAN


def grandfather(options: argparse.Namespace) -> int:
    """Sign that what runs may go on without evidence, and log and publish it, or write the draft of it."""
    keys = Keyring(open_project(options.project), warn)
    gate = options.gate or keys.project.gate
    said = of_digests(
        GRANDFATHERING,
        _things(keys.project, options),
        gate=gate,
        owner=options.owner,
        until=end_of(options.until),
        reason=options.reason,
    )
    if options.output is not None:
        return _drafted(keys, said, options)
    return _appended(keys, draft(keys, said, options.key))


def break_glass(options: argparse.Namespace) -> int:
    """Write the draft of an emergency, signed by the first of the people."""
    if not 1 <= options.hours <= MOST_HOURS:
        raise Misconfigured(
            f"--hours {options.hours}: at least 1, at most {MOST_HOURS}", "what lasts longer is no emergency"
        )
    keys = Keyring(open_project(options.project), warn)
    said = of_digests(
        BREAK_GLASS,
        [_thing(keys.project, options.what, options.name)],
        gate=options.gate or keys.project.gate,
        owner=options.owner,
        until=clock.now() + options.hours * _HOUR,
        reason=options.reason,
    )
    return _drafted(keys, said, options)


def decide_risk(options: argparse.Namespace) -> int:
    """Sign the decision, and log and publish it, or write the draft of it."""
    keys = Keyring(open_project(options.project), warn)
    said = of_risk(
        _thing(keys.project, options.what, options.name),
        bears=options.decision == "accept",
        risk=options.risk,
        owner=options.owner,
        until=end_of(options.until),
        reason=options.reason,
    )
    if options.output is not None:
        return _drafted(keys, (said,), options)
    return _appended(keys, draft(keys, (said,), options.key))


def add_signature(options: argparse.Namespace) -> int:
    """Show what is signed, sign it, and write it back."""
    keys = Keyring(open_project(options.project), warn)
    begun = _read(options.draft)
    say_sentences(*_sentences(begun.statements))
    return _written(keys, cosign(keys, begun, options.key), options.draft)


def append(options: argparse.Namespace) -> int:
    """Append a draft that enough people have signed, and publish a checkpoint that shows it."""
    keys = Keyring(open_project(options.project), warn)
    return _appended(keys, _read(options.draft))


def show(options: argparse.Namespace) -> int:
    """List what the gates bear, first what ends first."""
    project, now = open_project(options.project), clock.now()
    with open_ledger(project, read_only=True) as log:
        found = borne(log, project.read_policy(), project.read_trust(), now=now, ended=options.all)
    if options.format == "json":
        say(json.dumps([one.to_json(now) for one in found], indent=2, ensure_ascii=False))
    else:
        say_sentences(*([_row(one, now) for one in found] or ["the gates bear nothing"]))
    return Exit.CLEAN


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, call: object
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=summary, allow_abbrev=False)
    parser.add_argument("--project", default=".", metavar="DIR", help=_PROJECT)
    parser.set_defaults(call=call)
    return parser


def _said(parser: argparse.ArgumentParser, *, until: str | None, until_help: str) -> None:
    parser.add_argument("--owner", required=True, metavar="NAME", help="who answers for it")
    if until is not None:
        parser.add_argument("--until", required=True, metavar=until, help=until_help)
    parser.add_argument("--reason", required=True, help="why, for everybody who reads a verdict")


def _at_gate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gate", metavar="GATE", help="the gate that bears it (default: the one of hauberk.yaml)")
    parser.add_argument("--name", metavar="KIND/NAME", help="what it is (default: the model of hauberk.yaml)")
    parser.add_argument("--key", metavar="URI", help=_KEY)


def _things(project: Project, options: argparse.Namespace) -> list[Named]:
    """Return what is grandfathered: a model, a digest, or the digests of a file."""
    if (options.what is None) == (options.list is None):
        raise Misconfigured("name a model or a digest, or a file of digests by --list", "one of them")
    if options.what is not None:
        return [_thing(project, options.what, options.name)]
    found = list(_of_file(project, options.list, options.name))
    if not found:
        raise Misconfigured(f"{options.list} names no digest", "one a line: model/NAME dirHash:…")
    return found


def _of_file(project: Project, path: str, name: str | None) -> Iterator[Named]:
    text = read_file(path, limit=_MOST).decode(errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) > len(("kind/name", "digest")) or not _DIGEST.fullmatch(words[-1]):
            raise Misconfigured(f"{path}: line {number} is no digest: {line[:80]!r}", "write model/NAME dirHash:…")
        yield Named(_label(project, words[0] if words[:-1] else name), (Digest.parse(words[-1]),))


def _label(project: Project, name: str | None) -> str:
    label = name or project.label
    try:
        check_label(label)
    except Malformed:
        raise Misconfigured(f"{label!r:.80} is no name", "write KIND/NAME, as in model/tumour") from None
    return label


def _thing(project: Project, what: str, name: str | None) -> Named:
    """Return a thing by its digest, or by the digest of the bytes that lie there."""
    label = _label(project, name)
    if not _DIGEST.fullmatch(what):
        return Named(label, (digest_path(what),))
    if os.path.lexists(what):
        raise Misconfigured(
            f"{what} is a digest, and something here is called so", f"for what lies here, write {os.curdir}/{what}"
        )
    return Named(label, (Digest.parse(what),))


def _read(path: str) -> Draft:
    data = read_file(path, limit=DEFAULT_LIMITS.max_document_bytes)
    try:
        return cosigning.read(data)
    except Malformed as error:
        if cosigning.is_draft(data):
            raise Malformed(f"{path} is no draft: {error.message}", "get it again from whoever signed it") from None
        raise Misconfigured(f"{path} is no draft: {error.message}", "name the file that -o wrote") from None


def _is_draft(data: bytes) -> bool:
    try:
        cosigning.read(data)
    except HauberkError:
        return False
    return True


def _drafted(keys: Keyring, statements: tuple[Statement, ...], options: argparse.Namespace) -> int:
    if os.path.lexists(options.output):
        raise Misconfigured(
            f"{options.output} is there already",
            "others may have signed a draft: name another file, or take this one away",
        )
    begun = draft(keys, statements, options.key)
    say_sentences(*_sentences(statements))
    return _written(keys, begun, options.output)


def _written(keys: Keyring, begun: Draft, path: str) -> int:
    deliver(begun.encode().decode(), path, recognise=_is_draft)
    open_places = missing(keys, begun)
    step = f"`hauberk gate cosign {path}`, by {open_places} more" if open_places else f"`hauberk gate append {path}`"
    say_sentences(f"written: {path}; next: {step}")
    return Exit.CLEAN


def _appended(keys: Keyring, signed: Draft) -> int:
    found = append_signed(keys, signed)
    say_sentences(*_sentences(found.statements))
    size = found.published.attested.checkpoint.size
    published = _published(size, development=found.development)
    say_sentences(f"signed by {' and '.join(found.people)}; {published[0]}", *published[1:])
    return Exit.CLEAN


def _published(size: int, *, development: bool) -> tuple[str, ...]:
    text = f"published in the checkpoint of size {size}"
    return (text, development_notice()) if development else (text,)


def _sentences(statements: tuple[Statement, ...]) -> list[str]:
    """Return what each statement says, for whoever signs it: all of it, for nobody signs what he has not read."""
    lines = []
    for statement in statements:
        body, kind = statement.predicate, BY_TYPE[statement.predicate_type].name
        about = ", ".join(f"{thing.label} {'+'.join(map(str, thing.digests))}" for thing in statement.subjects)
        until, why = format_instant(ends(statement)), body.get("emergency") or body.get("reason")
        said = f"{kind} {_where(statement)}: {about}; until {until}; {body['owner']} answers for it: {why}"
        lines.append(said)
    return lines


def _where(statement: Statement) -> str:
    """Return what a statement bears or decides, and where."""
    body = statement.predicate
    if statement.predicate_type == RISK_DECISION.type:
        return f"that a risk is {'borne' if result_of(statement) == 'pass' else 'NOT borne'} ({body['risk']})"
    return f"at the gate {body['gate']}" if "gate" in body else f"for the statement {body['statement']}"


def _row(one: Listed, now: int) -> str:
    where = f" at the gate {one.gate}" if one.gate else ""
    signed = " and ".join(one.signers) or "nobody whom trust lets"
    state = f"counts for nothing: {one.why_not}" if one.why_not else left(one.until, now)
    return (
        f"{one.kind}{where}: {one.about}; until {format_instant(one.until)}, {state}; "
        f"{one.owner} answers for it, signed by {signed}: {one.reason}"
    )
