"""What lets us in for a while: asked for when it is first needed, and again before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from hauberk.edge import clock
from hauberk.edge.remote.stored import instant_of
from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# Services give out what they keep until shortly before its end: Google's metadata server for all but the last 4 to 5
# minutes, Amazon's have the next keys 5 minutes before. To ask much earlier brings nothing new.
EARLY_SECONDS = 200


@dataclass(frozen=True, slots=True, repr=False)
class Lease(Generic[T]):
    """Something that lets us in, and the Unix second at which it ends."""

    value: T
    until: int


class Renewed(Generic[T]):
    """Returns on each call what lets us in now; it is asked for again `EARLY_SECONDS` before it ends."""

    def __init__(self, ask: Callable[[], Lease[T]], *, what: str, first: Lease[T] | None = None) -> None:
        """Make one; nothing is asked yet.

        Args:
            ask: returns a new lease, or raises `Unavailable`.
            what: is asked for, in words: the beginning of a sentence that says that it ended.
            first: that was asked for already.
        """
        self._ask = ask
        self._what = what
        self._lease = first

    def __call__(self) -> T:
        """Return what holds now. What is not renewed in time serves until its end.

        Raises:
            Unavailable: there is none, it ended and is not given again, or what is given has ended.
        """
        now, lease = clock.now(), self._lease
        if lease is not None and now < lease.until - EARLY_SECONDS:
            return lease.value
        try:
            self._lease = self._fresh(now)
        except Unavailable as error:
            if lease is None:
                raise
            if now < lease.until:
                return lease.value
            said = f"{self._what} ended at {instant_of(lease.until)}, and there is nothing new: {error.message}"
            raise Unavailable(said, error.hint) from None
        return self._lease.value

    def _fresh(self, now: int) -> Lease[T]:
        fresh = self._ask()
        if fresh.until <= now:
            said = f"{self._what} that is given ended at {instant_of(fresh.until)} already"
            raise Unavailable(said, "check the clock of this machine")
        return fresh
