"""Raw numbers that a model keeps in files of their own: known as such only by the file beside them that says so.

The data files of a TensorFlow checkpoint, the external data of an ONNX model and the like have no head, so nothing in
them tells what they are. Where a file that was read completely, and in which nothing was found, says that another one
of its folder is raw numbers up to exactly its end, that one is what it is said to be. A file of a known format is not:
it has been judged as what it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.outside import why_outside
from hauberk.finding import Coverage, Outcome, UncheckedCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.finding import Report

RAW: Final = "raw-data"
_UNKNOWN: Final = "unknown"


def settle(reports: Mapping[str, Report]) -> dict[str, Report]:
    """Return the reports of a tree by their paths, with raw data named as what it is."""
    settled = dict(reports)
    for path, report in reports.items():
        if not report.complete or report.outcome is not Outcome.CLEAN:
            continue
        for raw in report.raw_files:
            folder, slash, own = path.rpartition("/")
            name = raw.name.replace("*", own.rpartition(".")[0], 1)
            if why_outside(name):
                continue
            target = f"{folder}{slash}{name.removeprefix('./')}"
            found = settled.get(target)
            if found is not None and _is_unread(found) and raw.size in (None, found.size):
                settled[target] = replace(found, format=RAW, coverage=Coverage.FULL, unchecked=())
    return settled


def _is_unread(report: Report) -> bool:
    """Say whether all that is known of a file is that nothing is."""
    codes = [one.code for one in report.unchecked]
    return report.format == _UNKNOWN and not report.findings and codes == [UncheckedCode.FORMAT_NOT_READ]
