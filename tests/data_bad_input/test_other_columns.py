"""Schema changes: columns that are new, gone, renamed, retyped or in another order, in one file of a set or in all."""

from pathlib import Path

import pyarrow as pa
import pytest

from data_bad_input.sets import ROWS, TABLES
from hauberk import data
from hauberk.errors import Malformed, NotVerified

BEFORE, AFTER = ROWS[:5], ROWS[5:]


def with_each(change):
    return lambda rows: [change(row) for row in rows]


CHANGES = {
    "new": with_each(lambda row: row | {"extra": "x"}),
    "gone": with_each(lambda row: {"id": row["id"], "name": row["name"]}),
    "renamed": with_each(lambda row: {"id": row["id"], "title": row["name"], "amount": row["amount"]}),
    "in another order": with_each(lambda row: {"name": row["name"], "id": row["id"], "amount": row["amount"]}),
    "of another type": with_each(lambda row: row | {"amount": str(row["amount"])}),
    "nested": with_each(lambda row: row | {"amount": [row["amount"]]}),
}
SAID_OF_ALL = {
    "new": ("extra (string) is new",),
    "gone": ("amount (float) is gone",),
    "renamed": ("title (string) is new", "name (string) is gone"),
    "in another order": ("stand in another order",),
    "of another type": ("amount was float, is string",),
    "nested": ("amount was float, is list<float>",),
}
SAID_OF_ONE = {
    "new": "'extra' more",
    "gone": "no 'amount'",
    "renamed": "no 'name'; 'title' more",
    "in another order": "another order",
    "of another type": "'amount' is string, not float",
    "nested": "'amount' is list<float>, not float",
}
# A cell of CSV is text, so its columns have no types; JSON's keys have no order, but are taken in that of the first line.
CASES = [
    (name, change)
    for name in TABLES
    for change in CHANGES
    if name != "csv" or change not in ("of another type", "nested")
]
EVERY = pytest.mark.parametrize(("name", "change"), CASES)


def plain(said, name):
    return said.replace("(float)", "(string)") if name == "csv" else said


@EVERY
def test_one_file_of_other_columns_makes_no_data_set(name, change, folder, ada):
    TABLES[name].fill(folder, BEFORE, CHANGES[change](AFTER))
    assert ada.makes_a_manifest() == 1
    ending = TABLES[name].ending
    assert f"b.{ending} has other columns than a.{ending}: {SAID_OF_ONE[change]}" in ada.said
    assert "a data set is one table: make a manifest of each" in ada.said
    assert not list(Path().glob("week.manifest*"))


@EVERY
def test_a_comparison_names_the_columns(name, change, folder, ada):
    TABLES[name].fill(folder, BEFORE)
    assert ada.makes_a_manifest("week", "--key", "id") == 0
    TABLES[name].fill(folder, CHANGES[change](BEFORE))
    assert ada.makes_a_manifest("now", "--key", "id") == 0
    assert ada.diffs() == 1
    assert all(plain(said, name) in ada.said for said in SAID_OF_ALL[change]), ada.said


@EVERY
def test_a_check_of_the_columns_fails(name, change, folder, ada):
    amount = "" if name == "csv" else ", type: float"
    text = f"columns: [{{name: id}}, {{name: name, type: string}}, {{name: amount{amount}}}]\nother_columns: false\n"
    Path("checks.yaml").write_text(Path("checks.yaml").read_text() + text)
    TABLES[name].fill(folder, BEFORE, AFTER)
    assert ada.checks() == 0, ada.said
    TABLES[name].fill(folder, CHANGES[change](BEFORE), CHANGES[change](AFTER))
    assert ada.checks() == (0 if change == "in another order" else 1), ada.said
    TABLES[name].fill(folder, BEFORE, CHANGES[change](AFTER))
    assert ada.checks() == 1, ada.said
    assert f"b.{TABLES[name].ending}: " in ada.said


@EVERY
def test_neither_training_nor_a_program_takes_it(name, change, folder, ada):
    TABLES[name].fill(folder, BEFORE, AFTER)
    assert ada.makes_a_manifest() == 0
    TABLES[name].fill(folder, CHANGES[change](BEFORE), AFTER)
    path = folder / f"a.{TABLES[name].ending}"
    assert (ada.trains(), f"{path.name} was changed" in ada.said) == (1, True)
    with pytest.raises(NotVerified, match=path.name):  # and not that a column is missing
        data.read_verified(path, manifest="week.manifest", columns=["amount"])


@pytest.mark.parametrize("name", TABLES)
def test_a_column_that_is_there_twice_is_refused(name, folder, ada):
    folder.mkdir()
    path = folder / f"a.{TABLES[name].ending}"
    if name in ("csv", "json-lines"):
        path.write_text("id,id\n1,2\n" if name == "csv" else '{"id": 1, "id": 2}\n')
    else:
        TABLES[name].write(path, pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["id", "id"]))
    assert ada.makes_a_manifest() == 1
    assert "twice" in ada.said
    assert path.name in ada.said


@pytest.mark.parametrize("name", ["parquet", "arrow", "stream"])
def test_what_a_writer_says_beside_the_columns_is_no_change(name, folder, ada):
    """Nullability, metadata of fields and of the schema, and how wide numbers and texts are stored."""
    folder.mkdir()
    path = folder / f"a.{TABLES[name].ending}"
    table = pa.Table.from_pylist(BEFORE)
    fields = [
        pa.field("id", pa.int16(), nullable=False, metadata={"PARQUET:field_id": "7"}),
        pa.field("name", pa.large_string()),
        pa.field("amount", pa.float32(), metadata={"unit": "EUR"}),
    ]
    for manifest, written in (("week", table), ("now", table.cast(pa.schema(fields, metadata={"by": "Bob"})))):
        TABLES[name].write(path, written)
        assert ada.makes_a_manifest(manifest) == 0
    assert ada.diffs() == 0


def test_a_manifest_of_other_columns_is_not_read_by_this_one(folder, ada):
    """A manifest that says other columns than its rows were hashed under contradicts itself."""
    TABLES["parquet"].fill(folder, BEFORE)
    assert ada.makes_a_manifest() == 0
    text = Path("week.manifest").read_text()
    Path("week.manifest").write_text(text.replace('"name":"amount","type":"float"', '"name":"amount","type":"int"'))
    assert Path("week.manifest").read_text() != text
    with pytest.raises(Malformed, match=r"week\.manifest"):
        data.read_verified(folder / "a.parquet", manifest="week.manifest")
    assert ada.trains() == 1
    assert "week.manifest" in ada.said
