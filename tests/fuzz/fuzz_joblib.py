"""joblib files: nothing is raised, and what is skipped lies inside the bytes."""

from __future__ import annotations

import io
from pathlib import Path

import joblib
import numpy as np

from fuzz.fuzz_pickle import LIMITS, check
from hauberk.formats.model.joblib import describe
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"


def seeds() -> list[bytes]:
    """Return every vector, and two arrays in each protocol."""
    found = [path.read_bytes() for path in sorted((VECTORS / "joblib").rglob("*")) if path.is_file()]
    for protocol in range(6):
        file = io.BytesIO()
        joblib.dump([np.arange(3), np.array([{"a": None}], dtype=object)], file, protocol=protocol)
        found.append(file.getvalue())
    return found


def one_input(data: bytes) -> None:
    """Describe the bytes; arrays follow one another and end inside of them."""
    description = describe(BytesView(data), LIMITS)
    check(description, data)
    end = 0
    for array in description.arrays:
        assert end <= array.offset <= array.offset + array.size <= len(data)
        end = array.offset + array.size
