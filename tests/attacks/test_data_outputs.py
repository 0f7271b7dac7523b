"""What the verbs of data write: over nothing of a person's own, whole or not at all, and readable again."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.dataset.manifest import decode
from hauberk.edge.row_spool import RowSpool

ROWS = "id,amount\n" + "".join(f"{n},{n}.5\n" for n in range(20_000))
CHECKS = "schema: urn:hauberk:data-checks:v1\nname: t\nrows: [{min: 1}]\n"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/a.csv").write_text(ROWS)
    Path("checks.yaml").write_text(CHECKS)


def manifest(*more, paths=("data",), output="week.manifest"):
    return dispatch(["data", "manifest", *paths, "-o", output, "--unsalted", *more])


def everything():
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


@contextmanager
def no_room(size):
    """Let files grow to `size` bytes only, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("paths", "output"),
    [(("week.rows",), "week"), (("more/a.csv", "more/week.rows"), "more/week"), (("more",), "more.d/../more/week")],
)
def test_no_data_is_written_over_by_the_hashes_of_its_rows(paths, output, capsys):
    Path("more").mkdir()
    Path("more.d").mkdir()
    for name in ("week.rows", "more/week.rows", "more/a.csv"):
        Path(name).write_text(ROWS)
    before = everything()
    assert manifest(paths=paths, output=output) == 2
    assert "which is read" in capsys.readouterr().err
    assert everything() == before
    assert Path("week.rows").read_text() == Path("more/week.rows").read_text() == ROWS


@pytest.mark.parametrize("what", ["another file", "a link", "as long, without a manifest"])
def test_a_file_that_only_has_the_name_of_hashes_stays(what, capsys):
    hashes = Path("week.manifest.rows")
    if what == "a link":
        assert manifest() == 0
        hashes.rename("kept")
        hashes.symlink_to("kept")
    else:
        hashes.write_bytes(b"mine" if what == "another file" else bytes(32 * 20_000))
    before = hashes.read_bytes()
    assert manifest() == 2
    assert "it stays" in capsys.readouterr().err
    assert hashes.read_bytes() == before


def test_older_hashes_are_replaced_with_their_manifest():
    assert manifest() == 0
    with Path("data/a.csv").open("a") as file:
        file.write("0,0\n")
    assert manifest() == 0
    assert Path("week.manifest.rows").stat().st_size == 32 * 20_001


@pytest.mark.parametrize(
    "text", ["def f() -> int:\n    return 1\n", "a -> b\n", "a -> b\nc\n", "A -> B\n  files    1\n"]
)
def test_a_text_with_an_arrow_is_no_answer_of_a_comparison(text):
    assert manifest() == 0
    Path("mine.py").write_text(text)
    assert dispatch(["data", "diff", "week.manifest", "week.manifest", "--output", "mine.py"]) == 2
    assert Path("mine.py").read_text() == text


@pytest.mark.parametrize("text", ["there are 3 rows, and more\n", "t: data: 3 rows, sha256:00\n  x\n"])
def test_a_text_about_rows_is_no_answer_of_a_check(text):
    Path("mine.txt").write_text(text)
    assert dispatch(["data", "check", "data", "--checks", "checks.yaml", "--output", "mine.txt"]) == 2
    assert Path("mine.txt").read_text() == text


def test_a_table_with_a_column_of_that_name_is_no_older_output():
    assert manifest() == 0
    Path("mine.csv").write_text('"change","amount"\n"up",3\n')
    assert dispatch(["data", "diff", "week.manifest", "week.manifest", "--rows-out", "mine.csv"]) == 2
    assert Path("mine.csv").read_text().endswith('"up",3\n')


def test_older_answers_are_replaced():
    Path("one").mkdir()
    Path("one/a.csv").write_text("id\n1\n")
    for _ in range(2):
        assert manifest() == 0
        assert dispatch(["data", "diff", "week.manifest", "week.manifest", "--output", "diff.txt"]) == 0
        assert dispatch(["data", "diff", "week.manifest", "week.manifest", "--rows-out", "rows.csv"]) == 0
        for folder in ("data", "one"):
            assert dispatch(["data", "check", folder, "--checks", "checks.yaml", "--output", f"{folder}.txt"]) == 0


