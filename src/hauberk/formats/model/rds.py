"""Objects of R, as `saveRDS` and `save` write them: what is in them that runs when they are touched.

The format holds any object of R, promises and bindings that call a function among them: R evaluates these when somebody
looks at the value, which printing an object or asking for its class may do (CVE-2024-27322). The file is a tree that is
walked without recursion; nothing of it is built but the names of symbols. Source: R 4.4 `src/main/serialize.c`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.view import View

HEAD: Final = re.compile(rb"(?:RD[XAB][23]\n)?(?:[XB]\n[\0\2\3]\0\0[\0\2\3]|A\n[23]\n\d{1,9}\n)")
_HAS_ATTRIBUTE, _HAS_TAG, _ACTIVE = 0x200, 0x400, 0x8000 << 12
_CHUNK_BYTES: Final = 1 << 20
_MOST_ACTS: Final = 100
_LONGEST_NAME: Final = 256
(SYMBOL, PAIR, CLOSURE, ENVIRONMENT, PROMISE, CALL, SPECIAL, BUILTIN, CHARACTERS, LOGICAL) = range(1, 11)
(INTEGER, REAL, COMPLEX, STRING, DOTS, _ANY, VECTOR, EXPRESSION, BYTECODE, EXTERNAL, WEAK, RAW, S4) = range(13, 26)
UNBOUND: Final = 252
_ALONE: Final = frozenset({241, 242, 250, 251, 252, 253, 254})  # R's own constants
_NAMED_PLACES: Final = frozenset({247, 248, 249})
_REFERENCE, _ALTERNATIVE, _REPEAT, _REPEATED = 255, 238, 244, 243
_LANGUAGE: Final = frozenset({CALL, PAIR, 244, 243, 240, 239})
_ELEMENT_BYTES: Final = {LOGICAL: 4, INTEGER: 4, REAL: 8, COMPLEX: 16, RAW: 1}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that runs: a `promise`, an active `binding`, `bytecode`, or the `call` of a function by its name.

    Environments of functions hold promises and bindings, and functions byte code, in ordinary files; those are not
    listed. A `pointer` is one to memory, as the whole object.
    """

    kind: str
    name: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RdsDescription(Described):
    """What in the objects of R runs, or would."""

    acts: tuple[Act, ...] = ()


def is_rds(head: bytes) -> bool:
    """Say whether bytes begin as R's serialised objects do."""
    return HEAD.match(head) is not None


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> RdsDescription:
    """Return what is in a file of R. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    start = 5 if view.read_at(0, 2) == b"RD" else 0
    kind = view.read_at(start, 1)
    stream: _Stream = _Lines(view, start + 2) if kind == b"A" else _Words(view, start + 2, little=kind == b"B")
    walk = _Walk(stream, limits)
    notes: tuple[Unchecked, ...] = ()
    try:
        walk.whole()
        walk.check_end(view.size)
    except (Malformed, Exceeded) as error:
        code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.MALFORMED
        notes = (Unchecked(code, error.message, Location(offset=min(stream.here, view.size))),)
    return RdsDescription(format="rds", acts=tuple(walk.acts), unchecked=notes)


class _Stream(Protocol):
    """Integers and strings, however they are written."""

    here: int

    def integer(self) -> int: ...
    def skip(self, count: int, size: int) -> None: ...
    def text(self, length: int) -> str: ...


class _Words:
    """Integers of four bytes: big-endian, as nearly all files have them, or the machine's own."""

    def __init__(self, view: View, start: int, *, little: bool) -> None:
        self.here = start
        self._view = view
        self._order: str = "little" if little else "big"
        self._base = start
        self._data = b""

    def integer(self) -> int:
        at = self.here - self._base
        if at < 0 or at + 4 > len(self._data):
            self._base, self._data, at = self.here, self._view.read_at(self.here, _CHUNK_BYTES), 0
            if len(self._data) < 4:
                raise Malformed("the file ends inside an object")
        self.here += 4
        return int.from_bytes(self._data[at : at + 4], self._order, signed=True)  # type: ignore[arg-type]

    def skip(self, count: int, size: int) -> None:
        if not 0 <= count * size <= self._view.size - self.here:
            raise Malformed(f"a vector of {count} elements, where {max(0, self._view.size - self.here)} bytes are left")
        self.here += count * size

    def text(self, length: int) -> str:
        start = self.here
        self.skip(length, 1)
        return self._view.read_at(start, min(length, _LONGEST_NAME)).decode("utf-8", "replace")


