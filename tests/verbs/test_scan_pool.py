"""A scan by several processes sees what a scan by one sees, and loses no file."""

import pickle
import sys
from dataclasses import fields

import pytest

from hauberk.callables.own import OwnRows
from hauberk.cli.main import main
from hauberk.digest import sha256
from hauberk.errors import Malformed, Misconfigured
from hauberk.finding import (
    Confidence,
    Coverage,
    Finding,
    Location,
    Outcome,
    RawFile,
    Report,
    Severity,
    Unchecked,
    UncheckedCode,
)
from hauberk.limits import Limits
from hauberk.verbs import scan_crew, scan_pool
from hauberk.verbs.scan import scan
from hauberk.verbs.scan_wire import decode, encode
from hauberk.view import Basis
from shape.sources import REPOSITORY

OUR_CLASS = b"\x80\x04\x8c\x07ourteam\x8c\x03Net\x93)\x81."
FULL = Report(
    "a/\udcff.pkl",
    sha256(b"a"),
    "pickle",
    Basis.CLAIMED,
    Coverage.PARTIAL,
    (
        Finding(
            "some-rule",
            Severity.LOW,
            Location("p", "m", 1, 2, "/x"),
            "saw \ud800",
            Confidence.LIKELY,
            (Location(offset=3),),
        ),
    ),
    (Unchecked(UncheckedCode.LIMIT, "too long", Location(member="z")),),
    7,
    raw_files=(RawFile("*.bin", 3), RawFile("b")),
)


