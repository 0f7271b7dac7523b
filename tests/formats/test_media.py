"""Pictures, sounds, fonts and tables are inert when they are whole, and hide nothing behind their end."""

from __future__ import annotations

import struct
import zlib

import pytest

from hauberk.checks.model.examine import examine
from hauberk.finding import Coverage
from hauberk.view import BytesView

EVIL = b"cos\nsystem\n(S'id'\ntR."


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*more):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + b"".join(more) + chunk(b"IEND")


FONT = b"\0\1\0\0\0\1" + bytes(6) + b"cmap" + bytes(4) + struct.pack(">II", 28, 4) + b"data"
WHOLE = {
    "png": png(),
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(16) + b"\xff\xd9",
    "gif": b"GIF89a" + bytes(10) + b"\x3b",
    "webp": b"RIFF\x0c\0\0\0WEBPVP8 " + bytes(4),
    "wav": b"RIFF\x10\0\0\0WAVEfmt " + bytes(8),
    "pdf": b"%PDF-1.4\n\xe2\xe3\xcf\xd3\n%%EOF\n",
    "mp4": struct.pack(">I4s8s", 16, b"ftyp", b"isom") + struct.pack(">I4s", 8, b"mdat"),
    "font": FONT,
    "parquet": b"PAR1" + bytes(8) + b"PAR1",
    "arrow": b"ARROW1\0\0" + bytes(8) + b"ARROW1",
    "sqlite": b"SQLite format 3\0\x02\0" + bytes(10) + struct.pack(">I", 1) + bytes(480),
}


def report_of(data):
    return examine(BytesView(data), "it").report


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_one_is_inert_and_complete(name):
    report = report_of(WHOLE[name])
    assert (report.format, report.coverage, report.findings, report.unchecked) == (name, Coverage.INERT, (), ())


@pytest.mark.parametrize("name", ["png", "webp", "wav", "font", "sqlite", "pdf"])
def test_what_stands_behind_one_is_examined(name):
    found = {one.rule for one in report_of(WHOLE[name] + EVIL).findings}
    assert {"archive-foreign-bytes", "pickle-runs-process"} <= found


@pytest.mark.parametrize("name", ["png", "webp", "font", "sqlite", "jpeg", "parquet"])
def test_one_that_is_cut_off_is_unchecked(name):
    assert report_of(WHOLE[name][:-3]).unchecked


def test_a_chunk_of_no_known_kind_is_examined():
    assert "pickle-runs-process" in {one.rule for one in report_of(png(chunk(b"abCd", EVIL))).findings}


def test_a_newline_behind_a_picture_is_nothing():
    assert report_of(png() + b"\r\n\0").findings == ()


def test_a_text_in_a_picture_is_no_finding():
    assert report_of(png(chunk(b"tEXt", b"Comment\0os.system('id')"))).complete


def test_a_picture_that_begins_like_a_pickle_and_goes_on_as_one_is_two_formats():
    data = b"GIF89a" + bytes(3) + EVIL[:-1] + b"0N.\x3b"
    assert {"file-two-formats", "pickle-runs-process"} <= {one.rule for one in report_of(data).findings}
