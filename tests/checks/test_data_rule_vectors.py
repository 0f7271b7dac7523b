"""Every rule about data fires on each vector that breaks it, and on none that keeps it."""

import csv
import json
import sys
from pathlib import Path

import pytest

from hauberk.checks.data.document import ASKED, Document
from hauberk.checks.data.facts import SuiteFacts
from hauberk.checks.data.registry import RULES
from hauberk.evidence.instant import parse_instant
from hauberk.formats.document import decode
from hauberk.rule import apply
from hauberk.verbs.data_check import RULE_OF, Other, check_data
from shape.sources import REPOSITORY

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from make_data_rule_vectors import FOLDER
from make_data_rule_vectors import VECTORS as WRITTEN

NOW = parse_instant("2026-11-21T00:00:00Z")
VECTORS = sorted(FOLDER.glob("*/*/*.json"))


def write(path, rows):
    """Write rows as JSON lines, or as CSV where a column's cells are to be read from text."""
    if "at" not in rows[0]:
        path = path.with_suffix(".jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path
    with path.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path.with_suffix(".csv")


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: "-".join(path.relative_to(FOLDER).with_suffix("").parts))
def test_a_vector_is_judged_as_it_says(path, tmp_path):
    given = json.loads(path.read_text())
    if "suite" in given:
        findings = apply(RULES, SuiteFacts(**given["suite"]))
        assert [finding.rule for finding in findings] == (["data-suite"] if path.parts[-2] == "fail" else [])
        return
    checks = decode({"schema": "urn:hauberk:data-checks:v1", "name": "v", **given["checks"]}, Document, what="v")
    others = tuple(Other(name, (write(tmp_path / name, rows),)) for name, rows in given["others"].items())
    found = check_data(checks, (write(tmp_path / "judged", given["rows"]),), others, now=NOW)
    assert found.unchecked == ()
    assert {finding.rule for finding in found.findings} == ({path.parts[-3]} if path.parts[-2] == "fail" else set())
    assert found.result == path.parts[-2]


def test_the_files_are_those_of_the_generator():
    made = {
        f"{rule}/{kind}/{name}.json": json.dumps(value) + "\n"
        for rule, kinds in WRITTEN.items()
        for kind, found in kinds.items()
        for name, value in found.items()
    }
    assert {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.*")} == made


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_its_page_and_files_that_keep_and_break_it(rule):
    assert f"\n## {rule.id}\n" in (REPOSITORY / "docs" / "data-rules.md").read_text()
    assert {path.parts[-2] for path in VECTORS if path.parts[-3] == rule.id} == {"pass", "fail"}


def test_every_kind_of_check_has_its_rule_and_every_folder_too():
    assert sorted(RULE_OF) == sorted(ASKED)
    ids = {rule.id for rule in RULES}
    (foreign,) = (rule.id for rule in RULES if rule.reads is SuiteFacts)
    assert {*RULE_OF.values(), foreign} == ids == {folder.name for folder in FOLDER.iterdir()}
