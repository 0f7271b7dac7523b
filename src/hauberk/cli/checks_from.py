"""`hauberk data checks-from`: translate the checks of another program into checks.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import complain, deliver
from hauberk.render.words import counted
from hauberk.verbs.checks_from import checks_from

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("suite", help="a schema of pandera (YAML, JSON), or a suite of Great Expectations (JSON)")
    parser.add_argument("--name", help="the name of the checks (default: the file's, without what follows a dot)")
    parser.add_argument("--output", metavar="FILE", help="where to write them (default: standard output)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Translate, and list what has no translation; 3 where there is any."""
    suite = checks_from(options.suite, options.name)
    if suite.columns or suite.checks:
        deliver(suite.yaml(), options.output, recognise=_is_ours, inputs=(options.suite,))
    for name in suite.untranslated:
        complain(f"not translated: {name}")
    if suite.untranslated:
        complain(
            f"{counted(len(suite.untranslated), 'check')} of {options.suite} are not in what was written",
            "write them as checks of ours where there are any, or go on running the suite for them",
        )
        return Exit.UNCHECKED
    return Exit.CLEAN


def _is_ours(data: bytes) -> bool:
    return data.startswith((b"# from a schema of pandera", b"# from a suite of Great Expectations"))
