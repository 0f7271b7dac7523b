"""SentencePiece's vocabularies (`tokenizer.model`): pieces of words with scores. Nothing in them acts.

Source: `sentencepiece_model.proto` of SentencePiece 0.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.formats.model.message_walk import is_each, some_fields, walk
from hauberk.formats.wire.protobuf import BYTES, FIXED32, Message
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.model.graph import Gathered, GraphDescription
    from hauberk.formats.model.message_walk import Schema
    from hauberk.view import View

SCHEMA: Final[Schema] = {
    "Model": (frozenset({1, 2, 3, 4, 5}), {3: "Normalizer", 5: "Normalizer"}),
    "Normalizer": (frozenset({1, 2, 3, 4, 5, 6}), {}),
}


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what could not be read of a vocabulary. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    return walk(view, limits, SCHEMA, _act).whole()


def is_vocabulary(view: View) -> bool:
    """Say whether bytes are laid out as a vocabulary: pieces with a score."""
    return is_each(view, _is_piece)


def _is_piece(piece: Message) -> bool:
    kinds = {field.number: field.kind for field in some_fields(piece)}
    return kinds.get(1) == BYTES and kinds.get(2) == FIXED32 and kinds.keys() <= {1, 2, 3}


def _act(_gathered: Gathered, _action: str, _text: str, _offset: int) -> None:
    """Nothing in a vocabulary acts."""
