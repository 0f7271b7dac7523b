"""The index of a checkpoint in shards: it is read as `json` reads it, or refused."""

from __future__ import annotations

import json

from hauberk.errors import HauberkError
from hauberk.formats.model.safetensors_index import decode_index


def seeds() -> list[bytes]:
    return [
        b'{"metadata": {"total_size": 8}, "weight_map": {"a": "1.safetensors", "b\\u00e9": "2.safetensors"}}',
        b'{"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}}',
        b'{"weight_map": {"a": "../1"}, "x": [[[]]]}',
    ]


def one_input(data: bytes) -> None:
    try:
        found = decode_index(data)
    except HauberkError:
        return
    assert found == json.loads(data)["weight_map"]
