"""The pickle machine: runs every instruction, and makes nothing but symbols.

CPython's unpickler has a stack, marks that remember heights of the stack, and a memo. So has this machine; but where
CPython would import a name or call what it imported, this one writes down an `Effect` and pushes a symbol of the
result. An effect is recorded when its instruction is met. What pops the result, ends the stream early or breaks it
afterwards comes too late, for CPython and for us.

Two rules decide every doubt. Where CPython's two unpicklers (C and Python) disagree, the machine goes on in the way
that sees more, and notes that they disagree. Where CPython would stop for sure, the machine stops and notes the place:
a stream with a note is never complete.

The loop, `Machine._execute`, runs constants, the memo and short text itself, because pickles consist of little else;
all other instructions are methods, found in two tables: `_PLAIN` work on the stack alone, `_READING` move through the
bytes. Each instruction takes constant time and memory, whatever was built before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.model.pickle.constants import WIDTH, unescape
from hauberk.formats.model.pickle.memo import Memo
from hauberk.formats.model.pickle.names import resolve
from hauberk.formats.model.pickle.opcodes import BY_CODE, HIGHEST_PROTOCOL
from hauberk.formats.model.pickle.values import Cell, Value, Values
from hauberk.symbol import Effect, Global, Made, Symbol, Text, Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.model.pickle.source import Source
    from hauberk.limits import Limits
    from hauberk.view import View

Method: TypeAlias = "Callable[[Any, int], None]"

MOST_NOTES = 64
_STEPS = bytes(
    1 + row.argument.value if (row := BY_CODE.get(code)) and row.constant and isinstance(row.argument.value, int) else 0
    for code in range(256)
)
_FIXED = bytes(
    1 + row.argument.value if (row := BY_CODE.get(code)) and isinstance(row.argument.value, int) else 1
    for code in range(256)
)
_BINGET, _LONG_BINGET, _BINPUT, _LONG_BINPUT, _MEMOIZE, _STOP = 0x68, 0x6A, 0x71, 0x72, 0x94, 0x2E
_BINUNICODE, _SHORT_BINUNICODE, _BYTEARRAY8 = 0x58, 0x8C, 0x96
_LONGEST_KEY = 4096  # digits of a memo number in text; CPython refuses 4300
_ARRAY = Global("numpy", "ndarray")  # what a loader puts in the place of an array's wrapper
UNSEEN = Unknown("names that only some unpicklers see, after a broken frame")
_PERSISTENT_LOAD = Unknown("the loader's persistent_load")


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes inside a stream that are not instructions: an array, or (`nested`) a pickle of its own."""

    start: int
    size: int
    nested: bool = False


class Inline(Protocol):
    """Says whether a loader reads foreign bytes after BUILD has given an object its state."""

    def __call__(self, wrapper: Made, here: int, view: View) -> Payload | None:
        """Return what follows at offset `here`, or None; raise `Malformed` where that cannot be told."""
        ...


@dataclass(slots=True)
class _Level:
    """One unpickler at work: its stack, the heights of its marks above a floor of 0, its memo, protocol and frame."""

    stack: list[Value]
    marks: list[int]
    memo: Memo
    frame_end: int = 0
    protocol: int = 0


def _by_code(methods: dict[str, Method]) -> list[Method | None]:
    return [methods.get(BY_CODE[code].name) if code in BY_CODE else None for code in range(256)]


def _underflow() -> NoReturn:
    raise Malformed("the stack has too few values")


