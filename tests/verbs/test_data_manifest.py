"""`hauberk data manifest` on real files: what it records, and what it refuses."""

import json
import os
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from formats.table.writers import WRITERS, table
from hauberk.cli.dispatch import dispatch
from hauberk.dataset.manifest import decode
from hauberk.digest import dir_hash
from hauberk.errors import Malformed, Unavailable
from hauberk.verbs.data_manifest import Wanted, make_manifest

PLAIN = Wanted("t", None)


def manifest_of(folder, *paths, wanted=PLAIN):
    made = make_manifest(paths, folder / "t.manifest", wanted)
    assert decode((folder / "t.manifest").read_bytes()) == made
    return made


def write(path, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path)


def test_a_directory_has_the_digest_of_its_tree_and_the_rows_of_its_tables(tmp_path):
    write(tmp_path / "data/b/2.parquet", {"n": [3, 4, 5]})
    write(tmp_path / "data/a.parquet", {"n": [1, 2]})
    (tmp_path / "data/README.md").write_text("about")
    made = manifest_of(tmp_path, tmp_path / "data")
    assert made.digest == dir_hash((file.path, file.sha256) for file in made.files)
    assert [(file.path, file.kind, file.rows) for file in made.files] == [
        ("README.md", "other", 0),
        ("a.parquet", "parquet", 2),
        ("b/2.parquet", "parquet", 3),
    ]
    assert made.rows.count == 5


def test_the_root_is_the_same_however_the_rows_are_split_and_written(tmp_path):
    roots = set()
    for writer in WRITERS:
        writer(tmp_path / "t.parquet")
        roots.add(manifest_of(tmp_path, tmp_path / "t.parquet").rows.root)
    write(tmp_path / "split/1.parquet", table().slice(0, 333))
    write(tmp_path / "split/2.parquet", table().slice(333))
    roots.add(manifest_of(tmp_path, tmp_path / "split").rows.root)
    with pa.ipc.new_file(tmp_path / "t.arrow", table().schema) as file:
        file.write_table(table())
    roots.add(manifest_of(tmp_path, tmp_path / "t.arrow").rows.root)
    with pa.ipc.new_stream(tmp_path / "t.stream", table().schema) as stream:
        stream.write_table(table())
    roots.add(manifest_of(tmp_path, tmp_path / "t.stream").rows.root)
    assert len(roots) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.slice(1),
        lambda t: pa.concat_tables([t.slice(1), t.slice(0, 1)]),
        lambda t: pa.concat_tables([t, t.slice(0, 1)]),
        lambda t: t.set_column(0, "id", pa.array([7, *range(1, 1000)])),
        lambda t: t.rename_columns(["ID", *t.column_names[1:]]),
        lambda t: t.select([*t.column_names[1:], "id"]),
        lambda t: t.drop_columns(["gap"]),
        lambda t: t.set_column(0, "id", t.column("id").cast(pa.float64())),
    ],
    ids=["truncated", "re-ordered", "repeated", "changed", "renamed", "columns re-ordered", "column gone", "retyped"],
)
def test_what_changes_the_table_changes_the_root(change, tmp_path):
    write(tmp_path / "t.parquet", table())
    before = manifest_of(tmp_path, tmp_path / "t.parquet").rows.root
    write(tmp_path / "t.parquet", change(table()))
    assert manifest_of(tmp_path, tmp_path / "t.parquet").rows.root != before


def test_a_row_that_moved_to_another_file_changes_the_manifest(tmp_path):
    write(tmp_path / "d/1.parquet", {"n": [1, 2, 3]})
    write(tmp_path / "d/2.parquet", {"n": [4]})
    before = manifest_of(tmp_path, tmp_path / "d")
    write(tmp_path / "d/1.parquet", {"n": [1, 2]})
    write(tmp_path / "d/2.parquet", {"n": [3, 4]})
    after = manifest_of(tmp_path, tmp_path / "d")
    assert after.rows.root == before.rows.root
    assert after.digest != before.digest
    assert [file.rows for file in after.files] == [2, 2]


def test_csv_is_text_as_written(tmp_path):
    (tmp_path / "t.csv").write_text('a,b\n1,\n01,"x,\ny"\n')
    made = manifest_of(tmp_path, tmp_path / "t.csv")
    write(tmp_path / "t.parquet", {"a": ["1", "01"], "b": ["", "x,\ny"]})
    assert made.rows.root == manifest_of(tmp_path, tmp_path / "t.parquet").rows.root


