"""Small archives and streams that other programs wrote, checked in: nothing in them is odd, and all is read.

py7zr 1.1 wrote the 7z files but `7-zip.7z`, of three files, which 7-Zip 26.02 wrote; Java 17's jar, Info-ZIP 3.0, GNU
tar 1.34, zstd 1.5 and lz4 1.9 wrote the others, each of the same two files.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.view import BytesView

FOLDER = Path(__file__).parents[1] / "vectors" / "written" / "archives"
NEEDS = {".zst": "backports.zstd"}


def rows():
    for path in sorted(FOLDER.iterdir()):
        yield pytest.param(path, id=path.name, marks=[pytest.mark.frameworks] if path.suffix in NEEDS else [])


@pytest.mark.parametrize("path", list(rows()))
def test_what_another_program_wrote_is_clean_and_complete(path):
    report = examine(BytesView(path.read_bytes()), path.name).report
    assert (report.findings, report.unchecked) == ((), ())


@pytest.mark.parametrize("suffix", NEEDS)
def test_what_needs_a_package_is_clean_or_says_what_to_install(suffix):
    (path,) = FOLDER.glob(f"*{suffix}")
    report = examine(BytesView(path.read_bytes()), path.name).report
    assert all("pip install 'hauberk[archives]'" in note.detail for note in report.unchecked)
