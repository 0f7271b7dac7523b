"""One command line: find its verb, run it, and turn whatever went wrong into a sentence and an exit code."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import re
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from hauberk.cli.catalogue import VERBS, Verb
from hauberk.cli.exits import Exit, exit_of_error
from hauberk.cli.output import complain, say
from hauberk.errors import HauberkError, Misconfigured
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_UNKNOWN_OPTION = re.compile(r"unrecognized arguments:.*?(--?[^\s=]+)")
_UNKNOWN_CHOICE = re.compile(r"invalid choice: '([^']*)'")


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `Misconfigured` instead of ending the program, and guesses no abbreviation."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Refuse the command line; where a word of it is nearly one that is known, say which."""
        raise Misconfigured(message, self._nearest(message) or f"see `{self.prog} --help`")

    def _nearest(self, message: str) -> str:
        if found := _UNKNOWN_OPTION.search(message):
            known = [option for parser in self._all() for option in parser._option_string_actions]  # noqa: SLF001
        elif found := _UNKNOWN_CHOICE.search(message):
            known = [str(word) for parser in self._all() for action in parser._actions for word in action.choices or ()]  # noqa: SLF001
        else:
            return ""
        near = difflib.get_close_matches(found[1], known, n=1)
        return f"did you mean `{near[0]}`?" if near else ""

    def _all(self) -> Iterator[argparse.ArgumentParser]:
        """Yield this parser and those of its actions: an option that one of these lacks is told of here."""
        yield self
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                yield from action.choices.values()


def dispatch(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; the only place that meets an error of any kind."""
    debug = "--debug" in arguments
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError):  # replaced by one that cannot, or already failing
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return _run([argument for argument in arguments if argument != "--debug"])
    except HauberkError as error:
        _trace(debug=debug)
        complain(error.message, error.hint)
        return exit_of_error(error)
    except KeyboardInterrupt:
        _trace(debug=debug)
        complain("interrupted")
        return Exit.INTERRUPTED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the documented door: our fault is said, and no answer
        _trace(debug=debug)
        complain(
            f"our own fault: {type(error).__name__}: {error}",
            "run it again with --debug and report what it prints",
        )
        return Exit.FAULT


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        say(_overview())
        return Exit.CLEAN if arguments else Exit.USAGE
    if arguments[0] == "--version":
        say(f"hauberk {VERSION}")
        if "--verbose" in arguments:
            say(_machine())
        return Exit.CLEAN
    verb, name, rest = _verb_of(arguments)
    if verb is None:
        known = [verb.name for verb in VERBS]
        near = difflib.get_close_matches(" ".join(arguments[:2]), known, n=1)
        near = near or difflib.get_close_matches(name, known, n=1)
        raise Misconfigured(
            f"no such verb: {name:.80}", f"did you mean `hauberk {near[0]}`?" if near else "see `hauberk --help`"
        )
    module = importlib.import_module(f"hauberk.cli.{verb.module}")
    parser = Parser(prog=f"hauberk {name}", description=verb.summary, epilog="--debug shows a traceback.")
    module.configure(parser)
    try:
        options = parser.parse_args(rest)
    except SystemExit:  # argparse has printed the help that was asked for
        return Exit.CLEAN
    return int(options.call(options))


def _machine() -> str:
    from hauberk.formats.model.pickle.loop import COMPILED  # noqa: PLC0415 - nothing else here needs a parser

    return f"the pickle machine {'is compiled' if COMPILED else 'runs as Python'}"


def _verb_of(arguments: list[str]) -> tuple[Verb | None, str, list[str]]:
    """Return the verb that the first words name, two of them before one, and what is left for its own parser."""
    for words in (2, 1):
        name = " ".join(arguments[:words])
        found = next((verb for verb in VERBS if verb.name == name), None)
        if found is not None:
            return found, name, arguments[words:]
    return None, arguments[0], arguments[1:]


def _overview() -> str:
    width = max(len(verb.name) for verb in VERBS)
    rows = "\n".join(f"  {verb.name:<{width}}  {verb.summary}" for verb in VERBS)
    return (
        f"usage: hauberk [--version [--verbose]] [--help] [--debug] VERB ...\n\n"
        f"One chain of signed evidence for a machine-learning model.\n\n{rows}\n\n"
        f"`hauberk VERB --help` says more. Exit codes: 0 clean or allowed, 1 found, not verified or denied,\n"
        f"2 wrong usage, 3 could not check, 4 our own fault."
    )


def _trace(*, debug: bool) -> None:
    if debug and sys.stderr is not None:
        traceback.print_exc()
