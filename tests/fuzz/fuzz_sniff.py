"""Any bytes: one format, and what is inert is text that nothing would run."""

from __future__ import annotations

import pickle
from pathlib import Path

from hauberk.formats.model.pickle.description import describe
from hauberk.formats.sniff import FORMATS, UNKNOWN, sniff
from hauberk.symbol import Use
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"
MAGICS = [
    b"PK\x03\x04",
    b"\x1f\x8b\x08\x00",
    b"\x7fELF",
    b"MZ\x90\x00",
    b"\x08\x08\x12\x07pytorch",
    b"\x78\x9c\x03\x00",
]


def seeds() -> list[bytes]:
    """Return every vector, the beginnings of other formats, and text."""
    text = [b"cat\ndog\n", b"cos\nsystem\n(S'id'\ntR.", "w\u00f6rter\n".encode(), b'{"a": [1]}']
    found = [path.read_bytes() for path in sorted(VECTORS.rglob("*")) if path.is_file()]
    return [*MAGICS, *text, pickle.dumps([1, "a"], 0), *found]


def one_input(data: bytes) -> None:
    """Tell the format; text is UTF-8, and if it is short enough to be tried, would call nothing with a plain name."""
    found = sniff(BytesView(data))
    assert found in (*FORMATS, UNKNOWN)
    if found.name == "text":
        text = data.decode()
        assert "\x00" not in text
        calls = [e for e in describe(BytesView(data)).effects if e.use in (Use.CALL, Use.NEW, Use.BUILD)]
        assert not any(all(part.isidentifier() for part in str(call.callable).split(".")) for call in calls)
