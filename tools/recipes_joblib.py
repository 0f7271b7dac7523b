"""joblib: the wrapper that it puts in the place of each array."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING

import joblib
import numpy as np
from recording import State

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): ("array-wrapper", "", "tells joblib which array follows in the file"),
    ("joblib.memory", "Memory"): ("memory", "", "a cache without a folder, as estimators hold it"),
}


def states() -> Iterator[State]:
    """Yield files with arrays of all kinds."""
    for protocol in range(6):
        yield State(f"no cache in protocol {protocol}", pickle.dumps(joblib.Memory(None), protocol))
    arrays = (
        np.zeros(3),
        np.asfortranarray(np.ones((2, 3))),
        np.array(["a", None], object),
        np.matrix([1.0]),
        np.zeros(0),
    )
    for array in (*arrays, np.array(["ab"]), np.zeros(2, "i4,f8")):
        for protocol in range(6):
            file = io.BytesIO()
            joblib.dump(array, file, protocol=protocol)
            yield State(f"{array.dtype} array in protocol {protocol}", file.getvalue(), joblib=True)
