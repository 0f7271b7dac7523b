"""Small archives and streams that other programs wrote, checked in: nothing in them is odd, and all is read.

py7zr 1.1 wrote the 7z files but `7-zip.7z`, of three files, which 7-Zip 26.02 wrote; Java 17's jar, Info-ZIP 3.0, GNU
tar 1.34, zstd 1.5 and lz4 1.9 wrote the others, each of the same two files.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.finding import UncheckedCode
from hauberk.formats.archive import streams
from hauberk.view import BytesView

FOLDER = Path(__file__).parents[1] / "vectors" / "written" / "archives"


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_what_another_program_wrote_is_clean_and_complete(path):
    report = examine(BytesView(path.read_bytes()), path.name).report
    assert (report.findings, report.unchecked) == ((), ())


@pytest.mark.parametrize("at", range(4, 33))
def test_a_frame_of_zstd_that_breaks_is_malformed_or_still_read(at):
    (path,) = FOLDER.glob("*.zst")
    whole = path.read_bytes()
    for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
        report = examine(BytesView(data), path.name).report
        assert {note.code for note in report.unchecked} <= {UncheckedCode.MALFORMED, UncheckedCode.FORMAT_NOT_READ}
    assert not examine(BytesView(whole[:at]), path.name).report.complete


@pytest.mark.parametrize("packing", ["zstd"])
def test_what_needs_a_package_that_is_not_there_says_what_to_install(monkeypatch, packing):
    monkeypatch.setitem(streams.PACKINGS, packing, replace(streams.PACKINGS[packing], make=lambda: None))
    (path,) = FOLDER.glob("*.zst")
    (note,) = examine(BytesView(path.read_bytes()), path.name).report.unchecked
    assert "pip install backports.zstd" in note.detail
