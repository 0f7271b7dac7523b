"""Compare two data sets with their data at hand: distributions, rows written out, rows by the columns in common."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.edge.sources import check_output, printable, require_apart
from hauberk.edge.table_file import ending_of, is_rows
from hauberk.errors import Misconfigured
from hauberk.verbs.data_diff import common_columns, diff_manifests
from hauberk.verbs.data_distributions import distributions
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.data_profile_pool import Proven, profiled_by
from hauberk.verbs.data_rows_file import RowsFile, open_rows
from hauberk.verbs.data_rows_out import write_rows
from hauberk.verbs.data_side import Side

if TYPE_CHECKING:
    from hauberk.verbs.data_diff import Difference
    from hauberk.verbs.data_distributions import Distributions
    from hauberk.verbs.data_pool import By


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the data is asked for.

    Attributes:
        data, older_data: where the data of the sides is; empty: where their manifests were made from.
        required: data that is not at hand is an error, and not only said.
        rows_out: where rows are written to.
    """

    data: tuple[str, ...] = ()
    older_data: tuple[str, ...] = ()
    required: bool = True
    rows_out: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed, and what was seen in the data.

    Attributes:
        distributions: None where the data is not at hand, or nothing could be compared.
        unread: why something was not looked at.
        written: how many rows of each kind were written out.
    """

    difference: Difference
    distributions: Distributions | None
    unread: tuple[str, ...]
    written: dict[str, int] | None = None


def compare_data(older: str, newer: str, asked: Asked, *, measure: bool = True, by: By | None = None) -> Compared:
    """Compare two manifests and their data; `by` says who compares hashes, if it is not this process alone.

    Raises:
        Unavailable: data that is needed is not at hand.
        NotVerified: what is there is not what the manifests are about.
        Malformed, Misconfigured: as of `diff_manifests` and `write_rows`.
    """
    before, after = read_manifest(older), read_manifest(newer)
    sides = Side(before, asked.older_data or before.places), Side(after, asked.data or after.places)
    if asked.rows_out is not None:
        ending_of(asked.rows_out)
        check_output(asked.rows_out, recognise=is_rows, inputs=(older, newer))
        require_apart(asked.rows_out, [place for side in sides for place in side.places])
    unread, has_older = [], True
    for side, path, option, needed in (
        (sides[0], older, "--older-data", asked.required and measure),
        (sides[1], newer, "--data", asked.required or asked.rows_out is not None),
    ):
        if (error := side.missing()) is not None:
            if needed:
                raise type(error)(
                    f"the data of {printable(path)} is not at hand: {error.message}", f"say where it is: {option} PATH"
                )
            has_older = has_older and side is not sides[0]
            unread.append(f"the data of {printable(path)} is not at hand: {error.message}")
    found = diff_manifests(older, newer, sides=None if unread else sides, by=by)
    written = None
    if asked.rows_out is not None:
        if found.rows is None:
            raise Misconfigured("rows were not compared, so none can be written", "say where the data of both sides is")
        written = write_rows(found.rows, sides[1], sides[0] if has_older else None, asked.rows_out)
    measured = _measured(older, newer, sides, by) if measure and not unread else None
    return Compared(found, measured, tuple(unread), written)


def _measured(older: str, newer: str, sides: tuple[Side, Side], by: By | None) -> Distributions | None:
    before, after = sides[0].manifest.rows, sides[1].manifest.rows
    if before is None or after is None:
        return None
    with ExitStack() as stack:
        one, other = (stack.enter_context(open_rows(path, rows)) for path, rows in ((older, before), (newer, after)))
        was, now = RowsFile(one, before), RowsFile(other, after)
        read = None
        if by is not None and all(side.tables for side in sides):
            proven = Proven(older, sides[0], one, was), Proven(newer, sides[1], other, now)
            read = partial(profiled_by, by, proven)
        return distributions((sides[0], was), (sides[1], now), common_columns(before, after), read)
