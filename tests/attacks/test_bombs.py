"""Small files that unpack to much: bounded in bytes, in time and in memory, and never called complete."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.edge.spool import spool
from hauberk.finding import UncheckedCode
from hauberk.limits import Limits
from hauberk.view import BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from vectors_archives import Member, end

SMALL = Limits(max_unpacked_bytes=32 << 20)
MIB = 1 << 20


def report_of(data, limits=SMALL):
    return examine(BytesView(data), "it", limits=limits, spool=spool).report


def codes_of(report):
    return {note.code for note in report.unchecked}


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def zeros(compressor, mebibytes):
    return b"".join([*(compressor.compress(bytes(MIB)) for _ in range(mebibytes)), compressor.flush()])


STREAMS = {
    "gzip": lambda: zlib.compressobj(9, zlib.DEFLATED, 31),
    "zlib": lambda: zlib.compressobj(9),
    "bzip2": lambda: bz2.BZ2Compressor(9),
    "xz": lambda: lzma.LZMACompressor(preset=0),
    "lzma": lambda: lzma.LZMACompressor(lzma.FORMAT_ALONE, preset=0),
}


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_of_zeros_is_unchecked_behind_the_limit(kind):
    assert UncheckedCode.LIMIT in codes_of(report_of(zeros(STREAMS[kind](), 48)))


def test_memory_stays_bounded_while_a_bomb_is_unpacked():
    data = zeros(STREAMS["gzip"](), 96)
    tracemalloc.start()
    try:
        report_of(data, Limits(max_unpacked_bytes=64 << 20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 48 << 20


def test_zips_of_zips_are_counted_together():
    data = zeros(STREAMS["gzip"](), 4)
    for _ in range(5):
        data = zipped({str(number): data for number in range(8)})
    report = report_of(data)
    assert UncheckedCode.LIMIT in codes_of(report)


def test_entries_that_share_one_stream_are_found_and_bounded():
    member = Member(b"0", bytes(MIB), method=8)
    entries = b"".join(Member(b"%d" % n, bytes(MIB), method=8).entry(0) for n in range(200))
    report = report_of(member.local() + entries + end(200, len(entries), len(member.local())))
    assert "archive-overlapping-members" in {one.rule for one in report.findings}
    assert UncheckedCode.LIMIT in codes_of(report)


def test_a_gzip_that_is_packed_again_and_again_is_unchecked():
    data = b"words"
    for _ in range(40):
        data = gzip.compress(data, mtime=0)
    assert UncheckedCode.LIMIT in codes_of(report_of(data))


def test_a_payload_in_front_of_a_bomb_is_found():
    packer = STREAMS["gzip"]()
    data = packer.compress(b"cos\nsystem\n(S'id'\ntR.") + zeros(packer, 48)
    report = report_of(data)
    assert "pickle-runs-process" in {one.rule for one in report.findings}
    assert UncheckedCode.LIMIT in codes_of(report)


def test_a_bomb_by_ratio_is_stopped_before_the_limit_of_bytes():
    report = report_of(zeros(STREAMS["gzip"](), 300), Limits())
    assert report.unchecked[0].code is UncheckedCode.LIMIT


def test_instructions_of_all_pickles_inside_are_counted_together():
    data = zipped({str(number): b"\x80\x02" + b"N0" * 5000 + b"N." for number in range(9)})
    report = report_of(data, Limits(max_part_opcodes=50_000))
    assert UncheckedCode.LIMIT in codes_of(report)
    assert not report_of(data).unchecked


@pytest.mark.parametrize("size", [1 << 30, (1 << 32) - 1])
def test_a_dictionary_that_is_claimed_is_not_allocated(size):
    data = b"\x5d" + size.to_bytes(4, "little") + b"\xff" * 8 + b"\x00" * 20
    assert report_of(data).unchecked
