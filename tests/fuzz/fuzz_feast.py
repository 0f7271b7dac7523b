"""Registries of Feast, its values and its keys: nothing but our errors comes, and the same bytes say the same."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hauberk.errors import HauberkError
from hauberk.formats.table.feast import parse_registry
from hauberk.formats.table.feast_redis import parse_time
from hauberk.formats.table.feast_values import parse_entity_key, parse_value
from hauberk.view import BytesView

WRITTEN = Path(__file__).parents[1] / "vectors" / "written" / "feast" / "registry.db"


def seeds() -> list[bytes]:
    """Return a registry, a key and values."""
    key = b"\x01\0\0\0\x02\0\0\0\x08\0\0\0customer\x02\0\0\0\x01\0\0\0b"
    return [
        WRITTEN.read_bytes(),
        key,
        b"\x12\x02CH",
        b" \x04",
        b")\x00\x00\x00\x00\x00\x00\x04@",
        b"\x98\x01\x00",
        b"\x08\xc0\xfe\xaf\xd7\x06",
    ]


def one_input(data: bytes) -> None:
    """Read the bytes as each of them."""
    for parse in (lambda raw: parse_registry(BytesView(raw)), parse_value, parse_entity_key, parse_time):
        with contextlib.suppress(HauberkError):
            assert repr(parse(data)) == repr(parse(data))
