"""`hauberk.data`: bytes of an approved data set, and no others."""

import array
import io
import mmap
import os
import time
from contextlib import ExitStack, contextmanager

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk import data
from hauberk.edge.verified_view import VerifiedView
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.verbs.data_manifest import Wanted, make_manifest

SIZE = 3 << 20


@pytest.fixture
def given(tmp_path):
    """A set of two files, its manifest, and a copy of the set elsewhere."""
    folder = tmp_path / "set"
    (folder / "deep").mkdir(parents=True)
    pq.write_table(pa.table({"n": range(1000), "s": ["x"] * 1000}), folder / "deep/t.parquet")
    (folder / "raw.bin").write_bytes(os.urandom(SIZE))
    (folder / "empty").write_bytes(b"")
    make_manifest((folder,), tmp_path / "m", Wanted("m", None))
    return folder, tmp_path / "m"


def test_bytes_read_to_the_end_are_the_files(given):
    folder, manifest = given
    with data.open_verified(folder / "raw.bin", manifest=manifest) as file:
        assert file.read(100) + file.read(1 << 20) + file.read() == (folder / "raw.bin").read_bytes()
        assert file.verified
        assert file.read() == b""
    with data.open_verified(folder / "empty", manifest=manifest) as file:
        assert file.read() == b""


def test_jumping_about_verifies_first(given):
    folder, manifest = given
    wanted = (folder / "raw.bin").read_bytes()
    with data.open_verified(folder / "raw.bin", manifest=manifest) as file:
        assert file.seek(-10, io.SEEK_END) == SIZE - 10
        assert file.read(10) == wanted[-10:]
        assert file.verified
        file.seek(5)
        assert file.read(5) == wanted[5:10]


def test_libraries_read_from_it(given):
    folder, manifest = given
    with data.open_verified(folder / "deep/t.parquet", manifest=manifest) as file:
        assert len(pd.read_parquet(file)) == 1000
    with data.open_verified(folder / "deep/t.parquet", manifest=manifest) as file:
        assert pq.read_table(file).num_rows == 1000


def test_a_table_is_read_verified(given):
    folder, manifest = given
    table = data.read_verified(folder / "deep/t.parquet", manifest=manifest, columns=["s"])
    assert (table.num_rows, table.column_names) == (1000, ["s"])


def read_somehow(path, manifest, way):
    """Return what was given out, and what went wrong."""
    got = b""
    try:
        with data.open_verified(path, manifest=manifest) as file:
            if way == "to the end":
                got = file.read()
            elif way == "in pieces":
                while piece := file.read(1 << 20):
                    got += piece
            elif way == "jumping":
                file.seek(100)
                got = file.read(1)
            else:
                got = file.read(100)
    except NotVerified as error:
        return got, error
    return got, None


@pytest.mark.parametrize("way", ["to the end", "in pieces", "jumping", "leaving early"])
def test_changed_bytes_are_refused_before_the_last_of_them_is_out(given, way):
    folder, manifest = given
    changed = bytearray((folder / "raw.bin").read_bytes())
    changed[7] ^= 1
    (folder / "raw.bin").write_bytes(changed)
    got, error = read_somehow(folder / "raw.bin", manifest, way)
    assert "it is not the file that was approved" in error.hint
    assert len(got) < SIZE


def test_a_table_of_other_bytes_is_refused(given):
    folder, manifest = given
    pq.write_table(pa.table({"n": range(1000), "s": ["y"] * 1000}), folder / "deep/t.parquet")
    with pytest.raises(NotVerified):
        data.read_verified(folder / "deep/t.parquet", manifest=manifest)


def test_another_size_is_refused_when_it_is_opened(given):
    folder, manifest = given
    with (folder / "raw.bin").open("ab") as file:
        file.write(b"x")
    with pytest.raises(NotVerified, match=f"has {SIZE + 1} bytes"):
        data.open_verified(folder / "raw.bin", manifest=manifest)


@pytest.mark.parametrize("when", ["before the end", "after it"])
def test_a_file_that_changes_while_it_is_read_is_refused(given, when):
    folder, manifest = given
    with ExitStack() as leaving:
        file = leaving.enter_context(data.open_verified(folder / "raw.bin", manifest=manifest))
        file.read(10 if when == "before the end" else -1)
        time.sleep(0.02)
        with (folder / "raw.bin").open("r+b") as other:
            other.write(b"x")
        file.seek(0)
        with pytest.raises(Unavailable, match="changed while it was read"):
            file.read(1)
        file.close()
        if when == "before the end":
            with pytest.raises(Unavailable, match="changed while it was read"):
                leaving.close()


