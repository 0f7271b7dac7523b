"""Objects of R, as `saveRDS` and `save` write them: what is in them that runs when they are touched.

The format holds any object of R, promises and bindings that call a function among them: R evaluates these when somebody
looks at the value, which printing an object or asking for its class may do (CVE-2024-27322). The file is a tree that is
walked without recursion; nothing of it is built but the names of symbols. Source: R 4.4 `src/main/serialize.c`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.formats.model.rds_names import BY_NAME, CALLED, EVALUATORS, FUNCTION_TAGS, PARSERS, PLAIN
from hauberk.formats.model.rds_stream import Lines, Words
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.formats.model.rds_stream import Stream
    from hauberk.view import View

HEAD: Final = re.compile(rb"(?:RD[XAB][23]\n)?(?:[XB]\n[\0\2\3]\0\0[\0\2\3]|A\n[23]\n\d{1,9}\n)")
_HAS_ATTRIBUTE, _HAS_TAG, _ACTIVE = 0x200, 0x400, 0x8000 << 12
_MOST_ACTS: Final = 100
(SYMBOL, PAIR, CLOSURE, ENVIRONMENT, PROMISE, CALL, SPECIAL, BUILTIN, CHARACTERS, LOGICAL) = range(1, 11)
(INTEGER, REAL, COMPLEX, STRING, DOTS, _ANY, VECTOR, EXPRESSION, BYTECODE, EXTERNAL, WEAK, RAW, S4) = range(13, 26)
UNBOUND: Final = 252
_ALONE: Final = frozenset({241, 242, 250, 251, 252, 253, 254})  # R's own constants
_NAMED_PLACES: Final = frozenset({247, 248, 249})
_REFERENCE, _ALTERNATIVE, _REPEAT, _REPEATED = 255, 238, 244, 243
_CALL_WITH_ATTRIBUTE, _PAIR_WITH_ATTRIBUTE = 240, 239
_LANGUAGE: Final = frozenset({CALL, PAIR, _REPEAT, _REPEATED, _CALL_WITH_ATTRIBUTE, _PAIR_WITH_ATTRIBUTE})
_FETCH_FUNCTION: Final = frozenset({23, 24, 25})  # GETFUN, GETGLOBFUN, GETSYMFUN
_ELEMENT_BYTES: Final = {LOGICAL: 4, INTEGER: 4, REAL: 8, COMPLEX: 16, RAW: 1}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that runs: a `promise`, an active `binding`, `bytecode`, or the `call` of a function by its name.

    Environments of functions hold promises and bindings, and functions and promises byte code, in ordinary files; those
    are not listed. A `pointer` is one to memory, as the whole object; `text` is text that is evaluated as code.
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
    stream: Stream = Lines(view, start + 2) if kind == b"A" else Words(view, start + 2, little=kind == b"B")
    walk = _Walk(stream, limits)
    notes: tuple[Unchecked, ...] = ()
    try:
        walk.whole()
        walk.check_end(view.size)
    except (Malformed, Exceeded) as error:
        code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.MALFORMED
        notes = (Unchecked(code, error.message, Location(offset=min(stream.here, view.size))),)
    return RdsDescription(format="rds", acts=tuple(walk.acts), unchecked=notes)


class _Walk:
    """The walk over one file: what is still to be read, last first, the names of references, what was found."""

    def __init__(self, stream: Stream, limits: Limits) -> None:
        self.acts: list[Act] = []
        self._stream = stream
        self._most = limits.max_document_values
        self._left: list[tuple[Callable[[], None], int]] = []
        self._references: list[str] = []
        self._last = ""  # the symbol that was read last
        self._count = 0
        self._is_body = False  # of a function or a promise, what is read next
        self._in_frame = False  # of an environment, what is read next
        self._is_table = False  # of an environment's frames, what is read next
        self._awaited = 0  # how many names on stands the one of a function
        self._evaluated = False  # whether the next call is an argument of one that evaluates
        self._kinds: Counter[str] = Counter()

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
        self._kinds[kind] += 1
        if self._kinds[kind] <= _MOST_ACTS:
            self.acts.append(Act(kind, name, self._stream.here))

    def _item(self) -> None:
        self._count += 1
        if self._count > self._most:
            raise Exceeded(f"more than {self._most} objects of R")
        flags = self._stream.integer()
        kind = flags & 0xFF
        if kind in _ALONE:
            self._is_body = self._in_frame = self._is_table = False
            return
        if kind == _REFERENCE:
            self._reference(flags >> 8 or self._stream.integer())
        elif kind == SYMBOL:
            self._stream.integer()  # the flags of the characters
            self._last = self._stream.text(self._stream.integer())
            self._references.append(self._last)
            self._name(self._last)
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
        self._name(self._last)

    def _compound(self, kind: int, flags: int) -> None:
        is_body, self._is_body = self._is_body, False
        in_frame, self._in_frame = self._in_frame, False
        is_table, self._is_table = self._is_table, False
        attribute = [self._item] if flags & _HAS_ATTRIBUTE else []
        if kind in (PAIR, CALL, CLOSURE, PROMISE, DOTS):
            self._pair(kind, flags, attribute, in_frame=in_frame)
        elif kind == ENVIRONMENT:
            self._stream.integer()
            self._references.append("")
            self._later(self._item, self._frame, self._table, self._item)
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
            self._plain(kind, attribute, self._frame if is_table else self._body if is_body else self._item)

    def _pair(self, kind: int, flags: int, attribute: list[Callable[[], None]], *, in_frame: bool) -> None:
        if kind == PAIR and flags & _ACTIVE and not in_frame:
            self._act("binding")
        rest = {CLOSURE: self._body, PROMISE: self._body}.get(kind, self._item)
        if kind == PROMISE and in_frame:
            first = self._item
        elif kind in (PAIR, DOTS) and in_frame:
            first, rest = self._value_in_frame, self._frame
        else:
            first = {PROMISE: self._value_of_promise, CALL: self._function_of_call}.get(kind, self._item)
        tag = [self._tag] if flags & _HAS_TAG else []
        self._later(*attribute, *tag, first, rest)

    def _frame(self) -> None:
        self._in_frame = True
        self._item()

    def _table(self) -> None:
        self._is_table = True
        self._item()

    def _value_in_frame(self) -> None:
        self._in_frame = self._next_kind() in (PROMISE, DOTS)
        self._item()

    def _tag(self) -> None:
        """Read the name of an argument, which says which one it is and is not one itself."""
        awaited, self._awaited, self._last = self._awaited, 0, ""
        self._item()
        self._awaited = 1 if self._last in FUNCTION_TAGS else awaited

    def _body(self) -> None:
        self._is_body = True
        self._item()

    def _value_of_promise(self) -> None:
        if self._next_kind() == UNBOUND:
            self._act("promise")
        self._item()

    def _next_kind(self) -> int:
        before = self._stream.here
        flags = self._stream.integer()
        self._stream.here = before
        return flags & 0xFF

    def _function_of_call(self) -> None:
        self._last, self._awaited = "", 0
        self._item()
        self._function(self._last)

    def _function(self, name: str) -> None:
        """Keep what a name says that stands where a function does."""
        if name in PLAIN:
            self._act("call", name)
        if name in PARSERS and self._evaluated:
            self._act("text")
        self._awaited = BY_NAME.get(name, 0)
        self._evaluated = name in EVALUATORS

    def _name(self, name: str) -> None:
        """Keep what a name says wherever it stands: of a function that nothing else is called, or that is awaited."""
        if name in CALLED and (name not in PLAIN or self._awaited == 1):
            self._act("call", name)
        self._awaited = max(0, self._awaited - 1)

    def _plain(self, kind: int, attribute: list[Callable[[], None]], element: Callable[[], None]) -> None:
        if kind in (SPECIAL, BUILTIN):
            name = self._stream.text(self._stream.integer())
            if name in CALLED:
                self._act("call", name)
        elif kind == CHARACTERS:
            self._text()
        elif kind in _ELEMENT_BYTES:
            self._stream.skip(self._length(), _ELEMENT_BYTES[kind])
        elif kind in (STRING, VECTOR, EXPRESSION):
            self._later(*attribute)
            self._later(element, times=self._length())
            return
        else:
            raise Malformed(f"an object of the kind {kind}")
        self._later(*attribute)

    def _text(self) -> None:
        length = self._stream.integer()
        text = self._stream.text(length) if length >= 0 else ""
        if self._awaited:
            self._name(text)

    def _length(self) -> int:
        length = self._stream.integer()
        if length == -1:
            length = (self._stream.integer() << 32) + self._stream.integer()
        if length < 0:
            raise Malformed(f"a length of {length}")
        return length

    def _code(self) -> None:
        """Read the words of byte code, and then the constants, among them names that a word fetches as a function."""
        flags = self._stream.integer()
        if flags & 0xFF != INTEGER or flags & _HAS_ATTRIBUTE:
            raise Malformed("byte code whose code is no plain vector of integers")
        fetched: set[int] = set()
        before = 0
        for _ in range(self._length()):
            word = self._stream.integer()
            if before in _FETCH_FUNCTION:
                fetched.add(word)
            before = word
        self._later(partial(self._constants, fetched))

    def _constants(self, fetched: set[int]) -> None:
        count = self._length()
        self._later(partial(self._constant, iter(range(count)), fetched), times=count)

    def _constant(self, numbers: Iterator[int], fetched: set[int]) -> None:
        is_fetched = next(numbers) in fetched
        kind = self._stream.integer()
        if kind == BYTECODE:
            self._code()
        elif kind in _LANGUAGE:
            self._language(kind)
        else:
            self._last, self._awaited = "", 0
            self._body()  # a list of a function's arguments and its body may be one
            if is_fetched and self._last in PLAIN:
                self._act("call", self._last)

    def _language(self, kind: int) -> None:
        if kind == _REPEATED:
            self._stream.integer()
            return
        if kind == _REPEAT:
            self._stream.integer()
            kind = self._stream.integer()
        attribute = [self._item] if kind in (_CALL_WITH_ATTRIBUTE, _PAIR_WITH_ATTRIBUTE) else []
        first = self._function_branch if kind in (CALL, _CALL_WITH_ATTRIBUTE) else self._branch
        self._later(*attribute, self._tag, first, self._branch)

    def _function_branch(self) -> None:
        self._last, self._awaited = "", 0
        self._branch()
        self._function(self._last)

    def _branch(self) -> None:
        kind = self._stream.integer()
        if kind in _LANGUAGE:
            self._language(kind)
        else:
            self._item()
