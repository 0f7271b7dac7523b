"""The loop that runs instructions: `_walk` those that a large pickle consists of, `instructions` all others.

`_walk` is one long function because it is the one hot loop: constants, the memo, short text and containers are nearly
all that a large pickle consists of, and a call for each of them would double the time of a scan. It works on the
columns of a level, and leaves to `instructions` whatever is not plain: an object that is filled, a gap in the memo, a
line, an import, a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import UncheckedCode
from hauberk.formats.model.dtype import name_of
from hauberk.formats.model.pickle.collisions import SHORTEST
from hauberk.formats.model.pickle.instructions import INSTRUCTIONS
from hauberk.formats.model.pickle.level import Level
from hauberk.formats.model.pickle.opcodes import OPCODES
from hauberk.formats.model.pickle.values import DICT, FROZENSET, LIST, SET, TUPLE
from hauberk.symbol import Made

if TYPE_CHECKING:
    from hauberk.formats.model.pickle.machine import Machine
    from hauberk.formats.model.pickle.source import Source
    from hauberk.formats.model.pickle.values import Values

COMPILED = not __file__.endswith((".py", ".pyc"))
STOP, AT_EDGE = 0x2E, -1
ARRAY_MAKERS = ("numpy._core.multiarray._reconstruct", "numpy.core.multiarray._reconstruct")
KINDS = {  # of the container that an instruction makes or fills
    0x29: TUPLE,  # EMPTY_TUPLE
    0x5D: LIST,  # EMPTY_LIST
    0x7D: DICT,  # EMPTY_DICT
    0x8F: SET,  # EMPTY_SET
    0x85: TUPLE,  # TUPLE1
    0x86: TUPLE,  # TUPLE2
    0x87: TUPLE,  # TUPLE3
    0x74: TUPLE,  # TUPLE
    0x6C: LIST,  # LIST
    0x91: FROZENSET,  # FROZENSET
    0x65: LIST,  # APPENDS
    0x75: DICT,  # SETITEMS
    0x90: SET,  # ADDITEMS
    0x61: LIST,  # APPEND
    0x73: DICT,  # SETITEM
}
ACTS = {  # which branch of `_walk` an instruction takes; all others are left to `instructions`
    **dict.fromkeys((0x94, 0x71, 0x72), 1),  # MEMOIZE, BINPUT, LONG_BINPUT
    **dict.fromkeys((0x68, 0x6A), 2),  # BINGET, LONG_BINGET
    **dict.fromkeys((0x8C, 0x58, 0x43, 0x42, 0x8A), 3),  # SHORT_BINUNICODE, BINUNICODE, SHORT_BINBYTES, BINBYTES, LONG1
    0x28: 4,  # MARK
    **dict.fromkeys((0x29, 0x5D, 0x7D, 0x8F), 5),  # EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT, EMPTY_SET
    **dict.fromkeys((0x85, 0x86, 0x87, 0x74, 0x6C, 0x91), 6),  # TUPLE1 to TUPLE3, TUPLE, LIST, FROZENSET
    **dict.fromkeys((0x65, 0x75, 0x90, 0x61, 0x73), 7),  # APPENDS, SETITEMS, ADDITEMS, APPEND, SETITEM
}
LENGTHS = {row.code: 1 + row.argument.value for row in OPCODES if isinstance(row.argument.value, int)}
CONSTANTS = {row.code for row in OPCODES if row.constant and row.code in LENGTHS}
_ACTS = bytes(ACTS.get(code, 0) for code in range(256))
_KINDS = bytes(KINDS.get(code, 0) for code in range(256))
_STEPS = bytes(LENGTHS[code] if code in CONSTANTS else 0 for code in range(256))
_TEXT = bytes(int(code in (0x8C, 0x58)) for code in range(256))
_WIDE = bytes(  # how long an instruction is up to its text or bytes, where it is not a constant of fixed length
    5 if code in (0x72, 0x6A, 0x58, 0x42) else 2 if ACTS.get(code) in (2, 3) or code == 0x71 else 1
    for code in range(256)
)


def run(machine: Machine) -> bool:
    """Run one stream from where the source is, with a new memo; return whether it reached its STOP.

    If not, the last note says why and where.
    """
    machine.level, machine.outer = Level(), []
    try:
        _execute(machine)
    except Malformed as error:
        machine.note(error.message)
    except Exceeded as error:
        machine.note(error.message, UncheckedCode.LIMIT)
    else:
        return True
    return False


def _execute(machine: Machine) -> None:
    """Run instructions until the outermost STOP."""
    source = machine.source
    while True:
        place, code, base = source.here, -1, -1
        try:
            machine.turn()
            base = source.base
            left = _walk(machine, machine.level, source, machine.values)
            if left == AT_EDGE:
                continue
            place, code = source.here, left
            source.at += 1
            if code == STOP and _stop(machine):
                return
            if code != STOP:
                (INSTRUCTIONS[code] or _refuse)(machine, place)
        except (Malformed, Exceeded):
            if code < 0 <= base:  # it was in `_walk` that something broke
                place, code = source.here, source.peek(source.here, 1)[0]
            machine.place = place
            if source.base == base:
                source.at = max(source.at, place - base + LENGTHS.get(code, 1))
            machine.leave_frame()  # it may be broken only for one of those who disagree about a frame
            raise


def _walk(machine: Machine, level: Level, source: Source, values: Values) -> int:
    """Run plain instructions; return the byte of one that is not, or `AT_EDGE`, with the source where it stands."""
    data, base, at, limit, edge = source.data, source.base, source.at, source.limit, machine.edge()
    stack, marks, memo, gaps = level.stack, level.marks, level.memo, bool(level.far)
    top, floor, marked, filed = level.top, level.floor, level.marked, level.filed
    steps, acts, kinds, wide, text = _STEPS, _ACTS, _KINDS, _WIDE, _TEXT
    count = code = 0
    try:
        while at < edge:
            code = data[at]
            count += 1
            step = steps[code]
            if step:  # a constant of fixed length: its place is all that is kept of it
                stack[top] = base + at
                top += 1
                at += step
                continue
            act = acts[code]
            step = wide[code]
            if act == 1:
                key = filed if step == 1 else data[at + 1] if step == 2 else _number(data, at)
                if top <= floor or gaps or key > filed:
                    break
                memo[key] = stack[top - 1]
                filed += key == filed
            elif act == 2:
                key = data[at + 1] if step == 2 else _number(data, at)
                if key >= filed:
                    break
                stack[top] = memo[key]
                top += 1
            elif act == 3:
                key = data[at + 1] if step == 2 else _number(data, at)
                if key > limit - at - step or not (
                    text[code] == 0
                    or data[at + step : at + step + key].isascii()
                    or source.is_utf8(base + at + step, key)
                ):
                    break
                if code == 0x8A and key >= SHORTEST:
                    machine.alike.add(data[at + step : at + step + key])
                step += key
                stack[top] = base + at
                top += 1
            elif act == 4:
                marks[marked] = floor
                marked += 1
                floor = top
            elif act == 5:
                stack[top] = values.container(kinds[code], stack, top, top)
                top += 1
            else:
                level.top, level.floor, level.marked = top, floor, marked
                if not act or not (_make(level, values, code) if act == 6 else _fill(level, values, code, base + at)):
                    break
                top, floor, marked = level.top, level.floor, level.marked
            at += step
        else:
            return AT_EDGE
        return code
    finally:
        level.top, level.floor, level.marked, level.filed = top, floor, marked, filed
        source.at = at
        machine.opcodes += count


def _number(data: bytes, at: int) -> int:
    """Return the number of four bytes, little-endian, that follows an instruction."""
    number = data[at + 4]
    for index in (3, 2, 1):  # compiled, a number of 64 bits, where the product of a byte has 32
        number = number * 256 + data[at + index]
    return number


def _make(level: Level, values: Values, code: int) -> bool:
    """Make a container of one to three values, or of all above the mark; return False where they are not there."""
    if 0x85 <= code <= 0x87:
        start = level.top - (code - 0x84)
        if start < level.floor:
            return False
    else:
        if not level.marked:
            return False
        start = level.floor
        level.marked -= 1
        level.floor = level.marks[level.marked]
    level.stack[start] = values.container(_KINDS[code], level.stack, start, level.top)
    level.top = start + 1
    return True


def _fill(level: Level, values: Values, code: int, place: int) -> bool:
    """Put an item, or all above the mark, into the container below; return False where it is none of the kind."""
    stack, top, floor, marked = level.stack, level.top, level.floor, level.marked
    start = floor
    if code == 0x61:
        start = top - 1
    elif code == 0x73:
        start = top - 2
    elif marked:
        marked -= 1
        floor = level.marks[marked]
    else:
        return False
    if start <= floor or values.kind(stack[start - 1]) != _KINDS[code] or (code == 0x75 and (top - start) & 1):
        return False
    if top > start:
        values.extend(stack[start - 1], stack, start, top, place)
    level.top, level.floor, level.marked = start, floor, marked
    return True


def _refuse(machine: Machine, place: int) -> NoReturn:
    raise Malformed(f"byte {machine.source.peek(place, 1).hex()} is not an instruction of pickle")


def _stop(machine: Machine) -> bool:
    """End the stream; return False where an outer one goes on with its value."""
    value = machine.level.peek()
    if machine.source.here < min(machine.level.frame_end, machine.source.size):
        machine.disagree("a frame goes on after STOP")  # its rest is the next stream, or thrown away with the frame
    if not machine.outer:
        return True
    made = machine.values.show(value)
    if isinstance(made, Made) and name_of(made.callable) not in ARRAY_MAKERS:
        machine.note("an array of objects that is another object, whose methods joblib would call")
    machine.level = machine.outer.pop()
    machine.level.push(value)
    return False