@contextmanager
def mapped(path):
    """A mapping of a file whose pages were written to already: what is written next, the kernel tells nobody."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[:] = memory[:]
        yield memory


def test_what_is_written_through_a_mapping_after_the_digest_is_not_given_out(given):
    folder, manifest = given
    with mapped(folder / "raw.bin") as memory, data.open_verified(folder / "raw.bin", manifest=manifest) as file:
        file.seek(-1, io.SEEK_END)
        file.read(1)
        memory[7:11] = b"evil"
        file.seek(0)
        with pytest.raises(Unavailable, match="changed while it was read"):
            file.read(SIZE)


def test_what_is_written_through_a_mapping_after_a_first_reading_is_not_given_out(given):
    folder, manifest = given
    with mapped(folder / "raw.bin") as memory, data.open_verified(folder / "raw.bin", manifest=manifest) as file:
        file.read()
        memory[7:11] = b"evil"
        file.seek(0)
        with pytest.raises((NotVerified, Unavailable)):
            file.read(SIZE)


def test_a_table_is_made_of_the_bytes_that_were_hashed(given, monkeypatch):
    folder, manifest = given
    path = folder / "deep/t.parquet"
    with mapped(path) as memory:
        hashed = VerifiedView._hashed

        def and_written_to(self):
            found = hashed(self)
            memory[len(memory) // 2] ^= 1
            return found

        monkeypatch.setattr(VerifiedView, "_hashed", and_written_to)
        with pytest.raises(Unavailable, match="changed while it was read"):
            data.read_verified(path, manifest=manifest)


def test_a_file_of_another_name_is_refused(given, tmp_path):
    folder, manifest = given
    (tmp_path / "other.bin").write_bytes((folder / "raw.bin").read_bytes())
    with pytest.raises(NotVerified, match=r"names no file .*other\.bin"):
        data.open_verified(tmp_path / "other.bin", manifest=manifest)
    (tmp_path / "t.parquet").write_bytes((folder / "deep/t.parquet").read_bytes())
    with pytest.raises(NotVerified, match="names no file"):
        data.open_verified(tmp_path / "t.parquet", manifest=manifest)


@pytest.mark.parametrize("columns", [["nope"], ["n", "nope"]])
def test_a_column_that_is_not_there_is_refused(given, columns):
    folder, manifest = given
    with pytest.raises(Malformed, match="no column 'nope'"):
        data.read_verified(folder / "deep/t.parquet", manifest=manifest, columns=columns)


def test_what_is_no_table_is_refused(given):
    folder, manifest = given
    with pytest.raises(Malformed, match="holds no table"):
        data.read_verified(folder / "raw.bin", manifest=manifest)


def test_a_manifest_that_is_none_is_refused_by_name(given):
    folder, manifest = given
    manifest.write_text("{}")
    with pytest.raises(Malformed, match=str(manifest)):
        data.open_verified(folder / "raw.bin", manifest=manifest)


def closing_early(file, way):
    if way == "close":
        file.read(3)
        file.close()
    elif way == "a text that is collected":
        for _ in io.TextIOWrapper(file, "latin-1"):
            break
    else:
        io.BufferedReader(file).peek(1)


@pytest.mark.parametrize("way", ["close", "a text that is collected", "a buffer that is collected"])
def test_who_closes_it_early_does_not_escape_the_digest(given, way):
    folder, manifest = given
    whole = (folder / "raw.bin").read_bytes()
    with data.open_verified(folder / "raw.bin", manifest=manifest) as file:
        closing_early(file, way)
        assert file.closed
        with pytest.raises(ValueError, match="closed"):
            file.read(1)
    (folder / "raw.bin").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(NotVerified), data.open_verified(folder / "raw.bin", manifest=manifest) as file:
        closing_early(file, way)


def test_no_library_opens_the_name_again(given, tmp_path):
    folder, manifest = given
    other = tmp_path / "other"
    (other / "deep").mkdir(parents=True)
    pq.write_table(pa.table({"n": [-1], "s": ["evil"]}), other / "deep/t.parquet")
    with data.open_verified(folder / "deep/t.parquet", manifest=manifest) as file:
        folder.rename(tmp_path / "kept")
        other.rename(folder)
        assert len(pd.read_parquet(file)) == 1000
        file.seek(0)
        assert pq.read_table(file, memory_map=True).num_rows == 1000


def test_wherever_it_is_read_into_bytes_are_counted(given):
    folder, manifest = given
    wanted = (folder / "raw.bin").read_bytes()
    with data.open_verified(folder / "raw.bin", manifest=manifest) as file:
        place = array.array("i", bytes(4096))
        assert file.readinto(place) == 4096
        assert place.tobytes() == wanted[:4096]
        with pytest.raises(ValueError, match="no place"):
            file.seek(0, 3)
