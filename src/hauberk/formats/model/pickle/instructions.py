"""The instructions that are not in the loop: one function each, in two tables.

Each takes the machine and the offset of its instruction. Those in `PLAIN` work on the stack alone; those in `READING`
move through the bytes: when they start, the source stands behind the instruction's first byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hauberk.errors import Malformed
from hauberk.formats.model.pickle.constants import WIDTH, unescape
from hauberk.formats.model.pickle.machine import Level, Machine
from hauberk.formats.model.pickle.memo import Memo
from hauberk.formats.model.pickle.names import resolve
from hauberk.formats.model.pickle.opcodes import BY_CODE, HIGHEST_PROTOCOL
from hauberk.symbol import Global, Made, Registered, Symbol, Text, Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.model.pickle.machine import Payload
    from hauberk.formats.model.pickle.values import Value

Instruction: TypeAlias = "Callable[[Machine, int], None]"

LONGEST_KEY = 4096  # digits of a number in text; CPython refuses more than 4300
ARRAY = Global("numpy", "ndarray")  # what a loader puts in the place of an array's wrapper
PERSISTENT_LOAD = Unknown("the loader's persistent_load")
BYTEARRAY8 = 0x96


# The stack.


def _pop(machine: Machine, _place: int) -> None:
    level = machine.level
    if len(level.stack) > level.marks[-1]:
        level.stack.pop()
    else:
        machine.take_to_mark()  # POP takes a mark that lies on top


def _pop_mark(machine: Machine, _place: int) -> None:
    machine.take_to_mark()


def _dup(machine: Machine, _place: int) -> None:
    machine.push(machine.top())


# Containers.


def _empty_tuple(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("tuple", []))


def _empty_list(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("list", []))


def _empty_dict(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("dict", []))


def _empty_set(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("set", []))


def _tuple1(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("tuple", machine.take(1)))


def _tuple2(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("tuple", machine.take(2)))


def _tuple3(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("tuple", machine.take(3)))


def _tuple(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("tuple", machine.take_to_mark()))


def _list(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("list", machine.take_to_mark()))


def _frozenset(machine: Machine, _place: int) -> None:
    machine.push(machine.values.container("frozenset", machine.take_to_mark()))


def _dict(machine: Machine, _place: int) -> None:
    items = machine.take_to_mark()
    if len(items) % 2:
        raise Malformed("DICT has a key without a value")
    machine.push(machine.values.container("dict", items))


def _append(machine: Machine, place: int) -> None:
    items = machine.take(1)
    _fill(machine, "list", items, place)


def _appends(machine: Machine, place: int) -> None:
    _fill(machine, "list", machine.take_to_mark(), place)


def _setitem(machine: Machine, place: int) -> None:
    items = machine.take(2)
    _fill(machine, "dict", items, place)


def _setitems(machine: Machine, place: int) -> None:
    items = machine.take_to_mark()
    _fill(machine, "dict", items, place)
    if len(items) % 2:
        raise Malformed("SETITEMS has a key without a value")


def _additems(machine: Machine, place: int) -> None:
    _fill(machine, "set", machine.take_to_mark(), place)


def _fill(machine: Machine, kind: str, items: list[Value], place: int) -> None:
    """Put items into the value on top: a container, a bytearray, or an object whose own methods are called."""
    target = machine.top()
    if not items and (isinstance(target, int) or target.kind):
        return  # the C unpickler looks at the target only if there is something to put into it
    if isinstance(target, int):
        if machine.source.peek(target, 1)[0] != BYTEARRAY8:
            raise Malformed(f"a constant is filled as a {kind}")
        return
    if not target.kind:
        values = machine.values
        machine.effect(Use.EXTEND, values.show(target), values.arguments(values.container("tuple", items)), place)
        values.grow_late(target, items)
        if isinstance(target.symbol, Made):
            target.symbol.changed = place
    elif target.kind == kind:
        machine.values.extend(target, items, place)
    elif (target.kind, kind) == ("list", "dict"):  # list[index] = value: it may as well remove what a slice holds
        machine.place = place
        machine.note("a list is changed by index, so how long it is cannot be told")
        machine.values.extend(target, items, place)
    else:
        raise Malformed(f"a {target.kind} is filled as a {kind}")


# The memo, and constants: what the loop leaves to others.


def _get(machine: Machine, _place: int) -> None:
    machine.push(machine.level.memo.get(_memo_key(machine)))


def _put(machine: Machine, _place: int) -> None:
    machine.level.memo.put(_memo_key(machine), machine.top())


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
            float(line) if code == ord("F") else int(line.removesuffix(b"L") if code == ord("L") else line, 0)
    except ValueError:
        machine.place = place
        machine.note("a number in text that not every unpickler reads")
    machine.push(place)


def _text_line(machine: Machine, place: int) -> None:
    source = machine.source
    code = source.data[source.at - 1]
    line = source.line(machine.limits.max_pickle_text_bytes)
    try:
        if line is not None:
            line.decode("raw-unicode-escape") if code == ord("V") else unescape(line)
    except UnicodeDecodeError:
        raise Malformed("UNICODE with a broken escape") from None
    machine.push(place)


def _counted(machine: Machine, place: int) -> None:
    source = machine.source
    opcode = BY_CODE[source.data[source.at - 1]]
    width = WIDTH[opcode.argument]
    signed = opcode.name in ("BINSTRING", "LONG4")
    size = int.from_bytes(_argument(machine, width), "little", signed=signed)
    start = source.here
    if not 0 <= size <= source.size - start:
        raise Malformed(f"{opcode.name} of {size} bytes, where {max(0, source.size - start)} are left")
    if "UNICODE" in opcode.name:
        source.check_utf8(start, size)
    source.at += size
    machine.push(place)


def _next_buffer(machine: Machine, _place: int) -> None:
    machine.push(machine.values.result(Unknown("a buffer outside of the stream")))


def _readonly_buffer(machine: Machine, _place: int) -> None:
    machine.top()


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
    function = machine.take(1)[0]
    _call(machine, Use.CALL, function, machine.values.container("tuple", machine.take_to_mark()), place=place)


def _name_line(machine: Machine, encoding: str) -> str | None:
    line = machine.source.line(machine.limits.max_pickle_text_bytes)
    try:
        return None if line is None else line.decode(encoding)
    except UnicodeDecodeError:
        raise Malformed(f"a name that is not {encoding.upper()}") from None


def _stack_global(machine: Machine, place: int) -> None:
    module, name = (machine.values.name(part) for part in machine.take(2))
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
    machine.push(cell)


def _import_unknown(machine: Machine, found: Symbol, place: int) -> None:
    machine.effect(Use.IMPORT, found, (), place)
    machine.push(machine.values.result(found))


def _extension(machine: Machine, place: int) -> None:
    source = machine.source
    width = {0x82: 1, 0x83: 2, 0x84: 4}[source.data[source.at - 1]]
    code = int.from_bytes(_argument(machine, width), "little", signed=width == 4)
    if code <= 0:
        raise Malformed(f"extension code {code}")
    _import_unknown(machine, Registered(code), place)


# Calls.


def _reduce(machine: Machine, place: int) -> None:
    function, arguments = machine.take(2)
    _call(machine, Use.CALL, function, arguments, place=place)


def _obj(machine: Machine, place: int) -> None:
    items = machine.take_to_mark()
    if not items:
        raise Malformed("OBJ has no class")
    _call(machine, Use.CALL, items[0], machine.values.container("tuple", items[1:]), place=place)


def _newobj(machine: Machine, place: int) -> None:
    function, arguments = machine.take(2)
    _call(machine, Use.NEW, function, arguments, place=place)


def _newobj_ex(machine: Machine, place: int) -> None:
    function, arguments, keywords = machine.take(3)
    _call(machine, Use.NEW, function, arguments, place=place, keywords=keywords)


def _call(
    machine: Machine, use: Use, function: Value, arguments: Value, *, place: int, keywords: Value | None = None
) -> None:
    values = machine.values
    spread = values.arguments(arguments, keywords)
    inside = [function, arguments] if keywords is None else [function, arguments, keywords]
    called = values.show(function)
    machine.effect(use, called, spread, place)
    machine.push(values.result(Made(called, spread, use, place), inside))


def _persid(machine: Machine, place: int) -> None:
    name = _name_line(machine, "ascii")
    _persistent(machine, Unknown("a long persistent id") if name is None else Text(name), place)


def _binpersid(machine: Machine, place: int) -> None:
    _persistent(machine, machine.values.show(machine.take(1)[0]), place)


def _persistent(machine: Machine, identity: Symbol, place: int) -> None:
    machine.effect(Use.PERSISTENT, PERSISTENT_LOAD, (identity,), place)
    machine.push(machine.values.result(Made(PERSISTENT_LOAD, (identity,), Use.PERSISTENT, place)))


def _build(machine: Machine, place: int) -> None:
    state = machine.take(1)[0]
    target = machine.top()
    shown, given = machine.values.show(target), machine.values.show(state)
    machine.effect(Use.BUILD, shown, (given,), place)
    if not isinstance(target, int):
        is_dict = isinstance(state, int) or state.kind == "dict"  # of attributes, which Python frees without recursion
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
    machine.take(1)
    source.at = payload.start - source.base
    if payload.nested:
        machine.outer.append(machine.level)
        machine.level = Level([], [0], Memo())
        return
    source.at += payload.size
    machine.push(machine.values.result(Made(ARRAY, (), Use.NEW, place)))


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
    end = source.here + size
    if end > source.size:
        machine.note(f"a frame of {size} bytes, where {source.size - source.here} are left")
    if level.frame_end and end > level.frame_end:
        machine.disagree("a frame begins inside another one and crosses its end")
    elif level.frame_end:
        machine.note("a frame begins inside another one: only one of CPython's unpicklers goes on")
    level.frame_end = max(level.frame_end, end)


def _by_code(named: dict[str, Instruction]) -> list[Instruction | None]:
    return [named.get(BY_CODE[code].name) if code in BY_CODE else None for code in range(256)]


PLAIN = _by_code(
    {
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
READING = _by_code(
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
