"""The loop that runs instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import UncheckedCode
from hauberk.formats.model.dtype import name_of
from hauberk.formats.model.pickle.instructions import PLAIN, READING
from hauberk.formats.model.pickle.machine import Level, underflow
from hauberk.formats.model.pickle.opcodes import OPCODES
from hauberk.symbol import Made

if TYPE_CHECKING:
    from hauberk.formats.model.pickle.machine import Machine

MARK, MEMOIZE, STOP = 0x28, 0x94, 0x2E
GETS = (0x68, 0x6A)  # BINGET, LONG_BINGET
PUTS = (0x71, 0x72)  # BINPUT, LONG_BINPUT
TEXTS = (0x8C, 0x58)  # SHORT_BINUNICODE, BINUNICODE
ARRAY_MAKERS = ("numpy._core.multiarray._reconstruct", "numpy.core.multiarray._reconstruct")
_LENGTHS = {row.code: 1 + row.argument.value for row in OPCODES if isinstance(row.argument.value, int)}
_CONSTANTS = {row.code for row in OPCODES if row.constant}
_WIDTHS = bytes(
    4 if code in (GETS[1], PUTS[1], TEXTS[1]) else int(code in (GETS[0], PUTS[0], TEXTS[0])) for code in range(256)
)
_STEPS = bytes(_LENGTHS.get(code, 0) if code in _CONSTANTS else 0 for code in range(256))


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
    """Run instructions until the outermost STOP.

    Longer than our functions are, because it is the one hot loop: constants, the memo and short text are nearly all
    that a large pickle consists of, and a call for each of them would double the time of a scan.
    """
    source, steps, widths, plain = machine.source, _STEPS, _WIDTHS, PLAIN
    base, at, edge, count, code = source.here, 0, 0, 0, 0
    try:
        while True:
            if at >= edge:
                source.at = base + at - source.base
                machine.opcodes, count, code = machine.opcodes + count, 0, 0
                machine.turn()
                data, base, at, limit, edge = source.data, source.base, source.at, source.limit, machine.edge()
                stack, marks, memo = machine.level.stack, machine.level.marks, machine.level.memo
                push, near = stack.append, memo.near
            code = data[at]
            count += 1
            step = steps[code]
            if step:  # a constant of fixed length: its place is all that is kept of it
                push(base + at)
                at += step
            elif code == MARK:
                marks.append(len(stack))
                at += 1
            elif code == MEMOIZE:
                if len(stack) <= marks[-1]:
                    underflow()
                memo.memoize(stack[-1]) if memo.far else near.append(stack[-1])
                at += 1
            elif (method := plain[code]) is not None:
                method(machine, base + at)
                at += 1
            else:
                width = widths[code]
                if width:
                    argument = data[at + 1] if width == 1 else int.from_bytes(data[at + 1 : at + 5], "little")
                    stop = start = at + 1 + width
                    if code in GETS:
                        push(near[argument] if argument < len(near) else memo.get(argument))
                    elif code in PUTS:
                        if len(stack) <= marks[-1]:
                            underflow()
                        memo.put(argument, stack[-1])
                    else:
                        stop = start + argument
                        if stop <= limit and data[start:stop].isascii():
                            push(base + at)
                        else:
                            stop = 0
                    if stop:
                        at = stop
                        continue
                source.at = at + 1
                if code == STOP and _stop(machine):
                    return
                if code != STOP:
                    (READING[code] or _refuse)(machine, base + at)
                base, at, edge = source.base, source.at, 0  # the source or the level has changed: look again
    except (Malformed, Exceeded):
        machine.place = base + at
        if source.base == base:
            source.at = max(source.at, at + _LENGTHS.get(code, 1))
        machine.leave_frame()  # it may be broken only for one of those who disagree about a frame
        raise
    finally:
        machine.opcodes += count


def _refuse(machine: Machine, place: int) -> NoReturn:
    raise Malformed(f"byte {machine.source.peek(place, 1).hex()} is not an instruction of pickle")


def _stop(machine: Machine) -> bool:
    """End the stream; return False where an outer one goes on with its value."""
    value = machine.top()
    if machine.source.here < min(machine.level.frame_end, machine.source.size):
        machine.disagree("a frame goes on after STOP")  # its rest is the next stream, or thrown away with the frame
    if not machine.outer:
        return True
    made = machine.values.show(value)
    if isinstance(made, Made) and name_of(made.callable) not in ARRAY_MAKERS:
        machine.note("an array of objects that is another object, whose methods joblib would call")
    machine.level = machine.outer.pop()
    machine.push(value)
    return False
