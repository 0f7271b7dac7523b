"""A process that hashes rows of one file after another, as `hauberk.edge.pool` asks it to."""

from __future__ import annotations

import functools
import traceback
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.edge.part_file import PartFile
from hauberk.edge.persons import PersonStore
from hauberk.edge.pool import serve
from hauberk.edge.sources import hash_view, open_file, open_in_tree, printable
from hauberk.edge.tables import KINDS, hashed, kind_of, open_row_groups, open_table
from hauberk.errors import HauberkError, Unavailable
from hauberk.verbs.data_salts import PersonSalts, SetSalts
from hauberk.verbs.data_wire import FAULT, Asked, Hashed, Kept, decode_asked, decode_how, encode_error, encode_hashed
from hauberk.verbs.data_writer import RowWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.verbs.data_remote import Lines
    from hauberk.verbs.data_salts import Salts
    from hauberk.verbs.data_wire import How
    from hauberk.view import View


def begin(heard: bytes) -> Callable[[bytes], bytes]:
    """Return what answers requests, once it was heard with which salt; another release answers nothing else."""
    how = decode_how(heard)
    if isinstance(how, str):
        return lambda _: FAULT + how.encode()
    lines = functools.cache(_lines)
    return lambda asked: answer(asked, how, lines)


def _lines() -> Lines:
    from hauberk.verbs.data_remote import Lines  # noqa: PLC0415 - only for what lies elsewhere

    return Lines()


def answer(data: bytes, how: How, lines: Callable[[], Lines]) -> bytes:
    """Return the answer to a request, encoded; our own fault is told as such, for the parent to raise."""
    try:
        with ExitStack() as stack:
            asked, salts = decode_asked(data), _salts(how, stack)
            return encode_hashed(_hash(asked, salts, how) if asked.there is None else _fetch(asked, salts, how, lines))
    except HauberkError as error:
        return encode_error(error)
    except Exception:  # noqa: BLE001 - told to who asked, which raises it there
        return FAULT + traceback.format_exc().encode(errors="backslashreplace")


def _salts(how: How, stack: ExitStack) -> Salts:
    if how.person is None or how.salt is None or how.person_salts is None:
        return SetSalts(how.salt)
    store = stack.enter_context(PersonStore(how.person_salts, how.salt, create=True))
    return PersonSalts(how.salt, how.person, store, create=True)


def _hash(asked: Asked, salts: Salts, how: How) -> Hashed:
    opened = open_file(asked.root) if asked.relative is None else open_in_tree(asked.root, asked.relative)
    with opened as view:
        if view.fingerprint[:2] != (asked.size, asked.changed):
            raise Unavailable(f"{printable(asked.name)} changed while it was read", "let nobody write to it meanwhile")
        return _hashed(view, asked, salts, how)


def _fetch(asked: Asked, salts: Salts, how: How, lines: Callable[[], Lines]) -> Hashed:
    """Hash a file that lies elsewhere; `lines` gives the connections of this process."""
    from hauberk.verbs.data_there import decode_there  # noqa: PLC0415 - only for what lies elsewhere

    assert asked.there is not None
    with lines().fetching(decode_there(asked.there)) as (view, place):
        kind = kind_of(view, asked.name)
        asked = replace(asked, kind=kind, part=asked.part if kind in KINDS else None)
        kept = Kept(kind, view.size, place.address, place.version, place.lock)
        return replace(_hashed(view, asked, salts, how), kept=kept)


def _hashed(view: View, asked: Asked, salts: Salts, how: How) -> Hashed:
    if asked.part is None:
        return Hashed(hash_view(view).hex)
    with PartFile(asked.part) as record:
        writer = RowWriter(record, salts, how.key, how.source)
        sha256 = _rows(view, asked, writer)
        record.keep()
        return Hashed(sha256, writer.columns, writer.tree.count, record.sha256, writer.sources)


def _rows(view: View, asked: Asked, writer: RowWriter) -> str | None:
    """Write the records of what was asked for, and return the file's digest where it was, too."""
    name = printable(asked.name)
    with ExitStack() as stack:
        digest = stack.enter_context(hashed(view)) if asked.digest else None
        if asked.groups is None:
            table = stack.enter_context(open_table(view, asked.kind, name))
        else:
            table = stack.enter_context(open_row_groups(view, name, range(*asked.groups)))
        writer.begin(name, table.names, table.types)
        for batch in table.batches():
            writer.add(batch)
        sha256 = None if digest is None else digest().hex
    if hasattr(view, "check_unchanged"):
        view.check_unchanged()
    return sha256


if __name__ == "__main__":
    serve(begin)
