"""Zip files that other programs wrote have nothing odd in them, and every disagreement in one that was edited is told."""

from __future__ import annotations

import io
import pickle
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from hauberk.checks.model.examine import examine
from hauberk.finding import UncheckedCode
from hauberk.formats.archive.zip import read_directory
from hauberk.limits import Limits
from hauberk.view import BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from vectors_archives import A, B, Member, end, zipped

EVIL = b"cos\nsystem\n(S'id'\ntR."
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def report_of(data, **limits):
    return examine(BytesView(data), "it", limits=Limits(**limits)).report


def rules_of(data):
    return {finding.rule for finding in report_of(data).findings}


def written(method=0, stream=False, **members):
    file = io.BytesIO()
    target = Unseekable(file) if stream else file
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.mkdir("folder")
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


class Unseekable:
    """A pipe: zipfile writes sizes behind each member there."""

    def __init__(self, file):
        self.write, self.flush = file.write, file.flush


# Ordinary files.


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_what_zipfile_wrote_is_clean_and_complete(method, stream):
    report = report_of(written(method, stream, a=b"words " * 999, b=pickle.dumps([1]), c=b""))
    assert (report.findings, report.unchecked) == ((), ())


@pytest.mark.parametrize("method", METHODS)
def test_a_pickle_is_found_however_it_is_packed(method):
    report = report_of(written(method, a=b"words", b=EVIL))
    assert [(one.rule, one.location.member) for one in report.findings] == [("pickle-runs-process", "b")]


def test_large_members_get_records_of_zip64_and_are_clean():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("a", "w", force_zip64=True) as member:
        member.write(b"words")
    assert not report_of(file.getvalue()).findings


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saved_is_npz_and_complete(save):
    file = io.BytesIO()
    save(file, a=np.arange(9.0), b=np.zeros((2, 3)))
    report = report_of(file.getvalue())
    assert (report.format, report.findings, report.unchecked) == ("npz", (), ())


def test_what_loads_with_an_array_of_objects_in_an_npz_is_told():
    file = io.BytesIO()
    np.savez(file, a=np.array([print], dtype=object))
    report = report_of(file.getvalue())
    assert [one.location.member for one in report.findings] == ["a.npy"]


@pytest.mark.services
@pytest.mark.parametrize(
    "command",
    [
        ["zip", "-qr", "out.zip", "tree"],
        ["zip", "-qry", "out.zip", "tree"],
        ["zip", "-qr0", "out.zip", "tree"],
        ["zip", "-qrfd", "out.zip", "tree"],
        ["zip", "-qrfz", "out.zip", "tree"],
        ["7z", "a", "-bd", "out.zip", "tree"],
        ["bsdtar", "-acf", "out.zip", "tree"],
    ],
    ids=" ".join,
)
def test_what_other_programs_wrote_is_clean_and_complete(command, tmp_path):
    program = shutil.which("7zz") or "7z" if command[0] == "7z" else command[0]  # as releases of Debian call it
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "words.txt").write_text("words " * 999)
    (tree / "none").write_bytes(b"")
    (tree / "list.pkl").write_bytes(pickle.dumps([1, 2]))
    (tree / "caf\u00e9.txt").write_text("words")
    (tree / "link").symlink_to("words.txt")
    subprocess.run([program, *command[1:]], cwd=tmp_path, check=True, capture_output=True)
    report = report_of((tmp_path / "out.zip").read_bytes())
    assert (report.findings, report.unchecked) == ((), ())


# What is not ordinary; each rule has vectors of its own.


def test_a_broken_member_hides_no_other():
    broken = Member(b"a", b"\xff\xff\xff", method=0, own_method=8)
    data = zipped(broken, Member(b"b", EVIL, method=8), Member(b"c", b"words", method=99 if False else 0))
    assert "pickle-runs-process" in rules_of(data)


def test_what_came_out_before_a_member_broke_is_examined():
    packed = Member(b"a", EVIL + b"\0" * 4000, method=8)
    cut = zipped(packed)[: -len(packed.entry(0)) - 22 - 4]
    data = cut + b"\xff" * 4 + packed.entry(0) + end(1, len(packed.entry(0)), len(cut) + 4)
    report = report_of(data)
    assert "pickle-runs-process" in {one.rule for one in report.findings}
    assert UncheckedCode.MALFORMED in {one.code for one in report.unchecked}


def test_a_member_that_is_marked_as_encrypted_is_examined_and_unchecked():
    report = report_of(zipped(Member(b"a", EVIL, flags=1)))
    assert "pickle-runs-process" in {one.rule for one in report.findings}
    assert not report.complete


@pytest.mark.parametrize("flags", [0, 8])
def test_a_member_that_no_directory_names_is_examined(flags):
    hidden = Member(b"h", EVIL, flags=flags, listed=False)
    assert {"archive-hidden-member", "pickle-runs-process"} <= rules_of(zipped(A, hidden, B))


