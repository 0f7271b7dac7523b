"""Tables that lie about themselves: what points out of its buffers, is more than it can be, or two things at once."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.errors import Exceeded, HauberkError, Malformed
from hauberk.verbs.data_manifest import Wanted, make_manifest

WORDS = pa.array(["hello", "abcdefg"])
LISTS = pa.array([[1], [2, 3]])
VIEW = np.array([24], "<i4").tobytes() + b"hell"


def i4(*values):
    return np.array(values, "<i4").tobytes()


def i8(*values):
    return np.array(values, "<i8").tobytes()


def indexed(index):
    return pa.DictionaryArray.from_arrays(pa.array([0, index], pa.int32()), pa.array(["a"]), safe=False)


def lying(path, column, honest=b"", lie=b"", *, begin=pa.ipc.new_file):
    """Write an Arrow file of one column, in which the last such bytes are others."""
    batch = pa.RecordBatch.from_arrays([column], ["x"])
    with begin(path, batch.schema) as file:
        file.write_batch(batch)
    if honest:
        before, found, after = path.read_bytes().rpartition(honest)
        assert found == honest
        path.write_bytes(before + lie + after)
    return path


def rows_of(tmp_path, path):
    return make_manifest((path,), tmp_path / "t.manifest", Wanted("t", None)).rows


LIES = {
    "bytes that begin far behind the buffer": (WORDS.cast(pa.binary()), i4(0, 5, 12), i4(0, 2_000_000_000, 12)),
    "bytes that end in what lies behind": (WORDS.cast(pa.large_binary()), i8(0, 5, 12), i8(0, 5, 4000)),
    "bytes that need a terabyte": (WORDS.cast(pa.large_binary()), i8(0, 5, 12), i8(0, 1 << 40, (1 << 40) + 3)),
    "lists that end behind their elements": (LISTS, i4(0, 1, 3), i4(0, 1, 1_000_000)),
    "lists that begin before them": (LISTS, i4(0, 1, 3), i4(-5, 1, 3)),
    "lists that go backwards": (LISTS, i4(0, 1, 3), i4(3, 1, 0)),
    "views of lists": (pa.array([[1], [2, 3]], pa.list_view(pa.int64())), i4(1, 2), i4(1, 1 << 30)),
    "an entry that the dictionary has not": (indexed(777_777), b"", b""),
    "one before the first": (indexed(-777_777), b"", b""),
    "views of texts": (
        pa.array(["hello world this is long", "zz"], pa.string_view()),
        VIEW + i4(0, 0),
        VIEW + i4(77, 1 << 30),
    ),
    "runs that end too early": (
        pa.RunEndEncodedArray.from_arrays(pa.array([7777], pa.int32()), pa.array([7])),
        i4(7777),
        i4(3),
    ),
}


@pytest.mark.parametrize("begin", [pa.ipc.new_file, pa.ipc.new_stream])
@pytest.mark.parametrize("lie", LIES)
def test_an_arrow_file_that_points_out_of_its_buffers_is_refused(lie, begin, tmp_path):
    path = lying(tmp_path / "t.arrow", *LIES[lie], begin=begin)
    with pytest.raises(Malformed, match="cannot be read as a table"):
        rows_of(tmp_path, path)


def test_more_rows_than_so_few_bytes_can_have_are_refused_at_once(tmp_path):
    path = lying(tmp_path / "t.arrow", pa.nulls(77_777_777), i8(77_777_777), i8(1 << 40))
    with pytest.raises(Exceeded, match="says that it has"):
        rows_of(tmp_path, path)
    constant = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": pa.nulls(1_000_000)}), constant)
    assert rows_of(tmp_path, constant).count == 1_000_000


@pytest.mark.parametrize("scale", [-(10**6), 10**6])
def test_decimals_of_a_scale_that_makes_a_megabyte_of_zeros_are_refused(scale, tmp_path):
    column = pa.array([7]).cast(pa.decimal128(38, 0)).view(pa.decimal128(38, scale))
    with pytest.raises(Malformed, match="scale"):
        rows_of(tmp_path, lying(tmp_path / "t.arrow", column))


def test_a_text_that_begins_as_an_image_keeps_its_rows(tmp_path):
    (tmp_path / "t.csv").write_text("BMI,age\n20,3\n31,4\n")
    found = rows_of(tmp_path, tmp_path / "t.csv")
    assert [column.name for column in found.columns] == ["BMI", "age"]
    assert found.count == 2


def test_a_bitmap_is_an_image_and_a_text_is_none(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.bmp").write_bytes(b"BM" + i4(100, 0, 54) + bytes(86))
    (tmp_path / "data/notes").write_text("BMI is weight by height")
    made = make_manifest((tmp_path / "data",), tmp_path / "t.manifest", Wanted("t", None))
    assert [file.kind for file in made.files] == ["image", "other"]


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.arrow"])
def test_a_parquet_file_under_another_tables_name_is_refused(name, tmp_path):
    pq.write_table(pa.table({"x": [1]}), tmp_path / name)
    with pytest.raises(Malformed, match="begins as parquet"):
        rows_of(tmp_path, tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mixed.jsonl", '{"a": 1}\n{"a": "Jane Doe"}\n'),
        ("late.jsonl", '{"a": 1}\n' * 9000 + '{"a": "Jane Doe"}\n'),
        ("wide.jsonl", '{"a": 1.5}\n' * 9000 + '{"a": 9007199254740993}\n'),
        ("ragged.csv", "a,b\n1,2\nJane Doe,9007199254740993,3\n"),
        ("open.csv", 'a,b\n"Jane Doe,9007199254740993\n'),
    ],
)
def test_no_value_of_a_row_is_in_a_message(name, text, tmp_path, capsys):
    (tmp_path / name).write_text(text)
    assert dispatch(["data", "manifest", str(tmp_path / name), "--unsalted", "-o", str(tmp_path / "t.manifest")]) == 1
    said = capsys.readouterr()
    assert name in said.err
    assert "Jane" not in said.err + said.out
    assert "9007199254740993" not in said.err + said.out


@pytest.mark.parametrize("line", [r'{"a": "\ud800"}', r'{"\ud800": 1}', r'{"a": [{"\ud800": 1}]}'])
def test_text_that_is_no_text_in_json_is_refused(line, tmp_path):
    (tmp_path / "t.jsonl").write_text(line + "\n")
    with pytest.raises(Malformed):
        rows_of(tmp_path, tmp_path / "t.jsonl")


def test_objects_without_keys_are_no_rows_that_are_lost(tmp_path):
    (tmp_path / "t.jsonl").write_text("{}\n{}\n")
    with pytest.raises(Malformed, match="no key"):
        rows_of(tmp_path, tmp_path / "t.jsonl")
    (tmp_path / "t.jsonl").write_text('{}\n{"a": 1}\n')
    assert rows_of(tmp_path, tmp_path / "t.jsonl").count == 2


def test_a_line_beyond_the_limit_is_not_two_rows(tmp_path, monkeypatch):
    monkeypatch.setattr("hauberk.edge.tables._MAX_LINE_BYTES", 64)
    (tmp_path / "t.jsonl").write_text('{"a": 1}' + " " * 56 + '{"a": 2}\n')
    with pytest.raises(Malformed, match="a line of more"):
        rows_of(tmp_path, tmp_path / "t.jsonl")


def test_long_lines_are_not_all_in_memory_at_once(tmp_path, monkeypatch):
    text = "".join(json.dumps({"a": "x" * 1000, "b": n}) + "\n" for n in range(100))
    (tmp_path / "t.jsonl").write_text(text)
    whole = rows_of(tmp_path, tmp_path / "t.jsonl")
    monkeypatch.setattr("hauberk.edge.json_lines._BYTES", 3000)
    assert rows_of(tmp_path, tmp_path / "t.jsonl").root == whole.root
    held = []
    monkeypatch.setattr("hauberk.edge.json_lines._schema_of", lambda rows, *_: held.append(len(rows)) or pa.schema([]))
    with pytest.raises(HauberkError):
        rows_of(tmp_path, tmp_path / "t.jsonl")
    assert max(held) == 3


def test_long_rows_of_parquet_are_not_all_in_memory_at_once(tmp_path, monkeypatch):
    pq.write_table(
        pa.table({"a": [f"{n:06}" * 100 for n in range(1000)]}), tmp_path / "t.parquet", use_dictionary=False
    )
    whole = rows_of(tmp_path, tmp_path / "t.parquet")
    seen = []
    monkeypatch.setattr("hauberk.edge.tables._BATCH_BYTES", 60_000)
    monkeypatch.setattr(
        "hauberk.verbs.data_writer.RowWriter.add",
        lambda self, batch, add=make_manifest.__globals__["RowWriter"].add: (
            seen.append(batch.num_rows) or add(self, batch)
        ),
    )
    assert rows_of(tmp_path, tmp_path / "t.parquet").root == whole.root
    assert max(seen) <= 100
