"""Tar files that other programs wrote have nothing odd in them; what is in them is examined as deep as it lies."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.finding import UncheckedCode
from hauberk.formats.archive.tar import describe
from hauberk.limits import Limits
from hauberk.view import BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from vectors_tar import BLOCK, extended, header, link, member, padded, tar

EVIL = b"cos\nsystem\n(S'id'\ntR."
FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


def report_of(data, **limits):
    return examine(BytesView(data), "it", limits=Limits(**limits)).report


def rules_of(data):
    return {finding.rule for finding in report_of(data).findings}


def written(mode="w", **options):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, **options) as archive:
        for name, data in {"a.txt": b"words", "d/list.pkl": pickle.dumps([1]), "e" * 90 + "/long": b"x" * 999}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_what_tarfile_wrote_is_clean_and_complete(mode, kind):
    report = report_of(written(mode, format=kind))
    assert (report.findings, report.unchecked) == ((), ())


@pytest.mark.parametrize("kind", FORMATS)
def test_members_are_those_that_tarfile_sees(kind):
    data = written(format=kind)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        seen = [(one.name, one.offset_data, one.size) for one in archive]
    assert [(one.name, one.start, one.size) for one in describe(BytesView(data)).members] == seen


OPTIONS = ("--format=v7", "--format=ustar", "--format=gnu", "--format=pax", "-z", "-J")
BY_BSDTAR = ("--format=v7", "--format=ustar", "--format=gnutar", "--format=pax", "-z", "-J")


@pytest.mark.parametrize(
    ("program", "option"),
    [
        *(("tar", option) for option in OPTIONS),
        *(pytest.param("bsdtar", option, marks=pytest.mark.services) for option in BY_BSDTAR),
    ],
)
def test_what_other_programs_wrote_is_clean_and_complete(option, program, tmp_path):
    tree = tmp_path / "tree" / ("deep" * 20)
    tree.mkdir(parents=True)
    (tree / "words.txt").write_text("words " * 999)
    (tree / "none").write_bytes(b"")
    (tree / "list.pkl").write_bytes(pickle.dumps([1, 2]))
    (tree / "link").symlink_to("words.txt")
    (tree / "hard").hardlink_to(tree / "none")
    subprocess.run([program, "-c", option, "-f", "out", "tree"], cwd=tmp_path, check=True, capture_output=True)
    report = report_of((tmp_path / "out").read_bytes())
    assert (report.findings, report.unchecked) == ((), ())


def test_a_pickle_is_found_in_a_member():
    (found,) = report_of(tar(member(b"a"), member(b"d/b", EVIL))).findings
    assert (found.rule, found.location.member) == ("pickle-runs-process", "d/b")


@pytest.mark.parametrize(
    "data",
    [
        tar(member(b"a"), tar(member(b"b", EVIL))),
        tar(member(b"a"), b"x" * BLOCK, member(b"b", EVIL)),
        tar(extended(b"size=12"), header(b"a", 1024) + padded(b"plain words\n"), member(b"b", EVIL)),
        tar(member(b"a", EVIL, b"2", b"b")),
        tar(member(b"a", EVIL, b"2", b"b"), member(b"c")),
        tar(member(b"a")) + padded(EVIL),
        member(b"a", EVIL)[:-400],
        tar(member(b"a", EVIL, b"9")),
    ],
    ids=["behind-zeros", "behind-junk", "pax-size", "link", "link-then-file", "behind", "cut", "unknown-kind"],
)
def test_what_one_reader_sees_and_another_does_not_is_examined(data):
    assert "pickle-runs-process" in rules_of(data)


def test_a_name_that_is_a_pickle_makes_a_tar_that_is_two_formats():
    assert {"file-two-formats", "pickle-runs-process"} <= rules_of(tar(member(EVIL)))


def test_more_members_than_the_limit_are_unchecked():
    report = report_of(tar(*(member(b"%d" % n) for n in range(30))), max_parts=20)
    assert UncheckedCode.LIMIT in {one.code for one in report.unchecked}


def test_a_link_and_a_name_inside_are_ordinary():
    assert not rules_of(tar(link(b"d/a", b"./../b"), link(b"c", b"d/a", b"1"), member(b"d/..e")))
