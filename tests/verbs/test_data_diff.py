"""`hauberk data diff` on manifests of real files."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.dataset.rows import BLOCK_ROWS
from hauberk.errors import Misconfigured, NotVerified
from hauberk.verbs.data_diff import diff_manifests
from hauberk.verbs.data_manifest import Wanted, make_manifest

WANTED = Wanted("t", bytes(32), ("id",), "from")


def rows(count=3000):
    return pa.table(
        {
            "id": range(count),
            "from": [("shop", "bank")[n % 2] for n in range(count)],
            "amount": [n / 4 for n in range(count)],
        }
    )


def manifest(folder, name, table, wanted=WANTED, files=1):
    data = folder / name
    data.mkdir(exist_ok=True)
    step = -(-len(table) // files)
    for at in range(files):
        pq.write_table(table.slice(at * step, step), data / f"{at}.parquet")
    make_manifest((data,), folder / f"{name}.manifest", wanted)
    return folder / f"{name}.manifest"


def test_new_changed_and_removed_rows_are_counted_by_source(tmp_path):
    before = rows()
    amounts = before.column("amount").to_pylist()
    amounts[10] += 1
    after = pa.concat_tables(
        [
            before.set_column(2, "amount", pa.array(amounts)).slice(3),
            pa.table({"id": [9000, 9001], "from": ["new bank"] * 2, "amount": [1.0, 2.0]}),
        ]
    )
    found = diff_manifests(manifest(tmp_path, "a", before), manifest(tmp_path, "b", after, files=2))
    assert found.rows.removed.tolist() == [0, 1, 2]
    assert found.rows.changed.tolist() == [[10, 7]]
    assert found.rows.new.tolist() == [2997, 2998]
    assert found.by_source == (("shop", 0, 1, 2), ("new bank", 2, 0, 0), ("bank", 0, 0, 1))
    assert found.files.added == ("1.parquet",)


def test_the_same_rows_in_other_files_are_the_same(tmp_path):
    found = diff_manifests(manifest(tmp_path, "a", rows()), manifest(tmp_path, "b", rows(), files=3))
    assert found.none
    assert found.rows.none
    assert found.files.changed == ("0.parquet",)


def test_the_same_rows_in_another_order_are_said_to_be_so(tmp_path, capsys):
    before, after = rows(), pa.concat_tables([rows().slice(5), rows().slice(0, 5)])
    one, other = manifest(tmp_path, "a", before), manifest(tmp_path, "b", after)
    assert dispatch(["data", "diff", str(one), str(other)]) == 1
    assert "the same rows in another order" in capsys.readouterr().out


def test_other_columns_are_named_and_rows_then_not_compared(tmp_path, capsys):
    after = (
        rows()
        .append_column("extra", pa.array([1] * 3000))
        .cast(
            pa.schema(
                [("id", pa.int64()), ("from", pa.string()), ("amount", pa.decimal128(20, 6)), ("extra", pa.int8())]
            )
        )
    )
    one, other = manifest(tmp_path, "a", rows()), manifest(tmp_path, "b", after)
    assert dispatch(["data", "diff", str(one), str(other)]) == 1
    said = capsys.readouterr().out
    assert "extra (int) is new" in said
    assert "amount was float, is decimal" in said
    assert "not compared" in said


def test_nothing_changed_is_exit_0(tmp_path, capsys):
    one, other = manifest(tmp_path, "a", rows()), manifest(tmp_path, "b", rows())
    assert dispatch(["data", "diff", str(one), str(other), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["same"], said["rows"]) == (True, {"new": [], "changed": [], "removed": []})


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d[:-44],
        lambda d: d[44:] + d[:44],
        lambda d: bytes([d[0] ^ 1]) + d[1:],
        lambda d: d[:-1] + bytes([d[-1] ^ 1]),
        lambda d: d[: 44 * BLOCK_ROWS] + d[44 * BLOCK_ROWS :][:31] + b"x" + d[44 * BLOCK_ROWS + 32 :],
    ],
    ids=["shorter", "re-ordered", "one bit", "another source", "one byte"],
)
def test_hashes_that_are_not_the_manifests_are_refused(change, tmp_path):
    one, other = manifest(tmp_path, "a", rows()), manifest(tmp_path, "b", rows())
    path = tmp_path / "b.manifest.rows"
    data = path.read_bytes()
    assert change(data) != data
    path.write_bytes(change(data))
    with pytest.raises(NotVerified, match=r"b\.manifest"):
        diff_manifests(one, other)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("t", bytes([1] * 32), ("id",), "from"), "different salts"),
        (Wanted("t", None, ("id",), "from"), "different salts"),
        (Wanted("t", bytes(32), ("from",), "from"), "keys are id and from"),
    ],
)
def test_manifests_that_cannot_be_compared_are_refused(wanted, said, tmp_path):
    one, other = manifest(tmp_path, "a", rows()), manifest(tmp_path, "b", rows(), wanted)
    with pytest.raises(Misconfigured, match=said):
        diff_manifests(one, other)


@pytest.mark.parametrize(("broken", "code"), [("rows gone", 3), ("no manifest", 1), ("directory", 3)])
def test_what_is_no_manifest_is_refused_by_name(broken, code, tmp_path, capsys):
    one, other = manifest(tmp_path, "a", rows()), manifest(tmp_path, "b", rows())
    if broken == "rows gone":
        (tmp_path / "b.manifest.rows").unlink()
    elif broken == "no manifest":
        other.write_text("{}")
    else:
        other = tmp_path
    assert dispatch(["data", "diff", str(one), str(other)]) == code
    assert str(tmp_path / "b.manifest" if broken != "directory" else tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("older", "newer", "same"),
    [
        ({"label=0/p": [1], "label=1/p": [2]}, {"label=1/p": [1, 2]}, False),
        ({"label=0/p": [1], "label=1/p": [2]}, {"label=0/p": [1, 2], "label=1/p": []}, False),
        ({"a/label=0/p": [1, 2]}, {"a/label=0/p": [1], "b/label=0/p": [2]}, True),
        ({"label=0/p": [1, 2], "label=1/p": [3]}, {"label=0/p": [1], "label=0/q": [2], "label=1/p": [3]}, True),
        ({"p": [1, 2]}, {"q": [1], "r": [2]}, True),
    ],
)
def test_rows_that_stand_in_another_partition_are_no_same_rows(older, newer, same, tmp_path, capsys):
    for side, files in (("older", older), ("newer", newer)):
        for name, numbers in files.items():
            path = tmp_path / side / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table({"n": pa.array(numbers, pa.int64())}), path)
        make_manifest((tmp_path / side,), tmp_path / f"{side}.manifest", Wanted("t", None))
    asked = ["data", "diff", str(tmp_path / "older.manifest"), str(tmp_path / "newer.manifest")]
    assert dispatch(asked) == (0 if same else 1)
    assert ("in other partitions" in capsys.readouterr().out) is not same
