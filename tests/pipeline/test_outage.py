"""A gate while its ledger, store, keys or clock are away: closed, or as before for minutes, and loud about it."""

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.errors import Refused, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import MODEL_SCAN
from hauberk.ledger.log import Log
from hauberk.pipeline import outage
from hauberk.pipeline.bodies import core
from hauberk.pipeline.book import Book
from hauberk.pipeline.hold import hold
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.signature import jcs
from hauberk.statement import Named
from projects import edit, go, second_person, small_project

AWAY = """\
    when_away: {ledger: cached-verdict, cached_verdict_minutes: 30, alarm: true}
    boundaries:"""
LEDGER = Path(".hauberk/ledger")
MINUTE = 60


@pytest.fixture(scope="module")
def with_answers(tmp_path_factory):
    """Make a project whose policy lets an answer be remembered for half an hour, and whose gate has answered."""
    folder = small_project(tmp_path_factory.mktemp("away") / "small")
    edit(folder / "policy.yaml", "    boundaries:", AWAY)
    assert go(folder).how["gate"] == "ran"
    return folder


@pytest.fixture
def project(with_answers, tmp_path, monkeypatch):
    shutil.copytree(with_answers, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")
    return tmp_path / "small"


def gate(capsys):
    """Ask, and return the exit code and what was said on standard error."""
    capsys.readouterr()
    code = main(["gate", "load", "model/"])
    return code, capsys.readouterr().err


def later(monkeypatch, seconds):
    now = clock.now() + seconds
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: now)


def gone(_):
    shutil.rmtree(LEDGER)


def locked(monkeypatch):
    monkeypatch.setattr("hauberk.edge.stores._BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(LEDGER / "ledger.sqlite", isolation_level=None)
    holder.execute("PRAGMA journal_mode=DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(pytest, "_holder", holder, raising=False)  # open until the test ends


def unreadable(_):
    (LEDGER / "ledger.sqlite").unlink()
    (LEDGER / "ledger.sqlite").symlink_to("ledger.sqlite")  # root reads whatever its mode is


def of_a_later_release(_):
    with sqlite3.connect(LEDGER / "ledger.sqlite") as database:
        database.execute("PRAGMA user_version = 4711")
    database.close()


WAYS = [gone, locked, unreadable, of_a_later_release]


@pytest.mark.parametrize("take_away", WAYS, ids=lambda way: way.__name__)
def test_a_gate_whose_ledger_is_away_answers_as_before_for_minutes_and_is_loud(project, capsys, monkeypatch, take_away):
    take_away(monkeypatch)
    code, said = gate(capsys)
    assert code == 0
    assert "warning: THE LEDGER IS AWAY" in said
    assert "revocations since are unknown" in said
    assert "warning: ALARM: the gate load as before" in said
    alarm = json.loads(Path(".hauberk/alarms.jsonl").read_text())
    assert (alarm["gate"], alarm["answered"]) == ("load", "as before")
    assert Path(".hauberk/alarms.jsonl").stat().st_mode & 0o777 == 0o600
    later(monkeypatch, 31 * MINUTE)
    code, said = gate(capsys)
    assert code == 3
    assert "more than 30 minutes ago" in said
    assert "ALARM: the gate load denied" in said


def test_the_minutes_are_counted_from_when_the_gate_was_asked(project, capsys, monkeypatch):
    now = clock.now()
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: now + 120 * MINUTE)  # the evidence is two hours old by then
    assert gate(capsys)[0] == 0
    gone(None)
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: now + 149 * MINUTE)
    code, said = gate(capsys)
    assert (code, f"answered as at {format_instant(now + 120 * MINUTE)}" in said) == (0, True)
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: now + 151 * MINUTE)
    assert gate(capsys)[0] == 3


@pytest.mark.parametrize("take_away", WAYS, ids=lambda way: way.__name__)
def test_without_a_policy_for_it_the_gate_is_closed(small, capsys, monkeypatch, take_away):
    assert main(["gate", "load", "model/"]) == 0
    assert not Path(".hauberk/answers").exists()
    take_away(monkeypatch)
    code, said = gate(capsys)
    assert code == 3
    assert "ALARM" not in said
    assert not Path(".hauberk/alarms.jsonl").exists()


def test_a_ledger_that_is_damaged_is_not_away(project, capsys):
    (LEDGER / "ledger.sqlite").write_bytes(b"x" * 8192)
    code, said = gate(capsys)
    assert code == 1
    assert "AWAY" not in said


@pytest.mark.parametrize("seconds", [-1, -600])
def test_an_answer_from_the_future_counts_for_nothing(project, capsys, monkeypatch, seconds):
    gone(None)
    later(monkeypatch, -600 + seconds)
    code, said = gate(capsys)
    assert code == 3
    assert "and the clock says" in said


