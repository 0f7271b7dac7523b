"""Files that end too early, cut at every byte.

| file | cut anywhere | where nothing in the file can tell |
|---|---|---|
| Parquet, Arrow file | refused | |
| Arrow stream | refused, also between two batches | |
| CSV | refused within a row or within quotes | at the end of a row, and within its last cell: rows that are gone or changed |
| JSON lines | refused within a line | at the end of a line: rows that are gone |
| images | | anywhere: another row, which holds the digest of its bytes |

Where nothing tells, the digest of the file and the root of the rows are others, so whoever has a manifest is not
deceived; that is `test_another_file_in_its_place`, and the second half of this file.
"""

import io

import pyarrow as pa
import pytest

from data_bad_input.sets import KINDS, ROWS, TABLES
from hauberk import data
from hauberk.dataset.manifest import decode
from hauberk.errors import Malformed, NotVerified
from hauberk.verbs.data_manifest import Wanted, make_manifest

PLAIN = Wanted("t", None)


def made(path, folder):
    """Make a manifest; return what it says of rows, or what was refused: by name, with what to do, leaving nothing."""
    refused = None
    try:
        found = make_manifest((path,), folder / "m", PLAIN).rows
    except Malformed as error:
        refused = error
    if refused is not None:
        assert path.name in refused.message
        assert refused.hint
        assert list(folder.iterdir()) == [path]
        return refused
    assert decode((folder / "m").read_bytes()).rows == found
    (folder / "m").unlink()
    (folder / "m.rows").unlink()
    return found


def every_cut(name, tmp_path, *, again=False, rows=ROWS, step=1):
    """Yield each number of bytes and what became of a file that was cut there."""
    path = tmp_path / f"t.{KINDS[name].ending}"
    (KINDS[name].again if again else KINDS[name].write)(path, pa.Table.from_pylist(rows))
    whole = path.read_bytes()
    for size in range(0, len(whole), step):
        path.write_bytes(whole[:size])
        yield whole[:size], made(path, tmp_path)


@pytest.mark.parametrize("again", [False, True], ids=["one batch", "many"])
@pytest.mark.parametrize("name", ["parquet", "arrow", "stream"])
def test_what_has_an_end_is_refused_wherever_it_is_cut(name, again, tmp_path):
    cuts = list(every_cut(name, tmp_path, again=again, step=1 if name == "stream" else 3))
    assert [len(left) for left, found in cuts if not isinstance(found, Malformed)] == []
    assert len(cuts) > 300
    between = [found for _, found in cuts if "ends without the mark of a stream's end: it is cut" in found.message]
    assert len(between) >= (5 if again else 2) if name == "stream" else not between  # before, and after each batch


def test_a_stream_behind_a_stream_is_refused(tmp_path):
    TABLES["stream"].write(tmp_path / "t.arrow", pa.Table.from_pylist(ROWS))
    whole = (tmp_path / "t.arrow").read_bytes()
    (tmp_path / "t.arrow").write_bytes(whole * 2)
    assert f"has {len(whole)} bytes behind its end" in made(tmp_path / "t.arrow", tmp_path).message


def test_csv_is_refused_within_a_row_but_for_its_last_cell(tmp_path):
    seen = [(left.decode(errors="replace"), found) for left, found in every_cut("csv", tmp_path)]
    for left, found in seen:
        last = left.rpartition("\n")[2]
        tells = last.count(",") not in (0, 2) or (last and last.count(",") != 2) or "\n" not in left or "\ufffd" in left
        assert isinstance(found, Malformed) is bool(tells), left
    roots = [str(found.root) for _, found in seen if not isinstance(found, Malformed)]
    TABLES["csv"].write(tmp_path / "t.csv", pa.Table.from_pylist(ROWS))
    whole = str(made(tmp_path / "t.csv", tmp_path).root)
    assert [at for at, root in enumerate(roots) if root == whole] == [len(roots) - 1]  # but for the last line's end


@pytest.mark.parametrize("left", ['id,name\n1,"a', 'id,name\n1,"a\n2,b\n3,c\n', 'id,name\n1,"a""', 'id,"name\n1,a\n'])
def test_csv_that_ends_within_quotes_is_refused(left, tmp_path):
    (tmp_path / "t.csv").write_text(left)
    found = made(tmp_path / "t.csv", tmp_path)
    assert "ends within quotes: it is cut" in found.message or "Empty CSV file or block" in found.message


@pytest.mark.parametrize("left", ['id,name\n1,"a"', 'id,name\n1,"a\nb"\n', 'id,name\n1,5" pipe\n', 'id,name\n1,a""b\n'])
def test_quotes_that_are_closed_or_mean_nothing_are_read(left, tmp_path):
    (tmp_path / "t.csv").write_text(left)
    assert made(tmp_path / "t.csv", tmp_path).count == 1


def test_json_lines_are_refused_within_a_line(tmp_path):
    seen = list(every_cut("json-lines", tmp_path))
    for left, found in seen:
        last = left.rpartition(b"\n")[2]
        assert isinstance(found, Malformed) is bool(last and not last.endswith(b"}")), left
    assert {found.count for _, found in seen if not isinstance(found, Malformed)} == set(range(len(ROWS) + 1))


def test_an_image_that_is_cut_is_another_row(tmp_path):
    roots = [found.root for _, found in every_cut("images", tmp_path)]
    assert len({str(root) for root in roots}) == len(roots)


# With a manifest, also where nothing in the file can tell.


@pytest.mark.parametrize("name", KINDS)
def test_a_program_is_given_no_end_of_a_file_that_was_cut(name, tmp_path):
    path = tmp_path / f"t.{KINDS[name].ending}"
    KINDS[name].write(path, pa.Table.from_pylist(ROWS))
    make_manifest((path,), tmp_path / "m", PLAIN)
    whole = path.read_bytes()
    for size in range(0, len(whole), 5):
        path.write_bytes(whole[:size])
        said = f"has {size} bytes, the manifest says {len(whole)}"
        with pytest.raises(NotVerified, match=said):
            data.open_verified(path, manifest=tmp_path / "m")
        with pytest.raises(NotVerified, match=said):
            data.read_verified(path, manifest=tmp_path / "m")


@pytest.mark.parametrize("name", ["csv", "json-lines"])
def test_rows_that_were_cut_off_are_removed_rows(name, ada, folder):
    TABLES[name].fill(folder, ROWS)
    assert ada.makes_a_manifest("week", "--key", "id") == 0
    path = folder / f"a.{TABLES[name].ending}"
    path.write_bytes(b"".join(io.BytesIO(path.read_bytes()).readlines()[:-2]))
    assert ada.makes_a_manifest("now", "--key", "id") == 0
    assert ada.diffs() == 1
    assert "0 new, 0 changed, 2 removed" in ada.said
    assert (ada.trains(), f"{path.name} was changed" in ada.said) == (1, True)
    assert (ada.approves(), f"other bytes in {path.name}" in ada.said) == (1, True)


@pytest.mark.parametrize("name", TABLES)
def test_a_check_of_a_file_that_was_cut_passes_nothing(name, ada, folder):
    TABLES[name].fill(folder, ROWS[:4], ROWS[4:])
    path = folder / f"a.{TABLES[name].ending}"
    path.write_bytes(path.read_bytes()[:-9])
    assert ada.checks() == 3
    assert f"? {path.name}: {path.name}" in ada.said
    assert "incomplete" in ada.said
