"""A process that compares hashes of rows, a range or a part of them at a time, as `hauberk.edge.pool` asks it to."""

from __future__ import annotations

import json
import traceback
from contextlib import ExitStack
from typing import TYPE_CHECKING

from hauberk.dataset.diff import compare_part, tallies
from hauberk.edge.pool import serve
from hauberk.edge.sources import hash_view
from hauberk.errors import HauberkError
from hauberk.verbs import data_diff_wire as wire
from hauberk.verbs.data_rows_file import RowHashes, blocks_of, open_told
from hauberk.verbs.data_wire import FAULT, encode_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.edge.files import FileView
    from hauberk.verbs.data_rows_file import HashesAt

    Sides = tuple[HashesAt, HashesAt]


def begin(heard: bytes) -> Callable[[bytes], bytes]:
    """Return what answers requests, once it was heard about which files; another release answers nothing else."""
    sides = wire.decode_sides(heard)
    if isinstance(sides, str):
        return lambda _: FAULT + sides.encode()
    return lambda asked: answer(asked, sides)


def answer(data: bytes, sides: Sides) -> bytes:
    """Return the answer to a request, encoded; our own fault is told as such, for the parent to raise."""
    try:
        what, *numbers = json.loads(data)
        return _DOES[what](sides, *numbers)
    except HauberkError as error:
        return encode_error(error)
    except Exception:  # noqa: BLE001 - told to who asked, which raises it there
        return FAULT + traceback.format_exc().encode(errors="backslashreplace")


def _opened(side: HashesAt, stack: ExitStack) -> FileView:
    return stack.enter_context(open_told(side))


def _digest(sides: Sides, number: int) -> bytes:
    with ExitStack() as stack:
        return wire.encode_digest(hash_view(_opened(sides[number], stack)).hex)


def _range(sides: Sides, start: int, end: int) -> bytes:
    with ExitStack() as stack:
        views = [_opened(side, stack) for side in sides]
        older, newer = (_hashes(view, side) for view, side in zip(views, sides, strict=True))
        one, other = (
            tuple(blocks_of(view, side.record_bytes, start, min(end, side.count)))
            for view, side in zip(views, sides, strict=True)
        )
        found = wire.Ranged((one, other), tallies(older, newer, start, end))
        _unchanged(views)
        return wire.encode_ranged(found)


def _part(sides: Sides, shift: int, part: int) -> bytes:
    with ExitStack() as stack:
        views = [_opened(side, stack) for side in sides]
        older, newer = (_hashes(view, side) for view, side in zip(views, sides, strict=True))
        found = compare_part(older, newer, shift, part)
        _unchanged(views)
        return wire.encode_part(found)


def _hashes(view: FileView, side: HashesAt) -> RowHashes:
    return RowHashes(view, side.count, side.record_bytes)


def _unchanged(views: list[FileView]) -> None:
    for view in views:
        view.check_unchanged()


_DOES: dict[str, Callable[..., bytes]] = {"digest": _digest, "range": _range, "part": _part}


if __name__ == "__main__":
    serve(begin)
