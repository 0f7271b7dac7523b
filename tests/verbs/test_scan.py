"""A scan: a report for each file that was read, a word for each name that was not, a digest for what was named."""

import os
import pickle

import pytest

from hauberk.digest import sha256
from hauberk.edge import files
from hauberk.edge.sources import digest_path
from hauberk.errors import Misconfigured, Unavailable
from hauberk.finding import Coverage, Location, Outcome, Severity, UncheckedCode
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.limits import Limits
from hauberk.rule import Rule, Sighting
from hauberk.verbs.scan import scan

PLAIN = pickle.dumps({"weights": [0.5] * 8, "name": "tumour"})
SHELL = b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00id\x85R."
RKNN = b"RKNN" + bytes(60)
EFFECT = Rule(
    id="any-effect",
    title="loading does something",
    severity=Severity.HIGH,
    remedy="Do not load it.",
    references=(),
    reads=PickleDescription,
    look=lambda seen: (Sighting(Location(offset=effect.offset), f"{effect.use.value}") for effect in seen.effects),
    page="Loading does something.",
)


def look(path, **arguments):
    return scan(path, **{"rules": (EFFECT,), **arguments})


@pytest.fixture
def model(tmp_path):
    root = tmp_path / "model"
    (root / "sub").mkdir(parents=True)
    (root / "plain.pkl").write_bytes(PLAIN)
    (root / "sub" / "notes.txt").write_text("hello\n")
    return root


def test_a_file_is_a_subject_with_one_report(model):
    path = str(model / "plain.pkl")
    seen = look(path)
    assert [(one.path, one.digest) for one in seen.subjects] == [(path, sha256(PLAIN))]
    assert [(one.path, one.digest, one.size) for one in seen.reports] == [(path, sha256(PLAIN), len(PLAIN))]
    assert (seen.outcome, seen.complete, seen.reports[0].coverage) == (Outcome.CLEAN, True, Coverage.FULL)


def test_a_directory_is_one_subject_with_a_report_for_each_file(model):
    seen = look(str(model))
    assert [(one.path, one.digest) for one in seen.subjects] == [(str(model), digest_path(model))]
    assert [one.path for one in seen.reports] == [str(model / "plain.pkl"), str(model / "sub" / "notes.txt")]


def test_reports_come_in_the_order_of_the_bytes_of_their_paths(model):
    (model / "sub.txt").write_bytes(b"")
    assert [os.path.relpath(one.path, model) for one in look(model).reports] == [
        "plain.pkl",
        "sub.txt",
        "sub/notes.txt",
    ]


def test_the_directory_may_end_in_a_slash_or_be_a_link_or_a_dot(model, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(model)
    monkeypatch.chdir(model)
    digests = {look(path).subjects[0].digest for path in (f"{model}/", tmp_path / "link", ".")}
    assert digests == {digest_path(model)}


def test_the_given_rules_are_asked_and_no_others(model):
    (model / "plain.pkl").write_bytes(SHELL)
    assert [one.rule for one in look(model / "plain.pkl").reports[0].findings] == ["any-effect", "any-effect"]
    assert look(model / "plain.pkl", rules=()).reports[0].findings == ()


def test_what_runs_a_command_is_malicious_by_the_rules_that_ship(model):
    (model / "shell.pkl").write_bytes(SHELL)
    assert scan(model).outcome is Outcome.MALICIOUS


def test_two_names_that_are_one_on_other_systems_are_a_low_finding_of_the_second(model):
    (model / "Plain.pkl").write_bytes(PLAIN)
    seen = scan(model)
    found = [(one.path, finding.rule, finding.severity) for one in seen.reports for finding in one.findings]
    assert found == [(str(model / "plain.pkl"), "tree-case-fold-twins", Severity.LOW)]
    assert seen.outcome is Outcome.CLEAN


def test_text_is_inert_and_complete(model):
    report = look(model / "sub" / "notes.txt").reports[0]
    assert (report.coverage, report.outcome, report.complete) == (Coverage.INERT, Outcome.CLEAN, True)


@pytest.mark.parametrize("address", ["ftp://example.org/m.pkl", "az://m", "file:///m"])
def test_an_address_of_another_kind_is_wrong_usage(address):
    with pytest.raises(Misconfigured, match="nothing is fetched"):
        scan(address)


def test_each_file_is_read_once_for_hash_and_answer(model, monkeypatch):
    reads = []
    real = os.pread
    monkeypatch.setattr(files.os, "pread", lambda *arguments: reads.append(arguments[1:]) or real(*arguments))
    look(model)
    assert reads == [(len(PLAIN), 0), (6, 0)]


def test_a_file_too_large_for_private_memory_gets_the_same_report(model):
    in_place = look(model / "plain.pkl", limits=Limits(max_private_bytes=0))
    assert in_place == look(model / "plain.pkl")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (RKNN, UncheckedCode.FORMAT_NOT_READ),
        (bytes(range(256)), UncheckedCode.FORMAT_NOT_READ),
        (PLAIN[:-1], UncheckedCode.MALFORMED),
        (PLAIN + b"\0", UncheckedCode.MALFORMED),
    ],
    ids=["a format that is not read yet", "bytes of no format", "cut short", "something behind the end"],
)
def test_what_cannot_be_looked_at_is_unchecked_and_never_raises(model, content, code):
    (model / "it").write_bytes(content)
    seen = look(model / "it")
    assert {one.code for one in seen.reports[0].unchecked} == {code}
    assert (seen.complete, seen.reports[0].coverage) == (False, Coverage.PARTIAL)


