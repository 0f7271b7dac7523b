"""The loader takes the same bytes for arrays as the machine does, and as joblib does."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pytest

from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.enforce.load import load
from hauberk.subject import Subject
from hauberk.verdict import Permit

VECTORS = Path(__file__).parents[1] / "vectors" / "formats" / "joblib" / "pass"


def permit_for(path):
    return Permit("load", Subject("model", "m", digest_path(path)), sha256(b"policy"), 10, clock.now() + 60)


def test_a_wrapper_inside_an_array_of_objects_reads_no_array():
    path = VECTORS / "objects-with-a-wrapper"
    assert load(path, permit=permit_for(path)) == "seen!"
    assert joblib.load(path, ensure_native_byte_order=False) == "seen!"


@pytest.mark.parametrize("value", [[1, "a", None], [[1], {"k": 2.5}], [[1, 2], [3, "x"]]])
def test_an_array_of_safe_objects_opens(tmp_path, value):
    array = np.empty(len(value), dtype=object)
    array[:] = value
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    np.savez(tmp_path / "b.npz", x=array, y=np.arange(3))
    assert load(tmp_path / "a.npy", permit=permit_for(tmp_path / "a.npy")).tolist() == value
    opened = load(tmp_path / "b.npz", permit=permit_for(tmp_path / "b.npz"))
    assert (opened["x"].tolist(), opened["y"].tolist()) == (value, [0, 1, 2])
