"""How much of a file's inside is unpacked: one count of parts and bytes for the whole file, however deep they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import Exceeded
from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.archive.oddity import ArchiveDescription, Odd, Oddity
from hauberk.formats.contents import Described
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from hauberk.limits import Limits
    from hauberk.view import View

    Spool: TypeAlias = "Callable[[Iterable[bytes]], View]"

_ANY_RATIO_BYTES = 256 << 20  # below it a ratio costs nothing, whatever it is
_PIECE_BYTES = 1 << 20
_MOST_BLANK_BYTES = 64 << 20  # as large as zarr makes a chunk, which is one packed stream of zeros until it is trained


def in_memory(chunks: Iterable[bytes]) -> View:
    """Keep unpacked bytes in memory."""
    return BytesView(b"".join(chunks))


def _only_byte(view: View) -> bytes:
    """Return the byte that a view consists of; empty where there are several, or none."""
    first = view.read_at(0, 1)
    pieces = (view.read_at(at, _PIECE_BYTES) for at in range(0, view.size, _PIECE_BYTES))
    return first if all(piece == first * len(piece) for piece in pieces) else b""


class Unpacked:
    """The budgets of one file, and where its unpacked bytes go."""

    def __init__(self, limits: Limits, spool: Spool = in_memory, whole: int | None = None) -> None:
        """Begin to count; `whole` is the size of the outermost file, where all ratios together count against it."""
        self._limits = limits
        self._spool = spool
        self._whole = whole
        self._parts = 0
        self._bytes = 0
        self._blank = 0
        self._noticed: list[Described] = []

    def enter(self, depth: int) -> None:
        """Count one more part; raise `Exceeded` where it is one too many, or lies too deep."""
        self._parts += 1
        if self._parts > self._limits.max_parts:
            raise Exceeded(f"more than {self._limits.max_parts} parts, one inside the other or side by side")
        if depth > self._limits.max_nesting_depth:
            saw = f"more than {self._limits.max_nesting_depth} files one inside the other"
            self._bomb(saw)
            raise Exceeded(saw)

    @property
    def spent(self) -> bool:
        """Return whether there is no room for one part more."""
        return self._parts > self._limits.max_parts

    def notice(self, described: Described) -> None:
        """Keep what was seen while a part was opened; see `Room`."""
        self._noticed.append(described)

    def noticed(self) -> list[Described]:
        """Return what was seen since this was asked last."""
        seen, self._noticed = self._noticed, []
        return seen

    def weigh(self, view: View) -> None:
        """Count a part that is one byte over and over; tell once where there is more of it than any array has."""
        most = max(_MOST_BLANK_BYTES, self._limits.max_unpacked_ratio * (self._whole or 0))
        if self._blank <= most < self._bytes and (byte := _only_byte(view)):
            self._blank += view.size
            if self._blank > most:
                self._bomb(f"{self._blank} bytes and more that are nothing but {byte!r}")

    def store(self, chunks: Iterable[bytes], packed: int) -> View:
        """Take all chunks and return a view over them; see `Room`."""
        return self._spool(self._counted(chunks, packed))

    def _counted(self, chunks: Iterable[bytes], packed: int) -> Iterator[bytes]:
        """Yield chunks as long as the budgets last; what came before is examined, the rest is told as unchecked."""
        own = 0
        for chunk in chunks:
            own += len(chunk)
            self._bytes += len(chunk)
            if self._bytes > self._limits.max_unpacked_bytes:
                self._full(f"more than {self._limits.max_unpacked_bytes} bytes when it is unpacked")
                return
            if self._is_bomb(own, packed):
                self._full(f"{packed} bytes unpack to {own} and more, {self._bytes} in all")
                return
            yield chunk

    def _is_bomb(self, own: int, packed: int) -> bool:
        """Say whether one stream, or all together, are out of proportion to what they are unpacked from."""
        most = self._limits.max_unpacked_ratio
        whole = self._bytes if self._whole is None else most * self._whole
        return max(own, _ANY_RATIO_BYTES) > max(most * packed, _ANY_RATIO_BYTES) or self._bytes > max(
            whole, _ANY_RATIO_BYTES
        )

    def _bomb(self, saw: str) -> None:
        self.notice(ArchiveDescription(oddities=(Oddity(Odd.BOMB, saw),)))

    def _full(self, detail: str) -> None:
        self.notice(Described(unchecked=(Unchecked(UncheckedCode.LIMIT, detail),)))
