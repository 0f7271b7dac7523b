"""`hauberk promote`: let `model/NAME@production` mean another digest, if the gate lets it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import colourful, facts, say, say_sentences, warn
from hauberk.digest import Digest
from hauberk.edge import clock
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.pipeline.project import open_project
from hauberk.pipeline.promoting import Wanted, promote
from hauberk.render.borne import borne_lines
from hauberk.render.verdict import development_notice, verdict_table

if TYPE_CHECKING:
    import argparse

    from hauberk.pipeline.promoting import Promoted


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("digest", help="of the model: dirHash:…")
    parser.add_argument(
        "environments",
        nargs="+",
        metavar="environment",
        help="[from] to: `staging` alone, or `staging production`, where staging must name it now",
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for everybody who reads the ledger")
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Ask the gate, print its verdict, and say where the alias went."""
    if len(options.environments) > 2:
        raise Misconfigured(f"{len(options.environments)} environments are named", "name [from] to")
    *origin, to = options.environments
    try:
        digest = Digest.parse(options.digest)
    except Malformed as error:
        raise Misconfigured(error.message, "write dirHash:… as `hauberk publish` says it") from None
    wanted = Wanted(digest, to, origin[0] if origin else None, options.reason)
    done = promote(open_project(options.project), wanted, warn=warn)
    width = shutil.get_terminal_size((100, 24)).columns
    say(verdict_table(done.verdict, names=None, colour=colourful(), width=width))
    for line in borne_lines(done.verdict, now=clock.now()):
        warn(line)
    say(_told(done))
    if done.development:
        say_sentences(development_notice())
    return Exit.CLEAN if done.moved is not None else Exit.FOUND


def _told(done: Promoted) -> str:
    if done.moved is None:
        return f"{done.alias} stays what it was"
    move = done.moved.move
    if not done.is_new:
        rows = {
            "names": move.digest,
            "since": format_instant(done.moved.logged.time),
            "statement": done.moved.id,
            "appended": "no move: there is nothing to promote",
        }
        return facts(f"{done.alias} stays: it names this already, and the gate allows it today", rows)
    rows = {
        "names": move.digest,
        "instead of": (move.previous and f"what the statement {str(move.previous)[:19]}… said") or "nothing",
        "statement": done.moved.id,
        "published": f"in the checkpoint of size {done.size}",
    }
    return facts(f"{done.alias} moved", rows)