def test_a_spent_limit_is_unchecked(model):
    (model / "shell.pkl").write_bytes(SHELL)
    report = look(model / "shell.pkl", limits=Limits(max_pickle_effects=1)).reports[0]
    assert [one.code for one in report.unchecked] == [UncheckedCode.LIMIT]


@pytest.mark.parametrize(
    ("make", "name", "code"),
    [
        (os.mkfifo, "pipe", UncheckedCode.FILE_KIND),
        (lambda path: path.symlink_to("plain.pkl"), "link", UncheckedCode.SYMLINK),
        (lambda path: path.write_bytes(b""), "a\nb", UncheckedCode.NAME),
        (lambda path: path.write_bytes(b""), os.fsdecode(b"\xff"), UncheckedCode.NAME),
    ],
    ids=["fifo", "link", "newline", "not UTF-8"],
)
def test_an_odd_name_is_unread_and_leaves_the_directory_without_a_digest(model, make, name, code):
    make(model / name)
    seen = look(model)
    assert [one.code for one in seen.unread] == [code]
    assert (seen.complete, seen.subjects[0].digest, len(seen.reports)) == (False, None, 2)


def test_a_link_out_of_the_directory_is_a_finding_and_is_not_followed(model, tmp_path):
    (tmp_path / "key").write_bytes(SHELL)
    (model / "weights.bin").symlink_to(tmp_path / "key")
    seen = scan(model)
    (report,) = [one for one in seen.reports if one.path.endswith("weights.bin")]
    assert [(one.rule, one.location.path) for one in report.findings] == [("tree-links-out", "weights.bin")]
    assert [one.code for one in report.unchecked] == [UncheckedCode.SYMLINK]
    assert (seen.complete, seen.subjects[0].digest, report.digest, seen.unread) == (False, None, None, ())


@pytest.mark.parametrize(
    ("limits", "code"),
    [(Limits(max_tree_files=2), UncheckedCode.LIMIT), (Limits(max_tree_depth=0), UncheckedCode.LIMIT)],
)
def test_a_directory_over_the_limits_is_incomplete(model, limits, code):
    seen = look(model, limits=limits)
    assert ([one.code for one in seen.unread], seen.complete) == ([code], False)


@pytest.mark.parametrize("private", [0, 1 << 20], ids=["in place", "in memory"])
@pytest.mark.parametrize("whole", [True, False], ids=["directory", "file"])
def test_a_file_that_changes_while_it_is_looked_at_has_no_report(model, monkeypatch, private, whole):
    real = os.pread

    def growing(*arguments):
        with (model / "plain.pkl").open("ab") as file:
            file.write(b"!")
        return real(*arguments)

    monkeypatch.setattr(files.os, "pread", growing)
    seen = look(model if whole else model / "plain.pkl", limits=Limits(max_private_bytes=private))
    assert [(one.code, one.location.path) for one in seen.unread] == [(UncheckedCode.CHANGED, str(model / "plain.pkl"))]
    assert (seen.subjects[0].digest, seen.complete) == (None, False)


def test_a_file_that_cannot_be_read_has_no_report(model, monkeypatch):
    def broken(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(files.os, "pread", broken)
    assert [one.code for one in look(model / "plain.pkl").unread] == [UncheckedCode.UNREADABLE]


@pytest.mark.parametrize("make", [lambda path: None, os.mkfifo], ids=["absent", "fifo"])
def test_what_is_not_there_or_no_file_is_unavailable(tmp_path, make):
    make(tmp_path / "it")
    with pytest.raises(Unavailable):
        look(tmp_path / "it")


def test_a_directory_without_files_is_no_pass(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Misconfigured, match="there is no file in"):
        look(tmp_path)


def test_several_paths_are_several_subjects_of_one_scan(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")
    seen = scan(tmp_path / "model", tmp_path / "b.txt")
    assert [subject.digest.algorithm for subject in seen.subjects] == ["dirHash", "sha256"]
    assert len(seen.reports) == 2


def test_no_path_at_all_is_refused():
    with pytest.raises(Misconfigured, match="nothing to scan"):
        scan()


def test_of_a_terabyte_of_holes_next_to_nothing_is_read(tmp_path, monkeypatch):
    with (tmp_path / "a.bin").open("wb") as file:
        file.truncate(1 << 40)
    taken, read_at = [], files.FileView.read_at
    monkeypatch.setattr(
        files.FileView, "read_at", lambda self, *where: taken.append(len(got := read_at(self, *where))) or got
    )
    (report,) = scan(tmp_path / "a.bin", digest=False).reports
    assert [note.code for note in report.unchecked] == [UncheckedCode.FORMAT_NOT_READ]
    assert sum(taken) < 64 << 20
