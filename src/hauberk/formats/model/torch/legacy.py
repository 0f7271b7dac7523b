"""Files of `torch.save` from before its zip archives, which it still writes on request.

Five pickles follow each other: a magic number, a protocol version, facts about the machine, the object, and the keys of
its storages; then, in the order of the keys, each storage as a count of elements in 64 bits and that many elements.
`torch.load` reads exactly that. `pickle.load` reads the first pickle, and the next one each time it is called. All
five are described; the storages are raw numbers where every count is what the object's pickle says, and what follows
them is examined. A file that does not keep to this is described as the pickles that it is.

Source: `_legacy_save` and `_legacy_load` in `torch/serialization.py`, 2.13; `readFileWithSize` in
`torch/csrc/serialization.cpp`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.model import joblib
from hauberk.formats.model.pickle import description as pickle
from hauberk.formats.model.pickle.description import RawArray
from hauberk.formats.model.spans import part_of
from hauberk.formats.model.torch.storages import Storage, storages_of
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.model.pickle.description import PickleDescription
    from hauberk.view import View

TORCH: Final = "torch"
FRONT: Final = re.compile(rb"\x80[\x02-\x05](?:\x95.{8})?\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\.", re.DOTALL)
STREAMS: Final = 5
COUNT_BYTES: Final = 8
LONGEST_KEYS: Final = 16 << 20
# The instructions that a list of texts is written with, with the bytes of the length that a text has in front.
_TEXTS: Final = {b"X": 4, b"U": 1, b"\x8c": 1}
_SKIPPED: Final = {b"\x80": 1, b"\x95": 8, b"q": 1, b"r": 4, b"\x94": 0, b"(": 0, b"e": 0, b"a": 0}


def is_legacy(_: View, head: bytes) -> bool:
    """Say whether a file begins with the pickle of the magic number."""
    return FRONT.match(head) is not None


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> PickleDescription:
    """Return what `torch.load` would do with an old file. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    found = pickle.describe(view, replace(limits, max_pickle_streams=STREAMS))
    stops = [stream.stop for stream in found.streams]
    behind = stops[-1]
    if len(stops) != STREAMS or behind is None:
        return joblib.describe(view, limits)
    notes = tuple(note for note in found.unchecked if not _is_about_rest(note, behind))
    found = replace(found, unchecked=notes, loader=TORCH)
    begin = found.streams[-1].start
    try:
        keys = _keys(view.read_at(begin, min(behind - begin, LONGEST_KEYS)))
        arrays, end = _arrays(view, keys, _storages(found), behind)
    except Malformed as error:
        note = Unchecked(UncheckedCode.MALFORMED, error.message, Location(offset=behind))
        return replace(found, unchecked=(*notes, note))
    found = replace(found, arrays=tuple(arrays))
    if end < view.size:
        return replace(found, trailing=end, parts=(part_of(view, "behind the storages", end, view.size),))
    return found


def _is_about_rest(note: Unchecked, behind: int) -> bool:
    """Say whether a note says no more than that there are bytes behind the five pickles."""
    return note.code is UncheckedCode.LIMIT and note.location.offset == behind


def _storages(found: PickleDescription) -> dict[str, Storage]:
    """Return the storages that the object's pickle asks for, by key."""
    begin, end = found.streams[STREAMS - 2].start, found.streams[STREAMS - 1].start
    asked: dict[str, Storage] = {}
    for storage in storages_of(found):
        if begin <= storage.offset < end and asked.setdefault(storage.key, storage).size != storage.size:
            raise Malformed(f"the storage {storage.key[:40]!r} with two sizes")
    return asked


def _keys(data: bytes) -> Iterator[str]:
    """Yield the texts of a pickled list of texts, written as a pickler writes it."""
    at = 0
    while data[at : at + 1] != b".":
        code = data[at : at + 1]
        at += 1
        if code in _TEXTS:
            width = _TEXTS[code]
            length = int.from_bytes(data[at : at + width], "little")
            at += width
            yield data[at : at + length].decode(errors="replace")
            at += length
        elif code in _SKIPPED:
            at += _SKIPPED[code]
        elif code != b"]":
            raise Malformed("keys of storages that are not a plain list of texts")


def _arrays(view: View, keys: Iterator[str], asked: dict[str, Storage], at: int) -> tuple[list[RawArray], int]:
    """Return where the storages lie, and where the last one ends."""
    arrays: list[RawArray] = []
    for key in keys:
        storage = asked.get(key)
        if storage is None:
            raise Malformed(f"a storage {key[:40]!r} that the object does not ask for, or has twice")
        size = storage.element * int.from_bytes(view.read_at(at, COUNT_BYTES), "little")
        at += COUNT_BYTES
        if size != storage.size or at + size > view.size:
            left = view.size - at
            raise Malformed(f"a storage of {size} bytes, where {storage.size} are asked for and {left} left")
        arrays.append(RawArray(at, size))
        at += size
        del asked[key]
    if asked:
        raise Malformed(f"no storage {next(iter(asked))[:40]!r}, which the object asks for")
    return arrays, at
