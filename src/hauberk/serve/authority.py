"""How the ledger stands, for a service that has it at hand: read anew when the log says something new of its realm."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

from hauberk.edge import clock
from hauberk.errors import HauberkError
from hauberk.evidence.collection import key_digest
from hauberk.evidence.predicates import REVOCATION
from hauberk.gate.standing import Standing, roots_of, standing
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.evidence.verify import Logged
    from hauberk.ledger.log import Log

_LOOK_SECONDS: Final = 0.5
_LEAST_SECONDS: Final = 0.02  # between two looks that strangers can cause


@dataclass(frozen=True, slots=True)
class Authority:
    """How a log stood, and the entries about its realm that this is read from: while these are all, it stands so.

    Attributes:
        revoked: ids of the keys that trust lists and that the log says to be revoked.
    """

    stands: Standing
    roots: tuple[Logged, ...]
    entries: tuple[int, ...]
    revoked: frozenset[str] = frozenset()

    @classmethod
    def read(cls, log: Log) -> Authority:
        """Return how a log stands; errors as of `standing`."""
        stands = standing(log)
        return cls(stands, roots_of(log, stands), _about(log, stands), _revoked(log, stands))

    def still_holds(self, log: Log) -> bool:
        """Say whether the log has nothing new of its realm."""
        return _about(log, self.stands) == self.entries


class Watch:
    """The newest authority, followed in a thread of its own. Use it in a `with` statement."""

    def __init__(self, open_log: Callable[[], Log], tell: Callable[[str], None]) -> None:
        """Read once, which raises as `standing` does; then follow, and tell of what goes wrong."""
        self._open, self._tell = open_log, tell
        with open_log() as log:
            self._newest = Authority.read(log)
        self._looked = clock.stopwatch()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="authority", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def newest(self) -> Authority:
        """Return how the log stands, as of half a second ago."""
        return self._newest

    def refresh(self) -> None:
        """Read again now: somebody knows that the log has something new."""
        with self._open() as log:
            self._see(log)

    def look(self) -> bool:
        """Read again, if the last look is a while ago, and say whether something is new: for callers not known yet."""
        before = self._newest
        if clock.stopwatch() - self._looked > _LEAST_SECONDS:
            self._looked = clock.stopwatch()
            self.refresh()
        return self._newest is not before

    def _see(self, log: Log) -> None:
        with self._lock:
            if not self._newest.still_holds(log):
                self._newest = Authority.read(log)
            elif (revoked := _revoked(log, self._newest.stands)) != self._newest.revoked:
                self._newest = replace(self._newest, revoked=revoked)

    def _follow(self) -> None:
        said = ""
        while not self._stop.is_set():
            try:
                with self._open() as log:
                    size = -1
                    while not self._stop.wait(_LOOK_SECONDS):
                        if (now := log.size) != size:
                            self._see(log)
                        size, said = now, ""
            except Exception as error:  # noqa: BLE001 - a thread that ended would leave the trust of then for good
                why = error.message if isinstance(error, HauberkError) else f"{type(error).__name__}: {error}"
                if why != said:
                    self._tell(f"the ledger's trust is not followed: {why}")
                said = why
                self._stop.wait(_LOOK_SECONDS)


def _about(log: Log, stands: Standing) -> tuple[int, ...]:
    return tuple(log.entries_about(stands.realm.subject.digests[0]))


def _revoked(log: Log, stands: Standing) -> frozenset[str]:
    """Return the ids of trust's keys about which the log holds a revocation, whoever may sign one today."""
    ids = {*stands.trust.keys, *(witness.public.keyid for witness in stands.trust.witnesses)}
    return frozenset(
        keyid for keyid in ids if any(_revokes(log, number) for number in log.entries_about(key_digest(keyid)))
    )


def _revokes(log: Log, number: int) -> bool:
    statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(number)).payload)
    return statement.predicate_type == REVOCATION.type