class Machine:
    """Runs the streams of one view, one after the other; what they do adds up.

    Attributes:
        effects: what loading would do, in order; an import of a name that was imported before is not repeated.
        notes: why the streams could not be followed to the end, and where.
        payloads: foreign bytes that were skipped.
        renamed: names as they are spelled in the stream, and as CPython 3 resolves them, where these differ.
        opcodes: how many instructions were run.
        protocol: the protocol that the last stream ended with.
        values: what is remembered of values.
    """

    def __init__(self, source: Source, limits: Limits, inline: Inline | None = None) -> None:
        self.effects: list[Effect] = []
        self.notes: list[Unchecked] = []
        self.payloads: list[Payload] = []
        self.renamed: dict[tuple[str, str], tuple[str, str]] = {}
        self.opcodes = 0
        self.values = Values(source, limits)
        self._source = source
        self._limits = limits
        self._inline = inline
        self._imports: dict[tuple[str, str], Cell] = {}
        self._outer: list[_Level] = []
        self._level = _Level([], [0], Memo())
        self._place = source.here
        self._disagreed = False

    @property
    def protocol(self) -> int:
        """Return the protocol that the last PROTO of the stream gave, 0 where there was none."""
        return self._level.protocol

    def run(self) -> bool:
        """Run one stream from where the source is, with a new memo; return whether it reached its STOP.

        If not, the last note says why and where.
        """
        self._level, self._outer = _Level([], [0], Memo()), []
        try:
            self._execute()
        except Malformed as error:
            self._note(error.message)
        except Exceeded as error:
            self._note(error.message, UncheckedCode.LIMIT)
        else:
            return True
        return False

    def _execute(self) -> None:
        """Run instructions until the outermost STOP.

        Longer than our functions are, because it is the one hot loop: nearly every instruction of a large pickle is
        one of those that it runs itself, and a call for each would double the time of a scan.
        """
        source, steps, reading_methods = self._source, _STEPS, self._reading
        plain_methods = [None if method is None else method.__get__(self) for method in self._plain]
        at = edge = count = code = 0
        base = source.here
        try:
            while True:
                if at >= edge:
                    source.at = base + at - source.base
                    self.opcodes, count, code = self.opcodes + count, 0, 0
                    self._turn()
                    data, base, at, limit, edge = source.data, source.base, source.at, source.limit, self._edge()
                    level = self._level
                    stack, marks, memo = level.stack, level.marks, level.memo
                    push, near = stack.append, memo.near
                code = data[at]
                count += 1
                step = steps[code]
                if step:
                    push(base + at)
                    at += step
                    continue
                if code == _BINGET:
                    key = data[at + 1]
                    push(near[key] if key < len(near) else memo.get(key))
                    at += 2
                    continue
                if code == _SHORT_BINUNICODE:
                    stop = at + 2 + data[at + 1]
                    if stop <= limit and data[at + 2 : stop].isascii():
                        push(base + at)
                        at = stop
                        continue
                elif code == _MEMOIZE:
                    if len(stack) <= marks[-1]:
                        _underflow()
                    memo.memoize(stack[-1]) if memo.far else near.append(stack[-1])
                    at += 1
                    continue
                elif code == _LONG_BINGET:
                    key = int.from_bytes(data[at + 1 : at + 5], "little")
                    push(near[key] if key < len(near) else memo.get(key))
                    at += 5
                    continue
                elif code == _BINUNICODE:
                    stop = at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")
                    if stop <= limit and data[at + 5 : stop].isascii():
                        push(base + at)
                        at = stop
                        continue
                elif code == _BINPUT:
                    if len(stack) <= marks[-1]:
                        _underflow()
                    memo.put(data[at + 1], stack[-1])
                    at += 2
                    continue
                elif code == _LONG_BINPUT:
                    if len(stack) <= marks[-1]:
                        _underflow()
                    memo.put(int.from_bytes(data[at + 1 : at + 5], "little"), stack[-1])
                    at += 5
                    continue
                plain = plain_methods[code]
                if plain is not None:
                    plain(base + at)
                    at += 1
                    continue
                source.at = at + 1
                if code == _STOP:
                    if self._stop():
                        return
                else:
                    reading = reading_methods[code]
                    if reading is None:
                        self._unknown(code)
                    else:
                        reading(self, base + at)
                base, at, edge = source.base, source.at, 0  # the source or the level has changed: look again
        except (Malformed, Exceeded):
            self._place = base + at
            if source.base == base:
                source.at = max(source.at, at + _FIXED[code])
            self._leave_frame()  # it may be broken only for one of those who disagree about a frame
            raise
        finally:
            self.opcodes += count

    def _unknown(self, code: int) -> NoReturn:
        raise Malformed(f"byte {code:#04x} is not an instruction of pickle")

    def _turn(self) -> None:
        """Bring the next bytes to the source; refuse where there are none, or where something has grown too large."""
        source, level, limits = self._source, self._level, self._limits
        here = source.here
        self._leave_frame()
        if here >= source.size:
            raise Malformed("the stream ends inside an instruction" if here > source.size else "there is no STOP")
        if source.at < source.edge:
            return
        for count, limit, what in (
            (self.opcodes, limits.max_pickle_opcodes, "instructions"),
            (len(level.stack), limits.max_pickle_stack, "values on the stack"),
            (len(level.memo), limits.max_pickle_memo, "values in the memo"),
        ):
            if count > limit:
                raise Exceeded(f"more than {limit} {what}")
        source.turn()

    def _leave_frame(self) -> None:
        """Forget a frame that has ended; say so if it ended inside an instruction."""
        here, end = self._source.here, self._level.frame_end
        if 0 < end <= here:
            if end < here:
                self._disagree("an instruction crosses the end of its frame")
            self._level.frame_end = 0

    def _disagree(self, detail: str) -> None:
        """Note that CPython's unpicklers see different instructions from here on.

        Where an argument crosses the end of a frame, the one in Python refuses, the one in C reads on if it was given
        bytes, and if it was given a file throws away what was left of the frame: with `cjson.` at the end of a frame
        and `os` behind it, it imports `os`. The machine reads on; for all that it does not see stands one effect.
        """
        self._note(f"{detail}: unpicklers disagree what follows")
        if not self._disagreed:
            self.effects.append(Effect(Use.IMPORT, UNSEEN, (), self._place))
        self._disagreed = True

    def _edge(self) -> int:
        """Return the index up to which instructions may be read without asking: the chunk's edge or the frame's end."""
        edge, end = self._source.edge, self._level.frame_end
        return min(edge, end - self._source.base) if end else edge

    def _note(self, detail: str, code: UncheckedCode = UncheckedCode.MALFORMED) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Unchecked(code, detail, Location(offset=self._place)))

    def _effect(self, use: Use, target: Symbol, arguments: tuple[Symbol, ...], place: int) -> None:
        if len(self.effects) >= self._limits.max_pickle_effects:
            raise Exceeded(f"more than {self._limits.max_pickle_effects} effects")
        self.effects.append(Effect(use, target, arguments, place))

    # The stack.

    def _take(self, count: int) -> list[Value]:
        """Pop values, the deepest first; only those above the last mark can be reached."""
        stack = self._level.stack
        if len(stack) - count < self._level.marks[-1]:
            _underflow()
        items = stack[-count:]
        del stack[-count:]
        return items

    def _take_to_mark(self) -> list[Value]:
        """Pop the last mark and all values above it."""
        stack, marks = self._level.stack, self._level.marks
        if len(marks) == 1:
            raise Malformed("there is no mark on the stack")
        height = marks.pop()
        items = stack[height:]
        del stack[height:]
        return items

    def _top(self) -> Value:
        if len(self._level.stack) <= self._level.marks[-1]:
            _underflow()
        return self._level.stack[-1]

    def _push(self, value: Value) -> None:
        self._level.stack.append(value)

    def _mark(self, _: int) -> None:
        marks = self._level.marks
        if len(marks) > self._limits.max_pickle_stack:
            raise Exceeded(f"more than {self._limits.max_pickle_stack} marks on the stack")
        marks.append(len(self._level.stack))

    def _pop(self, _: int) -> None:
        level = self._level
        if len(level.stack) > level.marks[-1]:
            level.stack.pop()
        else:
            self._take_to_mark()  # POP takes a mark that lies on top

    def _pop_mark(self, _: int) -> None:
        self._take_to_mark()

    def _dup(self, _: int) -> None:
        self._push(self._top())

    # Containers.

    def _empty_tuple(self, _: int) -> None:
        self._push(self.values.container("tuple", []))

    def _empty_list(self, _: int) -> None:
        self._push(self.values.container("list", []))

    def _empty_dict(self, _: int) -> None:
        self._push(self.values.container("dict", []))

    def _empty_set(self, _: int) -> None:
        self._push(self.values.container("set", []))

    def _tuple1(self, _: int) -> None:
        self._push(self.values.container("tuple", self._take(1)))

    def _tuple2(self, _: int) -> None:
        self._push(self.values.container("tuple", self._take(2)))

    def _tuple3(self, _: int) -> None:
        self._push(self.values.container("tuple", self._take(3)))

    def _tuple(self, _: int) -> None:
        self._push(self.values.container("tuple", self._take_to_mark()))

    def _list(self, _: int) -> None:
        self._push(self.values.container("list", self._take_to_mark()))

    def _frozenset(self, _: int) -> None:
        self._push(self.values.container("frozenset", self._take_to_mark()))

    def _dict(self, _: int) -> None:
        items = self._take_to_mark()
        if len(items) % 2:
            raise Malformed("DICT has a key without a value")
        self._push(self.values.container("dict", items))

    def _append(self, place: int) -> None:
        items = self._take(1)
        self._fill("list", items, place)

    def _appends(self, place: int) -> None:
        self._fill("list", self._take_to_mark(), place)

    def _setitem(self, place: int) -> None:
        items = self._take(2)
        self._fill("dict", items, place)

    def _setitems(self, place: int) -> None:
        items = self._take_to_mark()
        self._fill("dict", items, place)
        if len(items) % 2:
            raise Malformed("SETITEMS has a key without a value")

    def _additems(self, place: int) -> None:
        self._fill("set", self._take_to_mark(), place)

    def _fill(self, kind: str, items: list[Value], place: int) -> None:
        """Put items into the value on top: a container, a bytearray, or an object whose own methods are called."""
        target = self._top()
        if not items and (isinstance(target, int) or target.kind):
            return  # the C unpickler looks at the target only if there is something to put into it
        if isinstance(target, int):
            if self._source.peek(target, 1)[0] != _BYTEARRAY8:
                raise Malformed(f"a constant is filled as a {kind}")
            return
        if not target.kind:
            values = self.values
            self._effect(Use.EXTEND, values.show(target), values.arguments(values.container("tuple", items)), place)
            values.grow(target, items)
            if isinstance(target.symbol, Made):
                target.symbol.changed = place
        elif target.kind == kind or (target.kind, kind) == ("list", "dict"):  # list[index] = value is no error
            self.values.extend(target, items, place)
        else:
            raise Malformed(f"a {target.kind} is filled as a {kind}")

    # The memo, where the loop does not do it.

    def _get(self, _: int) -> None:
        self._push(self._level.memo.get(self._memo_key()))

    def _put(self, _: int) -> None:
        self._level.memo.put(self._memo_key(), self._top())

    def _memo_key(self) -> int:
        line = self._source.line(_LONGEST_KEY)
        try:
            return int((line or b"").partition(b"\0")[0])  # C strings end at a zero byte
        except ValueError:
            raise Malformed("a memo number that is not a number") from None

    # Constants, where the loop does not do it.

    def _number_line(self, place: int) -> None:
        source = self._source
        code = source.data[source.at - 1]
        line = source.line(_LONGEST_KEY)
        try:
            if line is not None and line not in (b"00", b"01"):  # INT writes False and True so
                float(line) if code == ord("F") else int(line.removesuffix(b"L") if code == ord("L") else line, 0)
        except ValueError:
            self._place = place
            self._note("a number in text that not every unpickler reads")
        self._push(place)

    def _text_line(self, place: int) -> None:
        source = self._source
        code = source.data[source.at - 1]
        line = source.line(self._limits.max_pickle_text_bytes)
        try:
            if line is not None:
                line.decode("raw-unicode-escape") if code == ord("V") else unescape(line)
        except ValueError:
            raise Malformed("a string in text that is not well-formed") from None
        self._push(place)

    def _counted(self, place: int) -> None:
        source = self._source
        opcode = BY_CODE[source.data[source.at - 1]]
        width = WIDTH[opcode.argument]
        signed = opcode.name in ("BINSTRING", "LONG4")
        size = int.from_bytes(self._argument(width), "little", signed=signed)
        start = source.here
        if not 0 <= size <= source.size - start:
            raise Malformed(f"{opcode.name} of {size} bytes, where {max(0, source.size - start)} are left")
        if "UNICODE" in opcode.name:
            source.check_utf8(start, size)
        source.at += size
        self._push(place)

    def _next_buffer(self, _: int) -> None:
        self._push(self.values.result(Unknown("a buffer outside of the stream")))

    def _readonly_buffer(self, _: int) -> None:
        self._top()

    def _argument(self, width: int) -> bytes:
        source = self._source
        argument = source.data[source.at : source.at + width]
        source.at += width
        return argument

    # Imports.

    def _global(self, place: int) -> None:
        self._import(self._name_line("utf-8"), self._name_line("utf-8"), place)

    def _inst(self, place: int) -> None:
        self._import(self._name_line("ascii"), self._name_line("ascii"), place)
        function = self._take(1)[0]
        self._call(Use.CALL, function, self.values.container("tuple", self._take_to_mark()), place)

    def _name_line(self, encoding: str) -> str | None:
        line = self._source.line(self._limits.max_pickle_text_bytes)
        try:
            return None if line is None else line.decode(encoding)
        except UnicodeDecodeError:
            raise Malformed(f"a name that is not {encoding.upper()}") from None

    def _stack_global(self, place: int) -> None:
        module, name = (self.values.show(part) for part in self._take(2))
        if isinstance(module, Text) and isinstance(name, Text):
            self._import(None if module.cut else module.value, None if name.cut else name.value, place)
        else:
            self._import_unknown("a name that is made while loading", place)

    def _import(self, module: str | None, name: str | None, place: int) -> None:
        if module is None or name is None:
            self._import_unknown("a name that is longer than is kept", place)
            return
        resolved = resolve(module, name, self._level.protocol)
        if resolved != (module, name):
            self.renamed[module, name] = resolved
        cell = self._imports.get(resolved)
        if cell is None:
            found = Global(*resolved, place)
            self._effect(Use.IMPORT, found, (), place)
            cell = self._imports[resolved] = self.values.result(found)
        self._push(cell)

    def _import_unknown(self, why: str, place: int) -> None:
        self._effect(Use.IMPORT, Unknown(why), (), place)
        self._push(self.values.result(Unknown(why)))

    def _extension(self, place: int) -> None:
        source = self._source
        width = {0x82: 1, 0x83: 2, 0x84: 4}[source.data[source.at - 1]]
        code = int.from_bytes(self._argument(width), "little", signed=width == 4)
        if code <= 0:
            raise Malformed(f"extension code {code}")
        self._import_unknown(f"whatever copyreg has registered as extension {code}", place)

    # Calls.

    def _reduce(self, place: int) -> None:
        function, arguments = self._take(2)
        self._call(Use.CALL, function, arguments, place)

    def _obj(self, place: int) -> None:
        items = self._take_to_mark()
        if not items:
            raise Malformed("OBJ has no class")
        self._call(Use.CALL, items[0], self.values.container("tuple", items[1:]), place)

    def _newobj(self, place: int) -> None:
        function, arguments = self._take(2)
        self._call(Use.NEW, function, arguments, place)

    def _newobj_ex(self, place: int) -> None:
        function, arguments, keywords = self._take(3)
        self._call(Use.NEW, function, arguments, place, keywords)

    def _call(self, use: Use, function: Value, arguments: Value, place: int, keywords: Value | None = None) -> None:
        values = self.values
        spread = values.arguments(arguments)
        inside = [function, arguments]
        if keywords is not None:
            spread = (*spread, values.show(keywords))
            inside.append(keywords)
        called = values.show(function)
        self._effect(use, called, spread, place)
        self._push(values.result(Made(called, spread, use, place), inside))

    def _persid(self, place: int) -> None:
        name = self._name_line("ascii")
        self._persistent(Unknown("a long persistent id") if name is None else Text(name), place)

    def _binpersid(self, place: int) -> None:
        self._persistent(self.values.show(self._take(1)[0]), place)

    def _persistent(self, identity: Symbol, place: int) -> None:
        self._effect(Use.PERSISTENT, _PERSISTENT_LOAD, (identity,), place)
        self._push(self.values.result(Made(_PERSISTENT_LOAD, (identity,), Use.PERSISTENT, place)))

    def _build(self, place: int) -> None:
        state = self._take(1)[0]
        target = self._top()
        shown, given = self.values.show(target), self.values.show(state)
        self._effect(Use.BUILD, shown, (given,), place)
        if isinstance(target, Cell):
            self.values.grow(target, [state])
        if not isinstance(shown, Made):
            return
        shown.changed = place
        shown.state = given if shown.state is None else Unknown("a state that was given twice")
        asks = self._inline is not None and not self._outer  # the pickle inside an array is a plain one
        payload = self._inline(shown, self._source.here, self._source.view) if asks and self._inline else None
        if payload is not None:
            self._skip(payload, place)

    # The stream itself.

    def _skip(self, payload: Payload, place: int) -> None:
        """Leave the instructions for foreign bytes; the object that read them is replaced by what they hold."""
        source = self._source
        self._leave_frame()
        if self._level.frame_end:
            raise Malformed("foreign bytes inside a frame: readers disagree where they begin")
        if payload.size > source.size - payload.start:
            raise Malformed(f"an array of {payload.size} bytes, where {source.size - payload.start} are left")
        self.payloads.append(payload)
        self._take(1)
        source.at = payload.start - source.base
        if payload.nested:
            self._outer.append(self._level)
            self._level = _Level([], [0], Memo())
            return
        source.at += payload.size
        self._push(self.values.result(Made(_ARRAY, (), Use.NEW, place)))

    def _stop(self) -> bool:
        """End the stream; return False where an outer one goes on with its value."""
        value = self._top()
        source, end = self._source, self._level.frame_end
        if end > source.here:
            self._note("a frame goes on after STOP: what is left of it is thrown away")
            source.at = min(end, source.size) - source.base
        if not self._outer:
            return True
        self._level = self._outer.pop()
        self._push(value)
        return False

    def _proto(self, _: int) -> None:
        protocol = self._argument(1)[0]
        if protocol > HIGHEST_PROTOCOL:
            raise Malformed(f"protocol {protocol}, where the highest is {HIGHEST_PROTOCOL}")
        self._level.protocol = protocol

    def _frame(self, place: int) -> None:
        source, level = self._source, self._level
        size = int.from_bytes(self._argument(8), "little")
        self._place = place
        self._leave_frame()
        end = source.here + size
        if end > source.size:
            self._note(f"a frame of {size} bytes, where {source.size - source.here} are left")
        if level.frame_end and end > level.frame_end:
            self._disagree("a frame begins inside another one and crosses its end")
        elif level.frame_end:
            self._note("a frame begins inside another one: only one of CPython's unpicklers goes on")
        level.frame_end = max(level.frame_end, end)

    _plain = _by_code(
        {
            "MARK": _mark,
            "POP": _pop,
            "POP_MARK": _pop_mark,
            "DUP": _dup,
            "EMPTY_TUPLE": _empty_tuple,
            "EMPTY_LIST": _empty_list,
            "EMPTY_DICT": _empty_dict,
            "EMPTY_SET": _empty_set,
            "TUPLE": _tuple,
            "TUPLE1": _tuple1,
            "TUPLE2": _tuple2,
            "TUPLE3": _tuple3,
            "LIST": _list,
            "DICT": _dict,
            "FROZENSET": _frozenset,
            "APPEND": _append,
            "APPENDS": _appends,
            "SETITEM": _setitem,
            "SETITEMS": _setitems,
            "ADDITEMS": _additems,
            "NEXT_BUFFER": _next_buffer,
            "READONLY_BUFFER": _readonly_buffer,
            "STACK_GLOBAL": _stack_global,
            "REDUCE": _reduce,
            "OBJ": _obj,
            "NEWOBJ": _newobj,
            "NEWOBJ_EX": _newobj_ex,
            "BINPERSID": _binpersid,
        }
    )
    _reading = _by_code(
        {
            "INT": _number_line,
            "LONG": _number_line,
            "FLOAT": _number_line,
            "STRING": _text_line,
            "UNICODE": _text_line,
            "GET": _get,
            "PUT": _put,
            "EXT1": _extension,
            "EXT2": _extension,
            "EXT4": _extension,
            "GLOBAL": _global,
            "INST": _inst,
            "PERSID": _persid,
            "BUILD": _build,
            "PROTO": _proto,
            "FRAME": _frame,
            "LONG1": _counted,
            "LONG4": _counted,
            "BINSTRING": _counted,
            "SHORT_BINSTRING": _counted,
            "SHORT_BINUNICODE": _counted,
            "BINUNICODE": _counted,
            "BINUNICODE8": _counted,
            "BINBYTES": _counted,
            "SHORT_BINBYTES": _counted,
            "BINBYTES8": _counted,
            "BYTEARRAY8": _counted,
        }
    )
