"""A walk over a tree: each odd name and kind of file has its answer, and no link leads out."""

import os
import socket
from pathlib import Path

import pytest

from hauberk.digest import Digest
from hauberk.edge.sources import Odd, open_in_tree, read_tree, walk_tree
from hauberk.errors import Exceeded, Malformed, Unavailable
from hauberk.finding import UncheckedCode
from hauberk.limits import Limits

HEX = "5" * 40


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    (root / "model.bin").write_bytes(b"weights")
    return root


@pytest.fixture
def hub(tmp_path):
    """The layout of a Hugging Face cache: a snapshot's files are links into the repository's own blobs."""
    repository = tmp_path / "models--org--name"
    snapshot = repository / "snapshots" / "0123abcd"
    (snapshot / "sub").mkdir(parents=True)
    (repository / "blobs").mkdir()
    (repository / "blobs" / HEX).write_bytes(b"weights")
    (snapshot / "model.bin").symlink_to(f"../../blobs/{HEX}")
    (snapshot / "sub" / "deep.bin").symlink_to(f"../../../blobs/{HEX}")
    return snapshot


def odd_of(root):
    return [(odd.path, odd.code) for odd in read_tree(root).odd]


def paths_of(root, **arguments):
    return [file.path for file in read_tree(root, **arguments).files]


def test_files_come_in_the_order_of_the_bytes_of_their_whole_paths(tree):
    (tree / "sub").mkdir()
    (tree / "sub" / "x").write_bytes(b"")
    (tree / "sub.txt").write_bytes(b"")
    assert paths_of(tree) == ["model.bin", "sub.txt", "sub/x"]


def test_names_in_two_unicode_normal_forms_are_two_files(tree):
    (tree / "\u00e9").write_bytes(b"1")
    (tree / "e\u0301").write_bytes(b"2")
    assert paths_of(tree) == ["e\u0301", "model.bin", "\u00e9"]


def test_a_directory_without_files_is_nothing(tree):
    before = read_tree(tree).digest
    (tree / "empty" / "emptier").mkdir(parents=True)
    assert read_tree(tree).digest == before


def test_the_directory_that_a_person_names_may_be_a_link(tree, tmp_path):
    (tmp_path / "link").symlink_to(tree)
    assert read_tree(tmp_path / "link").digest == read_tree(tree).digest


def test_an_excluded_file_or_directory_is_passed_over(tree):
    (tree / "runs").mkdir()
    (tree / "runs" / "log").write_bytes(b"")
    (tree / "old").write_bytes(b"")
    assert paths_of(tree, exclude=frozenset({"runs", "old"})) == ["model.bin"]


def test_the_snapshot_of_a_hub_cache_is_read_through_its_own_links(hub):
    tree = read_tree(hub)
    assert ([file.path for file in tree.files], tree.odd) == (["model.bin", "sub/deep.bin"], ())


@pytest.mark.parametrize("up", [0, 1, 2, 3])
def test_a_hub_cache_is_read_from_any_folder_of_it(hub, up):
    root = [hub, *hub.parents][up]
    assert read_tree(root).odd == ()


def test_a_folder_inside_of_a_snapshot_is_read_alone(hub):
    assert paths_of(hub / "sub") == ["deep.bin"]


def test_one_file_of_a_tree_is_opened_below_its_directories(tree):
    (tree / "sub").mkdir()
    (tree / "sub" / "x").write_bytes(b"c")
    with open_in_tree(tree, "sub/x") as view:
        assert view.read_at(0, 9) == b"c"


def test_one_file_of_a_hub_snapshot_is_opened_as_the_walk_does(hub):
    with open_in_tree(hub, "sub/deep.bin") as view:
        assert view.read_at(0, 9) == b"weights"


def test_a_newline_in_a_name_is_odd_and_the_name_is_kept_as_it_is(tree):
    (tree / "a\nb").write_bytes(b"")
    assert odd_of(tree) == [("a\nb", UncheckedCode.NAME)]


def test_a_name_that_is_not_utf8_is_odd(tree):
    (tree / os.fsdecode(b"\xff")).write_bytes(b"")
    assert odd_of(tree) == [("\udcff", UncheckedCode.NAME)]


def test_a_directory_with_an_odd_name_is_odd_as_a_whole(tree):
    (tree / "a\nb").mkdir()
    (tree / "a\nb" / "file").write_bytes(b"")
    assert odd_of(tree) == [("a\nb", UncheckedCode.NAME)]


