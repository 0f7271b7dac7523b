"""`hauberk detonate`: open a model in a sealed sandbox, and report what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver
from hauberk.cli.progress import progress
from hauberk.edge.sandbox.bubblewrap import Budget
from hauberk.edge.sources import check_output
from hauberk.errors import Misconfigured
from hauberk.render import detonation
from hauberk.verbs.detonate import FORMS, detonate
from hauberk.version import VERSION

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a model: a file, or a directory with --entry")
    parser.add_argument("--entry", metavar="FILE", help="the file of the directory that is opened")
    parser.add_argument("--as", dest="form", choices=FORMS, help="open it as this (default: told from the bytes)")
    for name, most, what in (("--seconds", 120, "the longest that it may run"), ("--memory-gib", 8, "its most memory")):
        parser.add_argument(name, type=int, default=most, metavar="N", help=f"{what} (default: {most})")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the report")
    parser.add_argument("--output", metavar="FILE", help="where to write the report instead of standard output")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Detonate, and write the report."""
    if options.seconds < 1 or options.memory_gib < 1:
        raise Misconfigured("a model can do nothing in no time or memory", "give whole numbers above 0")
    if options.output is not None:
        check_output(options.output, recognise=detonation.is_document, inputs=(options.model,))
    budget = Budget(seconds=options.seconds, memory_bytes=options.memory_gib << 30)
    with progress(f"detonating {options.model}"):
        seen = detonate(options.model, form=options.form, entry=options.entry, budget=budget)
    text = detonation.document(seen, version=VERSION) if options.format == "json" else detonation.text(seen)
    deliver(text, options.output, recognise=detonation.is_document, inputs=(options.model,))
    if seen.acted:
        return Exit.FOUND
    return Exit.CLEAN if seen.opened else Exit.UNCHECKED
