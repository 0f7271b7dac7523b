"""`hauberk data diff` with the data at hand: rows written out, distributions, common columns, and the refusals."""

import json

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.verbs.data_manifest import Wanted, make_manifest

WANTED = Wanted("t", bytes(32), ("id",), "from")


def rows(count=3000, add=0.0, start=0):
    numbers = range(start, start + count)
    return pa.table(
        {"id": numbers, "from": [("shop", "bank")[n % 2] for n in numbers], "amount": [n / 4 + add for n in numbers]}
    )


def manifest(folder, name, table, wanted=WANTED, files=1):
    data = folder / name
    data.mkdir(exist_ok=True)
    step = max(1, -(-len(table) // files))
    for at in range(files):
        pq.write_table(table.slice(at * step, step), data / f"{at}.parquet")
    make_manifest((data,), folder / f"{name}.manifest", wanted)
    return str(folder / f"{name}.manifest")


def both(tmp_path, after=None, **more):
    before = rows()
    changed = pa.concat_tables([rows().slice(3, 100), rows(2897, 7.5, 103), rows(5, start=9000)])
    return manifest(tmp_path, "a", before), manifest(tmp_path, "b", changed if after is None else after, **more)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_rows_are_written_out_with_what_they_were(ending, tmp_path):
    one, other = both(tmp_path, files=2)
    target = tmp_path / f"rows.{ending}"
    for _ in range(2):  # an older output of this kind is written over
        assert dispatch(["data", "diff", one, other, "--rows-out", str(target)]) == 1
    found = pq.read_table(target) if ending == "parquet" else pa.csv.read_csv(target)
    assert found.column_names == ["change", "row", "file", "source", "id", "from", "amount"]
    counts = {entry["values"]: entry["counts"] for entry in found["change"].value_counts().to_pylist()}
    assert counts == {"new": 5, "changed": 2897, "removed": 3, "was": 2897}
    by = {(row["change"], row["id"]): row for row in found.to_pylist()}
    assert by["changed", 200]["amount"] == 57.5
    assert by["was", 200]["amount"] == 50
    assert (by["was", 200]["row"], by["changed", 200]["row"], by["was", 201]["source"]) == (200, 197, "bank")
    assert by["new", 9004]["file"] == "1.parquet"


def test_columns_of_the_added_names_keep_theirs(tmp_path):
    table = rows().rename_columns(["id", "from", "row"])
    one = manifest(tmp_path, "a", table)
    other = manifest(tmp_path, "b", table.slice(1))
    assert dispatch(["data", "diff", one, other, "--rows-out", str(tmp_path / "rows.parquet")]) == 1
    assert pq.read_table(tmp_path / "rows.parquet").column_names[:3] == ["change", "_row", "file"]


def test_without_the_older_data_what_was_is_left_out_and_said(tmp_path, capsys):
    one, other = both(tmp_path)
    (tmp_path / "a" / "0.parquet").unlink()
    assert dispatch(["data", "diff", one, other, "--rows-out", str(tmp_path / "rows.parquet")]) == 1
    assert set(pq.read_table(tmp_path / "rows.parquet")["change"].to_pylist()) == {"new", "changed"}
    assert "is not at hand" in capsys.readouterr().err


def test_distributions_say_which_column_changed(tmp_path, capsys):
    one, other = both(tmp_path, rows(3000, 400.0))
    assert dispatch(["data", "diff", one, other, "--distributions", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["distributions"]
    amount, source = found["columns"]
    assert amount["name"] == "amount"
    assert amount["distance"] > 0.4 > amount["yardstick"]
    assert source["distance"] <= source["yardstick"]
    assert {entry["column"] for entry in found["sources"]} == {"amount"}
    assert {"what": "id", "why": "a key, whose values are others in new rows"} in found["notCompared"]
    assert dispatch(["data", "diff", one, other, "--distributions"]) == 1
    assert "1 of 2 columns changed by more than chance makes" in capsys.readouterr().out


def test_data_elsewhere_is_read_from_there(tmp_path):
    one, other = both(tmp_path)
    (tmp_path / "b").rename(tmp_path / "moved")
    arguments = ["data", "diff", one, other, "--distributions"]
    assert dispatch(arguments) == 3
    assert dispatch([*arguments, "--data", str(tmp_path / "moved")]) == 1


def test_common_columns_are_compared_where_columns_differ(tmp_path, capsys):
    after = rows().append_column("extra", pa.array(["x"] * 3000)).slice(2)
    one, other = both(tmp_path, after)
    assert dispatch(["data", "diff", one, other, "--distributions"]) == 1
    said = capsys.readouterr().out
    assert "0 new, 0 changed, 2 removed" in said
    assert "compared by what both have: id, from, amount" in said


def test_other_salts_are_compared_with_the_data_at_hand(tmp_path, capsys):
    one, other = both(tmp_path, rows().slice(1), wanted=Wanted("t", bytes([1] * 32), ("id",), "from"))
    assert dispatch(["data", "diff", one, other, "--distributions"]) == 1
    assert "0 new, 0 changed, 1 removed" in capsys.readouterr().out


def test_a_report_is_written_although_the_data_is_gone(tmp_path, capsys):
    one, other = both(tmp_path)
    (tmp_path / "a" / "0.parquet").unlink()
    for _ in range(2):
        assert dispatch(["data", "diff", one, other, "--html", str(tmp_path / "report.html")]) == 1
    assert "was not read" in (tmp_path / "report.html").read_text()
    assert "is not at hand" in capsys.readouterr().err


@pytest.mark.parametrize("older", [rows(0), rows(1)], ids=["no rows", "one row"])
def test_small_sets_have_a_report(older, tmp_path):
    one, other = manifest(tmp_path, "a", older), manifest(tmp_path, "b", rows(2))
    assert dispatch(["data", "diff", one, other, "--html", str(tmp_path / "report.html")]) == 1
    assert "too few rows" in (tmp_path / "report.html").read_text() or len(older) == 0


@pytest.mark.parametrize("option", ["--rows-out", "--distributions"])
@pytest.mark.parametrize("change", ["one byte", "longer", "gone", "another table"])
def test_data_that_is_not_the_manifests_is_refused(change, option, tmp_path):
    one, other = both(tmp_path)
    path, target = tmp_path / "b" / "0.parquet", tmp_path / "rows.parquet"
    data = path.read_bytes()
    if change == "gone":
        path.unlink()
    elif change == "another table":
        path.write_bytes(data[:-12] + bytes(4) + data[-8:])
    else:
        path.write_bytes(data + b"x" if change == "longer" else data[:200] + bytes([data[200] ^ 1]) + data[201:])
    code = dispatch(["data", "diff", one, other, option, *([str(target)] if option == "--rows-out" else [])])
    assert code == (3 if change == "gone" else 1)
    assert not list(tmp_path.glob("rows.parquet*"))


@pytest.mark.parametrize("target", ["rows.txt", "b/rows.parquet", "a.manifest", "taken.csv", "none/rows.csv"])
def test_rows_are_not_written_just_anywhere(target, tmp_path):
    one, other = both(tmp_path)
    (tmp_path / "taken.csv").write_text("mine\n")
    before = sorted(path for path in tmp_path.rglob("*"))
    assert dispatch(["data", "diff", one, other, "--rows-out", str(tmp_path / target)]) in (2, 3)
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_csv_refuses_nested_columns(tmp_path, capsys):
    table = rows().append_column("list", pa.array([[1]] * 3000))
    one, other = manifest(tmp_path, "a", table), manifest(tmp_path, "b", table.slice(1))
    assert dispatch(["data", "diff", one, other, "--rows-out", str(tmp_path / "rows.csv")]) == 2
    assert "nested" in capsys.readouterr().err
    assert not (tmp_path / "rows.csv").exists()


def test_a_path_in_a_manifest_leads_out_of_no_folder(tmp_path):
    one, other = both(tmp_path)
    (tmp_path / "b" / "0.parquet").rename(tmp_path / "secret.parquet")
    (tmp_path / "b" / "0.parquet").symlink_to(tmp_path / "secret.parquet")
    assert dispatch(["data", "diff", one, other, "--distributions"]) == 3


def test_no_column_in_common_is_said(tmp_path, capsys):
    wanted = Wanted("t", bytes(32))
    one = manifest(tmp_path, "a", pa.table({"k": [1]}), wanted)
    other = manifest(tmp_path, "b", pa.table({"k": ["1"]}), wanted)
    assert dispatch(["data", "diff", one, other, "--distributions"]) == 1
    assert "no column is in both with one type" in capsys.readouterr().out
    assert dispatch(["data", "diff", one, other, "--rows-out", str(tmp_path / "rows.csv")]) == 2


def test_retyped_and_removed_columns_keep_what_was_in_them(tmp_path):
    wanted = Wanted("t", bytes(32))
    before = pa.table({"k": pa.array([1, 3], pa.int8()), "t": ["1", "3"], "gone": [1.0, 3.0]})
    one = manifest(tmp_path, "a", before, wanted)
    other = manifest(tmp_path, "b", pa.table({"k": [1, 2**40], "t": [1, 7]}), wanted)
    assert dispatch(["data", "diff", one, other, "--rows-out", str(tmp_path / "rows.parquet")]) == 1
    new, removed = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert (new["k"], new["t"], new["t (was string)"]) == (2**40, 7, None)
    assert (removed["k"], removed["t"], removed["t (was string)"], removed["gone"]) == (3, None, "3", 3.0)


def test_bytes_are_hex_in_csv(tmp_path):
    wanted = Wanted("t", bytes(32))
    one = manifest(tmp_path, "a", pa.table({"b": [b"a"]}), wanted)
    other = manifest(tmp_path, "b", pa.table({"b": [b"\xff"]}), wanted)
    assert dispatch(["data", "diff", one, other, "--rows-out", str(tmp_path / "rows.csv")]) == 1
    assert '"ff"' in (tmp_path / "rows.csv").read_text()
