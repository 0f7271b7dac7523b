"""`hauberk scan learn`: propose rows for the callables that trusted files use and no table holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.checks.model.learning import HEAD, nothing_new, proposal
from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver, note, warn
from hauberk.cli.progress import progress
from hauberk.edge.sources import check_output
from hauberk.render.words import counted
from hauberk.verbs.learn import learn

if TYPE_CHECKING:
    import argparse

_SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("paths", nargs="+", metavar="path", help="files that you trust, or directories of them")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write the proposal (default: standard output)")
    parser.add_argument("--source", default="own", help="whose callables these are, as in our-team (default: own)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Look, and write what is proposed; what is dangerous in trusted files is said, and makes the exit code 1."""
    if options.output is not None:
        check_output(options.output, recognise=_is_proposal, inputs=options.paths)
    with progress(f"learning from {', '.join(options.paths)}"):
        lesson = learn(*options.paths)
    text = proposal(lesson.learnt, source=options.source)
    deliver(text, options.output, recognise=_is_proposal, inputs=options.paths)
    if not lesson.learnt.proposed:
        note(nothing_new(lesson.learnt))
    elif options.output is not None:
        names = counted(sum(map(len, lesson.learnt.proposed.values())), "name")
        note(f"proposed {names} in {options.output}", "read the code of each, say why it is safe, then sign the file")
    refused = [f"{name}: {why}" for name, seen in lesson.learnt.refused.items() for why in seen.against]
    for line in refused[:_SHOWN]:
        warn(f"not proposed: {line}")
    if len(refused) > _SHOWN:
        warn(f"and {counted(len(refused) - _SHOWN, 'more use')}, listed at the end of the proposal")
    if any(": dangerous (" in line for line in refused):
        return Exit.FOUND
    return Exit.CLEAN if lesson.scan.complete else Exit.UNCHECKED


def _is_proposal(data: bytes) -> bool:
    return data.startswith(HEAD.encode())
