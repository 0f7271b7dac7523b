"""`hauberk derive`: say that one model was made from another one, and how alike they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.edge.keys import open_signer
from hauberk.edge.sources import write_output
from hauberk.errors import Misconfigured
from hauberk.evidence.predicates import DERIVATION
from hauberk.pipeline.project import open_project
from hauberk.pipeline.training import record_statement
from hauberk.signature import dsse
from hauberk.verbs.derive import KINDS, derive

if TYPE_CHECKING:
    import argparse

    from hauberk.ledger.publish import Published


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("source", help="the model that it was made from")
    parser.add_argument("made", help="what was made from it")
    parser.add_argument("--kind", choices=KINDS, default="conversion", help="how (default: conversion)")
    parser.add_argument("--equivalence", required=True, metavar="FILE", help="a JSON file of what was measured")
    parser.add_argument("--also", action="append", default=[], metavar="PATH", help="of a merge: another model in it")
    parser.add_argument(
        "--on", action="append", default=[], metavar="NAME=PATH", help="the data on which it was measured"
    )
    parser.add_argument("--name", help="the model's name (default: the project's)")
    parser.add_argument("--project", default=".", metavar="DIR", help="in whose ledger it is recorded (default: here)")
    parser.add_argument("--key", metavar="URI", help="sign with this key instead, and record nothing")
    parser.add_argument("--statement", metavar="FILE", help="where the signed statement goes, with --key")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Compare digests, sign, and say what was recorded."""
    if (options.key is None) != (options.statement is None):
        raise Misconfigured("--key and --statement go together", "name the file that the signed statement goes to")
    if options.key is not None and options.name is None:
        raise Misconfigured("--key needs --name", "name the model, as in --name fraud")
    project = None if options.key is not None else open_project(options.project)
    name = options.name or (project.file.model.name if project is not None else "")
    made = derive(
        options.source,
        options.made,
        name=name,
        kind=options.kind,
        equivalence=options.equivalence,
        also=options.also,
        on=dict(map(_named, options.on)),
    )
    recorded = options.statement
    if project is not None:
        recorded = _recorded(record_statement(project, "producer", DERIVATION, made, warn=warn))
    else:
        envelope = dsse.encode_envelope(dsse.sign(made, [open_signer(options.key)]))
        write_output(options.statement, envelope, recognise=lambda data: data.startswith(b'{"payload":'))
    failed = made.predicate["result"] != "pass"
    told = {
        "made from": ", ".join(":".join(item) for one in made.predicate["inputs"] for item in one["digest"].items()),
        "digest": made.subjects[0].digests[0],
        "measured": made.predicate["equivalence"]["claim"] + (": it differs" if failed else ""),
        "recorded": recorded,
    }
    say(facts(f"{options.made} is a {options.kind} of {options.source}", told))
    return Exit.FOUND if failed else Exit.CLEAN


def _recorded(published: Published) -> str:
    return f"in the ledger, as the producer; published in the checkpoint of size {published.attested.checkpoint.size}"


def _named(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise Misconfigured(
            f"{text!r:.80} does not name data", "write --on NAME=PATH, as in --on holdout=data/holdout.csv"
        )
    return name, path
