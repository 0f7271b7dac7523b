"""Raw data is what it is because a file beside it says so, and only if that file is whole and clean."""

from dataclasses import replace

from hauberk.checks.model.beside import settle
from hauberk.checks.model.examine import examine
from hauberk.finding import Finding, Location, Outcome, RawFile, Severity
from hauberk.verbs.scan_wire import decode, encode
from hauberk.view import BytesView

NAMES = RawFile("*.data-00000-of-00001", 5)
RAW = b"\xff\x00\x01\x02\xfe"


def report(data, **changes):
    return replace(examine(BytesView(data), "it").report, **changes)


def tree(index, raw=RAW, name="v/w.data-00000-of-00001"):
    return settle({"v/w.index": index, name: report(raw)})[name]


def test_raw_data_that_is_named_is_complete():
    seen = tree(report(b"text", raw_files=(NAMES,)))
    assert (seen.format, seen.complete, seen.outcome) == ("raw-data", True, Outcome.CLEAN)


def test_raw_data_that_nobody_names_stays_unread():
    assert not tree(report(b"text")).complete


def test_a_byte_more_than_is_said_is_not_raw_data():
    assert not tree(report(b"text", raw_files=(NAMES,)), RAW + b"\x00").complete


def test_another_folder_is_not_named():
    assert not tree(report(b"text", raw_files=(NAMES,)), name="x/w.data-00000-of-00001").complete
    assert not tree(report(b"text", raw_files=(RawFile("../x/y", 5),)), name="x/y").complete


def test_a_file_with_findings_names_nothing():
    bad = Finding("a-rule", Severity.MEDIUM, Location(), "it")
    assert not tree(report(b"text", raw_files=(NAMES,), findings=(bad,))).complete


def test_a_file_that_was_not_read_to_its_end_names_nothing():
    assert not tree(report(RAW, raw_files=(NAMES,))).complete


def test_a_file_of_a_known_format_stays_what_it_is():
    pickle = b"\x80\x02cos\nsystem\n."
    seen = tree(report(b"text", raw_files=(RawFile("*.data-00000-of-00001", len(pickle)),)), pickle)
    assert (seen.format, seen.outcome) == ("pickle", Outcome.MALICIOUS)


def test_what_is_named_goes_from_process_to_process():
    seen = report(b"text", raw_files=(NAMES, RawFile("weights.bin")))
    assert decode(encode(seen)).raw_files == seen.raw_files
