"""Distributed checkpoints: files of `torch.save`, one behind the other without a gap, in one file (`.distcp`).

A reader of zip files sees the last one, and foreign bytes in front of it; `torch.distributed.checkpoint` knows from its
metadata where each begins. Where the whole file is a chain of such archives, each is examined as a file of its own, and
nothing is left over that could be read in another way.

Source: `torch/distributed/checkpoint/filesystem.py` of PyTorch 2.13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.formats.archive.zip import ZipDescription, read_directory
from hauberk.formats.archive.zip_ends import find_places
from hauberk.formats.archive.zip_records import LOCAL
from hauberk.formats.model.spans import part_of
from hauberk.formats.model.torch.archive import is_torch
from hauberk.view import RangeView

if TYPE_CHECKING:
    from hauberk.limits import Limits
    from hauberk.view import View

MOST_ARCHIVES: Final = 50_000


def describe_chain(view: View, limits: Limits) -> ZipDescription | None:
    """Return the archives that a file is a chain of; None where it is not, or one of them is not of `torch.save`.

    Raises:
        Unavailable: the view cannot be read.
    """
    ranges: list[tuple[int, int]] = []
    end = view.size
    while end:
        start = _start_of(RangeView(view, 0, end))
        if start is None or len(ranges) >= MOST_ARCHIVES:
            return None
        if not is_torch(read_directory(RangeView(view, start, end - start), limits).names):
            return None
        ranges.append((start, end))
        end = start
    if len(ranges) < 2:  # then it is one archive, with whatever is odd about it
        return None
    parts = tuple(part_of(view, f"at byte {start}", start, stop) for start, stop in reversed(ranges))
    return ZipDescription(format="pytorch-distributed", parts=parts)


def _start_of(view: View) -> int | None:
    """Return where the archive begins that ends where a view ends: its directory is directly in front of its end.

    Archives of tensors of one size are equal but for the numbers, so a directory is also where the end says, in the
    first of them.
    """
    for place in find_places(view):
        end = place.end
        if end.stop == view.size and place.start + end.size == end.begins and 0 <= place.shift < place.start:
            return place.shift if view.read_at(place.shift, len(LOCAL)) == LOCAL else None
    return None
