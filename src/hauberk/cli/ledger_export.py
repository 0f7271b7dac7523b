"""`hauberk ledger export`: decisions of the ledger for a security operations centre, one JSON line each."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Final

from hauberk.cli.exits import Exit
from hauberk.cli.output import note, say
from hauberk.errors import Misconfigured, NotVerified
from hauberk.pipeline.project import open_project
from hauberk.pipeline.reading import opener
from hauberk.render import ocsf, otel
from hauberk.verbs.authorities import verified_realm
from hauberk.verbs.export import events
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.pipeline.project import Project
    from hauberk.render.event import Event

FORMATS: Final[dict[str, Callable[[Event, str], str]]] = {"ocsf": ocsf.line, "otel": otel.line}
FOLLOW_SECONDS: Final = 0.5  # between two looks for new entries


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the action."""
    parser.add_argument("--format", required=True, choices=tuple(FORMATS), help="OCSF 1.5.0, or OTLP/JSON log records")
    parser.add_argument(
        "--since", type=_number, default=0, metavar="N", help="the first entry that is told (default: 0)"
    )
    parser.add_argument("--follow", action="store_true", help="go on with what is appended, until interrupted")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Write a line for each event; say where to go on, also when interrupted."""
    telling = _Telling(open_project(options.project), FORMATS[options.format], options.since)
    try:
        while telling.tell() and options.follow:
            time.sleep(max(FOLLOW_SECONDS, telling.every_seconds))
    except KeyboardInterrupt:
        note(telling.where)
        raise
    note(telling.where)
    return Exit.CLEAN


class _Telling:
    """How far a ledger was told: all events of the entries before `next` were written."""

    def __init__(self, project: Project, write: Callable[[Event, str], str], start: int) -> None:
        self._project = project
        self._open, self.every_seconds = opener(project, read_only=True)
        self._write = write
        self._begun = False
        self.next = start

    @property
    def where(self) -> str:
        return f"told up to entry {self.next}: go on with --since {self.next}"

    def tell(self) -> bool:
        """Tell what there is from the next entry on; return whether somebody still reads."""
        with self._open() as log:
            end = log.size
            self._check_end(end)
            if end == self.next:
                return True
            trust, realm = self._project.read_trust(), verified_realm(log, self._project.read_root())
            for event in events(log, trust.log.name, trust, realm, start=self.next, end=end):
                self.next = event.source.entry
                if not say(self._write(event, VERSION)):
                    return False
            self.next = end
        return True

    def _check_end(self, end: int) -> None:
        if end < self.next and self._begun:
            raise NotVerified(f"the ledger had {self.next} entries and has {end} now", "keep it as evidence")
        if end < self.next:
            raise Misconfigured(f"the ledger has {end} entries", "is it the ledger that was told before?")
        self._begun = True


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise argparse.ArgumentTypeError(f"{text!r:.40} is no number of an entry")
    return int(text)
