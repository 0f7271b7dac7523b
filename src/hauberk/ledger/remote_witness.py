"""A witness on another machine, asked over HTTP: its answer is read as if it meant us harm.

What it says counts only where its own key has signed it, at a time that can be true. All else is a refusal by name,
which `hauberk.ledger.publish` weighs against the quorum:

    unknown log   not signed   no request   fork   refused   hangs, or has no end   somebody else's cosignature
    a cosignature from the future

Source: C2SP tlog-witness, add-checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.edge.files import printable
from hauberk.edge.remote.line import Patience
from hauberk.edge.remote.post import post
from hauberk.errors import HauberkError, Malformed, NotVerified
from hauberk.ledger.checkpoint import parse_size
from hauberk.ledger.replay import SKEW_SECONDS
from hauberk.ledger.witness_http import PATH, SIZE
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.note import COSIGNATURE_TIME_BYTES, NoteSignature

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.edge.remote.client import Fetched
    from hauberk.signature.note import VerifierKey

_ANSWERS: Final = frozenset({200, 400, 403, 404, 409, 422})
_SAID: Final = {
    400: "takes what was asked for no request",
    403: "does not take the checkpoint for one that the log has signed",
    404: "does not know this log",
    409: "says fork: it has signed another root of this size",
    422: "refuses what the log claims",
}
_KEPT_COMPLAINT: Final = 300


@dataclass(frozen=True, slots=True)
class RemoteWitness:
    """A trusted witness, and the prefix of the URL at which it is asked."""

    url: str
    key: VerifierKey
    clock: Callable[[], int]
    patience: Patience

    @classmethod
    def at(cls, url: str, key: VerifierKey, clock: Callable[[], int], *, timeout_seconds: int) -> RemoteWitness:
        """Return a witness whose whole answer has to be there in so many seconds; it is asked once."""
        most = float(timeout_seconds)
        patience = Patience(
            connect_seconds=min(5, most), silence_seconds=most, grace_seconds=most, longest_seconds=most, retries=0
        )
        return cls(url, key, clock, patience)

    def __call__(self, request: bytes) -> bytes:
        """Return what `hauberk.ledger.publish` takes for an answer: a size, or lines by this witness.

        Raises:
            NotVerified: it refuses, by what; or answers with lines of others, or from a time that has not come.
            Malformed: no answer of a witness.
            Exceeded: an answer without end.
            Unavailable: no answer in time.
        """
        try:
            return self._read(self._ask(request))
        except HauberkError as error:
            raise type(error)(f"{self.key.name}: {error.message}", error.hint) from None

    def _ask(self, request: bytes) -> Fetched:
        return post(
            self.url.rstrip("/") + PATH,
            request.decode("utf-8"),
            headers=lambda: {"Content-Type": "text/plain; charset=utf-8"},
            accept=_ANSWERS,
            limit=DEFAULT_LIMITS.max_note_bytes,
            patience=self.patience,
        )

    def _read(self, answer: Fetched) -> bytes:
        text = _text(answer.body)
        if answer.status == 409 and answer.headers.get_content_type() == SIZE:
            return b"%d\n" % parse_size(text.removesuffix("\n"), what="size that the witness says")
        if answer.status != 200:
            said = printable(text.strip())[:_KEPT_COMPLAINT] or "nothing"
            raise NotVerified(f"the witness {_SAID[answer.status]} ({answer.status}): {said}")
        return self._own_lines(text).encode()

    def _own_lines(self, text: str) -> str:
        if not text.endswith("\n"):
            raise Malformed("the witness's answer does not end in a newline")
        lines = [NoteSignature.parse(line) for line in text[:-1].split("\n")]
        own = [line for line in lines if line.is_by(self.key)]
        if not own:
            raise NotVerified(f"the witness answers with somebody else's cosignature: {printable(lines[0].name)}")
        for line in own:
            if int.from_bytes(line.signature[:COSIGNATURE_TIME_BYTES], "big") > self.clock() + SKEW_SECONDS:
                raise NotVerified("the witness's cosignature is from the future: its clock, or ours, is wrong")
        return "".join(f"{line.format()}\n" for line in own)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("the witness's answer is not UTF-8") from None