def test_json_lines_are_a_table_of_all_their_keys(tmp_path):
    lines = [{"a": 1, "b": [1, None]}, {"a": None, "c": {"x": "y"}}, {"b": []}]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    made = manifest_of(tmp_path, tmp_path / "t.jsonl")
    assert [(c.name, c.type) for c in made.rows.columns] == [
        ("a", "int"),
        ("b", "list<int>"),
        ("c", "struct<x:string>"),
    ]
    write(tmp_path / "t.parquet", pa.Table.from_pylist([{"a": None, "b": None, "c": None} | line for line in lines]))
    assert made.rows.root == manifest_of(tmp_path, tmp_path / "t.parquet").rows.root


def test_images_in_folders_are_rows_of_path_label_size_and_hash(tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / "d" / label).mkdir(parents=True)
        (tmp_path / "d" / label / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n" + label.encode())
    made = manifest_of(tmp_path, tmp_path / "d")
    assert [c.name for c in made.rows.columns] == ["path", "label", "size", "sha256"]
    assert (made.rows.count, [file.rows for file in made.files]) == (2, [1, 1])
    (tmp_path / "d/dog/1.png").rename(tmp_path / "d/cat/2.png")
    assert manifest_of(tmp_path, tmp_path / "d").rows.root != made.rows.root


def test_files_without_rows_are_a_data_set_too(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/notes.txt").write_text("x")
    assert manifest_of(tmp_path, tmp_path / "d").rows is None
    assert not (tmp_path / "t.manifest.rows").exists()


def test_the_rows_file_holds_hash_key_and_source_of_each_row(tmp_path):
    write(tmp_path / "t.parquet", {"id": [1, 2, 1], "v": [1.0, 2.0, 3.0], "from": ["a", None, "b"]})
    made = manifest_of(tmp_path, tmp_path / "t.parquet", wanted=Wanted("t", None, ("id",), "from"))
    data = (tmp_path / "t.manifest.rows").read_bytes()
    records = [data[at : at + 44] for at in range(0, len(data), 44)]
    assert made.rows.record_bytes == 44
    assert made.rows.sources == (("a", 1), ("", 1), ("b", 1))
    assert records[0][32:40] == records[2][32:40] != records[1][32:40]
    assert [int.from_bytes(record[40:], "little") for record in records] == [0, 1, 2]
    assert len({record[:32] for record in records}) == 3


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.parquet", b"PAR1" + bytes(60) + b"PAR1", "cannot be read as a table"),
        ("t.parquet", b"", "cannot be read as a table"),
        ("cut.data", b"PAR1" + bytes(60), "cannot be read as a table"),
        ("t.parquet", b"another format", "cannot be read as a table"),
        ("t.feather", b"", "cannot be read as a table"),
        ("t.arrow", b"ARROW1\0\0" + bytes(60), "cannot be read as a table"),
        ("t.csv", b"", "cannot be read as a table"),
        ("t.csv", b"a,b\n1,2\n3\n", "cannot be read as a table"),
        ("t.csv", b"a,a\n1,2\n", "is there twice"),
        ("t.csv", b"a\n\xff\n", "UTF"),
        ("t.jsonl", b'{"a": 1}\n[]\n', "line 2 is no object"),
        ("t.jsonl", b'{"a": 1, "a": 2}\n', "twice"),
        ("t.jsonl", b'{"a": NaN}\n', "NaN"),
        ("t.jsonl", b'{"a": 1}\n{"a": "x"}\n', "different types"),
        ("t.jsonl", b'{"a":' + b"[" * 100_000, "line 1"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_by_name(name, data, said, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Malformed, match=said) as error:
        manifest_of(tmp_path, tmp_path / name)
    assert name in error.value.message
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_a_damaged_page_is_refused(tmp_path):
    pq.write_table(table(), tmp_path / "t.parquet", compression="gzip", use_dictionary=False)
    data = bytearray((tmp_path / "t.parquet").read_bytes())
    data[200:260] = bytes(60)
    (tmp_path / "t.parquet").write_bytes(data)
    with pytest.raises(Malformed, match=r"t\.parquet cannot be read"):
        manifest_of(tmp_path, tmp_path / "t.parquet")


def test_tables_of_other_columns_are_not_one_data_set(tmp_path):
    write(tmp_path / "d/1.parquet", {"a": [1], "b": ["x"]})
    write(tmp_path / "d/2.parquet", {"a": [1.5], "c": ["x"]})
    with pytest.raises(Malformed, match="no 'b'; 'c' more; 'a' is float, not int"):
        manifest_of(tmp_path, tmp_path / "d")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    write(tmp_path / "t.parquet", table())

    def seen(*_):
        with (tmp_path / "t.parquet").open("ab") as file:
            file.write(b"x")

    with pytest.raises(Unavailable, match="changed while it was read"):
        make_manifest((tmp_path / "t.parquet",), tmp_path / "t.manifest", PLAIN, seen=seen)
    assert not (tmp_path / "t.manifest").exists()


def test_a_file_rewritten_in_place_with_its_old_times_is_refused(tmp_path):
    """The times that a program can set are put back; the inode's change time tells."""
    path = tmp_path / "t.parquet"
    write(path, table())
    before = path.stat()

    def seen(*_):
        data = path.read_bytes()
        path.write_bytes(data)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    with pytest.raises(Unavailable, match="changed while it was read"):
        make_manifest((path,), tmp_path / "t.manifest", PLAIN, seen=seen)


def test_links_and_odd_names_have_no_manifest(tmp_path):
    write(tmp_path / "d/t.parquet", {"n": [1]})
    (tmp_path / "d/link.parquet").symlink_to("t.parquet")
    with pytest.raises(Malformed, match=r"link\.parquet"):
        manifest_of(tmp_path, tmp_path / "d")


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.replace(b'"count":3', b'"count":4'),
        lambda m: m.replace(b'"name":"n"', b'"name":"m"'),
        lambda m: m.replace(b'"size":', b'"size": '),
        lambda m: m.replace(b'"kind":"parquet"', b'"kind":"parquet","more":1'),
        lambda m: m.replace(b'"rows":3', b'"rows":2'),
        lambda m: m[:-1],
        lambda m: b"",
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(change, tmp_path):
    write(tmp_path / "t.parquet", {"n": [1, 2, 3]})
    manifest_of(tmp_path, tmp_path / "t.parquet")
    data = (tmp_path / "t.manifest").read_bytes()
    assert change(data) != data
    with pytest.raises(Malformed):
        decode(change(data))


class TestCommand:
    @pytest.fixture(autouse=True)
    def _here(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "data/t.parquet", {"id": [1, 2], "from": ["a", "b"]})

    def test_it_makes_a_salt_once_and_says_so(self, capsys):
        assert dispatch(["data", "manifest", "data", "-o", "week1.manifest"]) == 0
        assert "made the salt .hauberk/keys/data.salt" in capsys.readouterr().err
        assert stat.S_IMODE(Path(".hauberk/keys/data.salt").stat().st_mode) == 0o600
        assert dispatch(["data", "manifest", "data", "-o", "week2.manifest"]) == 0
        told = capsys.readouterr()
        assert "made the salt" not in told.err
        assert "rows      2, in 2 columns" in told.out
        first, second = (decode(Path(f"week{n}.manifest").read_bytes()) for n in (1, 2))
        assert first.rows.root == second.rows.root
        assert (first.name, second.name) == ("week1", "week2")

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["data", "-o", "m", "--key", "nope"], 1, "no column 'nope'"),
            (["data", "-o", "data/m"], 2, "lies in data"),
            (["data", "-o", "m", "--salt", "data/salt"], 2, "lies in data"),
            (["data", "-o", "data.parquet.notes"], 2, "no older output"),
            (["missing", "-o", "m"], 3, "missing"),
            (["data", "-o", "m", "--retain", "7 years"], 2, "no time"),
            (["data", "-o", "m", "--unsalted", "--salt", "s"], 2, "not allowed with"),
            (["data"], 2, "-o/--output"),
            (["data", "data", "-o", "m"], 2, "two files would be named"),
            (["empty", "-o", "m"], 2, "no file"),
        ],
    )
    def test_it_refuses_by_name(self, arguments, code, said, capsys, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "data.parquet.notes").write_text("mine")
        assert dispatch(["data", "manifest", *arguments]) == code
        assert said in capsys.readouterr().err
        assert not Path("m").exists()
        assert not Path("m.rows").exists()

    def test_a_salt_that_others_read_is_refused(self, capsys, tmp_path):
        (tmp_path / "salt").write_text(f"hauberk-salt-1 {'0' * 64}\n")
        Path("salt").chmod(0o644)
        assert dispatch(["data", "manifest", "data", "-o", "m", "--salt", "salt"]) == 2
        assert "chmod 600" in capsys.readouterr().err
