"""`load` opens a file if and only if it is clean, complete and has a loader: asked of every vector in the tree."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.checks.model.unpacked import Unpacked
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.enforce.load import load
from hauberk.enforce.loaders.table import LOADERS, PACKED
from hauberk.errors import Malformed, Refused, Unavailable
from hauberk.finding import Outcome
from hauberk.formats.archive.streams import PACKINGS, unpacked
from hauberk.formats.model import onnx
from hauberk.limits import Limits
from hauberk.subject import Subject
from hauberk.verdict import Permit
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
FILES = sorted(path for family in ("rules", "formats") for path in (VECTORS / family).rglob("*") if path.is_file())


def permit_for(data: bytes) -> Permit:
    subject = Subject("model", "vector", sha256(data))
    return Permit("load", subject, sha256(b"policy"), 1, clock.now() + 3600)


def may_open(data: bytes) -> bool:
    report = examine(BytesView(data), "vector").report
    if report.outcome is not Outcome.CLEAN or not report.complete:
        return False
    if report.format in PACKED:
        inside = unpacked(BytesView(data), PACKINGS[report.format], Unpacked(Limits()))
        return examine(inside, "inside").report.format in LOADERS
    if report.format == "onnx":  # a graph that reads files beside it: refused, with how to save it
        return not onnx.describe(BytesView(data)).files
    if report.format == "zip":
        return "schema.json" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    return report.format in LOADERS


OPEN = [path for path in FILES if may_open(path.read_bytes())]
CLOSED = [path for path in FILES if path not in OPEN]


def name_of(path: Path) -> str:
    return str(path.relative_to(VECTORS))


def answer_of(path: Path) -> str:
    """Return what `load` says to a file; data that no longer fits its classes is no refusal."""
    try:
        load(path, permit=permit_for(path.read_bytes()))
    except Refused:
        return "refused"
    except (Malformed, Unavailable):
        return "cannot be rebuilt"
    return "opened"


@pytest.mark.parametrize("path", CLOSED, ids=name_of)
def test_what_is_not_clean_complete_and_loadable_is_refused(path):
    assert answer_of(path) == "refused"


@pytest.mark.parametrize("path", OPEN, ids=name_of)
def test_what_is_clean_complete_and_loadable_is_not_refused(path):
    assert answer_of(path) in ("opened", "cannot be rebuilt")


def test_there_are_vectors_of_both_kinds():
    assert len(OPEN) > 10
    assert len(CLOSED) > 50
