"""`observe`, `warn`, `enforce`: what everybody who asks a gate does with a denial, as the table in docs/switching-on.md says."""

import re
import shutil
import sys
from pathlib import Path

import pytest

import hauberk
from docs.pages import REPOSITORY
from hauberk.cli.main import main
from hauberk.edge.sources import digest_path
from hauberk.errors import Refused
from hauberk.evidence.predicates import SUMMARY
from projects import edit, recorded, trained_within

MODES = ("observe", "warn", "enforce")
NEEDED = "      - {predicate: test-result, signers: [gate]}\n"
MORE = """
  train:
    mode: {mode}
    subject: dataset/*
    max_evidence_age_hours: 168
    permit_valid_minutes: 60
    require:
      - {{predicate: data-check, signers: [approver]}}
  register:
    mode: {mode}
    subject: model/*
    max_evidence_age_hours: 168
    permit_valid_minutes: 60
    require:
      - {{predicate: test-result, signers: [gate]}}
"""


def table():
    """Return the rows of the table of modes: who asks, and its cell under each mode."""
    text = (REPOSITORY / "docs" / "switching-on.md").read_text()
    rows = re.findall(r"^\| (`[^|]+?) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    return {who: dict(zip(MODES, cells, strict=True)) for who, *cells in rows}


def exit_in(cell):
    return int(re.match(r"(\d)", cell)[1])


def denied(folder, mode):
    """Let the gate `load` deny the project's model, by asking for what is not there."""
    edit(folder / "policy.yaml", "mode: enforce", f"mode: {mode}")
    with (folder / "policy.yaml").open("a") as file:
        file.write(MORE.format(mode=mode))
    edit(folder / "policy.yaml", "    require:\n", "    require:\n" + NEEDED)


def set_of(folder):
    assert main(["data", "manifest", "data/train.csv", "-o", "set.manifest"]) == 0
    return folder


def answers(folder, label):
    said = [s for s in recorded(folder, SUMMARY) if s.subjects[0].label.startswith(label)]
    return [s.predicate["verificationResult"] for s in said]


@pytest.mark.parametrize("mode", MODES)
def test_a_run_and_a_question_end_as_the_table_says(small, mode, capsys):
    set_of(small)
    denied(small, mode)
    passport = next(small.glob("*.passport"))
    before = passport.read_bytes()
    capsys.readouterr()
    row = table()["`hauberk run`"]
    assert main(["run"]) == exit_in(row[mode])
    told = capsys.readouterr()
    assert ("DENIED" in told.out) == (mode != "observe")
    assert ("would be closed" in told.err) == (mode == "warn")
    assert passport.read_bytes() == before
    assert answers(small, "model/")[-1] == "FAILED"

    assert main(["gate", "load", "model/"]) == exit_in(table()["`hauberk gate load`, `gate train`"][mode])
    told = capsys.readouterr()
    assert "DENIED" in told.out
    assert ("would be closed" in told.err) == (mode == "warn")

    digest = str(digest_path("model"))
    assert main(["promote", digest, "production"]) == exit_in(table()["`hauberk promote`"][mode]) == 1
    exported = exit_in(table()["`hauberk passport export`"][mode])
    assert main(["passport", "export", "model/", "-o", "new.passport"]) == exported == 1
    assert not Path("new.passport").exists()
    assert "`Refused`" in table()["`hauberk.open_model`, `hauberk.hold`, `gate hold`, `Verdict.require`"][mode]
    with pytest.raises(Refused, match="test-result"):
        hauberk.open_model("model", policy="policy.yaml", trust="trust.json", evidence=passport)
    assert main(["gate", "hold", "model/"]) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_training_on_denied_data_starts_or_not_as_the_table_says(small, mode, capsys):
    set_of(small)
    denied(small, mode)
    main(["run"])
    edit(small / "train.py", "mean", "average")
    shutil.rmtree("out", ignore_errors=True)
    capsys.readouterr()
    row = table()["`hauberk train`, and training in `hauberk run`"]
    words = ["train", "--data", "set.manifest", "--output", "out", "--sandbox", "off", "--"]
    assert main([*words, sys.executable, "-c", "open('out/m', 'w').write('x')"]) == exit_in(row[mode])
    told = capsys.readouterr()
    assert Path("out/m").exists() == (mode != "enforce")
    assert ("would be closed for dataset/" in told.err) == (mode == "warn")
    assert ("data-check" in told.err + told.out) == (mode != "observe")
    assert answers(small, "dataset/")[-1] == "FAILED"
    if mode != "enforce":
        assert trained_within(small)[-1]["admittedBy"] is None, "no policy admitted these data"
