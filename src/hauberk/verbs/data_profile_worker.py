"""A process that profiles the columns of one file after another, as `hauberk.edge.pool` asks it to."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING

from hauberk.dataset.manifest import encode
from hauberk.digest import sha256
from hauberk.edge.pool import serve
from hauberk.edge.sources import printable
from hauberk.errors import HauberkError, Unavailable
from hauberk.verbs import data_profile_wire as wire
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.data_profiled import profilers
from hauberk.verbs.data_rows_file import RowHashes, open_told
from hauberk.verbs.data_side import Side
from hauberk.verbs.data_wire import FAULT, encode_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.dataset.rows import Column


def begin(heard: bytes) -> Callable[[bytes], bytes]:
    """Return what answers requests, once it was heard about which data; another release answers nothing else."""
    told = wire.decode_sides(heard)
    if isinstance(told, str):
        return lambda _: FAULT + told.encode()
    sides, common = told
    return lambda asked: answer(asked, sides, common)


def answer(data: bytes, sides: list[wire.SideAt], common: tuple[Column, ...]) -> bytes:
    """Return the answer to a request, a side and the number of one of its tables; our own fault is told as such."""
    try:
        side, number = json.loads(data)
        return _profiled(sides[side], number, common)
    except HauberkError as error:
        return encode_error(error)
    except Exception:  # noqa: BLE001 - told to who asked, which raises it there
        return FAULT + traceback.format_exc().encode(errors="backslashreplace")


def _profiled(at: wire.SideAt, number: int, common: tuple[Column, ...]) -> bytes:
    manifest = read_manifest(at.manifest)
    if sha256(encode(manifest)).hex != at.sha256:
        raise Unavailable(f"{printable(at.manifest)} changed while it was read", "let nobody write to it meanwhile")
    side = Side(manifest, at.places)
    with open_told(at.hashes) as view:
        records = RowHashes(view, at.hashes.count, at.hashes.record_bytes)
        makers = profilers(side, records, common, side.pieces_of(number))
        view.check_unchanged()
    return wire.encode_seen([maker.seen() for maker in makers])


if __name__ == "__main__":
    serve(begin)