def test_members_without_a_directory_are_examined():
    report = report_of(Member(b"a", EVIL).local())
    assert "pickle-runs-process" in {one.rule for one in report.findings}
    assert not report.complete


@pytest.mark.parametrize("front", [b"\x80\x04N.", b"\x7fELF" + bytes(60), b"GGUF\x03\0\0\0", b"\xff\0\xff"])
def test_a_zip_behind_something_else_is_examined(front):
    inner = zipped(Member(b"a", EVIL))
    shifted = zipped(Member(b"a", EVIL), base=len(front))
    for data in (front + inner, front + shifted):
        assert "pickle-runs-process" in rules_of(data)


def test_both_of_two_directories_are_examined():
    first = zipped(A)
    evil = Member(b"b", EVIL)
    entry = evil.entry(len(first))
    second = evil.local() + entry
    tail = second + end(1, len(entry), len(first) + len(evil.local()))[:-2] + b"\x01\x00"
    data = first[:-2] + len(tail).to_bytes(2, "little") + tail
    assert {"archive-two-readings", "pickle-runs-process"} <= rules_of(data)


@pytest.mark.parametrize("depth", [1, 3, 9])
def test_zips_in_zips_are_examined(depth):
    data = EVIL
    for _ in range(depth):
        data = written(8, inner=data)
    (found,) = report_of(data).findings
    assert (found.rule, found.location.member) == ("pickle-runs-process", "!".join(["inner"] * depth))


def test_zips_too_deep_are_unchecked():
    data = EVIL
    for _ in range(20):
        data = written(8, inner=data)
    assert [one.code for one in report_of(data).unchecked] == [UncheckedCode.LIMIT]


def test_a_bomb_is_unchecked_and_what_lies_beside_it_is_examined():
    data = written(8, bomb=bytes(3 << 20), evil=EVIL)
    report = report_of(data, max_unpacked_bytes=1 << 20)
    assert UncheckedCode.LIMIT in {one.code for one in report.unchecked}
    assert not report.complete
    report = report_of(zipped(Member(b"b", bytes(3 << 20), method=8), Member(b"e", EVIL)), max_unpacked_bytes=1 << 20)
    assert "pickle-runs-process" in {one.rule for one in report.findings}


def test_more_members_than_the_limit_are_unchecked():
    report = report_of(zipped(*(Member(b"%d" % n) for n in range(30))), max_parts=20)
    assert UncheckedCode.LIMIT in {one.code for one in report.unchecked}


def test_a_directory_larger_than_the_limit_is_unchecked():
    report = report_of(zipped(*(Member(b"%d" % n) for n in range(30))), max_directory_bytes=100)
    assert UncheckedCode.LIMIT in {one.code for one in report.unchecked}


def test_weights_that_hold_an_end_record_by_chance_are_no_zip():
    assert report_of(b"\x93NUMPY" + bytes(500) + end(1, 46, 9) + bytes(60)).format == "npy"
    assert report_of(b"\xff" * 500 + end(1, 46, 9) + b"\xff" * 60).format == "unknown"


def test_only_the_directory_and_the_parts_of_a_large_file_are_read():
    class Counting(BytesView):
        read = 0

        def read_at(self, offset, length):
            type(self).read += min(length, self.size - offset)
            return super().read_at(offset, length)

    view = Counting(zipped(Member(b"weights", bytes(8 << 20)), B))
    assert len(read_directory(view).members) == 2
    assert Counting.read < 70_000


@pytest.mark.parametrize("cut", range(0, 220, 3))
def test_a_zip_cut_short_anywhere_is_never_complete_or_clean(cut):
    data = zipped(A, B)
    report = report_of(data[: len(data) - 1 - cut % (len(data) - 30)])
    assert report.findings or report.unchecked


def test_a_checksum_that_does_not_hold_is_told_and_the_member_is_examined():
    assert {"archive-bad-checksum", "pickle-runs-process"} <= rules_of(zipped(Member(b"a", EVIL, crc=zlib.crc32(b"x"))))


def test_an_extra_field_of_no_known_kind_is_examined():
    field = (0x1234).to_bytes(2, "little") + len(EVIL).to_bytes(2, "little") + EVIL
    assert "pickle-runs-process" in rules_of(zipped(Member(b"a", extra=field)))


def test_the_padding_of_pytorch_is_no_hiding_place():
    padding = b"FB" + (40).to_bytes(2, "little")
    report = report_of(zipped(Member(b"a", extra=padding + b"Z" * 40)))
    assert (report.findings, report.unchecked) == ((), ())
    assert report_of(zipped(Member(b"a", extra=padding + b"\x80\x99" * 20))).unchecked
