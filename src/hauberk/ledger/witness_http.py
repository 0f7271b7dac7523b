"""The witness as a service: add-checkpoint of C2SP's tlog-witness over HTTP, for logs of other machines.

    POST /add-checkpoint        the body that `hauberk.ledger.add_checkpoint` reads

| status | when |
|---|---|
| 200 | signed: the cosignature line |
| 400 | no request, or its old size is more than the checkpoint's |
| 403 | the checkpoint is not signed by the log |
| 404 | the origin is of no log that this witness sees |
| 409 | the old size is not that of the head, which the body says (`text/x.tlog.size`); or at that size another root |
| 422 | the proof does not hold, or what the log claims is not what its entries give |
| 503 | the state, or the log's entries, cannot be read now, or a clock is wrong |

Origin and signature come first, before anything is opened, so that who is no log costs little. A refusal is a line of
text, and the owner of the witness is told of it; a fork, or a proof that does not hold, with the signed checkpoint,
because that is the evidence.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hauberk.edge.listen.request import Said
from hauberk.errors import HauberkError, Malformed, Unavailable
from hauberk.ledger.add_checkpoint import (
    Request,
    check_continues,
    check_signed,
    read_checkpoint,
    size_of,
    time_of,
    unknown_log,
)
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hauberk.edge.listen.request import Asked
    from hauberk.ledger.checkpoint import Attested, Checkpoint
    from hauberk.ledger.witness import Witness
    from hauberk.signature.note import Note

PATH: Final = "/add-checkpoint"
SIZE: Final = "text/x.tlog.size"
MAX_BODY_BYTES: Final = 2 * DEFAULT_LIMITS.max_note_bytes
_TURN_SECONDS: Final = 10.0
_FORK: Final = "fork: at the size that was signed already, another root"


class _Refused(Exception):  # noqa: N818 - never leaves this module: a status, and why
    def __init__(self, status: int, error: HauberkError) -> None:
        self.status, self.error = status, error


@dataclass(frozen=True, slots=True)
class Service:
    """Witnesses by the origin of the log that each sees, the clock, and who is told of refusals.

    Attributes:
        examined: by origin the newest checkpoint whose entries were read by this service: whoever has a checkpoint can
            ask for it again and again, and reading a whole log is too much to be had for that.
        turns: by origin, who looks at its entries: a log that takes long, or asks often, keeps no other one waiting.
    """

    witnesses: Mapping[str, Witness]
    clock: Callable[[], int]
    tell: Callable[[str], None]
    examined: dict[str, Checkpoint] = field(default_factory=dict)
    turns: dict[str, threading.Lock] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Said:
        """Answer one request; called in many threads."""
        head = asked.head
        if head.path != PATH:
            return Said(404, b"a witness answers POST /add-checkpoint\n")
        if head.method != "POST":
            return Said(405, b"a witness answers POST /add-checkpoint\n", headers={"Allow": "POST"})
        try:
            return self._add(asked.body)
        except _Refused as refused:
            return self._refusal(refused.status, refused.error)
        except HauberkError as error:
            return self._refusal(503, error)

    def _add(self, body: bytes) -> Said:
        with _refusing(400):
            request = Request.decode(body)
            signed, checkpoint = read_checkpoint(request)
        witness = self._witness(checkpoint)
        with _refusing(403):
            check_signed(signed, log=witness.log)
        if request.old > checkpoint.size:
            raise _Refused(400, Malformed(f"the old size {request.old} is more than the checkpoint's"))
        if witness.service is not None:  # which is asked only for what continues the head, while nobody waits for us
            with witness.remembering() as memory:
                refused = self._compare(memory.head, request, checkpoint)
            if refused is not None:
                return refused
            with _refusing(422):
                witness.fetch(checkpoint)
        return self._cosign(witness, request, signed, checkpoint)

    def _cosign(self, witness: Witness, request: Request, signed: Note, checkpoint: Checkpoint) -> Said:
        """Examine while the memory, which is of all logs, is open to the others; then compare again, and sign."""
        with self._turn(checkpoint.origin):
            with witness.remembering() as memory:
                head = memory.head
                refused = self._compare(head, request, checkpoint)
            if refused is not None:
                return refused
            if self._is_head(checkpoint, head):
                time = time_of(head, self.clock())
            else:
                with self._telling(request), _refusing(422):
                    time = witness.examine(checkpoint, head, self.clock())
            with witness.remembering() as memory:
                refused = self._compare(memory.head, request, checkpoint)
                if refused is not None:
                    return refused
                line = witness.cosign(memory, checkpoint, signed, time_of(memory.head, time))
            self.examined[checkpoint.origin] = checkpoint
        return Said(200, line)

    @contextmanager
    def _turn(self, origin: str) -> Iterator[None]:
        """Look at the entries of a log once at a time."""
        turn = self.turns.setdefault(origin, threading.Lock())
        if not turn.acquire(timeout=_TURN_SECONDS):
            raise Unavailable("another request of this log is being looked at", "ask again")
        try:
            yield
        finally:
            turn.release()

    def _is_head(self, checkpoint: Checkpoint, head: Attested | None) -> bool:
        """Say whether a checkpoint is what this very service examined and signed last."""
        return head is not None and head.checkpoint == checkpoint == self.examined.get(checkpoint.origin)

    def _compare(self, head: Attested | None, request: Request, checkpoint: Checkpoint) -> Said | None:
        """Return the conflict with the head, or None where the checkpoint continues it; refuse what does not."""
        if request.old != size_of(head):
            return Said(409, f"{size_of(head)}\n".encode(), SIZE)
        if head and checkpoint.size == head.checkpoint.size and checkpoint.root != head.checkpoint.root:
            self.tell(f"409 {_FORK}: {request.checkpoint!r}")
            return Said(409, f"{size_of(head)}\n".encode(), SIZE)
        with self._telling(request), _refusing(422):
            check_continues(request, checkpoint, head)
        return None

    @contextmanager
    def _telling(self, request: Request) -> Iterator[None]:
        """Tell the owner of a checkpoint that the log has signed and must not have: it is the evidence."""
        try:
            yield
        except _Refused as refused:
            self.tell(f"{refused.status} what was asked: {request.checkpoint!r}")
            raise

    def _witness(self, checkpoint: Checkpoint) -> Witness:
        witness = self.witnesses.get(checkpoint.origin)
        if witness is None:
            raise _Refused(404, unknown_log(checkpoint.origin, ""))
        return witness

    def _refusal(self, status: int, error: HauberkError) -> Said:
        self.tell(f"{status} {error.message}")
        return Said(status, f"{error.message}\n".encode())


@contextmanager
def _refusing(status: int) -> Iterator[None]:
    """Give what is raised inside a status; what could not be looked at is no fault of the log."""
    try:
        yield
    except Unavailable:
        raise
    except HauberkError as error:
        raise _Refused(status, error) from None
