"""`hauberk explain`: the manual page of a rule, or the list of all rules."""

from __future__ import annotations

import difflib
import shutil
from typing import TYPE_CHECKING

from hauberk.checks.data.registry import RULES as DATA_RULES
from hauberk.checks.features.registry import RULES as FEATURE_RULES
from hauberk.checks.model.registry import RULES as MODEL_RULES
from hauberk.cli.exits import Exit
from hauberk.cli.output import colourful, say
from hauberk.errors import Misconfigured
from hauberk.render.page import listing, page

if TYPE_CHECKING:
    import argparse

RULES = (*MODEL_RULES, *DATA_RULES, *FEATURE_RULES)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "rule", nargs="?", help="the name of a rule, as a finding gives it; without one, all are listed"
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Print the page; a name that no rule bears is raised with the nearest one."""
    width = shutil.get_terminal_size().columns
    if options.rule is None:
        say(listing(RULES, colour=colourful(), width=width))
        return Exit.CLEAN
    known = {rule.id: rule for rule in RULES}
    name = options.rule.strip().casefold()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise Misconfigured(
            f"no rule is called {options.rule:.80}",
            f"did you mean `hauberk explain {near[0]}`?" if near else "`hauberk explain` lists all rules",
        )
    say(page(known[name], colour=colourful(), width=width))
    return Exit.CLEAN
