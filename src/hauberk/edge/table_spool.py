"""Rows on their way to another program: Arrow streams in a private folder, one for each run of one schema."""

from __future__ import annotations

import os
from typing import Any

import pyarrow as pa

from hauberk.errors import Exceeded, Unavailable

MOST_BYTES = 4 << 30
_MOST_STREAMS = 1000


class TableSpool:
    """Streams `rows-0`, `rows-1` and so on; those of cells of text end in `.text`."""

    def __init__(self, folder: str, most: int = MOST_BYTES) -> None:
        """Begin in a folder that nobody else can reach; `most` is how many bytes are written at the most."""
        self._folder, self._most = folder, most
        self._schema: Any = None
        self._text = False
        self._file: Any = None
        self._writer: Any = None
        self._streams = 0
        self._written = 0

    def add(self, batch: Any, *, text: bool) -> None:
        """Append a record batch; `text`: its cells are as CSV has them.

        Raises:
            Exceeded: there is more than another program is given.
            Unavailable: there is no room.
        """
        try:
            if self._writer is None or text != self._text or not batch.schema.equals(self._schema):
                self._begin(batch.schema, text=text)
            self._writer.write_batch(batch)
            if self._written + self._file.tell() > self._most:
                raise Exceeded(f"more than {self._most} bytes of rows", "ask it of a smaller data set")
        except (OSError, pa.ArrowException) as error:
            raise Unavailable(f"rows cannot be kept for another program: {error!s:.200}", "free some space") from None

    def close(self) -> None:
        """End the last stream; raise `Unavailable` if there is no room."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        try:
            writer.close()
            self._written += self._file.tell()
            self._file.close()
        except (OSError, pa.ArrowException) as error:
            raise Unavailable(f"rows cannot be kept for another program: {error!s:.200}", "free some space") from None

    def _begin(self, schema: Any, *, text: bool) -> None:
        self.close()
        if self._streams == _MOST_STREAMS:
            raise Exceeded(f"the columns change more than {_MOST_STREAMS} times", "write the files alike")
        path = os.path.join(self._folder, f"rows-{self._streams}{'.text' if text else ''}")  # noqa: PTH118
        self._streams += 1
        self._schema, self._text = schema, text
        self._file = pa.OSFile(path, "wb")
        self._writer = pa.ipc.new_stream(self._file, schema)
