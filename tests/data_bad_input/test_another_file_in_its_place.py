"""Files that were changed, truncated, re-ordered, re-encoded, swapped, added or taken away, and rows that moved.

For each kind of file, whoever takes the data by its manifest refuses it and names the file; whoever makes a new
manifest and compares sees what changed in rows.
"""

import shutil
from pathlib import Path

import pytest

from data_bad_input.sets import KINDS, ROWS, TABLES
from hauberk import data
from hauberk.errors import NotVerified, Unavailable

WHY = ("has the digest", "bytes, the manifest says", "names no file", "No such file")
FIRST, SECOND = ROWS[:5], ROWS[5:]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def cut(folder):
    name = min(files(folder))
    (folder / name).write_bytes(files(folder)[name][:-7])


def swap(folder):
    first, *_, last = sorted(files(folder))
    (folder / first).rename("aside")
    (folder / last).rename(folder / first)
    Path("aside").rename(folder / last)


def add(folder):
    name = min(files(folder))
    (folder / f"new-{Path(name).name}").write_bytes(files(folder)[name])


def opened(path, manifest):
    with data.open_verified(path, manifest=manifest) as file:
        return file.read()


CHANGES = {
    "changed": lambda kind, folder: kind.fill(folder, [*FIRST[:-1], FIRST[-1] | {"amount": 1e6}], SECOND),
    "truncated": lambda _, folder: cut(folder),
    "re-ordered": lambda kind, folder: kind.fill(folder, FIRST[::-1], SECOND),
    "re-encoded": lambda kind, folder: kind.fill(folder, FIRST, SECOND, again=True),
    "swapped": lambda _, folder: swap(folder),
    "row moved": lambda kind, folder: kind.fill(folder, FIRST[:-1], [FIRST[-1], *SECOND]),
    "added": lambda _, folder: add(folder),
    "taken away": lambda _, folder: (folder / min(files(folder))).unlink(),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture
def touched(kind, change, folder, ada):
    """Make a manifest, then change the set; return the names of the files that are not what they were."""
    kind.fill(folder, FIRST, SECOND)
    assert ada.makes_a_manifest() == 0
    before = files(folder)
    CHANGES[change](kind, folder)
    after = files(folder)
    found = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    assert found
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_training_does_not_start_and_names_the_files(touched, ada):
    assert ada.trains() == 1
    assert "set is not the data set t: " in ada.said
    assert all(name in ada.said for name in touched)
    assert "train on the approved data, or make a manifest of these" in ada.said
    assert not Path("model").exists()
    assert not Path("p.json").exists()


@pytest.mark.parametrize("change", CHANGES)
def test_an_approval_is_refused_and_names_the_files(touched, ada):
    assert ada.approves() == 1
    assert "the data are not those of the manifest t: " in ada.said
    assert all(name in ada.said for name in touched[:5])
    assert "make a manifest of these; nothing was approved" in ada.said
    assert "approved by" not in ada.said


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("read", [opened, data.read_verified], ids=["open_verified", "read_verified"])
def test_a_program_gets_no_whole_file_and_is_told_which(touched, read, folder):
    for name in touched:
        with pytest.raises(NotVerified if (folder / name).exists() else Unavailable) as refused:
            read(folder / name, manifest="week.manifest")
        assert name in refused.value.message
        assert any(said in refused.value.message for said in WHY)
        assert refused.value.hint


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_compared_with_it_is_refused(touched, ada, folder):
    folder.rename("other")
    Path("set").symlink_to("other")
    Path("checks.yaml").write_text(Path("checks.yaml").read_text() + "duplicates: [{columns: [id]}]\n")
    assert ada.checks("other", "--reference", "week.manifest=other") == 1
    assert "t has the digest" in ada.said


@pytest.mark.parametrize("change", [change for change in CHANGES if change != "added"])
def test_a_comparison_that_reads_the_data_is_refused(kind, touched, ada):
    for end in ("", ".rows"):
        shutil.copy(f"week.manifest{end}", f"now.manifest{end}")
    if kind is KINDS["images"]:  # whose rows are all in the manifest: no image is read
        assert ada.diffs("--distributions") == 0
        return
    assert ada.diffs("--distributions") == (1 if Path("set", touched[0]).exists() else 3)
    assert touched[0] in ada.said
    assert any(said in ada.said for said in ("get that one, or make a manifest of this one", "say where it is"))
    assert "rows       " not in ada.said


# Whoever makes a new manifest and compares.

SEEN = {
    "changed": (1, ("0 new, 1 changed, 0 removed", "1 with other bytes: a.")),
    "re-ordered": (1, ("the same rows in another order", "1 with other bytes: a.")),
    "re-encoded": (0, ("the same rows", "2 with other bytes: a.")),
    "swapped": (1, ("the same rows in another order", "2 with other bytes: a.")),
    "row moved": (0, ("the same rows", "2 with other bytes: a.")),
    "added": (1, ("5 new, 0 changed, 0 removed", "1 more: new-a.")),
    "taken away": (1, ("0 new, 0 changed, 5 removed", "1 gone: a.")),
}


@pytest.mark.parametrize("change", SEEN)
@pytest.mark.parametrize("name", TABLES)
def test_a_comparison_of_manifests_says_what_became_of_rows_and_files(name, change, ada, folder):
    TABLES[name].fill(folder, FIRST, SECOND)
    assert ada.makes_a_manifest("week", "--key", "id") == 0
    CHANGES[change](TABLES[name], folder)
    assert ada.makes_a_manifest("now", "--key", "id") == 0
    code, said = SEEN[change]
    assert (ada.diffs(), all(one in ada.said for one in said)) == (code, True), ada.said