def test_an_answer_is_about_these_bytes_this_gate_these_inputs_and_this_policy(project, capsys):
    gone(None)
    assert gate(capsys)[0] == 0
    assert main(["gate", "load", "model/model.joblib"]) == 3
    (project / "data" / "train.csv").write_text("1\n2\n4\n")
    code, said = gate(capsys)
    assert (code, "about another inputs" in said) == (3, True)
    (project / "data" / "train.csv").write_text("1\n2\n3\n")
    edit(project / "policy.yaml", "permit_valid_minutes: 60", "permit_valid_minutes: 61")
    code, said = gate(capsys)
    assert (code, "about another policy" in said) == (3, True)


def test_an_answer_counts_under_its_trust_only(project, capsys):
    gone(None)
    edit(project / "trust.json", '"development": true', '"development": false')
    code, said = gate(capsys)
    assert (code, "under another trust" in said) == (3, True)


def kept():
    (path,) = Path(".hauberk/answers").iterdir()
    return path


def test_a_revocation_is_known_here_even_if_the_ledger_is_away(project, capsys):
    digest = str(digest_path("model"))
    gone(None)
    assert gate(capsys)[0] == 0
    assert main(["gate", "revoke", digest, "--reason", "stolen"]) == 3, "it cannot be logged"
    code, said = gate(capsys)
    assert (code, "no answer of before counts" in said) == (3, True)


@pytest.mark.parametrize("what", ["model", "key"])
def test_nothing_is_remembered_over_a_revocation(project, capsys, what):
    keyid = next(k for k, v in jcs.decode(Path("trust.json").read_bytes())["keys"].items() if v["name"] == "approver")
    digest = str(digest_path("model")) if what == "model" else f"sha256:{keyid}"
    answer, data = kept(), kept().read_bytes()
    assert main(["gate", "revoke", digest, "--reason", "stolen"]) == 0
    answer.write_bytes(data)  # as somebody who revoked elsewhere would have left it
    assert gate(capsys)[0] == 1
    gone(None)
    assert gate(capsys)[0] == 3


@pytest.mark.parametrize("learns", ["hold", "promote"])
def test_whoever_learns_of_a_revocation_makes_the_project_forget(project, capsys, learns):
    digest = str(digest_path("model"))
    answer, data = kept(), kept().read_bytes()
    assert main(["gate", "revoke", digest, "--reason", "stolen"]) == 0
    answer.write_bytes(data)  # as if another machine had revoked it
    words = {"hold": ["gate", "hold", "model"], "promote": ["promote", digest, "staging"]}
    assert main(words[learns]) == 1
    assert not answer.exists()
    gone(None)
    assert gate(capsys)[0] == 3


def unforgettable(monkeypatch):
    def stays(folder):
        raise Unavailable(f"{folder}: Read-only file system")

    monkeypatch.setattr(outage, "forget_all", stays)


def test_a_revocation_is_published_though_answers_cannot_be_forgotten_and_that_is_said(project, capsys, monkeypatch):
    digest = str(digest_path("model"))
    unforgettable(monkeypatch)
    assert main(["gate", "revoke", digest, "--reason", "stolen"]) == 3
    said = capsys.readouterr().err
    assert f"{digest} is revoked and published; but answers of before are not forgotten, remove " in said
    assert gate(capsys)[0] == 1


def test_a_denial_is_a_denial_though_answers_cannot_be_forgotten(project, capsys, monkeypatch):
    unforgettable(monkeypatch)
    Path("model/more.txt").write_text("x")
    code, said = gate(capsys)
    assert (code, "answers of before are not forgotten" in said, "ALARM" in said) == (1, True, False)


def test_what_does_not_hold_is_named_though_answers_cannot_be_forgotten(project, capsys, monkeypatch):
    unforgettable(monkeypatch)
    edit(Path("trust.json"), '"quorum": 1', '"quorum":1')
    edit(Path("trust.json"), '"version": 1', '"version": 7')
    code, said = gate(capsys)
    assert (code, "is not the one that the root signed" in said) == (1, True)
    assert "besides, answers of before are not forgotten" in said


def test_a_folder_among_the_answers_hides_no_denial_and_stops_no_revocation(project, capsys):
    (kept().parent / "folder").mkdir()
    assert main(["gate", "revoke", str(digest_path("model")), "--reason", "stolen"]) == 0
    assert [path.name for path in Path(".hauberk/answers").iterdir()] == ["folder"]
    assert gate(capsys)[0] == 1


def test_a_link_in_the_place_of_the_answers_has_nothing_removed_that_it_leads_to(project, tmp_path, capsys):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("x")
    shutil.rmtree(".hauberk/answers")
    Path(".hauberk/answers").symlink_to(tmp_path / "thesis")
    assert main(["gate", "revoke", str(digest_path("model")), "--reason", "stolen"]) == 0
    assert (tmp_path / "thesis" / "chapter.txt").exists()
    assert not Path(".hauberk/answers").is_symlink()


def test_a_pipe_in_the_place_of_the_alarms_stops_nothing(project, capsys):
    shutil.rmtree(".hauberk/answers")
    os.mkfifo(".hauberk/alarms.jsonl")
    gone(None)
    code, said = gate(capsys)
    assert (code, "the alarm could not be written down" in said) == (3, True)


