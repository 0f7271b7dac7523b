"""safetensors and GGUF: only headers are read, and what lies where no tensor is gets examined."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.formats.model import gguf, safetensors
from hauberk.limits import Limits
from hauberk.view import Basis, BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import vectors_torch as made

SYSTEM = b"\x80\x04cos\nsystem\n(X\x02\x00\x00\x00idtR."


class Counted:
    """A view of a few bytes and then zeros, which counts what is read of it."""

    basis = Basis.COMPUTED

    def __init__(self, front: bytes, size: int) -> None:
        self.front, self.size, self.read = front, size, 0

    def read_at(self, offset: int, length: int) -> bytes:
        length = max(0, min(length, self.size - offset))
        self.read += length
        return (self.front[offset : offset + length]).ljust(length, b"\0")


def rules(data: bytes) -> list[tuple[str, str | None]]:
    report = examine(BytesView(data), "model").report
    return [(finding.rule, finding.location.member) for finding in report.findings]


def test_of_a_terabyte_of_safetensors_only_the_header_is_read():
    size = 1 << 40
    header = made.safetensors({"a": made.tensor(0, size)}, b"")
    view = Counted(header, len(header) + size)
    assert safetensors.describe(view).unchecked == ()
    assert view.read < 1000


def test_of_a_terabyte_of_gguf_only_the_header_is_read():
    size = 1 << 40
    header = made.gguf((made.NAME,), (made.row("w", 0, size, kind=24),), b"")
    view = Counted(header, len(header) + size)
    assert gguf.describe(view).unchecked == ()
    assert view.read < 2 << 20


def test_a_pickle_behind_the_last_tensor_is_read_as_one():
    found = rules(made.safetensors(made.TWO, bytes(8) + SYSTEM))
    assert ("pickle-runs-process", "behind the last tensor") in found


def test_a_pickle_between_two_tensors_is_read_as_one():
    start = 4 + len(SYSTEM)
    data = made.safetensors({"a": made.tensor(0, 4), "b": made.tensor(start, start + 4)}, bytes(4) + SYSTEM + bytes(4))
    assert ("pickle-runs-process", "between tensors") in rules(data)


def test_a_header_beyond_the_limit_is_unchecked():
    header = made.safetensors(json.dumps(made.TWO) + " " * 1000, bytes(8))
    described = safetensors.describe(BytesView(header), Limits(max_document_bytes=100))
    assert [note.code for note in described.unchecked] == ["limit"]


@pytest.mark.parametrize("count", [1, 7])
def test_more_tensors_than_the_limit_are_unchecked(count):
    header = made.safetensors({str(one): made.tensor(one, one + 1) for one in range(count)}, bytes(count))
    described = safetensors.describe(BytesView(header), Limits(max_tensors=3))
    assert [note.code for note in described.unchecked] == (["limit"] if count > 3 else [])


def test_brackets_without_end_take_no_memory():
    header = made.safetensors('{"__metadata__":{"a":' + "[" * 1_000_000, b"")
    assert "nested deeper" in safetensors.describe(BytesView(header)).unchecked[0].detail


def template(text: str, name: str = "tokenizer.chat_template") -> bytes:
    return made.gguf((made.key(name, 8, made.text(text)),), (made.FLOATS,), bytes(32))


@pytest.mark.parametrize("name", ["tokenizer.chat_template", "tokenizer.chat_template.tool_use"])
def test_a_chat_template_is_read_as_a_template_whatever_it_begins_with(name):
    assert rules(template("Hello {{ cycler.__init__.__globals__ }}", name)) == [("template-reaches-python", name)] * 2


def test_an_ordinary_chat_template_is_quiet():
    assert rules(template("{% for message in messages %}{{ message['content'] }}{% endfor %}")) == []


def test_a_list_of_a_hundred_thousand_strings_is_walked():
    words = b"".join(made.text(f"word{number}") for number in range(100_000))
    value = (8).to_bytes(4, "little") + (100_000).to_bytes(8, "little") + words
    data = made.gguf((made.key("tokenizer.ggml.tokens", 9, value), made.NAME), (made.FLOATS,), bytes(32))
    assert rules(data) == []
    assert examine(BytesView(data), "model").report.complete


def test_a_string_across_the_edge_of_a_window_is_walked():
    long = made.text("x" * (gguf._WINDOW_BYTES - 40)) + made.text("y" * 100) + made.text("z")
    value = (8).to_bytes(4, "little") + (3).to_bytes(8, "little") + long
    data = made.gguf((made.key("words", 9, value), made.NAME), (made.FLOATS,), bytes(32))
    assert gguf.describe(BytesView(data)).unchecked == ()