@pytest.fixture
def eager(monkeypatch):
    """Let a pool be worth it for any two files."""
    monkeypatch.setattr(scan_crew, "PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr(scan_crew, "_WORTH_BYTES", 0)


def worker(monkeypatch, before):
    """Run `before` in each worker ahead of its look at a file called `name`."""
    code = (
        "import os, sys, time; from hauberk.verbs import scan_worker as worker; from hauberk.edge.pool import serve\n"
        "look = worker.look_at\n"
        f"def first(root, relative, name, how):\n    {before}\n    return look(root, relative, name, how)\n"
        "worker.look_at = first\nserve(worker.limited)"
    )
    monkeypatch.setattr(scan_pool, "COMMAND", (sys.executable, "-c", code))


@pytest.fixture
def folder(tmp_path):
    for name in ("a.pkl", "bomb.pkl", "c.pkl", "d.pkl"):
        (tmp_path / name).write_bytes(pickle.dumps([name]))
    return tmp_path


def test_who_looked_makes_no_difference(eager):
    assert scan(REPOSITORY / "tests" / "vectors" / "rules", jobs=2) == scan(
        REPOSITORY / "tests" / "vectors" / "rules", jobs=1
    )


def test_files_that_are_named_one_by_one_come_in_that_order(eager, folder):
    paths = [str(folder / name) for name in ("d.pkl", "a.pkl", "c.pkl", "a.pkl")]
    seen = scan(*paths, jobs=2)
    assert [report.path for report in seen.reports] == [one.path for one in seen.subjects] == paths
    assert seen == scan(*paths, jobs=1)


def test_limits_digests_and_own_rows_reach_the_workers(eager, folder):
    (folder / "own.pkl").write_bytes(OUR_CLASS)
    own = OwnRows({"ourteam": {"Net": ("import new", "", "", "read")}})
    asked = {"limits": Limits(max_pickle_opcodes=3), "digest": False}
    assert scan(folder, jobs=2, **asked) == scan(folder, jobs=1, **asked)
    assert scan(folder, jobs=2).outcome is Outcome.SUSPICIOUS
    assert scan(folder, jobs=2, own=own).outcome is Outcome.CLEAN


def test_a_killed_worker_loses_nothing_but_the_file_that_kills(eager, folder, monkeypatch):
    worker(monkeypatch, "if name.endswith('bomb.pkl'): os.kill(os.getpid(), 9)")
    seen = scan(folder, jobs=2)
    assert [report.path for report in seen.reports] == [str(folder / name) for name in ("a.pkl", "c.pkl", "d.pkl")]
    (bomb,) = seen.unread
    assert (bomb.code, bomb.location.path) == (UncheckedCode.LIMIT, str(folder / "bomb.pkl"))
    assert "killed by signal 9" in bomb.detail
    assert seen.subjects[0].digest is None


def test_a_file_that_takes_too_long_is_unchecked(eager, folder, monkeypatch):
    worker(monkeypatch, "if name.endswith('bomb.pkl'): time.sleep(60)")
    seen = scan(folder, jobs=2, limits=Limits(max_seconds_per_file=1))
    assert [(one.code, one.detail) for one in seen.unread] == [(UncheckedCode.LIMIT, "not looked at to its end in 1 s")]


def test_a_file_that_needs_too_much_memory_is_unchecked(eager, folder, monkeypatch):
    worker(monkeypatch, "hog = name.endswith('bomb.pkl') and bytearray(1 << 31)")
    seen = scan(folder, jobs=2, limits=Limits(max_process_bytes=1 << 28))
    assert [(one.code, one.detail) for one in seen.unread] == [
        (UncheckedCode.LIMIT, "it needs more memory than a process may have")
    ]


def test_a_fault_of_ours_in_a_worker_is_ours(eager, folder, monkeypatch, capsys):
    worker(monkeypatch, "if name.endswith('bomb.pkl'): 1 / 0")
    assert main(["scan", str(folder), "--jobs", "2"]) == 4
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_file_that_is_gone_when_it_is_looked_at_changed(eager, folder, monkeypatch):
    worker(monkeypatch, "if name.endswith('bomb.pkl'): os.unlink(name)")
    assert [one.code for one in scan(folder, jobs=2).unread] == [UncheckedCode.CHANGED]


@pytest.mark.parametrize(
    "lie", ["encode(Unchecked(UncheckedCode.LIMIT, 'x', Location(path='other')))", "b'{}'", "b'\\xff'"]
)
def test_an_answer_that_cannot_be_believed_is_unchecked(eager, folder, monkeypatch, lie):
    code = (
        "from hauberk.verbs.scan_wire import encode; from hauberk.edge.pool import serve\n"
        "from hauberk.finding import *\n"
        f"serve(lambda heard: lambda asked: {lie})"
    )
    monkeypatch.setattr(scan_pool, "COMMAND", (sys.executable, "-c", code))
    seen = scan(folder, jobs=2)
    assert (len(seen.unread), seen.reports) == (4, ())


@pytest.mark.parametrize("name", ["one small file", "given rules", "one job"])
def test_no_process_is_started_where_it_does_not_pay(folder, monkeypatch, name):
    monkeypatch.setattr(scan_pool, "COMMAND", ("/no/such/program",))
    asked = {"given rules": {"rules": (), "jobs": 4}, "one job": {"jobs": 1}, "one small file": {"jobs": 4}}[name]
    if name != "one small file":
        monkeypatch.setattr(scan_crew, "PATIENCE_SECONDS", -1.0)
        monkeypatch.setattr(scan_crew, "_WORTH_BYTES", 0)
    assert scan(folder / "a.pkl" if name == "one small file" else folder, **asked).complete


@pytest.mark.parametrize("jobs", [0, -1])
def test_no_processes_at_all_is_wrong_usage(folder, jobs):
    with pytest.raises(Misconfigured):
        scan(folder, jobs=jobs)


def test_every_fact_of_a_report_is_told_or_is_none_of_a_file_here():
    """A field that is added has to be decoded too; `reading` is of files on other machines, `accepted` of baselines."""
    told = {"path", "digest", "format", "basis", "coverage", "findings", "unchecked", "size", "raw_files"}
    assert {one.name for one in fields(Report)} - {"reading"} == told
    assert {one.name for one in fields(Finding)} - {"accepted"} == {
        "rule",
        "severity",
        "location",
        "saw",
        "confidence",
        "related",
    }
    assert {one.name for one in fields(Unchecked)} == {"code", "detail", "location"}


@pytest.mark.parametrize("seen", [FULL, FULL.unchecked[0], Report("a", None, "text")])
def test_what_was_seen_comes_back_as_it_was(seen):
    assert decode(encode(seen)) == seen
    for name in ("size", "raw_files"):  # which equality leaves out
        assert getattr(decode(encode(seen)), name, 0) == getattr(seen, name, 0)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'{"Report": {}}', b'{"Report": 1, "x": 2}', b"[" * 100_000]
    + [
        encode(FULL).replace(*change)
        for change in [(b'"low"', b'"lower"'), (b'"size": 7', b'"size": "7"'), (b'"size": 7', b'"size": -7')]
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises(Malformed):
        decode(data)


def test_a_scan_that_was_stopped_looks_at_each_file_once(folder, tmp_path_factory, monkeypatch):
    state = tmp_path_factory.mktemp("state") / "seen"
    first = scan(folder, state=state, jobs=2)
    lines = state.read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + 4
    state.write_bytes(b"".join(lines[:3]) + lines[3][:20])  # as a power cut leaves it
    worker(monkeypatch, f"open({str(state)!r} + '.looked', 'a').write(name + chr(10))")
    assert scan(folder, state=state, jobs=2) == first
    assert len((state.parent / "seen.looked").read_text().splitlines()) == 2
    monkeypatch.setattr(scan_pool, "COMMAND", ("/no/such/program",))
    assert scan(folder, state=state, jobs=2) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a.pkl").write_bytes(OUR_CLASS),
        lambda folder: (folder / "a.pkl").touch(),
    ],
    ids=["bytes", "time"],
)
def test_a_file_that_changed_is_looked_at_again(folder, tmp_path_factory, change):
    state = tmp_path_factory.mktemp("state") / "seen"
    scan(folder, state=state)
    change(folder)
    assert scan(folder, state=state) == scan(folder)
    assert len(state.read_bytes().splitlines()) == 1 + 4 + 1


def test_another_way_of_looking_looks_again(folder, tmp_path_factory):
    state = tmp_path_factory.mktemp("state") / "seen"
    scan(folder, state=state)
    assert scan(folder, state=state, digest=False) == scan(folder, digest=False)


def test_what_was_lost_is_not_kept(folder, tmp_path_factory, monkeypatch):
    state = tmp_path_factory.mktemp("state") / "seen"
    worker(monkeypatch, "if name.endswith('bomb.pkl'): os.kill(os.getpid(), 9)")
    assert not scan(folder, state=state).complete
    monkeypatch.undo()
    assert scan(folder, state=state).complete


def test_no_other_file_is_taken_for_a_state(folder):
    with pytest.raises(Misconfigured, match="no such file"):
        scan(folder / "a.pkl", state=folder / "c.pkl")
    assert (folder / "c.pkl").read_bytes() == pickle.dumps(["c.pkl"])


def test_a_state_does_not_lie_in_what_is_scanned(folder):
    for state in (folder / "seen", folder / "a.pkl"):
        with pytest.raises(Misconfigured, match="lies in"):
            scan(folder if state.name == "seen" else state, state=state)
    assert not (folder / "seen").exists()


def test_an_engine_that_is_not_installed_is_said(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Misconfigured, match="Ray is not installed"):
        scan(folder, engine="ray")
