"""The instructions that the loop does not run itself, or not in every case: one function each, in one table.

Each takes the machine and the offset of its instruction; when it starts, the source stands behind the instruction's
first byte.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias

from hauberk.errors import Malformed
from hauberk.formats.model.pickle.collisions import LONGEST, SHORTEST
from hauberk.formats.model.pickle.constants import WIDTH, unescape
from hauberk.formats.model.pickle.level import Level
from hauberk.formats.model.pickle.names import resolve
from hauberk.formats.model.pickle.opcodes import BY_CODE, HIGHEST_PROTOCOL
from hauberk.formats.model.pickle.values import CONSTANT, DICT, FROZENSET, LIST, NAMES, RESULT, SET
from hauberk.symbol import Global, Made, Registered, Symbol, Text, Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.model.pickle.machine import Machine, Payload

Instruction: TypeAlias = "Callable[[Machine, int], None]"

LONGEST_KEY = 4096  # digits of a number in text; CPython refuses more than 4300
ARRAY = Global("numpy", "ndarray")  # what a loader puts in the place of an array's wrapper
PERSISTENT_LOAD = Unknown("the loader's persistent_load")
BYTEARRAY8 = 0x96
BEFORE_TUPLE1 = 0x84
FARTHEST = 1 << 62  # no view is so long, and a frame that ends behind it ends there: compiled, offsets have 64 bits


# The stack, and containers: what the loop leaves to others.


def _pop(machine: Machine, _place: int) -> None:
    level = machine.level
    if level.top > level.floor:
        level.top -= 1
    else:
        level.take_to_mark()  # POP takes a mark that lies on top


def _pop_mark(machine: Machine, _place: int) -> None:
    machine.level.take_to_mark()


def _dup(machine: Machine, _place: int) -> None:
    machine.level.push(machine.level.peek())


def _tuple(machine: Machine, _place: int) -> None:
    code = machine.source.data[machine.source.at - 1]
    level, counted = machine.level, code - BEFORE_TUPLE1
    items = level.take(counted) if 1 <= counted <= 3 else level.take_to_mark()
    level.push(machine.values.tuple_of(items))


def _list(machine: Machine, _place: int) -> None:
    items = machine.level.take_to_mark()
    machine.level.push(machine.values.container(LIST, array("q", items), 0, len(items)))


def _frozenset(machine: Machine, _place: int) -> None:
    items = machine.level.take_to_mark()
    machine.level.push(machine.values.container(FROZENSET, array("q", items), 0, len(items)))


def _dict(machine: Machine, _place: int) -> None:
    items = machine.level.take_to_mark()
    if len(items) % 2:
        raise Malformed("DICT has a key without a value")
    machine.level.push(machine.values.container(DICT, array("q", items), 0, len(items)))


def _append(machine: Machine, place: int) -> None:
    _fill(machine, LIST, machine.level.take(1), place)


def _appends(machine: Machine, place: int) -> None:
    _fill(machine, LIST, machine.level.take_to_mark(), place)


def _setitem(machine: Machine, place: int) -> None:
    _fill(machine, DICT, machine.level.take(2), place)


def _setitems(machine: Machine, place: int) -> None:
    items = machine.level.take_to_mark()
    _fill(machine, DICT, items, place)
    if len(items) % 2:
        raise Malformed("SETITEMS has a key without a value")


def _additems(machine: Machine, place: int) -> None:
    _fill(machine, SET, machine.level.take_to_mark(), place)


def _fill(machine: Machine, kind: int, items: list[int], place: int) -> None:
    """Put items into the value on top: a container, a bytearray, or an object whose own methods are called."""
    values, target = machine.values, machine.level.peek()
    found = values.kind(target)
    if not items and found != RESULT:
        return  # the C unpickler looks at the target only if there is something to put into it
    if target >= 0:
        if machine.source.peek(target, 1)[0] != BYTEARRAY8:
            raise Malformed(f"a constant is filled as a {NAMES[kind]}")
        return
    if found == RESULT:
        shown = values.show(target)
        machine.effect(Use.EXTEND, shown, values.arguments(values.tuple_of(items)), place)
        values.grow_late(target, items)
        if isinstance(shown, Made):
            shown.changed = place
        return
    if (found, kind) == (LIST, DICT):  # list[index] = value: it may as well remove what a slice holds
        machine.place = place
        machine.note("a list is changed by index, so how long it is cannot be told")
    elif found != kind:
        raise Malformed(f"a {NAMES[found]} is filled as a {NAMES[kind]}")
    values.extend(target, array("q", items), 0, len(items), place)


# The memo, and constants.


def _get(machine: Machine, _place: int) -> None:
    machine.level.push(machine.level.get(_memo_key(machine)))


def _put(machine: Machine, _place: int) -> None:
    machine.level.put(_memo_key(machine), machine.level.peek())


def _binput(machine: Machine, _place: int) -> None:
    machine.level.put(_argument(machine, 1)[0], machine.level.peek())


def _long_binput(machine: Machine, _place: int) -> None:
    machine.level.put(int.from_bytes(_argument(machine, 4), "little"), machine.level.peek())


def _binget(machine: Machine, _place: int) -> None:
    machine.level.push(machine.level.get(_argument(machine, 1)[0]))


def _long_binget(machine: Machine, _place: int) -> None:
    machine.level.push(machine.level.get(int.from_bytes(_argument(machine, 4), "little")))


def _memoize(machine: Machine, _place: int) -> None:
    machine.level.put(machine.level.entries(), machine.level.peek())


def _memo_key(machine: Machine) -> int:
    line = machine.source.line(LONGEST_KEY)
    try:
        return int((line or b"").partition(b"\0")[0])  # C strings end at a zero byte
    except ValueError:
        raise Malformed("a memo number that is not a number") from None


def _number_line(machine: Machine, place: int) -> None:
    source = machine.source
    code = source.data[source.at - 1]
    line = source.line(LONGEST_KEY)
    try:
        if line is not None and line not in (b"00", b"01"):  # INT writes False and True so
            if code == ord("F"):
                float(line)
            else:
                machine.alike.add_number(int(line.removesuffix(b"L") if code == ord("L") else line, 0))
    except ValueError:
        machine.place = place
        machine.note("a number in text that not every unpickler reads")
    machine.level.push(place)


def _text_line(machine: Machine, place: int) -> None:
    source = machine.source
    code = source.data[source.at - 1]
    line = source.line(machine.limits.max_pickle_text_bytes)
    try:
        if line is not None:
            line.decode("raw-unicode-escape") if code == ord("V") else unescape(line)
    except UnicodeDecodeError:
        raise Malformed("UNICODE with a broken escape") from None
    machine.level.push(place)


def _counted(machine: Machine, place: int) -> None:
    source = machine.source
    opcode = BY_CODE[source.data[source.at - 1]]
    width = WIDTH[opcode.argument]
    signed = opcode.name in ("BINSTRING", "LONG4")
    size = int.from_bytes(_argument(machine, width), "little", signed=signed)
    start = source.here
    if not 0 <= size <= source.size - start:
        raise Malformed(f"{opcode.name} of {size} bytes, where {max(0, source.size - start)} are left")
    source.at += (
        size  # before it is refused: where it crosses the end of its frame, not every unpickler reads this text
    )
    if "UNICODE" in opcode.name and not source.is_utf8(start, size):
        raise Malformed("text that is not UTF-8")
    if opcode.name.startswith("LONG") and SHORTEST <= size <= LONGEST:
        machine.alike.add(source.peek(start, size))
    machine.level.push(place)


def _next_buffer(machine: Machine, _place: int) -> None:
    machine.level.push(machine.values.result(Unknown("a buffer outside of the stream")))


def _readonly_buffer(machine: Machine, _place: int) -> None:
    machine.level.peek()


def _argument(machine: Machine, width: int) -> bytes:
    source = machine.source
    argument = source.data[source.at : source.at + width]
    source.at += width
    return argument


# Imports.


def _global(machine: Machine, place: int) -> None:
    _import(machine, _name_line(machine, "utf-8"), _name_line(machine, "utf-8"), place)


def _inst(machine: Machine, place: int) -> None:
    _import(machine, _name_line(machine, "ascii"), _name_line(machine, "ascii"), place)
    function = machine.level.take(1)[0]
    _call(machine, Use.CALL, function, machine.values.tuple_of(machine.level.take_to_mark()), place=place)


def _name_line(machine: Machine, encoding: str) -> str | None:
    line = machine.source.line(machine.limits.max_pickle_text_bytes)
    try:
        return None if line is None else line.decode(encoding)
    except UnicodeDecodeError:
        raise Malformed(f"a name that is not {encoding.upper()}") from None


def _stack_global(machine: Machine, place: int) -> None:
    module, name = (machine.values.name(part) for part in machine.level.take(2))
    if isinstance(module, Text) and isinstance(name, Text):
        _import(machine, None if module.cut else module.value, None if name.cut else name.value, place)
    else:
        _import_unknown(machine, Unknown("a name that is made while loading"), place)


def _import(machine: Machine, module: str | None, name: str | None, place: int) -> None:
    if module is None or name is None:
        _import_unknown(machine, Unknown("a name that is longer than is kept"), place)
        return
    resolved = resolve(module, name, machine.level.protocol)
    if resolved != (module, name):
        machine.renamed[module, name] = resolved
    cell = machine.imports.get(resolved)
    if cell is None:
        found = Global(*resolved, place)
        machine.effect(Use.IMPORT, found, (), place)
        cell = machine.imports[resolved] = machine.values.result(found)
    machine.level.push(cell)


def _import_unknown(machine: Machine, found: Symbol, place: int) -> None:
    machine.effect(Use.IMPORT, found, (), place)
    machine.level.push(machine.values.result(found))


def _extension(machine: Machine, place: int) -> None:
    source = machine.source
    width = {0x82: 1, 0x83: 2, 0x84: 4}[source.data[source.at - 1]]
    code = int.from_bytes(_argument(machine, width), "little", signed=width == 4)
    if code <= 0:
        raise Malformed(f"extension code {code}")
    _import_unknown(machine, Registered(code), place)


# Calls.


def _reduce(machine: Machine, place: int) -> None:
    function, arguments = machine.level.take(2)
    _call(machine, Use.CALL, function, arguments, place=place)


def _obj(machine: Machine, place: int) -> None:
    items = machine.level.take_to_mark()
    if not items:
        raise Malformed("OBJ has no class")
    _call(machine, Use.CALL, items[0], machine.values.tuple_of(items[1:]), place=place)


def _newobj(machine: Machine, place: int) -> None:
    function, arguments = machine.level.take(2)
    _call(machine, Use.NEW, function, arguments, place=place)


def _newobj_ex(machine: Machine, place: int) -> None:
    function, arguments, keywords = machine.level.take(3)
    _call(machine, Use.NEW, function, arguments, place=place, keywords=keywords)


def _call(
    machine: Machine, use: Use, function: int, arguments: int, *, place: int, keywords: int | None = None
) -> None:
    values = machine.values
    spread = values.arguments(arguments, keywords)
    inside = [function, arguments] if keywords is None else [function, arguments, keywords]
    called = values.show(function)
    machine.effect(use, called, spread, place)
    machine.level.push(values.result(Made(called, spread, use, place), inside))


def _persid(machine: Machine, place: int) -> None:
    name = _name_line(machine, "ascii")
    _persistent(machine, Unknown("a long persistent id") if name is None else Text(name), place)


def _binpersid(machine: Machine, place: int) -> None:
    _persistent(machine, machine.values.show(machine.level.take(1)[0]), place)


def _persistent(machine: Machine, identity: Symbol, place: int) -> None:
    machine.effect(Use.PERSISTENT, PERSISTENT_LOAD, (identity,), place)
    machine.level.push(machine.values.result(Made(PERSISTENT_LOAD, (identity,), Use.PERSISTENT, place)))


def _build(machine: Machine, place: int) -> None:
    state = machine.level.take(1)[0]
    target = machine.level.peek()
    shown, given = machine.values.show(target), machine.values.show(state)
    machine.effect(Use.BUILD, shown, (given,), place)
    if target < 0:  # a dict of attributes Python frees without recursion
        is_dict = machine.values.kind(state) in (DICT, CONSTANT)
        (machine.values.grow if is_dict else machine.values.grow_late)(target, [state])
    if not isinstance(shown, Made):
        return
    shown.changed = place
    shown.state = given if shown.state is None else Unknown("a state that was given twice")
    asks = machine.inline is not None and not machine.outer  # the pickle inside an array is a plain one
    payload = machine.inline(shown, machine.source.here, machine.source.view) if asks and machine.inline else None
    if payload is not None:
        _skip(machine, payload, place)


# The stream itself.


def _skip(machine: Machine, payload: Payload, place: int) -> None:
    """Leave the instructions for foreign bytes; the object that read them is replaced by what they hold."""
    source = machine.source
    machine.leave_frame()
    if machine.level.frame_end:
        raise Malformed("foreign bytes inside a frame: readers disagree where they begin")
    if payload.size > source.size - payload.start:
        raise Malformed(f"an array of {payload.size} bytes, where {source.size - payload.start} are left")
    machine.payloads.append(payload)
    if machine.inlined is None:
        machine.inlined = place + 1
    machine.level.take(1)
    source.at = payload.start - source.base
    if payload.nested:
        machine.outer.append(machine.level)
        machine.level = Level()
        return
    source.at += payload.size
    machine.level.push(machine.values.result(Made(ARRAY, (), Use.NEW, place)))


def _proto(machine: Machine, _place: int) -> None:
    protocol = _argument(machine, 1)[0]
    if protocol > HIGHEST_PROTOCOL:
        raise Malformed(f"protocol {protocol}, where the highest is {HIGHEST_PROTOCOL}")
    machine.level.protocol = protocol


def _frame(machine: Machine, place: int) -> None:
    source, level = machine.source, machine.level
    size = int.from_bytes(_argument(machine, 8), "little")
    machine.place = place
    machine.leave_frame()
    end = min(source.here + size, FARTHEST)
    if end > source.size:
        machine.note(f"a frame of {size} bytes, where {source.size - source.here} are left")
    if level.frame_end and end > level.frame_end:
        machine.disagree("a frame begins inside another one and crosses its end")
    elif level.frame_end:
        machine.note("a frame begins inside another one: only one of CPython's unpicklers goes on")
    level.frame_end = max(level.frame_end, end)


_NAMED: dict[str, Instruction] = {
    "POP": _pop,
    "POP_MARK": _pop_mark,
    "DUP": _dup,
    "TUPLE": _tuple,
    "TUPLE1": _tuple,
    "TUPLE2": _tuple,
    "TUPLE3": _tuple,
    "LIST": _list,
    "FROZENSET": _frozenset,
    "DICT": _dict,
    "APPEND": _append,
    "APPENDS": _appends,
    "SETITEM": _setitem,
    "SETITEMS": _setitems,
    "ADDITEMS": _additems,
    "NEXT_BUFFER": _next_buffer,
    "READONLY_BUFFER": _readonly_buffer,
    "INT": _number_line,
    "LONG": _number_line,
    "FLOAT": _number_line,
    "STRING": _text_line,
    "UNICODE": _text_line,
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
    "GET": _get,
    "PUT": _put,
    "BINGET": _binget,
    "LONG_BINGET": _long_binget,
    "BINPUT": _binput,
    "LONG_BINPUT": _long_binput,
    "MEMOIZE": _memoize,
    "EXT1": _extension,
    "EXT2": _extension,
    "EXT4": _extension,
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "INST": _inst,
    "OBJ": _obj,
    "REDUCE": _reduce,
    "NEWOBJ": _newobj,
    "NEWOBJ_EX": _newobj_ex,
    "PERSID": _persid,
    "BINPERSID": _binpersid,
    "BUILD": _build,
    "PROTO": _proto,
    "FRAME": _frame,
}
INSTRUCTIONS: list[Instruction | None] = [
    _NAMED.get(BY_CODE[code].name) if code in BY_CODE else None for code in range(256)
]
