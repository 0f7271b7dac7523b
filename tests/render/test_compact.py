"""An allowing verdict in few lines: every requirement has its row, and no row is wider than the terminal."""

import pytest

from hauberk.digest import Digest, sha256
from hauberk.render.compact import compact_table
from hauberk.subject import Subject
from hauberk.verdict import Answer, Reason, Verdict

EVIDENCE = sha256(b"evidence")
HOLDOUT = "dataset/tumour-holdout dataset-manifest"
REASONS = (
    Reason("subject.in-scope", None, "model/tumour", "model/tumour"),
    Reason("model-scan.present", EVIDENCE, "by scanner, 0 days old", "by scanner, at most 30 days old"),
    Reason("model-scan.result", EVIDENCE, "pass", "pass"),
    Reason("model-scan.critical", EVIDENCE, 0, {"max": 0}),
    Reason("evaluation.present", EVIDENCE, "by producer, 0 days old", "by producer"),
    Reason("evaluation.roc.auc", EVIDENCE, 0.99, {"min": 0.9}),
    Reason("evaluation.recall.exception", EVIDENCE, 0.9, "exception by alice until 2027-01-01T00:00:00Z"),
    Reason("evaluation.current", EVIDENCE, "current", "made from inputs of today"),
    Reason(f"{HOLDOUT}.present", EVIDENCE, "by producer, 0 days old", "by producer"),
    Reason("dataset/tumour-train.input", EVIDENCE, "dataset-manifest", "evidence or boundary"),
    Reason("source/train.py.input", EVIDENCE, "boundary source", "evidence or boundary"),
    Reason("not-revoked", None, 0, {"max": 0}),
)


def shown(reasons=REASONS, *, width=100, colour=False):
    subject = Subject("model", "tumour", Digest("dirHash", sha256(b"model").hex))
    verdict = Verdict(Answer.ALLOW, "load", subject, sha256(b"policy"), 1_795_000_000, reasons)
    return compact_table(verdict, colour=colour, width=width)


def rows(**given):
    return [line[2:] for line in shown(**given).splitlines() if line.startswith("✓")]


def test_each_requirement_has_one_row():
    assert [row.split()[0] for row in rows()] == ["model-scan", "evaluation", "dataset-manifest", "inputs", "also"]


def test_a_row_says_what_was_seen():
    by_name = {row.split("  ")[0]: row.split("  ", 1)[1].strip() for row in rows(width=200)}
    assert by_name["model-scan"] == "by scanner, 0 days old, no critical"
    assert by_name["inputs"] == "2 with passing evidence or an allowed boundary"
    assert by_name["dataset-manifest"] == "dataset/tumour-holdout: by producer, 0 days old"
    assert by_name["also"] == "subject, not-revoked"


def test_what_several_statements_say_alike_is_said_once():
    assert rows() == rows(reasons=(*REASONS[:4], REASONS[3], *REASONS[4:]))


def test_an_exception_is_not_left_out():
    assert "recall.exception: exception by alice" in shown(width=200)


def test_the_answer_the_whole_digest_and_the_number_of_rules_are_there():
    text = shown()
    assert text.startswith("ALLOWED  load of model/tumour\n")
    assert f"dirHash:{sha256(b'model').hex}" in text
    assert text.endswith("12 rules hold; `hauberk gate load` shows each")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_row_is_wider_than_the_terminal(width):
    long = Reason("evaluation.x", EVIDENCE, "word " * 90, "x")
    assert max(map(len, rows(reasons=(*REASONS, long), width=width))) <= width - 2


def test_what_a_file_made_somebody_see_does_not_drive_the_terminal():
    assert "\x1b" not in shown((Reason("rule\x1b[2J.present", None, "\x1b]0;title\x07", "x"),))


def test_colour_is_only_written_when_it_is_asked_for():
    assert "\x1b[" not in shown()
    assert "\x1b[" in shown(colour=True)
