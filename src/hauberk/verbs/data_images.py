"""The rows of a data set of images without a table: what its manifest holds of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hauberk.dataset.manifest import IMAGE, OF_IMAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.dataset.manifest import DataFile


def image_rows(files: Iterable[DataFile]) -> Any:
    """Return a record batch with a row for each image: its path, the folder it is in as its label, size and SHA-256."""
    images = [file for file in files if file.kind == IMAGE]
    columns = [
        pa.array([file.path for file in images], pa.string()),
        pa.array([file.path.rpartition("/")[0].rpartition("/")[2] for file in images], pa.string()),
        pa.array([file.size for file in images], pa.int64()),
        pa.array([bytes.fromhex(file.sha256) for file in images], pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, OF_IMAGES)