def test_a_fifo_is_odd_and_nobody_waits_for_its_writer(tree):
    os.mkfifo(tree / "fifo")
    assert odd_of(tree) == [("fifo", UncheckedCode.FILE_KIND)]


def test_a_socket_is_odd(tree, monkeypatch):
    monkeypatch.chdir(tree)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert odd_of(tree) == [("socket", UncheckedCode.FILE_KIND)]


def test_a_device_is_odd_and_is_not_opened():
    with pytest.raises(Unavailable, match="null in /dev: a character device"):
        open_in_tree("/dev", "null")


@pytest.mark.parametrize("target", ["model.bin", "/etc/passwd", "nowhere", "..", f"../../blobs/{HEX}"])
def test_a_link_is_odd_wherever_it_leads(tree, target):
    (tree / "link").symlink_to(target)
    assert odd_of(tree) == [("link", UncheckedCode.SYMLINK)]


@pytest.mark.parametrize(
    ("target", "leads_out"),
    [
        ("model.bin", False),
        ("nowhere", False),
        ("sub/../model.bin", False),
        (".", False),
        ("..", True),
        ("../tree/model.bin", True),
        ("sub/../../model.bin", True),
        ("/etc/passwd", True),
        ("{tree}/model.bin", False),
        ("{tree}/../model.bin", True),
        ("{tree}-of-others/model.bin", True),
        (f"/home/ada/.cache/huggingface/hub/models--org--name/blobs/{HEX}", False),
        ("../.dvc/cache/files/md5/ab/cdef0123456789abcdef0123456789", False),
        ("../.git/annex/objects/Wf/9J/SHA256E-s9--aa.bin/SHA256E-s9--aa.bin", False),
        (f"/home/ada/models--org--name/blobs/{HEX}/../../../key", True),
    ],
)
def test_a_link_says_whether_it_leads_out_of_the_tree(tree, target, leads_out):
    (tree / "link").symlink_to(target.replace("{tree}", str(tree)))
    assert [odd.leads_out for odd in read_tree(tree).odd] == [leads_out]


@pytest.mark.parametrize(
    ("target", "leads_out"), [("../../refs/main", False), ("../../../other", True), ("../../../blobs", True)]
)
def test_a_link_in_a_hub_cache_may_stay_in_its_repository(hub, target, leads_out):
    (hub / "link").symlink_to(target)
    assert [odd.leads_out for odd in read_tree(hub).odd] == [leads_out]


@pytest.mark.parametrize(
    "target",
    [
        f"../../../models--org--name/blobs/{HEX}",
        f"../blobs/{HEX}",
        f"../../blobs/../blobs/{HEX}",
        "../../blobs/not-a-hash",
        f"../../blobs/{'6' * 40}",
        f"/tmp/blobs/{HEX}",
        "../../refs/main",
        "model.bin",
    ],
)
def test_a_hub_link_to_anything_but_its_own_blob_is_odd(hub, target):
    (hub / "link").symlink_to(target)
    assert odd_of(hub) == [("link", UncheckedCode.SYMLINK)]


def test_a_hub_blob_that_is_itself_a_link_is_odd(hub):
    (hub.parents[1] / "blobs" / ("6" * 40)).symlink_to("/etc/passwd")
    (hub / "link").symlink_to(f"../../blobs/{'6' * 40}")
    assert odd_of(hub) == [("link", UncheckedCode.SYMLINK)]


def test_a_hub_blob_folder_that_is_a_link_is_not_entered(hub, tmp_path):
    (hub.parents[1] / "blobs").rename(tmp_path / "elsewhere")
    (hub.parents[1] / "blobs").symlink_to(tmp_path / "elsewhere")
    assert odd_of(hub) == [("model.bin", UncheckedCode.SYMLINK), ("sub/deep.bin", UncheckedCode.SYMLINK)]


def test_a_file_and_a_directory_without_permission_are_odd(tree, monkeypatch):
    real = os.open

    def forbidding(path, flags, *rest, **named):
        if path in ("model.bin", "closed"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *rest, **named)

    (tree / "closed").mkdir()
    monkeypatch.setattr(os, "open", forbidding)
    assert odd_of(tree) == [("closed", UncheckedCode.UNREADABLE), ("model.bin", UncheckedCode.UNREADABLE)]


