"""The loader takes the same bytes for arrays as the machine does, and as joblib does."""

from __future__ import annotations

from pathlib import Path

import joblib

from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.enforce.load import load
from hauberk.subject import Subject
from hauberk.verdict import Permit

VECTORS = Path(__file__).parents[1] / "vectors" / "formats" / "joblib" / "pass"


def test_a_wrapper_inside_an_array_of_objects_reads_no_array():
    path = VECTORS / "objects-with-a-wrapper"
    permit = Permit("load", Subject("model", "m", digest_path(path)), sha256(b"policy"), 10, clock.now() + 60)
    assert load(path, permit=permit) == "seen!"
    assert joblib.load(path, ensure_native_byte_order=False) == "seen!"
