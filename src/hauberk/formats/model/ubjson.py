"""UBJSON, in which XGBoost saves models: numbers, texts, arrays and objects, and nothing that anybody executes.

Every marker is followed to the end, so that a file of this format is known to hold nothing else; arrays of one type are
skipped by their length. Source: Universal Binary JSON draft 12; XGBoost `src/common/json.cc`. All integers are
big-endian.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.formats.model.spans import part_of
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

_SIZES: Final = {
    "Z": 0, "N": 0, "T": 0, "F": 0, "i": 1, "U": 1, "I": 2, "l": 4, "L": 8, "d": 4, "D": 8, "C": 1,
}  # fmt: skip
_LENGTHS: Final = "iUIlL"
_CHUNK_BYTES: Final = 1 << 20
_LONGEST_KEY: Final = 1 << 20


def is_ubjson(head: bytes) -> bool:
    """Say whether bytes begin as an object of UBJSON does: a brace, then the length of a first, printable key."""
    if head[:1] != b"{" or chr(head[1] if len(head) > 1 else 0) not in _LENGTHS:
        return False
    width = _SIZES[chr(head[1])]
    length = int.from_bytes(head[2 : 2 + width], "big")
    key = head[2 + width : 2 + width + min(length, 16)]
    return 0 < length <= 256 and len(key) == min(length, 16) and key.isascii() and key.decode("latin-1").isprintable()


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return what is in a UBJSON file: nothing but data, or why that is not known. Raises nothing for what it holds.

    Raises:
        Unavailable: the view cannot be read.
    """
    reader = _Reader(view, limits)
    try:
        reader.whole()
    except (Malformed, Exceeded) as error:
        code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.MALFORMED
        behind = reader.behind
        parts = () if behind is None else (part_of(view, "behind the last value", behind, view.size),)
        return Described(unchecked=(Unchecked(code, error.message, Location(offset=reader.here)),), parts=parts)
    return Described(format="xgboost-ubjson" if "learner" in reader.keys else "")


class _Reader:
    """A walk over the markers; `keys` are those of the outermost object, `behind` is where something follows it."""

    def __init__(self, view: View, limits: Limits) -> None:
        self.keys: list[str] = []
        self.behind: int | None = None
        self._view = view
        self._limits = limits
        self._base = 0
        self._data = view.read_at(0, _CHUNK_BYTES)
        self._at = 0
        self._values = 0

    @property
    def here(self) -> int:
        """Return the offset of the next byte."""
        return self._base + self._at

    def whole(self) -> None:
        """Read one value and nothing behind it."""
        open_: list[tuple[bool, int]] = []  # is an object; items left, -1 where an end marker ends it
        self._value(self._marker(), open_)
        while open_:
            is_object, left = open_[-1]
            if left == 0:
                open_.pop()
                continue
            if left > 0:
                open_[-1] = (is_object, left - 1)
            marker = self._marker()
            if left < 0 and marker == ("}" if is_object else "]"):
                open_.pop()
                continue
            if is_object:
                self._key(marker, outermost=len(open_) == 1)
                marker = self._marker()
            self._value(marker, open_)
        if self.here != self._view.size:
            self.behind = self.here
            raise Malformed(f"{self._view.size - self.here} bytes behind the last value")

    def _value(self, marker: str, open_: list[tuple[bool, int]]) -> None:
        self._values += 1
        if self._values > self._limits.max_document_values:
            raise Exceeded(f"more than {self._limits.max_document_values} values")
        if marker in _SIZES:
            self._skip(_SIZES[marker])
        elif marker in "SH":
            self._skip(self._length(self._marker()))
        elif marker in "[{":
            self._begin(marker == "{", open_)
        else:
            raise Malformed(f"no marker of UBJSON: {marker!r}")

    def _begin(self, is_object: bool, open_: list[tuple[bool, int]]) -> None:  # noqa: FBT001
        kind, count, marker = "", -1, self._marker()
        if marker == "$":
            kind, marker = self._marker(), self._marker()
            if marker != "#":
                raise Malformed("a container with a type and no count")
        if marker == "#":
            count = self._length(self._marker())
        else:
            self._at -= 1
        if kind and not is_object:
            if kind not in _SIZES:
                raise Malformed(f"an array of the type {kind!r}")
            self._skip(_SIZES[kind] * count)
        elif kind:
            raise Malformed("an object with one type for all values")
        else:
            if len(open_) >= self._limits.max_document_depth:
                raise Malformed(f"nested deeper than {self._limits.max_document_depth}, where a model is 8 deep")
            open_.append((is_object, count))

    def _key(self, marker: str, *, outermost: bool) -> None:
        length = self._length(marker)
        if length > _LONGEST_KEY:
            raise Malformed(f"a key of {length} bytes")
        if outermost:
            self.keys.append(self._view.read_at(self.here, min(length, 64)).decode("utf-8", "replace"))
        self._skip(length)

    def _length(self, marker: str) -> int:
        if marker not in _LENGTHS:
            raise Malformed(f"a length of the type {marker!r}")
        width = _SIZES[marker]
        self._need(width)
        length = int.from_bytes(self._data[self._at : self._at + width], "big", signed=marker != "U")
        self._skip(width)
        if length < 0:
            raise Malformed(f"a length of {length}")
        return length

    def _marker(self) -> str:
        self._need(1)
        self._at += 1
        return chr(self._data[self._at - 1])

    def _need(self, count: int) -> None:
        if self._at + count > len(self._data):
            self._base, self._at = self.here, 0
            self._data = self._view.read_at(self._base, _CHUNK_BYTES)
            if count > len(self._data):
                raise Malformed("the file ends inside a value")

    def _skip(self, count: int) -> None:
        if count > self._view.size - self.here:
            raise Malformed(f"a value of {count} bytes, where {self._view.size - self.here} are left")
        self._at += count
        if self._at > len(self._data):
            self._base, self._at, self._data = self.here, 0, b""
