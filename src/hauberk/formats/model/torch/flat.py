"""FlatBuffers of PyTorch: ExecuTorch's programs (`.pte`), and TorchScript for phones without a zip around it.

An ExecuTorch file is a program, which names operators and backends, and segments of raw numbers behind it, or in a file
of their own (`.ptd`), where a segment that has no shape is what a backend asks for. A backend is given a blob that only
it can read; that of XNNPACK is a graph of arithmetic, those of others are programs for another processor, and are not
looked into. The mobile form of TorchScript holds functions, the operators that they name, and the source that they were
made from.

Source: `schema/program.fbs`, `exir/_serialize/_program.py` and `flat_tensor.fbs` of ExecuTorch 1.5;
`mobile_bytecode.fbs` of PyTorch 2.13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats import magics
from hauberk.formats.contents import Described
from hauberk.formats.model.spans import Span, overlaps_and_holes, part_of
from hauberk.formats.model.torch import script
from hauberk.formats.model.torch.script import Named, ScriptDescription
from hauberk.formats.wire.flatbuffer import FlatBuffer
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.contents import Part
    from hauberk.formats.wire.flatbuffer import Table
    from hauberk.view import View

EXECUTORCH: Final = magics.EXECUTORCH
MOBILE: Final = magics.MOBILE
EXTENDED: Final = b"eh00"
DATA_HEADER: Final = b"FH01"
UNDERSTOOD: Final = frozenset({"XnnpackBackend"})
LONGEST_NAME: Final = 256
MOST_PARTS: Final = 10_000
LARGEST_PADDING: Final = 1 << 16
_FUNCTION: Final = 16  # of IValueUnion


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorchDescription(Described):
    """What an ExecuTorch program names: its operators and its backends."""

    operators: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()


def describe_executorch(view: View, limits: Limits = DEFAULT_LIMITS) -> ExecutorchDescription:
    """Return what an ExecuTorch program holds. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    try:
        return _executorch(view, limits)
    except (Malformed, Exceeded) as error:
        return ExecutorchDescription(unchecked=(_failed(error),))


def describe_executorch_data(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return what of a file of an ExecuTorch program's tensors is none. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    try:
        return Described(parts=tuple(_no_tensors(view, limits)))
    except (Malformed, Exceeded) as error:
        return Described(unchecked=(_failed(error),))


def describe_mobile(view: View, limits: Limits = DEFAULT_LIMITS) -> ScriptDescription:
    """Return what a mobile module names and holds. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    try:
        root = FlatBuffer(view, limits).root()
        names = dict.fromkeys(_mobile_operators(root))
        parts = [*_files(view, root, 1, sources=False), *_files(view, root, 8, sources=True)]
    except (Malformed, Exceeded) as error:
        return ScriptDescription(unchecked=(_failed(error),))
    return ScriptDescription(names=tuple(Named(name, 0) for name in names), parts=tuple(parts))


def _executorch(view: View, limits: Limits) -> ExecutorchDescription:
    head = view.read_at(0, 40)
    size, base, length = view.size, view.size, 0
    if head[8:12] == EXTENDED:
        size, base, length = (int.from_bytes(head[at : at + 8], "little") for at in (16, 24, 32))
    if int.from_bytes(head[12:16], "little") < 32 and head[8:12] == EXTENDED:  # no size of the segments yet
        length = max(0, view.size - base)
    if size > view.size or (length and not size <= base <= base + length <= view.size):
        raise Malformed("a program whose segments do not lie behind it")
    program = FlatBuffer(RangeView(view, 0, size), limits).root()
    operators: dict[str, None] = {}
    backends: dict[str, None] = {}
    for plan in program.tables(1):
        operators |= dict.fromkeys(table.text(0, LONGEST_NAME) for table in plan.tables(6))
        backends |= dict.fromkeys(table.text(0, LONGEST_NAME) for table in plan.tables(7))
    for segment in program.tables(4):
        if segment.number(0, 8) + segment.number(1, 8) > length:
            raise Malformed("a segment that ends behind all segments")
    end = base + length if length else size
    gaps = [(size, base)] if length and base - size > LARGEST_PADDING else []
    gaps += [(end, view.size)] if end < view.size else []
    return ExecutorchDescription(
        operators=tuple(operators),
        backends=tuple(backends),
        unchecked=tuple(_unread(name) for name in backends if name not in UNDERSTOOD),
        parts=tuple(part_of(view, "outside of all segments", start, stop) for start, stop in gaps),
    )


def _no_tensors(view: View, limits: Limits) -> Iterator[Part]:
    """Yield the segments that are not said to be a tensor, and what lies in no segment."""
    head = view.read_at(0, 48)
    if head[8:12] != DATA_HEADER or len(head) < 48:
        raise Malformed("tensors without a header that says where they are")
    start, size, base, length = (int.from_bytes(head[at : at + 8], "little") for at in (16, 24, 32, 40))
    if not start + size <= base <= base + length <= view.size:
        raise Malformed("tensors that do not lie behind their list")
    root = FlatBuffer(RangeView(view, 0, start + size), limits).root()
    spans = [Span(base + one.number(0, 8), base + one.number(0, 8) + one.number(1, 8), 0) for one in root.tables(1)]
    if any(span.stop > base + length for span in spans):
        raise Malformed("a segment that ends behind all segments")
    tensors = {one.number(1, 4) for one in root.tables(2) if one.table(2) is not None}
    for number, span in enumerate(spans[:MOST_PARTS]):
        if number not in tensors:
            yield part_of(view, f"segment {number}", span.start, span.stop)
    _, holes, end = overlaps_and_holes(spans, base)
    gaps = [(first, last) for first, last in holes if last - first > LARGEST_PADDING]
    gaps += [(end, view.size)] if end < view.size else []
    for first, last in gaps:
        yield part_of(view, "outside of all segments", first, last)


def _mobile_operators(root: Table) -> Iterator[str]:
    """Yield the operators of all functions, as TorchScript spells them."""
    for value in root.tables(4):
        if value.number(0, 1) == _FUNCTION and (function := value.table(1)) is not None:
            for operator in function.tables(2):
                yield operator.text(0, LONGEST_NAME).replace("::", ".")


def _files(view: View, root: Table, field: int, *, sources: bool) -> Iterator[Part]:
    """Yield the files in a vector of (name, content)."""
    for count, table in enumerate(root.tables(field)):
        if count >= MOST_PARTS:
            raise Exceeded(f"more than {MOST_PARTS} files in a module")
        start, size = table.vector(1)
        name = table.text(0, LONGEST_NAME)
        shown = name if name.isprintable() else repr(name)[1:-1]
        describe = script.describe if sources else None
        yield replace(part_of(view, shown, start, start + size), reader=describe)


def _unread(backend: str) -> Unchecked:
    shown = backend if backend.isprintable() else repr(backend)[1:-1]
    return Unchecked(UncheckedCode.FORMAT_NOT_READ, f"the blob of the backend {shown[:64]}, a program of its own")


def _failed(error: Malformed | Exceeded) -> Unchecked:
    code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.MALFORMED
    return Unchecked(code, error.message, Location(offset=0))
