"""Text files: what a text is to those who act on texts, and what it is as a model that is written as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.model import boosting_text, mxnet, paddle
from hauberk.formats.model.tensorflow import text_form
from hauberk.formats.text import plain
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.text.plain import TextDescription
    from hauberk.view import View

_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 64


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> TextDescription:
    """Return what is in a text, with the trees or the graph of a model. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    described = plain.describe(view, limits)
    if view.size > limits.max_document_bytes:
        return (
            described if described.unchecked or not _holds_graph(view) else replace(described, unchecked=(_long(view),))
        )
    data = view.read_at(0, view.size)
    graph = mxnet.read(described.document) or paddle.read(described.document)
    found = boosting_text.read(data) or text_form.read(data) or graph
    return described if found is None else replace(described, also=(found,), format=found.format)


def _holds_graph(view: View) -> bool:
    """Say whether a text that is too long to be read names an operator as a graph of TensorFlow does."""
    tail = b""
    for start in range(0, view.size, _CHUNK_BYTES):
        piece = tail + view.read_at(start, _CHUNK_BYTES)
        if text_form.TELLING.search(piece):
            return True
        tail = piece[-_OVERLAP_BYTES:]
    return False


def _long(view: View) -> Unchecked:
    return Unchecked(UncheckedCode.LIMIT, f"a text of {view.size} bytes that names an operator as a graph does")
