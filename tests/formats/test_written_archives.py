"""Small archives and streams that other programs wrote, checked in: nothing in them is odd, and all is read.

py7zr 1.1 wrote the 7z files, Java 17's jar, Info-ZIP 3.0, GNU tar 1.34, zstd 1.5 and lz4 1.9 the others, each of the
same two files.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.view import BytesView

FOLDER = Path(__file__).parents[1] / "vectors" / "written" / "archives"
NEEDS = {".zst": "backports.zstd"}


def is_installed(name: str) -> bool:
    parent = name.partition(".")[0]
    return importlib.util.find_spec(parent) is not None and importlib.util.find_spec(name) is not None


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_what_another_program_wrote_is_clean_and_complete(path):
    needed = NEEDS.get(path.suffix)
    if needed and not is_installed(needed):
        pytest.skip(f"{needed} is not installed")
    report = examine(BytesView(path.read_bytes()), path.name).report
    assert (report.findings, report.unchecked) == ((), ())


@pytest.mark.parametrize("suffix", NEEDS)
def test_what_needs_a_package_is_clean_or_says_what_to_install(suffix):
    (path,) = FOLDER.glob(f"*{suffix}")
    report = examine(BytesView(path.read_bytes()), path.name).report
    assert all("pip install 'hauberk[archives]'" in note.detail for note in report.unchecked)