def test_no_answer_of_a_check_lies_in_the_data():
    assert dispatch(["data", "check", "data", "--checks", "checks.yaml", "--output", "data/answer.txt"]) == 2
    assert everything() == ["checks.yaml", "data/a.csv"]


@pytest.mark.parametrize("name", ["Week47", "week 47", "ü", "-", "../up", "x" * 129])
def test_no_manifest_is_made_that_nobody_can_read(name, capsys):
    assert manifest("--name", name) == 2
    assert "is no name of a data set" in capsys.readouterr().err
    assert everything() == ["checks.yaml", "data/a.csv"]
    assert manifest(output="Week47.manifest") == 2
    assert "next: --name week47" in capsys.readouterr().err


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", ["x\ny.csv", "\udcff.csv"])
def test_a_file_has_a_name_that_a_digest_can_hold_also_where_it_is_alone(name, jobs, capsys):
    Path(name).write_text(ROWS)
    assert manifest("--jobs", jobs, paths=(name,)) == 1
    assert "next: rename it" in capsys.readouterr().err
    assert not Path("week.manifest").exists()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_is_said_and_nothing_is_left(jobs, capsys):
    before = everything()
    with no_room(100_000):
        assert manifest("--jobs", jobs) == 3
    assert "File too large" in capsys.readouterr().err
    assert everything() == before


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_that_do_not_fit_on_the_disk_are_said(ending, capsys):
    assert manifest() == 0
    Path("data/a.csv").write_text(ROWS.replace(".5", ".25"))
    assert manifest(output="next.manifest") == 0
    Path("older").mkdir()
    Path("older/a.csv").write_text(ROWS)
    before = everything()
    with no_room(4096):
        asked = ["data", "diff", "week.manifest", "next.manifest", "--older-data", "older", "--rows-out", f"o.{ending}"]
        assert dispatch(asked) == 3
    assert "File too large" in capsys.readouterr().err
    assert everything() == before


def test_records_that_did_not_fit_are_no_fault_when_they_go(recwarn):
    with no_room(4096), RowSpool(8) as spool, pytest.raises(Exception, match="File too large"):
        spool.append(bytes(1 << 20))
    assert not recwarn.list


def test_a_person_who_interrupts_finds_nothing_half_made():
    Path("data/b.csv").write_text("id,amount\n" + "".join(f"{n},{n}.5\n" for n in range(1_000_000)))
    before = everything()
    asked = ["data", "manifest", "data", "-o", "week.manifest", "--unsalted"]
    with subprocess.Popen([sys.executable, "-m", "hauberk", *asked], stderr=subprocess.PIPE) as process:
        while process.poll() is None and not list(Path().glob("*.part")):
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert everything() == before


def test_keys_and_salts_are_no_data(capsys):
    Path("data/.hauberk/keys").mkdir(parents=True)
    Path("data/.hauberk/keys/data.salt").write_text(f"hauberk-salt-1 {'0' * 64}\n")
    for jobs in ("1", "2"):
        assert manifest("--jobs", jobs) == 2
        assert "holds .hauberk" in capsys.readouterr().err
    assert dispatch(["data", "check", "data", "--checks", "checks.yaml"]) == 2


def test_what_was_written_is_read_again():
    assert manifest() == 0
    assert decode(Path("week.manifest").read_bytes()).rows.count == 20_000


def test_a_salt_is_not_published_under_whatever_name(capsys):
    Path("data/notes.txt").write_text(f"hauberk-salt-1 {'0' * 64}\n")
    assert dispatch(["data", "publish", "data", "s3://bucket/week/", "--retain", "1d"]) == 2
    assert "notes.txt in data is a salt" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["file:///tmp/x", "somewhere", "https://host/x", "s3://b3t/x?versionId=1"])
def test_nothing_is_published_where_no_lock_is(place, capsys):
    assert dispatch(["data", "publish", "data", place, "--retain", "1d"]) == 2
    assert "next: write s3://bucket/prefix/" in capsys.readouterr().err


def test_a_manifest_that_was_never_published_says_so(capsys):
    assert manifest() == 0
    assert dispatch(["data", "check-store", "week.manifest"]) == 2
    assert "publish it" in capsys.readouterr().err
