"""Every rule has vectors, each fail vector breaks exactly that rule, and no pass vector breaks any."""

import re
import sys
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.checks.model.registry import RULES
from hauberk.checks.model.tree_case_fold_twins import TreeNames
from hauberk.rule import apply
from hauberk.view import BytesView

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

from make_rule_vectors import FOLDER, VECTORS  # noqa: E402 - a script, not a package

ON_DISK = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
GENERATED = sorted(f"{rule}/{kind}/{name}" for rule, kinds in VECTORS.items() for kind in kinds for name in kinds[kind])
CARRIED = {
    "source-acts": {"archive-brings-source"},  # such a source is only read where an archive brings it
    "file-two-formats": {"file-malformed"},  # what stands behind an array breaks the promise of the first format
    "graph-reaches-outside": {"graph-odd-entry", "graph-writes-file"},  # a linked model; a dump of a debugger
}
IDS = [rule.id for rule in RULES]


def findings(vector: str) -> set[str]:
    data = (FOLDER / vector).read_bytes()
    if vector.endswith(".names"):
        rows = [re.split(r" (->|>) ", line) for line in data.decode().splitlines()]
        links, beyond = (tuple((row[0], row[2]) for row in rows if row[1:2] == [sign]) for sign in ("->", ">"))
        return {finding.rule for finding in apply(RULES, TreeNames(tuple(row[0] for row in rows), links, beyond))}
    return {finding.rule for finding in examine(BytesView(data), vector).report.findings}


def test_the_vectors_are_those_of_the_generator_and_no_others():
    assert ON_DISK == GENERATED


@pytest.mark.parametrize("vector", GENERATED)
def test_a_vector_is_what_the_generator_writes(vector):
    rule, kind, name = vector.split("/")
    assert (FOLDER / vector).read_bytes() == VECTORS[rule][kind][name]


@pytest.mark.parametrize("rule", IDS)
def test_a_rule_has_vectors_of_both_kinds(rule):
    assert VECTORS[rule]["pass"]
    assert VECTORS[rule]["fail"]


@pytest.mark.parametrize("vector", [vector for vector in ON_DISK if "/fail/" in vector])
def test_a_fail_vector_breaks_exactly_its_rule(vector):
    rule = vector.split("/", maxsplit=1)[0]
    assert findings(vector) - CARRIED.get(rule, set()) == {rule}


@pytest.mark.parametrize("vector", [vector for vector in ON_DISK if "/pass/" in vector])
def test_a_pass_vector_breaks_no_rule(vector):
    assert findings(vector) == set()


def test_no_vector_is_left_without_a_rule():
    assert sorted(VECTORS) == sorted(IDS)
