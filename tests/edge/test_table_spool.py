"""Rows on their way to another program."""

import pyarrow as pa
import pytest

from hauberk.edge.table_spool import TableSpool
from hauberk.errors import Exceeded, Unavailable


def batch(**columns):
    return pa.RecordBatch.from_pydict({name: pa.array(values) for name, values in columns.items()})


def streams(folder):
    return {path.name: pa.ipc.open_stream(path.read_bytes()).read_all().to_pydict() for path in folder.iterdir()}


def test_batches_of_one_schema_are_one_stream_and_cells_of_text_are_marked(tmp_path):
    spool = TableSpool(str(tmp_path))
    for rows, text in ((batch(a=[1]), False), (batch(a=[2]), False), (batch(a=[1.5]), False), (batch(a=["1"]), True)):
        spool.add(rows, text=text)
    spool.close()
    assert streams(tmp_path) == {"rows-0": {"a": [1, 2]}, "rows-1": {"a": [1.5]}, "rows-2.text": {"a": ["1"]}}


def test_dictionaries_that_change_are_kept(tmp_path):
    spool = TableSpool(str(tmp_path))
    for values in (["a", "b"], ["c"]):
        spool.add(pa.RecordBatch.from_arrays([pa.array(values).dictionary_encode()], ["x"]), text=False)
    spool.close()
    assert streams(tmp_path) == {"rows-0": {"x": ["a", "b", "c"]}}


def test_more_than_is_given_is_refused(tmp_path):
    spool = TableSpool(str(tmp_path), most=10_000)
    spool.add(batch(a=list(range(100))), text=False)
    with pytest.raises(Exceeded, match="more than 10000 bytes"):
        spool.add(batch(a=list(range(10_000))), text=False)


def test_columns_that_change_all_the_time_are_refused(tmp_path):
    spool = TableSpool(str(tmp_path))
    for number in range(1000):
        spool.add(batch(**{f"c{number}": [1]}), text=False)
    with pytest.raises(Exceeded, match="change more than"):
        spool.add(batch(last=[1]), text=False)


def test_a_folder_that_is_gone_is_said(tmp_path):
    with pytest.raises(Unavailable):
        TableSpool(str(tmp_path / "gone")).add(batch(a=[1]), text=False)
