"""A file that changes while it is read: whoever reads it refuses, whatever was done to it and however it is read.

The writer acts when we read of the file for the second time: after our first look at it, and before our last.
"""

import os
import shutil
import time
from pathlib import Path

import pytest

from data_bad_input.sets import KINDS, ROWS
from hauberk import data
from hauberk.edge.files import FileView
from hauberk.errors import Malformed, Unavailable


def grow(path):
    with path.open("ab") as file:
        file.write(b"\n")


def shrink(path):
    os.truncate(path, path.stat().st_size - 1)


def rewrite(path):
    """The same bytes, and the times that a program can set put back: the inode's own change time tells."""
    before = path.stat()
    path.write_bytes(path.read_bytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path):
    path.with_suffix(".new").write_bytes(path.read_bytes())
    path.with_suffix(".new").replace(path)


CHANGES = {"grows": grow, "shrinks": shrink, "rewritten": rewrite, "replaced": replace, "removed": Path.unlink}


@pytest.fixture
def path(folder, ada, kind):
    """Write a set, make its manifest, wait until no clock can take a change for the writing; return its first file."""
    KINDS[kind].fill(folder, ROWS[:5], ROWS[5:])
    assert ada.makes_a_manifest() == 0
    for end in ("", ".rows"):
        shutil.copy(f"week.manifest{end}", f"now.manifest{end}")
    time.sleep(0.02)
    return min(path for path in folder.rglob("*") if path.is_file())


class Writer:
    """Somebody who changes the file at our read number `turn` of it."""

    def __init__(self, path, change):
        self.turn, self.reads = 2, 0
        self._path, self._change, self._before = path, change, path.stat()

    def watches(self, descriptor):
        if os.path.samestat(os.fstat(descriptor), self._before):
            self.reads += 1
            if self.reads == self.turn:
                self._change(self._path)

    @property
    def has_acted(self):
        return self.reads >= self.turn


@pytest.fixture
def writer(path, change, monkeypatch):
    found, known = Writer(path, CHANGES[change]), FileView.read_at

    def read_at(view, offset, length):
        found.watches(view._descriptor)
        return known(view, offset, length)

    monkeypatch.setattr(FileView, "read_at", read_at)
    return found


pytestmark = [pytest.mark.parametrize("kind", KINDS), pytest.mark.parametrize("change", CHANGES)]


def require_said(ada, path):
    assert f"{path.name} changed while it was read" in ada.said
    assert "let its writer finish, then try again" in ada.said


def test_there_is_no_manifest_of_it(path, writer, ada):
    assert ada.makes_a_manifest("new") == 3
    assert writer.has_acted
    require_said(ada, path)
    assert not list(Path().glob("new.manifest*"))


def test_it_is_not_approved(path, writer, ada):
    assert ada.approves() == 3
    assert writer.has_acted
    require_said(ada, path)


def test_no_check_of_it_passes(path, writer, ada):
    assert ada.checks() == 3
    assert writer.has_acted
    require_said(ada, path)


def test_nothing_is_trained_on_it(path, writer, ada):
    writer.turn = 1  # it is hashed in one piece, and the second time when the command has ended
    assert ada.trains() == 3
    assert writer.has_acted
    require_said(ada, path)
    assert not Path("model").exists()


def read_and_close(path, writer):
    with data.open_verified(path, manifest="week.manifest") as file:
        file.read(1)
        with pytest.raises(Unavailable, match="changed while it was read"):
            file.read()
        assert writer.has_acted
        with pytest.raises(Unavailable, match="changed while it was read"):
            file.verify()
        file.close()  # which does not get by: the end of the statement looks again


def test_a_program_is_not_given_the_whole_of_it(path, writer):
    with pytest.raises(Unavailable, match="changed while it was read"):
        read_and_close(path, writer)


def test_no_table_of_it_is_returned(path, writer, kind):
    refused = (Unavailable, Malformed) if kind == "images" else Unavailable  # which hold no table, before or after
    with pytest.raises(refused, match=r"changed while it was read|holds no table"):
        data.read_verified(path, manifest="week.manifest")
    assert writer.has_acted
