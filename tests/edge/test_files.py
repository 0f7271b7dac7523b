"""One regular file: what is opened is what is read, and a file that changes is no answer."""

import os
import tracemalloc
from pathlib import Path

import pytest

from hauberk.digest import sha256
from hauberk.edge import files
from hauberk.edge.files import hash_view, open_file, printable, read_file, write_atomic, write_output
from hauberk.errors import Exceeded, Misconfigured, Unavailable
from hauberk.view import Basis, BytesView


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "letter"
    path.write_bytes(b"abcdefgh")
    return path


def test_a_file_view_reads_ranges_of_the_bytes_themselves(letter):
    with open_file(letter) as view:
        assert (view.size, view.basis) == (8, Basis.COMPUTED)
        assert (view.read_at(2, 3), view.read_at(6, 99), view.read_at(99, 1)) == (b"cde", b"gh", b"")


def test_the_permission_bits_are_those_of_the_file(letter):
    letter.chmod(0o640)
    with open_file(letter) as view:
        assert view.mode == 0o640


def test_a_view_can_be_closed_twice(letter):
    view = open_file(letter)
    view.close()
    view.close()
    with pytest.raises(Unavailable, match="cannot be read"):
        view.read_at(0, 1)


def test_the_path_that_a_person_names_may_be_a_link(letter, tmp_path):
    (tmp_path / "link").symlink_to(letter)
    assert read_file(tmp_path / "link", limit=8) == b"abcdefgh"


def test_a_renamed_file_is_still_the_one_that_was_opened(letter, tmp_path):
    with open_file(letter) as view:
        (tmp_path / "other").write_bytes(b"XXXXXXXX")
        (tmp_path / "other").rename(letter)
        assert view.read_at(0, 8) == b"abcdefgh"


def test_a_sparse_file_is_hashed_in_constant_memory(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    with open_file(tmp_path / "sparse") as view:
        hash_view(view)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_a_view_in_memory_hashes_as_its_bytes():
    assert hash_view(BytesView(b"abc")) == sha256(b"abc")


def test_hard_links_are_ordinary_files(letter, tmp_path):
    os.link(letter, tmp_path / "twin")
    assert read_file(tmp_path / "twin", limit=8) == b"abcdefgh"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "is a directory"),
        (os.mkfifo, "is a FIFO"),
        (lambda path: path.symlink_to("nowhere"), "No such file"),
        (lambda path: path.symlink_to(path.name), "Too many levels"),
        (lambda path: path.symlink_to("/dev/null"), "is a character device"),
    ],
    ids=["absent", "directory", "fifo", "dangling link", "link to itself", "device"],
)
def test_what_is_no_regular_file_is_unavailable(tmp_path, make, said):
    make(tmp_path / "it")
    with pytest.raises(Unavailable, match=said):
        open_file(tmp_path / "it")


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 300])
def test_a_path_that_no_system_takes_is_unavailable(path):
    with pytest.raises(Unavailable):
        open_file(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"ABCDEFGH"),
        lambda path: path.write_bytes(b"abcdefghi"),
        lambda path: os.utime(path, ns=(0, 0)),
        lambda path: path.chmod(0o400),
    ],
    ids=["other bytes", "longer", "times set back", "mode"],
)
def test_a_file_that_changed_since_it_was_opened_has_no_hash(letter, change):
    os.utime(letter, ns=(1, 1))
    with open_file(letter) as view:
        change(letter)
        with pytest.raises(Unavailable, match="changed while it was read"):
            hash_view(view)


def test_a_file_cut_short_under_the_reader_is_unavailable(letter):
    with open_file(letter) as view:
        os.truncate(letter, 3)
        with pytest.raises(Unavailable, match="changed while it was read"):
            view.read_at(0, 8)


def test_a_file_over_the_limit_is_not_read(letter):
    with pytest.raises(Exceeded, match="8 bytes long, 7 are allowed") as caught:
        read_file(letter, limit=7)
    assert caught.value.hint == "is it the file that you meant? no option allows more"


def test_a_platform_without_directory_descriptors_is_refused_by_name(letter, monkeypatch):
    monkeypatch.setattr(files, "_BY_DESCRIPTOR", False)
    with pytest.raises(Unavailable, match="this platform"):
        open_file(letter)


