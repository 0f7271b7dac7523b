"""`hauberk gate`: may this model, or these data, pass, and why? And: what is denied for good, or borne for a while."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hauberk.cli.data_set import only_place, written
from hauberk.cli.exits import Exit
from hauberk.cli.gate_approve import configure_approving
from hauberk.cli.gate_bearing import configure_bearing
from hauberk.cli.output import colourful, say, say_sentences, warn
from hauberk.digest import Digest
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.errors import HauberkError, Malformed, Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.ledger.service_file import MOST_SECONDS
from hauberk.pipeline.current import current_inputs
from hauberk.pipeline.expiry import ends_soon
from hauberk.pipeline.hold import begin
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.outage import alarmed, answer
from hauberk.pipeline.project import open_project
from hauberk.pipeline.revoke import revoke
from hauberk.render.borne import borne_lines, would_be_closed
from hauberk.render.verdict import development_notice, verdict_table
from hauberk.subject import Subject
from hauberk.verbs.data_open import read_manifest
from hauberk.verdict import Answer, Mode

if TYPE_CHECKING:
    import argparse

    from hauberk.gate.prove import Proven
    from hauberk.pipeline.hold import Held
    from hauberk.pipeline.project import Project
    from hauberk.verdict import Verdict


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    load = actions.add_parser("load", help="may this model be opened?", allow_abbrev=False)
    load.add_argument("model", help="the model: a directory or a file")
    load.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    load.set_defaults(call=decide)
    learn = actions.add_parser("train", help="may anything learn from these data?", allow_abbrev=False)
    learn.add_argument(
        "manifest", metavar="MANIFEST[=PATH]", help="the manifest; PATH is where the data lie, if not where it says"
    )
    learn.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    learn.set_defaults(call=decide)
    keep = actions.add_parser("hold", help="stay until a model may not be used any more", allow_abbrev=False)
    keep.add_argument("model", help="the model: a directory or a file")
    keep.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    keep.set_defaults(call=stay)
    away = actions.add_parser("revoke", help="deny a digest at every gate, for good", allow_abbrev=False)
    away.add_argument("digest", help="what is revoked: dirHash:… of a model, sha256:… of a key")
    away.add_argument("--reason", required=True, help="why, for everybody who is denied")
    away.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    away.set_defaults(call=take_away)
    configure_approving(actions)
    configure_bearing(actions)


def decide(options: argparse.Namespace) -> int:
    """Ask the gate, and print the verdict with every reason."""
    project = open_project(options.project)
    keys = Keyring(project, warn)
    with alarmed(project, project.read_policy(), options.action, warn=warn):
        of_model = options.action == "load"
        name = project.file.model.name
        subject = Subject("model", name, digest_path(options.model)) if of_model else _data_set(options)
        current = current_inputs(project) if of_model else None
        verdict, proven = answer(keys, options.action, subject, current=current, warn=warn)
    width = shutil.get_terminal_size((100, 24)).columns
    say(verdict_table(verdict, names=None, colour=colourful(), width=width))
    allowed = verdict.result is Answer.ALLOW
    if not allowed and proven is not None:
        say_sentences("", f"next: {_next_step(project, verdict, proven)}")
    for line in (*borne_lines(verdict, now=clock.now()), *would_be_closed(verdict)):
        warn(line)
    for line in ends_soon(proven.realm.newest, proven.trust, now=clock.now()) if proven is not None else ():
        warn(line)
    if project.read_trust().development if proven is None else proven.development:
        say_sentences(development_notice())
    return Exit.CLEAN if allowed or verdict.mode is not Mode.ENFORCE else Exit.FOUND


def _data_set(options: argparse.Namespace) -> Subject:
    """Return the data set of a manifest, with the digest of the bytes that lie there now."""
    path, place = written(options.manifest)
    manifest = read_manifest(path)
    return Subject("dataset", manifest.name, digest_path(only_place(manifest, path, place)))


def _next_step(project: Project, verdict: Verdict, proven: Proven) -> str:
    """Return the next thing to do about a denial: of the reasons, the one without which the others cannot be met."""
    rules = {reason.rule for reason in verdict.reasons}
    model, policy = project.file.model.path, project.file.policy
    if "not-revoked" in rules:
        return "nothing undoes a revocation: make the model again without what is revoked"
    if "trust.valid" in rules:
        return "have the root sign a new trust: `hauberk trust edit`"
    if "policy.approved" in rules:
        if proven.trust.development and project.file.keys.approver is not None:
            return f"`hauberk run` approves {policy} as it is now, with the development key, and asks again"
        return f"have the approver sign {policy} by `hauberk gate approve`, or put back the approved one"
    if "gate.known" in rules:
        return f"write the gate into {policy}, and have the approver sign it"
    if any(rule.endswith(".readable") for rule in rules):
        return "a newer release may have written that: ask the gate with it; `hauberk gate excuse` bears the statement"
    if verdict.subject.kind == "dataset" and any(rule.endswith(".present") for rule in rules):
        return "nobody approved these bytes: `hauberk data approve` checks them, and `hauberk run` publishes it"
    if not proven.evidence.said_of(proven.passport.thing):
        return f"no statement speaks of this digest; `hauberk run` makes {model} and its evidence again"
    if any(rule.endswith(".current") for rule in rules):
        return "`hauberk run` does again what depends on the change"
    return "`hauberk run` makes what is missing or too old; for the rest, the model or the policy has to change"


def stay(options: argparse.Namespace) -> int:
    """Hold a permit until it is taken away, which is raised; nothing else ends this."""
    with begin(options.model, project=options.project) as held:
        for line in held.borne:
            warn(line)
        subject = held.permit.subject
        say_sentences(f"{subject.label} ({subject.digest}) may be used; this ends {_within(held)} of a revocation")
        while not held.wait(1.0):
            held.check()
        held.check()
    raise AssertionError("a permit that was taken away was given back")


def _within(held: Held) -> str:
    if held.every_seconds < 1:
        return "within a second"
    return f"within {held.every_seconds:g} s, and the time that the ledger's service takes to answer,"


def take_away(options: argparse.Namespace) -> int:
    """Sign the revocation as the approver, log it, and publish a checkpoint that shows it."""
    try:
        digest = Digest.parse(options.digest)
    except Malformed as error:
        raise Misconfigured(
            error.message, "write dirHash:… of a model, or sha256:… of a data set, a script or a key"
        ) from None
    project = open_project(options.project)
    published, development = revoke(project, digest, options.reason, warn=warn)
    size = published.attested.checkpoint.size
    say_sentences(f"revoked {digest}: published in the checkpoint of size {size}; no gate opens for it again")
    elsewhere = _elsewhere(project, published.attested.time)
    pods = f"at pods of its service within {MOST_SECONDS} s and the time of an answer"
    say_sentences(f"readers of this ledger that hold a permit stop within a second; {pods}; {elsewhere}")
    if development:
        say_sentences(development_notice())
    return Exit.CLEAN


def _elsewhere(project: Project, time: int) -> str:
    """Say how long a passport, or a copy of the ledger, from before a revocation may still open a gate."""
    try:
        hours = max(gate.max_evidence_age_hours for gate in project.read_policy().gates.values())
        until = format_instant(time + hours * 3600)
    except (HauberkError, ValueError):
        return "passports and copies from before open what the policy's max_evidence_age_hours lets them"
    return f"passports and copies from before open gates until {until} at the latest"
