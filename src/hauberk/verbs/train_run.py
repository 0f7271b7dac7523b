"""How a training command is run, for `hauberk train` and `hauberk run` alike: its sandbox, credentials and ways out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.descendants import adopting
from hauberk.edge.process import run
from hauberk.edge.relay.address import ways
from hauberk.edge.sandbox.training import NAME_SERVER, Sealed, Walls, available, is_watched, run_sealed
from hauberk.edge.sources import printable
from hauberk.errors import Misconfigured, Refused, Unavailable
from hauberk.refused_for import RefusedFor
from hauberk.verbs.train_secrets import borrowed, require_orderly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from hauberk.edge.relay.address import Destination, Way
    from hauberk.edge.relay.running import Carried
    from hauberk.edge.secrets.redaction import Redactor
    from hauberk.edge.secrets.written import Written
    from hauberk.formats.trace import Refusal

SECONDS_A_MINUTE: Final = 60
SANDBOX: Final = "bubblewrap"
_SHOWN: Final = 10
_UNSEEN_LEFT: Final = "NOBODY SEES what the command leaves running: that is told on Linux, and beside no other thread"
_KINDS: Final[Mapping[str, RefusedFor]] = {
    "read": RefusedFor.UNDECLARED_READ,
    "write": RefusedFor.UNDECLARED_WRITE,
    "change": RefusedFor.UNDECLARED_WRITE,
    "unseen": RefusedFor.UNSEEN,
    "network": RefusedFor.NETWORK,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a command runs.

    Attributes:
        sandbox: `require`; `auto` runs without one where there is none; `off`.
        lender: the file of credentials that are leased for as long as the command runs.
        reach: what the command may reach outside of the sandbox, besides what the lender's file names.
    """

    sandbox: str
    lender: Written | None = None
    reach: tuple[Destination, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names of the variables that hold credentials."""
        return () if self.lender is None else self.lender.document.variables

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Return everything that the command may reach, each once."""
        lent = () if self.lender is None else self.lender.document.destinations
        return tuple(dict.fromkeys((*self.reach, *lent)))

    @property
    def reaching(self) -> dict[str, Any]:
        """Return the member of a provenance that says what was declared; nothing where nothing was."""
        return {"reach": sorted(map(str, self.destinations))} if self.destinations else {}


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, and what it sees: all as of `Walls`, with paths that are resolved.

    Attributes:
        minutes: how long it may run.
    """

    words: tuple[str, ...]
    folder: Path
    readable: tuple[Path, ...]
    writable: Path
    minutes: int
    memory_bytes: int
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ready:
    """Terms that can be kept here and now: whether there is a sandbox, and where the ways out of it lead."""

    terms: Terms
    is_sealed: bool
    ways: tuple[Way, ...]


def prepare(terms: Terms, taken: Iterable[str], warn: Callable[[str], None]) -> Ready:
    """See whether the terms can be kept, while nothing was done yet, and say what a person should know of them.

    Args:
        terms: the terms.
        taken: names of variables that the command gets from elsewhere.
        warn: is told.

    Raises:
        Misconfigured: terms that contradict each other, or nothing to log in with.
        Unavailable: there is no sandbox where one is required; a host whose name does not resolve.
    """
    if terms.lender is not None:
        require_orderly(terms.lender, taken)
    if terms.reach and terms.sandbox == "off":
        raise Misconfigured("--reach is a way out of the sandbox, and there is none", "leave out one of the two")
    why_not = "" if terms.sandbox == "off" else available()
    if terms.sandbox == "require" and why_not:
        raise Unavailable(
            f"there is no sandbox: {why_not}",
            "install it; `--sandbox off`, or `sandbox: off` in hauberk.yaml, runs without",
        )
    found = ways(terms.destinations)
    ready = Ready(terms, terms.sandbox != "off" and not why_not, found)
    if not ready.is_sealed:
        warn(f"NO SANDBOX ({why_not or 'switched off'}): the command can read, write and send what you can")
    elif found:
        led = ", ".join(f"{way.destination} ({', '.join(way.resolved)})" for way in found)
        warn(
            f"THE SANDBOX REACHES {led}: nobody verifies what the command reads there, so nobody can make this model "
            f"again from what is recorded; and what it reads here, it can send there"
        )
    elif terms.lender is not None:
        warn(
            "the sandbox has no network: what is leased opens no server from inside, unless --reach or `reach` says so"
        )
    if ready.is_sealed and not is_watched():
        warn("NOT WATCHED (strace is not installed): what the command tries is denied, and you are not told")
    return ready


def perform(command: Command, ready: Ready, hide: Redactor, *, warn: Callable[[str], None]) -> Sealed:
    """Run a command to its end, with what is lent to it; errors as of `lent` and `run_sealed`, and of `train`."""
    with borrowed(ready.terms.lender, hide) as loan:
        environment = {**command.environment, **loan.values}
        seconds = command.minutes * SECONDS_A_MINUTE
        if not ready.is_sealed:
            with adopting() as left:
                if left is None:
                    warn(_UNSEEN_LEFT)
                done = run(
                    command.words, cwd=command.folder, environment=environment, timeout_seconds=seconds,
                    attend=loan.attend,
                )  # fmt: skip
                ended = Sealed(done.returncode, () if left is None else left(), None)
        else:
            walls = Walls(
                command.folder, command.readable, command.writable, seconds, command.memory_bytes, ways=ready.ways
            )
            ended = run_sealed(command.words, environment, walls, attend=loan.attend)
        for carried in ended.carried:
            _complain(carried, warn)
        _require_clean(ended, command.minutes, warn)
    return ended


def within(ready: Ready, ended: Sealed) -> dict[str, Any]:
    """Return what a provenance says of the walls around a run: its sandbox, and whether what it tried was seen."""
    return {"sandbox": SANDBOX if ready.is_sealed else None, "watched": ended.refused is not None}


def reached(ready: Ready, ended: Sealed) -> dict[str, Any]:
    """Return what a provenance says of the addresses that were reached: how much, and nothing of what it was."""
    if not ready.ways:
        return {}
    counted = {carried.way: carried for carried in ended.carried}
    return {"reached": [_reached(way, counted.get(way)) for way in ready.ways]}


def _reached(way: Way, carried: Carried | None) -> dict[str, Any]:
    """Nobody counts without a sandbox: then the numbers are null."""
    return {
        "address": str(way.destination),
        "resolved": list(way.resolved),
        "connections": None if carried is None else carried.connections,
        "sentBytes": None if carried is None else carried.sent,
        "receivedBytes": None if carried is None else carried.received,
    }


def _complain(carried: Carried, warn: Callable[[str], None]) -> None:
    if carried.failed:
        said = f"{carried.failed} of {carried.connections} connections failed: {carried.said}"
        warn(f"{carried.way.destination} ({', '.join(carried.way.resolved)}): {said}")
    if carried.turned_away:
        warn(f"{carried.way.destination}: {carried.turned_away} connections were too many at once, and turned away")


def _require_clean(ended: Sealed, minutes: int, warn: Callable[[str], None]) -> None:
    """Raise for a run that did what it must not; nothing is to be recorded of it.

    Raises:
        Unavailable: it did not end in time.
        Refused: it failed, left processes running, or wanted what it may not have.
    """
    refused = [_told(one) for one in ended.refused or ()]
    if ended.status is None:
        raise Unavailable(
            f"the command did not end in {minutes} min, and was killed",
            "--minutes, or `timeout_minutes` in hauberk.yaml, allows more",
            refused_for=RefusedFor.OUT_OF_TIME,
        )
    if ended.status != 0:
        for line in refused[:_SHOWN]:
            warn(f"it {line}")
        raise Refused(
            f"the command ended with {ended.status}",
            "its own words are above; no model was recorded",
            refused_for=_KINDS[ended.refused[0].kind] if ended.refused else RefusedFor.COMMAND_FAILED,
        )
    if ended.left:
        raise Refused(
            f"the command left {len(ended.left)} running: {'; '.join(map(printable, ended.left[:_SHOWN]))}",
            "they were killed and no model was recorded: have it wait for what it starts",
            refused_for=RefusedFor.LEFT_RUNNING,
        )
    if refused:
        more = f"; and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        raise Refused(
            f"the command {'; '.join(refused[:_SHOWN])}{more}",
            "it was denied, and no model recorded: declare what it reads with --input, or among the `inputs` in "
            "hauberk.yaml, and write in the output only",
            refused_for=_KINDS[(ended.refused or ())[0].kind],
        )


def _told(refusal: Refusal) -> str:
    if refusal.kind == "network":
        looked_up = f" {NAME_SERVER} port 53" in refusal.what
        return "looked up a name on the network" if looked_up else f"wanted the network ({printable(refusal.what)})"
    if refusal.kind == "unseen":
        return refusal.what
    verb = "wanted to read undeclared" if refusal.kind == "read" else "wanted to write"
    return f"{verb} {printable(refusal.what)}"
