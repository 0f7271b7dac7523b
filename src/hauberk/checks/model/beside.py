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
    from collections.abc import Iterator, Mapping

    from hauberk.finding import RawFile, Report

RAW: Final = "raw-data"
LINK: Final = "symlink"  # the format of a name that has no bytes
_UNKNOWN: Final = "unknown"


def settle(reports: Mapping[str, Report]) -> dict[str, Report]:
    """Return the reports of a tree by their paths, with raw data named as what it is."""
    settled = dict(reports)
    for path, report in reports.items():
        if not report.complete or report.outcome is not Outcome.CLEAN:
            continue
        for raw, target in _named(path, report):
            found = settled.get(target)
            if found is not None and _is_unread(found) and raw.size in (None, found.size):
                settled[target] = replace(found, format=RAW, coverage=Coverage.FULL, unchecked=())
    return settled


def beyond(reports: Mapping[str, Report]) -> Iterator[tuple[str, str]]:
    """Yield (path, what it says) of each file that has numbers in another one behind that one's end."""
    for path, report in reports.items():
        for raw, target in _named(path, report):
            found = reports.get(target)
            if found is not None and raw.size is not None and found.format != LINK and raw.size > found.size:
                yield path, f"{raw.size} bytes in {target}, which has {found.size}"


def _named(path: str, report: Report) -> Iterator[tuple[RawFile, str]]:
    """Yield what a file says of others in its folder, and their paths."""
    folder, slash, own = path.rpartition("/")
    for raw in report.raw_files:
        name = raw.name.replace("*", own.rpartition(".")[0], 1)
        if not why_outside(name):
            yield raw, f"{folder}{slash}{name.removeprefix('./')}"


def _is_unread(report: Report) -> bool:
    """Say whether all that is known of a file is that nothing is."""
    codes = [one.code for one in report.unchecked]
    return report.format == _UNKNOWN and not report.findings and codes == [UncheckedCode.FORMAT_NOT_READ]
