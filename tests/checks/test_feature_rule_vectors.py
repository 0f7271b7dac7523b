"""Every rule about feature views fires on each vector that breaks it, and on none that keeps it."""

import json
import os
import pwd
import sqlite3
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.checks.features.registry import RULES
from hauberk.verbs.data_features import check_view

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from make_feature_rule_vectors import FOLDER, ME
from make_feature_rule_vectors import VECTORS as WRITTEN

NOW, HOUR = 1_800_000_000, 3600
VECTORS = sorted(FOLDER.glob("*/*/*.json"))


def columns(rows, time):
    who, hours, spend, land = (list(cells) for cells in zip(*rows, strict=True))
    when = pa.array([NOW - hour * HOUR for hour in hours])
    return pa.table(
        {"who": who, time: when, "spend": pa.array(spend, pa.float64()), "land": pa.array(land, pa.string())}
    )


def write(folder, given):
    """Write the view of a vector into a folder and return its path."""
    pq.write_table(columns(given["offline"], "at"), folder / "offline.parquet")
    pq.write_table(columns(given["training"], "paid"), folder / "training.parquet")
    with sqlite3.connect(folder / "online.db") as database:
        database.execute("CREATE TABLE v (who TEXT, at, spend, land)")
        rows = [(who, NOW - hour * HOUR, spend, land) for who, hour, spend, land in given["online"]]
        database.executemany("INSERT INTO v VALUES (?, ?, ?, ?)", rows)
    (folder / "online.db").chmod(0o600)
    asked = dict(given["view"])
    spend = {"name": "spend", "tolerance": asked.pop("tolerance", 0)}
    view = {"schema": "urn:hauberk:feature-view:v1", "name": "v", "entity": "who", "time": "at"}
    view |= {"features": [spend, {"name": "land"}], "offline": "offline.parquet", "online": "sqlite:online.db"}
    view |= {"training": {"path": "training.parquet", "time": "paid"}} | asked
    me = pwd.getpwuid(os.getuid()).pw_name
    (folder / "v.yaml").write_text(json.dumps(view).replace(ME, me))
    for name, mode in given["modes"].items():
        (folder / name).chmod(mode)
    return folder / "v.yaml"


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: "-".join(path.relative_to(FOLDER).with_suffix("").parts))
def test_a_vector_is_judged_as_it_says(path, tmp_path):
    tmp_path.chmod(0o700)
    seen = check_view(write(tmp_path, json.loads(path.read_text())), now=NOW)
    tmp_path.chmod(0o700)
    assert seen.unchecked == ()
    assert {finding.rule for finding in seen.findings} == ({path.parts[-3]} if path.parts[-2] == "fail" else set())
    assert seen.result == path.parts[-2]
    assert {rule for rule, result in seen.answers if result == "fail"} == {finding.rule for finding in seen.findings}


def test_the_files_are_those_of_the_generator():
    made = {
        f"{rule}/{kind}/{name}.json": json.dumps(value) + "\n"
        for rule, kinds in WRITTEN.items()
        for kind, found in kinds.items()
        for name, value in found.items()
    }
    assert {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.*")} == made


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_files_that_keep_and_break_it(rule):
    assert {path.parts[-2] for path in VECTORS if path.parts[-3] == rule.id} == {"pass", "fail"}


def test_every_folder_has_its_rule():
    assert {folder.name for folder in FOLDER.iterdir()} == {rule.id for rule in RULES}
