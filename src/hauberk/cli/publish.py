"""`hauberk publish`: put a model where others find it by its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say
from hauberk.cli.progress import progress
from hauberk.render.words import counted
from hauberk.verbs.depots import open_depot
from hauberk.verbs.publish import Beside, publish

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="the model: a directory or a file")
    parser.add_argument("depot", metavar="to", help="where it goes: a directory")
    parser.add_argument(
        "--signature", action="append", default=[], metavar="FILE", help="its signature, which goes beside it"
    )
    parser.add_argument(
        "--passport", action="append", default=[], metavar="FILE", help="its passport, which goes beside it"
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Publish, and say by which digest it is found."""
    depot = open_depot(options.depot)
    with progress(f"publishing {options.model}"):
        done = publish(options.model, depot, beside=Beside(tuple(options.signature), tuple(options.passport)))
    rows = {
        "digest": done.digest,
        "files": f"{done.sent} sent, {done.found} there already",
        "beside it": counted(done.notes, "new note") if done.notes else "nothing new",
    }
    say(facts(f"published in {depot.where}", rows))
    return Exit.CLEAN
