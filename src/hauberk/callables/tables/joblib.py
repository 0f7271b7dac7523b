"""Safe callables of joblib. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("joblib 1.6.0",)

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "joblib.memory": {
        "Memory": ("import new build", "memory", "", "a cache without a folder, as estimators hold it"),
    },
    "joblib.numpy_pickle": {
        "NumpyArrayWrapper": ("import new build", "array-wrapper", "", "tells joblib which array follows in the file"),
    },
}