def test_a_permit_that_is_taken_away_while_it_is_held_makes_the_project_forget(project):
    answer = kept()
    with hold("model") as held:
        held._end(Refused("revoked", "stop"))
    assert not answer.exists()


def test_an_answer_that_was_asked_for_before_a_revocation_is_not_kept_after_it(project, capsys, monkeypatch):
    real = outage.remember

    def slow(*given, **more):
        assert main(["gate", "revoke", str(digest_path("model")), "--reason", "stolen"]) == 0
        return real(*given, **more)

    monkeypatch.setattr(outage, "remember", slow)
    assert gate(capsys)[0] == 0
    gone(None)
    assert gate(capsys)[0] == 3


def test_an_answer_that_was_asked_for_before_a_failing_scan_is_not_kept_after_it(project, capsys, monkeypatch):
    real, here = outage.remember, open_project(project)

    def slow(*given, **more):
        body = core(MODEL_SCAN, None, now=clock.now(), result="fail") | {"files": []}
        with Log.open(here.ledger) as log:
            book = Book(log, Keyring(here, lambda _: None), None, clock.now)
            book.record("scanner", MODEL_SCAN, Named(here.label, (digest_path("model"),)), body)
        assert main(["gate", "load", "model/"]) == 1
        return real(*given, **more)

    monkeypatch.setattr(outage, "remember", slow)
    assert gate(capsys)[0] == 0
    gone(None)
    assert gate(capsys)[0] == 3


def test_a_denial_makes_the_project_forget(project, capsys):
    (project / "data" / "train.csv").write_text("1\n2\n4\n")
    assert gate(capsys)[0] == 1
    (project / "data" / "train.csv").write_text("1\n2\n3\n")
    gone(None)
    assert gate(capsys)[0] == 3


def test_an_answer_that_cannot_be_kept_is_said_and_is_the_same_answer(project, capsys):
    (project / ".hauberk" / "keys" / "gate.pem").unlink()
    code, said = gate(capsys)
    assert code == 0
    assert "this answer cannot be kept for a time without the ledger" in said


def test_what_is_borne_is_told_of_an_answer_of_before_and_ends(project, capsys, monkeypatch):
    second_person(project)
    edit(
        project / "policy.yaml",
        "    boundaries:",
        "    grandfather: {signers: [approver], max_days: 9}\n    boundaries:",
    )
    edit(project / "policy.yaml", "    require:\n", "    require:\n      - {predicate: test-result, signers: [gate]}\n")
    go(project)
    soon = format_instant(clock.now() + 10 * MINUTE)
    words = ["--owner", "Ada", "--reason", "it runs", "--until", soon]
    assert main(["gate", "grandfather", "model/", *words]) == 0
    assert gate(capsys)[0] == 0
    gone(None)
    code, said = gate(capsys)
    assert (code, "grandfathered until" in said) == (0, True)
    later(monkeypatch, 11 * MINUTE)
    code, said = gate(capsys)
    assert (code, "rests on ended at" in said) == (3, True)


# what leaves nothing to answer with


def test_a_store_that_is_away_closes_the_gate_and_sounds_the_alarm(project, capsys):
    shutil.move("model", "elsewhere")
    code, said = gate(capsys)
    assert (code, "ALARM: the gate load denied" in said) == (3, True)


def test_a_clock_behind_the_witnesses_closes_the_gate_and_sounds_the_alarm(project, capsys, monkeypatch):
    later(monkeypatch, -3600)
    code, said = gate(capsys)
    assert (code, "set the clock right" in said, "ALARM" in said) == (3, True, True)


def test_evidence_that_is_too_old_is_not_answered_as_before(project, capsys, monkeypatch):
    later(monkeypatch, 169 * 3600)
    code, said = gate(capsys)
    assert (code, "too old" in said) == (3, True)


@pytest.mark.parametrize("role", ["log", "witness"])
def test_a_key_that_is_away_stops_a_run_with_an_alarm_and_no_passport(project, capsys, role):
    (project / ".hauberk" / "keys" / f"{role}.pem").unlink()
    edit(project / "train.py", "mean", "average")
    passport = next(project.glob("*.passport")).read_bytes()
    capsys.readouterr()
    assert main(["run"]) == 3
    assert "ALARM: the gate load denied" in capsys.readouterr().out
    assert next(project.glob("*.passport")).read_bytes() == passport


def test_a_run_and_a_training_never_answer_as_before(project, capsys):
    assert main(["data", "manifest", "data/train.csv", "-o", "set.manifest"]) == 0
    gone(None)
    capsys.readouterr()
    assert main(["run"]) == 3
    assert "ALARM: the gate load denied" in capsys.readouterr().out
    words = ["train", "--data", "set.manifest", "--output", "out", "--sandbox", "off", "--", "true"]
    assert main(words) == 3
