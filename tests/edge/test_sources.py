"""The door to files and trees: identities, and private copies whose digest is of the copied bytes."""

import os

import pytest

from hauberk.digest import sha256
from hauberk.edge import files
from hauberk.edge.sources import digest_path, read_tree, snapshot
from hauberk.errors import Exceeded, Malformed, Unavailable
from hauberk.limits import Limits


@pytest.fixture
def model(tmp_path):
    root = tmp_path / "model"
    (root / "sub").mkdir(parents=True)
    (root / "model.bin").write_bytes(b"weights")
    (root / "sub" / "config").write_bytes(b"{}")
    return root


def test_a_file_is_known_by_its_sha256_and_a_directory_by_its_dirhash(model):
    assert digest_path(model / "model.bin") == sha256(b"weights")
    assert digest_path(model) == read_tree(model).digest


def test_a_tree_records_size_mode_and_hash_of_each_file(model):
    (model / "model.bin").chmod(0o755)
    first = read_tree(model).files[0]
    assert (first.path, first.size, first.mode, first.sha256) == ("model.bin", 7, 0o755, sha256(b"weights").hex)


def test_a_mode_is_no_part_of_the_digest(model):
    before = digest_path(model)
    (model / "model.bin").chmod(0o755)
    assert digest_path(model) == before


def test_a_snapshot_holds_the_bytes_that_its_digest_is_of(model):
    copy = snapshot(model)
    (model / "model.bin").write_bytes(b"changed afterwards")
    assert dict(copy.files) == {"model.bin": b"weights", "sub/config": b"{}"}
    assert copy.tree is not None
    assert copy.digest == copy.tree.digest != digest_path(model)


def test_a_snapshot_of_a_file_is_known_by_its_sha256(model):
    copy = snapshot(model / "model.bin")
    assert (copy.tree, copy.digest, dict(copy.files)) == (None, sha256(b"weights"), {"model.bin": b"weights"})


def test_each_file_of_a_snapshot_is_read_once(model, monkeypatch):
    reads = []
    real = os.pread
    monkeypatch.setattr(files.os, "pread", lambda *arguments: reads.append(arguments[1:]) or real(*arguments))
    snapshot(model)
    assert reads == [(7, 0), (2, 0)]


@pytest.mark.parametrize("path", [".", "model.bin"])
def test_a_snapshot_larger_than_private_memory_may_be_is_refused(model, path):
    with pytest.raises(Exceeded, match="bytes long") as caught:
        snapshot(model / path, limits=Limits(max_load_bytes=6))
    assert "Limits(max_load_bytes=" in caught.value.hint


def test_the_limit_of_a_snapshot_is_for_all_files_together(model):
    with pytest.raises(Exceeded):
        snapshot(model, limits=Limits(max_load_bytes=8))


def test_a_file_that_changes_while_it_is_copied_is_no_snapshot(model, monkeypatch):
    real = os.pread

    def growing(*arguments):
        with (model / "model.bin").open("ab") as file:
            file.write(b"!")
        return real(*arguments)

    monkeypatch.setattr(files.os, "pread", growing)
    with pytest.raises(Unavailable, match="changed while it was read"):
        snapshot(model)


def test_a_tree_with_a_link_is_no_snapshot(model):
    (model / "link").symlink_to("model.bin")
    with pytest.raises(Malformed, match="link: a symbolic link to model"):
        snapshot(model)


@pytest.mark.parametrize("read", [digest_path, snapshot])
def test_an_empty_directory_is_no_subject(tmp_path, read):
    with pytest.raises(Malformed, match="empty tree"):
        read(tmp_path)


@pytest.mark.parametrize("read", [digest_path, snapshot])
def test_what_is_absent_is_unavailable(tmp_path, read):
    with pytest.raises(Unavailable, match="No such file"):
        read(tmp_path / "absent")
