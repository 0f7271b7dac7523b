"""A verdict as a table: every reason is there, it fits the terminal, and nothing in it drives one."""

import pytest

from hauberk.digest import Digest, sha256
from hauberk.render.verdict import development_notice, in_words, verdict_table
from hauberk.subject import Subject
from hauberk.verdict import Answer, Mode, Reason, Verdict

EVIDENCE = sha256(b"evidence")
REASONS = (
    Reason("subject.in-scope", None, "model/tumour", "model/tumour"),
    Reason(
        "dataset/tumour-holdout dataset-manifest.present",
        EVIDENCE,
        "signed by producer at 2026-11-23T17:51:19Z",
        "signed by producer, at most 30 days old",
    ),
    Reason("model-scan.critical", EVIDENCE, 0, {"max": 0}),
)


def verdict(answer=Answer.ALLOW, reasons=REASONS, mode=Mode.ENFORCE):
    subject = Subject("model", "tumour", Digest("dirHash", sha256(b"model").hex))
    return Verdict(answer, "load", subject, sha256(b"policy"), 1_795_000_000, reasons, mode)


def table(given, *, names=None, colour=False, width=100):
    return verdict_table(given, names=names, colour=colour, width=width)


def test_the_answer_the_subject_and_its_whole_digest_come_first():
    first, second, third, *_ = table(verdict(), width=80).splitlines()
    assert first == "ALLOWED  load of model/tumour"
    assert second.strip() == f"dirHash:{sha256(b'model').hex}"
    assert third.strip() == f"as of 2026-11-18 11:06:40 UTC, by policy {sha256(b'policy').hex[:12]}"


def test_an_answer_that_does_not_count_now_is_not_called_by_its_name():
    assert table(verdict()).startswith("ALLOWED")
    assert "ALLOWED" not in verdict_table(verdict(), names=None, colour=False, width=80, instead="STALE")


@pytest.mark.parametrize("width", [80, 100])
def test_an_instant_is_never_broken(width):
    reason = Reason("trust.valid", EVIDENCE, "2026-11-23T18:55:19Z", "until 2027-11-23T18:55:05Z")
    shown = table(verdict(reasons=(*REASONS, reason)), width=width)
    assert shown.count("2026-11-23T18:55:19Z") == shown.count("2027-11-23T18:55:05Z") == 1


def test_a_denial_says_so_on_every_row():
    lines = table(verdict(Answer.DENY)).splitlines()
    assert lines[0].startswith("DENIED  ")
    assert sum(line.startswith("✗ ") for line in lines) == len(REASONS)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_of_a_row_is_wider_than_the_terminal(width):
    assert max(map(len, table(verdict(), width=width).splitlines()[4:])) <= width


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("environment/requirements.lock.input", ["environment/", "requirements.lock.", "input"]),
        ("distinct-signers.producer+scanner", ["distinct-signers.", "producer+scanner"]),
        ("source/evaluate.py.input", ["source/evaluate.py.", "input"]),
        ("x" * 50, ["x" * 20, "x" * 20, "x" * 10]),
    ],
)
def test_a_rule_is_broken_behind_a_mark_and_inside_of_no_word_that_fits(rule, lines):
    reason = Reason(rule, EVIDENCE, "2026-11-23T18:55:19Z", "until 2027-11-23T18:55:05Z or later")
    shown = [line[2:22].strip() for line in table(verdict(reasons=(reason,)), width=80).splitlines()[5:]]
    assert [part for part in shown if part] == lines


def test_a_reason_shows_the_statement_that_it_rests_on():
    rows = table(verdict()).splitlines()
    assert [EVIDENCE.hex[:12] in row for row in rows if row.startswith("✓ ")] == [False, True, True]


def test_a_statement_that_has_a_name_is_shown_with_it():
    assert f"scan {EVIDENCE.hex[:12]}" in table(verdict(), names={str(EVIDENCE): "scan"}, width=200)


def test_what_a_file_made_somebody_see_does_not_drive_the_terminal():
    shown = table(verdict(reasons=(Reason("rule\x1b[2J", None, "\x1b]0;title\x07", "x"),)))
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_colour_is_only_written_when_it_is_asked_for():
    assert "\x1b[" not in table(verdict())
    assert "\x1b[" in table(verdict(), colour=True)


@pytest.mark.parametrize(("mode", "words"), [(Mode.OBSERVE, "only observes"), (Mode.WARN, "only warns")])
def test_a_gate_that_is_not_enforced_says_so(mode, words):
    assert words in table(verdict(Answer.DENY, mode=mode))


def test_development_trust_says_what_it_is():
    assert development_notice().startswith("! development trust")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"max": 0}, "at most 0"),
        ({"min": 0.93}, "at least 0.93"),
        ({"min": 0.1, "max": 0.2}, "at least 0.1 and at most 0.2"),
        ([], "none"),
        (["a", "b"], "a, b"),
        (None, "none"),
        (0.5, "0.5"),
        (str(EVIDENCE), f"sha256:{EVIDENCE.hex[:12]}…"),
        (f"{EVIDENCE} is revoked: x", f"{EVIDENCE} is revoked: x"),
        ({"other": 1}, '{"other": 1}'),
    ],
)
def test_what_was_seen_and_wanted_is_said_in_words(value, words):
    assert in_words(value) == words