def test_an_input_output_error_is_unavailable(letter, monkeypatch):
    def broken(*_):
        raise OSError(5, "Input/output error")

    with open_file(letter) as view:
        monkeypatch.setattr(files.os, "pread", broken)
        with pytest.raises(Unavailable, match="Input/output error"):
            view.read_at(0, 1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name", "plain name"),
        ("a\nb", "a\\nb"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\udcff", "\\udcff"),
        ("\u202eexe", "\\u202eexe"),
    ],
)
def test_names_are_shown_without_anything_that_drives_a_terminal(name, shown):
    assert printable(name) == shown


def test_an_error_shows_a_hostile_name_as_escapes(tmp_path):
    with pytest.raises(Unavailable, match=r"\\x1b\[2J: No such file"):
        open_file(tmp_path / "\x1b[2J")


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path):
    write_atomic(tmp_path / "new", b"1")
    write_atomic(tmp_path / "new", b"22")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("new", b"22")]


def test_a_private_file_is_private_from_the_first_byte(tmp_path):
    write_atomic(tmp_path / "key", b"secret", mode=0o600)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_relative_path_is_written_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomic("here", b"1")
    assert (tmp_path / "here").read_bytes() == b"1"


def test_a_link_at_the_target_is_neither_followed_nor_replaced(letter, tmp_path):
    (tmp_path / "link").symlink_to(letter)
    with pytest.raises(Misconfigured, match="symbolic link"):
        write_atomic(tmp_path / "link", b"other")
    assert letter.read_bytes() == b"abcdefgh"


def test_a_directory_at_the_target_is_refused(tmp_path):
    with pytest.raises(Misconfigured, match="is a directory"):
        write_atomic(tmp_path, b"1")


def test_a_missing_directory_is_unavailable(tmp_path):
    with pytest.raises(Unavailable, match="No such file"):
        write_atomic(tmp_path / "no" / "file", b"1")


def test_a_full_disk_leaves_the_old_file_and_no_part(letter, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left") as refused:
        write_atomic(letter, b"new")
    assert refused.value.hint == "make room on the disk, then try again"
    assert [(path.name, path.read_bytes()) for path in Path(tmp_path).iterdir()] == [("letter", b"abcdefgh")]


def is_answer(data):
    return data.startswith(b"answer")


@pytest.mark.parametrize("old", [None, b"", b"answer 1"], ids=["nothing", "an empty file", "an older answer"])
def test_an_answer_takes_the_place_of_nothing_or_of_an_older_one(tmp_path, old):
    if old is not None:
        (tmp_path / "out").write_bytes(old)
    write_output(tmp_path / "out", b"answer 2", recognise=is_answer)
    assert (tmp_path / "out").read_bytes() == b"answer 2"


def test_an_answer_is_never_written_over_anything_else(letter):
    with pytest.raises(Misconfigured, match="no older output"):
        write_output(letter, b"answer", recognise=is_answer)
    assert letter.read_bytes() == b"abcdefgh"


def test_an_answer_is_never_written_over_what_it_is_about(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").write_bytes(b"answer 1")
    Path("link").symlink_to("in")
    for name in ("in", "link", tmp_path / "in"):
        with pytest.raises(Misconfigured, match="what is read here"):
            write_output(tmp_path / "in", b"answer 2", recognise=is_answer, inputs=[name])
    assert Path("in").read_bytes() == b"answer 1"


@pytest.mark.parametrize("place", [".hauberk", ".hauberk/keys", ".HAUBERK", "link"])
def test_no_answer_is_written_where_a_project_keeps_its_keys(tmp_path, place):
    (tmp_path / ".hauberk" / "keys").mkdir(parents=True)
    (tmp_path / ".HAUBERK").mkdir(exist_ok=True)
    (tmp_path / "link").symlink_to(".hauberk/keys")
    with pytest.raises(Misconfigured, match="holds keys and the ledger"):
        write_output(tmp_path / place / "new", b"answer", recognise=is_answer)


def test_a_file_too_large_for_an_answer_is_not_even_read(letter, monkeypatch):
    monkeypatch.setattr(files, "_MAX_OUTPUT_BYTES", 7)
    with pytest.raises(Misconfigured, match="no older output"):
        write_output(letter, b"answer", recognise=lambda _: True)


def test_a_dash_is_no_name_for_standard_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable, match="standard input is not read"):
        open_file("-")
