"""7z files that another program wrote, and what is in them."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.finding import UncheckedCode
from hauberk.limits import Limits
from hauberk.view import BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from vectors_sevenzip import LZMA2, PACKED, WORDS, plain, squeezed

EVIL = b"cos\nsystem\n(S'id'\ntR."


def report_of(data, **limits):
    return examine(BytesView(data), "it", limits=Limits(**limits)).report


def test_a_pickle_is_found_in_any_of_several_files():
    findings = report_of(plain(b"a", b"d/b", data=EVIL)).findings
    assert [(one.rule, one.location.member) for one in findings] == [
        ("pickle-runs-process", "a"),
        ("pickle-runs-process", "d/b"),
    ]


def test_a_packed_file_is_unpacked():
    report = report_of(LZMA2)
    assert (report.findings, report.unchecked) == ((), ())


def test_a_file_that_is_cut_off_is_unchecked():
    report = report_of(squeezed(WORDS * 9, b"\x21\x21\1\x08", PACKED))
    assert UncheckedCode.MALFORMED in {one.code for one in report.unchecked}


def test_a_dictionary_larger_than_what_comes_out_is_not_allocated():
    assert report_of(squeezed(WORDS, b"\x21\x21\1\x28", PACKED)).complete


@pytest.mark.services
@pytest.mark.parametrize("method", ["LZMA", "LZMA2", "BZip2", "Deflate", "Copy"])
def test_what_7_zip_wrote_is_clean_and_complete(method, tmp_path):
    program = shutil.which("7zz") or "7z"  # as releases of Debian call it
    (tmp_path / "words.txt").write_bytes(b"words " * 999)
    (tmp_path / "list.pkl").write_bytes(pickle.dumps([1]))
    (tmp_path / "none").write_bytes(b"")
    command = [program, "a", "-bd", f"-m0={method}", "out.7z", "words.txt", "list.pkl", "none"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    report = report_of((tmp_path / "out.7z").read_bytes())
    assert (report.findings, report.unchecked) == ((), ())


FILTERS = ["LZMA", "LZMA2", "BZIP2", "DEFLATE", "COPY"]


@pytest.mark.frameworks
@pytest.mark.parametrize("packed_header", [True, False])
@pytest.mark.parametrize("method", FILTERS)
def test_what_py7zr_wrote_is_clean_and_complete(method, packed_header, tmp_path):
    import py7zr  # noqa: PLC0415 - collected where it is not installed

    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "words.txt").write_bytes(b"words " * 999)
    (tmp_path / "tree" / "list.pkl").write_bytes(pickle.dumps([1]))
    with py7zr.SevenZipFile(tmp_path / "out.7z", "w", filters=[{"id": getattr(py7zr, f"FILTER_{method}")}]) as archive:
        archive.set_encoded_header_mode(packed_header)
        archive.writeall(tmp_path / "tree", "tree")
    report = report_of((tmp_path / "out.7z").read_bytes())
    assert (report.findings, report.unchecked) == ((), ())