class _Lines:
    """One number or string a line, as `ascii = TRUE` writes them."""

    def __init__(self, view: View, start: int) -> None:
        self.here = start
        self._view = view
        self._base = start
        self._data = b""

    def _line(self) -> bytes:
        at = self.here - self._base
        end = self._data.find(b"\n", at)
        if end < 0:
            self._base, self._data = self.here, self._view.read_at(self.here, _CHUNK_BYTES)
            at, end = 0, self._data.find(b"\n")
            if end < 0:
                raise Malformed("the file ends inside an object")
        self.here = self._base + end + 1
        return self._data[at:end].strip()

    def integer(self) -> int:
        line = self._line()
        if line == b"NA":
            return -(1 << 31)
        if not re.fullmatch(rb"-?\d{1,10}", line):
            raise Malformed("a line that is no whole number")
        return int(line)

    def skip(self, count: int, size: int) -> None:
        if not 0 <= count <= self._view.size - self.here:
            raise Malformed(f"a vector of {count} elements in a file of {self._view.size} bytes")
        for _ in range(count if size != 16 else 2 * count):
            self._line()

    def text(self, length: int) -> str:
        del length  # the line holds all of it, line ends escaped
        return self._line()[:_LONGEST_NAME].decode("utf-8", "replace")


class _Walk:
    """The walk over one file: what is still to be read, last first, the names of references, what was found."""

    def __init__(self, stream: _Stream, limits: Limits) -> None:
        self.acts: list[Act] = []
        self._stream = stream
        self._most = limits.max_document_values
        self._left: list[tuple[Callable[[], None], int]] = []
        self._references: list[str] = []
        self._last = ""  # the symbol that was read last
        self._count = 0
        self._environments = 0  # that are being read
        self._is_body = False  # of a function, what is read next

    def whole(self) -> None:
        """Read the header and the one object."""
        stream = self._stream
        version, _, _ = stream.integer(), stream.integer(), stream.integer()
        if version not in (2, 3):
            raise Malformed(f"version {version} of R's format")
        if version == 3:
            stream.text(stream.integer())
        self._item()
        while self._left:
            task, times = self._left.pop()
            if times > 1:
                self._left.append((task, times - 1))
            if times:
                task()

    def check_end(self, size: int) -> None:
        """Raise `Malformed` unless the object ends where the file does."""
        if self._stream.here < size:
            raise Malformed(f"{size - self._stream.here} bytes behind the object")

    def _later(self, *tasks: Callable[[], None], times: int = 1) -> None:
        self._left += [(task, times) for task in reversed(tasks)]

    def _act(self, kind: str, name: str = "") -> None:
        if len(self.acts) < _MOST_ACTS:
            self.acts.append(Act(kind, name, self._stream.here))

    def _item(self) -> None:
        self._count += 1
        if self._count > self._most:
            raise Exceeded(f"more than {self._most} objects of R")
        flags = self._stream.integer()
        kind = flags & 0xFF
        if kind in _ALONE:
            self._is_body = False
            return
        if kind == _REFERENCE:
            self._reference(flags >> 8 or self._stream.integer())
        elif kind == SYMBOL:
            self._stream.integer()  # the flags of the characters
            self._last = self._stream.text(self._stream.integer())
            self._references.append(self._last)
        elif kind in _NAMED_PLACES:
            self._stream.integer()
            self._references.append("")
            self._later(self._item, times=self._length())
        else:
            self._compound(kind, flags)

    def _reference(self, index: int) -> None:
        if not 0 < index <= len(self._references):
            raise Malformed(f"a reference to object {index}, where {len(self._references)} were read")
        self._last = self._references[index - 1]

    def _compound(self, kind: int, flags: int) -> None:
        is_body, self._is_body = self._is_body, False
        attribute = [self._item] if flags & _HAS_ATTRIBUTE else []
        if kind in (PAIR, CALL, CLOSURE, PROMISE, DOTS):
            self._pair(kind, flags, attribute)
        elif kind == ENVIRONMENT:
            self._stream.integer()
            self._references.append("")
            self._environments += 1
            self._later(self._leave)
            self._later(self._item, times=4)
        elif kind == EXTERNAL:
            self._references.append("")
            if self._count == 1:
                self._act("pointer")
            self._later(self._item, self._item, *attribute)
        elif kind in (WEAK, S4):
            self._references += [""] * (kind == WEAK)
            self._later(*attribute)
        elif kind == _ALTERNATIVE:
            self._later(self._item, times=3)
        elif kind == BYTECODE:
            if not is_body:
                self._act("bytecode")
            self._stream.integer()
            self._later(self._code, *attribute)
        else:
            self._plain(kind, attribute)

    def _pair(self, kind: int, flags: int, attribute: list[Callable[[], None]]) -> None:
        if kind == PAIR and flags & _ACTIVE and not self._environments:
            self._act("binding")
        first = {PROMISE: self._value_of_promise, CALL: self._function_of_call}.get(kind, self._item)
        tag = [self._item] if flags & _HAS_TAG else []
        self._later(*attribute, *tag, first, self._body if kind == CLOSURE else self._item)

    def _body(self) -> None:
        self._is_body = True
        self._item()

    def _leave(self) -> None:
        self._environments -= 1

    def _value_of_promise(self) -> None:
        before = self._stream.here
        flags = self._stream.integer()
        self._stream.here = before
        if flags & 0xFF == UNBOUND and not self._environments:
            self._act("promise")
        self._item()

    def _function_of_call(self) -> None:
        self._last = ""
        self._item()
        if self._last:
            self._act("call", self._last) if self._last in CALLED else None

    def _plain(self, kind: int, attribute: list[Callable[[], None]]) -> None:
        if kind in (SPECIAL, BUILTIN):
            name = self._stream.text(self._stream.integer())
            if name in CALLED:
                self._act("call", name)
        elif kind == CHARACTERS:
            length = self._stream.integer()
            if length >= 0:
                self._stream.text(length)
        elif kind in _ELEMENT_BYTES:
            self._stream.skip(self._length(), _ELEMENT_BYTES[kind])
        elif kind in (STRING, VECTOR, EXPRESSION):
            self._later(*attribute)
            self._later(self._item, times=self._length())
            return
        else:
            raise Malformed(f"an object of the kind {kind}")
        self._later(*attribute)

    def _length(self) -> int:
        length = self._stream.integer()
        if length == -1:
            length = (self._stream.integer() << 32) + self._stream.integer()
        if length < 0:
            raise Malformed(f"a length of {length}")
        return length

    def _code(self) -> None:
        self._later(self._item, self._constants)

    def _constants(self) -> None:
        self._later(self._constant, times=self._length())

    def _constant(self) -> None:
        kind = self._stream.integer()
        if kind == BYTECODE:
            self._code()
        elif kind in _LANGUAGE:
            self._language(kind)
        else:
            self._item()

    def _language(self, kind: int) -> None:
        if kind == _REPEATED:
            self._stream.integer()
            return
        if kind == _REPEAT:
            self._stream.integer()
            kind = self._stream.integer()
        attribute = [self._item] if kind in (240, 239) else []
        self._later(*attribute, self._item, self._branch, self._branch)

    def _branch(self) -> None:
        kind = self._stream.integer()
        if kind in _LANGUAGE:
            self._language(kind)
        else:
            self._item()


# Functions of R that reach out of a computation, with what they do.
CALLED: Final = {
    "system": "runs a shell command",
    "system2": "runs a program",
    "shell": "runs a shell command",
    "shell.exec": "opens a file as the desktop does",
    "pipe": "runs a shell command",
    "source": "runs a file",
    "sys.source": "runs a file",
    "download.file": "fetches a file",
    "socketConnection": "opens a connection",
    "dyn.load": "loads machine code",
    "library.dynam": "loads machine code",
    "unlink": "deletes files",
    "file.remove": "deletes files",
    "install.packages": "installs packages",
}
