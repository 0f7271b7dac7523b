"""Hold a permit while a server uses a model, and learn within a second that it was taken away.

A thread looks at the project's ledger ten times a second; at one of a service as often as the file that names it says.
The program asks `Held.check()` where it wants to be
stopped, as before each request: that costs a comparison. A reader elsewhere, with a passport or a copied ledger, does
not learn of a revocation; for it the policy's `max_evidence_age_hours` is the limit.
"""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Final, Self

from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.errors import Exceeded, HauberkError, Misconfigured, Refused, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.gate.keep import RETRY_SECONDS, Kept, again
from hauberk.ledger.log import Log
from hauberk.pipeline.outage import forget_because, forgetting
from hauberk.pipeline.project import open_project
from hauberk.pipeline.reading import EVERY_SECONDS, opener
from hauberk.render.borne import borne_lines
from hauberk.subject import Subject

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from hauberk.ledger.log import Log
    from hauberk.verdict import Permit

_LEAVING_SECONDS: Final = 2.0  # a look that a slow service draws out longer ends without anybody who waits for it
_TEMPORARY: Final = (Unavailable, Exceeded, Misconfigured)  # the permit is what it was, until it ends


class Held:
    """A permit that is looked after by a thread. Use it in a `with` statement, in the process that loads the model."""

    def __init__(
        self,
        kept: Kept,
        open_log: Callable[[], Log],
        on_refused: Callable[[HauberkError], None] | None,
        *,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        """Take a permit that was just given, and what opens the ledger for a look so often; `hold` makes it."""
        self._kept = kept
        self._open_log = open_log
        self.every_seconds = every_seconds
        self._on_refused = on_refused
        self._ended: HauberkError | None = None
        self._unread: HauberkError | None = None
        self._unanswered: HauberkError | None = None
        self._looked = clock.stopwatch()
        self._stop = threading.Event()
        self._refused = threading.Event()
        self._ending = threading.Lock()
        self._asking: threading.Thread | None = None
        self._timed: tuple[Permit, float] = (kept.permit, _ends(kept.permit))
        self._ask_again = 0.0
        self._thread = threading.Thread(target=self._watch, name="hauberk-hold", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_LEAVING_SECONDS)

    @property
    def permit(self) -> Permit:
        """Return the permit, as it was renewed last; errors as of `check`."""
        return self.check()

    @property
    def borne(self) -> tuple[str, ...]:
        """Return a sentence for each statement by which the gate bears something, as it was asked last."""
        return borne_lines(self._kept.verdict, now=clock.now())

    def check(self) -> Permit:
        """Return the permit if it stands.

        Raises:
            Refused: the model, or something that it rests on, was revoked since, or the gate says no today, and it
                stays so; or the permit ran out and could not be renewed yet.
            NotVerified, Malformed: the ledger does not hold any more. It stays so.
            Unavailable: for longer than the policy bears (`when_away`) nobody could read the ledger, or the thread is
                not in this process.
        """
        if self._ended is not None:
            raise again(self._ended)
        if self._thread.ident is not None and not self._thread.is_alive():
            raise Unavailable(
                "nobody looks at the ledger in this process", "after a fork, hold a permit in each process"
            )
        permit, wrong = self._kept.permit, self._unread or self._unanswered
        why = f": {wrong.message}" if wrong is not None else ""
        if clock.now() > permit.not_after or self._is_over(permit):
            raise Refused(
                f"the permit ended at {format_instant(permit.not_after)} and was not renewed{why}", "ask again"
            )
        patience = self._kept.patience_seconds
        if clock.stopwatch() - self._looked > patience:
            raise Unavailable(
                f"for {patience} seconds nobody could look at the ledger{why}",
                "make it readable; after a fork, hold a permit in each process",
            )
        return permit

    def _is_over(self, permit: Permit) -> bool:
        """Say whether a permit's time is over by a clock that nobody sets back, since it was seen here first."""
        if self._timed[0] is not permit:
            self._timed = permit, _ends(permit)
        return clock.stopwatch() > self._timed[1]

    def _is_due(self, now: int) -> bool:
        """Say whether the gate is to be asked; where the clock was set back, the time to renew does not come by it."""
        if self._kept.is_due(now):
            return True
        return self._is_over(self._kept.permit) and clock.stopwatch() >= self._ask_again

    def wait(self, seconds: float) -> bool:
        """Wait until the permit is taken away, at most so long; return whether it was."""
        return self._refused.wait(seconds)

    def _watch(self) -> None:
        """Look at the ledger, and have the gate asked beside it, which takes more than a second on a long ledger."""
        while not self._stop.wait(self.every_seconds) and self._ended is None:
            now = clock.now()
            try:
                with self._open_log() as log:
                    self._kept.watch(log, now)
            except _TEMPORARY as error:
                self._unread = error
                continue
            except HauberkError as error:
                self._end(error)
                return
            self._looked, self._unread = clock.stopwatch(), None
            if self._is_due(now) and (self._asking is None or not self._asking.is_alive()):
                self._ask_again = clock.stopwatch() + RETRY_SECONDS
                self._asking = threading.Thread(target=self._ask, args=(now,), name="hauberk-hold-ask", daemon=True)
                self._asking.start()

    def _ask(self, now: int) -> None:
        try:
            with self._open_log() as log:
                self._kept.renew(log, now)
        except _TEMPORARY as error:
            self._unanswered = error
        except HauberkError as error:
            if not self._stop.is_set():
                self._end(error)
        else:
            self._unanswered = None

    def _end(self, error: HauberkError) -> None:
        with self._ending:
            if self._ended is not None:
                return
            self._ended = error
        self._refused.set()
        if self._on_refused is not None:
            self._on_refused(error)


def _ends(permit: Permit) -> float:
    """Return when a permit ends, by the stopwatch."""
    return clock.stopwatch() + permit.not_after - clock.now()


def hold(
    path: str | os.PathLike[str],
    *,
    project: str | os.PathLike[str] = ".",
    gate: str = "load",
    on_refused: Callable[[HauberkError], None] | None = None,
) -> Held:
    """Ask the gate of a project about its model, and return the permit under review.

    What the policy bears, such as an exception, is told by a `UserWarning`, and the permit ends with it.

    Args:
        path: the model: a directory, or a single file.
        project: the folder with `hauberk.yaml`, whose ledger is read.
        gate: the gate's name in the policy.
        on_refused: is called once, in the thread, with the error that `check` raises from then on.

    Raises:
        Refused: the gate says no, with the verdict.
        NotVerified, Malformed: what the ledger holds does not hold, or the trust file is not the signed one.
        Unavailable: the ledger or the model cannot be read, or the evidence is too old.
        Misconfigured: there is no project there, or one of its files is wrong.
    """
    held = begin(path, project=project, gate=gate, on_refused=on_refused)
    for line in held.borne:
        warnings.warn(line, stacklevel=2)
    return held


def begin(
    path: str | os.PathLike[str],
    *,
    project: str | os.PathLike[str],
    gate: str = "load",
    on_refused: Callable[[HauberkError], None] | None = None,
) -> Held:
    """Return what `hold` returns, and leave it to the caller to tell what is borne."""
    opened = open_project(project)
    subject = Subject("model", opened.file.model.name, digest_path(path))
    kept = Kept(gate, subject, lambda: (opened.read_root(), opened.read_trust(), opened.read_policy()))
    open_log, every_seconds = opener(opened, read_only=True)
    with forgetting(opened), open_log() as log:
        kept.look(log, clock.now())

    def end(error: HauberkError) -> None:
        forget_because(opened, error)  # what was learned here must not be passed over while the ledger is away
        if on_refused is not None:
            on_refused(error)

    return Held(kept, open_log, end, every_seconds=every_seconds)
