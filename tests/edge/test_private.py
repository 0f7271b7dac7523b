"""A private copy: all of a file, its digest, and nothing of what happens to the file later."""

import hashlib

import pytest

from hauberk.edge import private
from hauberk.edge.files import FileView, open_file
from hauberk.edge.private import copy_private, is_free
from hauberk.errors import Exceeded, Unavailable

PIECE = private._AHEAD


@pytest.mark.parametrize("size", [0, 1, 4096, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7])
def test_a_copy_is_the_file_and_its_digest(tmp_path, size):
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    (tmp_path / "f").write_bytes(data)
    with open_file(tmp_path / "f") as view:
        copy = copy_private(view, size, "f")
    assert (bytes(copy.data), copy.size, copy.sha256) == (data, size, hashlib.sha256(data).hexdigest())


def test_what_is_written_to_the_file_later_is_not_in_the_copy(tmp_path):
    (tmp_path / "f").write_bytes(b"right")
    with open_file(tmp_path / "f") as view:
        copy = copy_private(view, 5, "f")
    (tmp_path / "f").write_bytes(b"")
    assert bytes(copy.data) == b"right"


def test_a_file_over_the_limit_is_refused(tmp_path):
    (tmp_path / "f").write_bytes(b"12345")
    with open_file(tmp_path / "f") as view, pytest.raises(Exceeded, match="f is 5 bytes long, 4 are allowed") as caught:
        copy_private(view, 4, "f")
    assert "limits=hauberk.limits.Limits(max_load_bytes=" in caught.value.hint


def test_a_file_larger_than_all_memory_is_refused_and_not_read(tmp_path):
    with (tmp_path / "f").open("wb") as file:
        file.truncate(1 << 43)
    with open_file(tmp_path / "f") as view, pytest.raises(Exceeded, match="there is no memory"):
        copy_private(view, 1 << 60, "f")


@pytest.mark.parametrize("size", [9, 3 * PIECE])
def test_a_file_that_changes_while_it_is_copied_is_refused(tmp_path, monkeypatch, size):
    (tmp_path / "f").write_bytes(bytes(size))
    read = FileView.read_into

    def cut(view, buffer, offset):
        count = read(view, buffer, offset)
        with (tmp_path / "f").open("r+b") as file:
            file.truncate(size - 1)
        return count

    monkeypatch.setattr(FileView, "read_into", cut)
    with open_file(tmp_path / "f") as view, pytest.raises(Unavailable, match="changed while it was read"):
        copy_private(view, size, "f")


def test_spare_memory_is_written_over_if_it_is_large_enough(tmp_path):
    (tmp_path / "long").write_bytes(b"a long one")
    (tmp_path / "short").write_bytes(b"short")
    with open_file(tmp_path / "long") as long, open_file(tmp_path / "short") as short:
        first = copy_private(long, 99, "long")
        second = copy_private(short, 99, "short", spare=first.memory)
        assert second.memory is first.memory
        assert (bytes(second.data), second.sha256) == (b"short", hashlib.sha256(b"short").hexdigest())
        small = copy_private(short, 99, "short")
        assert copy_private(long, 99, "long", spare=small.memory).memory is not small.memory


def test_memory_is_free_when_no_view_of_it_lives(tmp_path):
    (tmp_path / "f").write_bytes(b"12345")
    with open_file(tmp_path / "f") as view:
        copy = copy_private(view, 5, "f")
    assert is_free(copy.memory)
    part = copy.data[1:2].toreadonly()
    assert not is_free(copy.memory)
    assert bytes(part) == b"2"
    del part
    assert is_free(copy.memory)
    copy.memory.close()
    assert not is_free(copy.memory)
