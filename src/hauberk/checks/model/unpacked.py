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
_MOST_BLANK_BYTES = 64 << 20  # as large as zarr makes a chunk, which is one packed stream of zeros until it is trained


def in_memory(chunks: Iterable[bytes]) -> View:
    """Keep unpacked bytes in memory."""
    return BytesView(b"".join(chunks))


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

    def store(self, chunks: Iterable[bytes], packed: int) -> View:
        """Take all chunks and return a view over them; see `Room`."""
        return self._spool(self._counted(chunks, packed))

    def _counted(self, chunks: Iterable[bytes], packed: int) -> Iterator[bytes]:
        """Yield chunks as long as the budgets last; what came before is examined, the rest is told as unchecked."""
        own, blank = 0, b""
        for chunk in chunks:
            blank = chunk[:1] if not own else blank
            own += len(chunk)
            self._bytes += len(chunk)
            blank = blank if chunk == blank * len(chunk) else b""
            if full := self._why_full(own, packed):
                self._full(full)
                break
            yield chunk
        if blank:
            self._count_blank(own, packed, blank)

    def _why_full(self, own: int, packed: int) -> str:
        """Return which budget is spent; empty where there is room."""
        if self._bytes > self._limits.max_unpacked_bytes:
            return f"more than {self._limits.max_unpacked_bytes} bytes when it is unpacked"
        if self._is_bomb(own, packed):
            return f"{packed} bytes unpack to {own} and more, {self._bytes} in all"
        return ""

    def _count_blank(self, own: int, packed: int, blank: bytes) -> None:
        """Count a stream of one byte over and over; tell once where there is more of it than any array has."""
        before, self._blank = self._blank, self._blank + own
        most = max(
            _MOST_BLANK_BYTES, self._limits.max_unpacked_ratio * (packed if self._whole is None else self._whole)
        )
        if before <= most < self._blank:
            self._bomb(f"{self._blank} bytes and more that are nothing but {blank!r}")

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
