"""The index of a checkpoint in shards: which tensor lies in which file, by paths from the index's own folder.

Source: huggingface_hub `_base.py`, `split_state_dict_into_shards_factory`; transformers `SAFE_WEIGHTS_INDEX_NAME`.
"""

from __future__ import annotations

from typing import Final

from hauberk.errors import Exceeded, Malformed
from hauberk.formats.json_tokens import JsonTokens
from hauberk.limits import DEFAULT_LIMITS, Limits

SUFFIX: Final = ".safetensors.index.json"
_MAP: Final = "weight_map"
_DEEPEST: Final = 8


def decode_index(data: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Return the file of each tensor, by the tensor's name, in the order of the index.

    Raises:
        Malformed: it is no such index, names a tensor twice, or none.
        Exceeded: larger than `max_document_bytes`, or of more than `max_tensors`.
    """
    if len(data) > limits.max_document_bytes:
        raise Exceeded(f"the index is {len(data)} bytes long, {limits.max_document_bytes} are allowed")
    try:
        data.decode()
    except UnicodeDecodeError:
        raise Malformed("the index is not UTF-8") from None
    tokens = JsonTokens(data, "an index of shards")
    found: dict[str, str] | None = None
    for key in tokens.members():
        if key != _MAP:
            tokens.skip(_DEEPEST)
        elif found is None:
            found = _weights(tokens, limits.max_tensors)
        else:
            raise tokens.wrong(f"{_MAP} for the second time")
    tokens.end()
    if not found:
        raise Malformed(f"the index has no {_MAP} that names a tensor")
    return found


def _weights(tokens: JsonTokens, most: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in tokens.members():
        if name in found:
            raise tokens.wrong(f"the tensor {name[:64]!r} for the second time")
        if len(found) >= most:
            raise Exceeded(f"more than {most} tensors")
        found[name] = tokens.string()
    return found
