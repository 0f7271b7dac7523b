"""Manifests that somebody wrote by hand: what contradicts itself is refused when it is read, whoever reads it."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.dataset.manifest import DataFile, decode, digest_of, encode
from hauberk.dataset.rows import Column, Person, root_digest
from hauberk.errors import Malformed
from hauberk.verbs.data_manifest import Wanted, make_manifest


@pytest.fixture
def honest(tmp_path):
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"id": [1, 2, 3], "s": ["a", "b", "a"]}), tmp_path / "data/a.parquet")
    return make_manifest((tmp_path / "data",), tmp_path / "m", Wanted("m", None, ("id",), "s"))


def rooted(rows, **changed):
    made = replace(rows, **changed)
    return replace(made, root=root_digest(bytes.fromhex(made.tree), made.count, made.columns, made.salt, made.person))


def filed(manifest, *files):
    ordered = tuple(sorted(files, key=lambda file: file.path.encode()))
    return replace(manifest, files=ordered, digest=digest_of(ordered, single=False))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"columns": (Column("id", "int"),) * 2}, "names a column twice"),
        ({"key": ("zz",)}, "no column 'zz'"),
        ({"source": "zz"}, "no column 'zz'"),
        ({"person": Person("zz", "0" * 32)}, "no column 'zz'"),
        ({"sources": (("a", 1), ("a", 2))}, "names a source twice"),
        ({"source": None}, "without a column of sources"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(honest, changed, says):
    with pytest.raises(Malformed, match=says):
        decode(encode(replace(honest, rows=rooted(honest.rows, **changed))))


@pytest.mark.parametrize("path", ["../a.parquet", "/etc/passwd", "a/../b", "a//b", ".", "", "a/"])
def test_a_path_that_leads_out_of_the_data_is_refused(honest, path):
    with pytest.raises(Malformed, match="no path in a data set"):
        decode(encode(filed(honest, replace(honest.files[0], path=path))))


@pytest.mark.parametrize("kind", ["other", "image", "a later kind"])
def test_rows_of_what_is_no_table_are_refused(honest, kind):
    with pytest.raises(Malformed, match="no table"):
        decode(encode(filed(honest, replace(honest.files[0], kind=kind))))


def test_images_are_rows_only_where_there_is_no_table(honest):
    image = DataFile("b.png", 3, "0" * 64, "image", 1)
    table = replace(honest.files[0], rows=2)
    with pytest.raises(Malformed, match="images are rows"):
        decode(encode(filed(honest, table, image)))
    assert decode(encode(filed(honest, honest.files[0], replace(image, rows=0)))).rows.count == 3


def test_a_type_does_not_drive_a_terminal(honest, tmp_path, capsys):
    columns = (Column("id", "\x1b[2J\n  rows     0 new"), *honest.rows.columns[1:])
    (tmp_path / "f").write_bytes(encode(replace(honest, rows=rooted(honest.rows, columns=columns))))
    (tmp_path / "f.rows").write_bytes((tmp_path / "m.rows").read_bytes())
    assert dispatch(["data", "diff", str(tmp_path / "m"), str(tmp_path / "f")]) == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\n  rows     0 new" not in said
