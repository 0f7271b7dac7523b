"""Files that are two formats at once: one from their first bytes, another for a loader that looks elsewhere.

A zip file is found from its end, so anything may stand in front of it. A pickle needs no magic number: `GGUF` is a
float to an unpickler, `MZ` a number, and what follows is run. Which of the two a program sees depends on its loader,
not on the file, so both are examined. That it is so is told as well, save where the zip lies inside of the other
format's own data and ends before it does.

What it costs: the last 64 KiB of a file that is no zip, and an attempt at unpickling one whose first byte is an
instruction, which ends at the first that is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats import embedded, executable, readers
from hauberk.formats.archive.zip_ends import archive_range
from hauberk.formats.contents import Described, Part
from hauberk.formats.model import joblib
from hauberk.formats.sniff import acts_as_pickle, has_endless_line
from hauberk.view import RangeView

if TYPE_CHECKING:
    from hauberk.formats.sniff import Format
    from hauberk.view import View

ZIPS = frozenset({"zip"})
# A zip is PERSID to a pickle: only a hook is asked.
PICKLES = frozenset({"pickle", "joblib", "pytorch-legacy", "text", "text-utf-16", "text-latin-1", "unknown", "zip"})
# With a zip behind: llamafile, and told anyway.
EXECUTABLES = frozenset(kind.name for kind in executable.KINDS)

# Formats whose reader stops where its own tables end, and knows of nothing behind them.
ENDS = frozenset({"tflite", "executorch", "executorch-data", "catboost", "torchscript-mobile", "onnx", "hdf5", "text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondDescription(Described):
    """What else a file is.

    Attributes:
        first: what it is by its first bytes.
        second: what it is as well; empty where it is nothing else.
        offset: where the second format begins.
    """

    first: str = ""
    second: str = ""
    offset: int = 0


def second_views(view: View, form: Format) -> SecondDescription:
    """Return what else a view is, beside the format that its first bytes gave.

    Raises:
        Unavailable: the view cannot be read.
    """
    if form.name not in ZIPS and (found := archive_range(view)) is not None:
        start, stop = found
        part = Part("(as zip)", lambda _: RangeView(view, start, stop - start), start, readers.zip_file)
        told = stop == view.size and form.name not in EXECUTABLES
        return SecondDescription(first=form.name, second="zip" if told else "", offset=start, parts=(part,))
    if form.name not in PICKLES and has_endless_line(view):
        detail = "begins as a pickle could, with a line so long that what follows it was not looked for"
        return SecondDescription(first=form.name, unchecked=(Unchecked(UncheckedCode.LIMIT, detail),))
    if form.name not in PICKLES and acts_as_pickle(view):
        part = Part("(as pickle)", lambda _: view, 0, joblib.describe)
        return SecondDescription(first=form.name, second="pickle", parts=(part,))
    if form.describe is None and not form.inert:
        return SecondDescription(first=form.name, parts=embedded.anywhere(view))
    return SecondDescription(
        first=form.name, parts=embedded.at_the_end(view) if form.inert or form.name in ENDS else ()
    )