def test_a_directory_that_cannot_be_listed_is_odd(tree, monkeypatch):
    def forbidding(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", forbidding)
    assert odd_of(tree) == [(".", UncheckedCode.UNREADABLE)]


def test_a_file_that_vanishes_after_it_was_listed_is_odd(tree):
    (tree / "z").write_bytes(b"")
    walk = walk_tree(tree)
    next(walk)
    (tree / "z").unlink()
    assert next(walk) == Odd("z", UncheckedCode.CHANGED, "No such file or directory")


def test_a_file_that_becomes_a_link_after_it_was_looked_at_is_odd(tree, monkeypatch):
    real = os.stat

    def swapping(path, **named):
        seen = real(path, **named)
        if path == "model.bin":
            (tree / "model.bin").unlink()
            (tree / "model.bin").symlink_to("/etc/passwd")
        return seen

    monkeypatch.setattr(os, "stat", swapping)
    assert odd_of(tree) == [("model.bin", UncheckedCode.CHANGED)]


def test_a_file_that_changes_while_it_is_hashed_is_odd(tree, monkeypatch):
    real = os.pread

    def growing(*arguments):
        with (tree / "model.bin").open("ab") as file:
            file.write(b"!")
        return real(*arguments)

    monkeypatch.setattr(os, "pread", growing)
    assert odd_of(tree) == [("model.bin", UncheckedCode.CHANGED)]


def test_a_directory_swapped_for_a_link_during_the_walk_leads_nowhere(tree, monkeypatch):
    (tree / "sub").mkdir()
    real = os.stat

    def swapping(path, **named):
        seen = real(path, **named)
        if path == "sub":
            (tree / "sub").rmdir()
            (tree / "sub").symlink_to("/etc")
        return seen

    monkeypatch.setattr(os, "stat", swapping)
    assert odd_of(tree) == [("sub", UncheckedCode.CHANGED)]


def test_a_tree_with_too_many_names_says_so_once(tree):
    for number in range(5):
        (tree / f"d{number}").mkdir()
        (tree / f"d{number}" / "file").write_bytes(b"")
    odd = read_tree(tree, limits=Limits(max_tree_files=7)).odd
    assert [(one.path, one.code) for one in odd] == [("d1", UncheckedCode.LIMIT)]


def test_a_tree_that_is_too_deep_says_where(tree):
    (tree / "a" / "b" / "c").mkdir(parents=True)
    odd = read_tree(tree, limits=Limits(max_tree_depth=2)).odd
    assert [(one.path, one.code) for one in odd] == [("a/b/c", UncheckedCode.LIMIT)]


@pytest.mark.parametrize("relative", ["", ".", "..", "/etc/passwd", "a//b", "a/../b", "a\nb", "a\0b", "\udcff", "a/"])
def test_a_path_that_is_not_inside_of_a_tree_is_malformed(tree, relative):
    with pytest.raises(Malformed, match="not a path inside a tree"):
        open_in_tree(tree, relative)


@pytest.mark.parametrize("relative", ["absent", "model.bin/x", "sub", "link", "link/passwd"])
def test_a_name_that_is_no_file_of_the_tree_is_unavailable(tree, relative):
    (tree / "sub").mkdir()
    (tree / "link").symlink_to("/etc")
    with pytest.raises(Unavailable):
        open_in_tree(tree, relative)


@pytest.mark.parametrize(
    ("limits", "make", "error"),
    [
        (Limits(), lambda root: os.mkfifo(root / "fifo"), Malformed),
        (Limits(), lambda root: (root / "link").symlink_to("model.bin"), Malformed),
        (Limits(), lambda root: (root / "model.bin").unlink(), Malformed),
        (Limits(max_tree_files=1), lambda root: (root / "more").write_bytes(b""), Exceeded),
    ],
    ids=["fifo", "link", "empty", "too many"],
)
def test_a_tree_with_anything_odd_has_no_digest(tree, limits, make, error):
    make(tree)
    with pytest.raises(error):
        _ = read_tree(tree, limits=limits).digest


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_bytes(b""), os.mkfifo])
def test_what_is_no_directory_is_not_walked(tmp_path, make):
    make(tmp_path / "it")
    with pytest.raises(Unavailable):
        read_tree(tmp_path / "it")


def test_no_descriptor_outlives_a_walk(tree, hub):
    (tree / "sub").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for root in (tree, hub):
        read_tree(root)
        next(iter(walk_tree(root)))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_check_value_of_the_specification_holds(tmp_path):
    contents = {"back\\slash": b"b", "plain": b"a", "sub/x": b"c", "sub.txt": b"d", "with space": b"e"}
    (tmp_path / "sub").mkdir()
    for path, content in contents.items():
        (tmp_path / path).write_bytes(content)
    known = Digest("dirHash", "dc358ee8655280fca00c22f7cbe996e170710b3c8b1d75754404a99d89c98aa7")
    assert read_tree(tmp_path).digest == known
