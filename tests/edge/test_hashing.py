"""Hashing a model: the digests of files and shards, many at a time, and what changed meanwhile."""

from __future__ import annotations

import hashlib
import os
import threading

import pytest
from blake3 import blake3

from hauberk.edge import extras, files, hashing
from hauberk.edge.hashing import Wanted, hash_one, hash_tree, identity, list_files
from hauberk.edge.sources import read_tree
from hauberk.edge.walk import Descent, Odd
from hauberk.errors import Unavailable
from hauberk.finding import UncheckedCode
from hauberk.signature.manifest import Hashing, HashType

LARGE = (2 << 20) + 7
FILES = {
    "a": b"1",
    "empty": b"",
    "sub/deep/b": b"22",
    "sub/c": b"333",
    "sub.txt": b"4",
    "large": bytes(range(256)) * 9000,
}
MAKE = {HashType.SHA256: hashlib.sha256, HashType.BLAKE2B: hashlib.blake2b, HashType.BLAKE3: blake3}


@pytest.fixture
def model(tmp_path):
    for name, data in FILES.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(data)
    return tmp_path / "model"


def run(model, wanted):
    found, odd = list_files(model)
    hashed, unread = hash_tree(model, found, wanted)
    assert odd == unread == []
    return hashed


def expected(data, how):
    size = how.shard_size
    pieces = [data] if size is None else [data[start : start + size] for start in range(0, len(data), size)]
    return "".join(MAKE[how.hash_type](piece).hexdigest() for piece in pieces)


@pytest.mark.parametrize("hash_type", HashType)
@pytest.mark.parametrize("shard_size", [None, 2, 1 << 20, 1 << 30])
@pytest.mark.parametrize("identify", [True, False])
def test_each_file_has_the_digests_that_were_asked_for(model, hash_type, shard_size, identify):
    if shard_size == 2:
        (model / "large").write_bytes(b"x" * 9)
    how = Hashing(hash_type, shard_size)
    for file in run(model, Wanted(how, identify)):
        data = (model / file.path).read_bytes()
        assert (file.size, file.digest) == (len(data), expected(data, how))
        known = identify or how == Hashing()
        assert file.sha256 == (hashlib.sha256(data).hexdigest() if known else None)


def test_the_files_are_those_of_a_walk_with_the_same_identity(model):
    tree = read_tree(model)
    hashed = run(model, Wanted())
    assert [(file.path, file.size, file.mode, file.sha256) for file in hashed] == [
        (file.path, file.size, file.mode, file.sha256) for file in tree.files
    ]
    assert identity(hashed) == tree.digest
    assert identity(run(model, Wanted(Hashing(shard_size=1 << 20), identify=False))) is None


def test_a_single_file_is_hashed_under_its_name(model):
    assert hash_one(model / "large", Wanted()).sha256 == hashlib.sha256(FILES["large"]).hexdigest()
    assert hash_one(model / "a", Wanted()).path == "a"
    with pytest.raises(Unavailable):
        hash_one(model / "nowhere", Wanted())


def test_listing_opens_no_file(model, monkeypatch):
    monkeypatch.setattr("hauberk.edge.walk.opened", None)
    assert {file.path: file.size for file in list_files(model)[0]} == {name: len(data) for name, data in FILES.items()}


def test_a_file_that_grew_after_it_was_listed_is_odd(model):
    found, _ = list_files(model)
    with (model / "a").open("ab") as file:
        file.write(b"!")
    hashed, odd = hash_tree(model, found, Wanted())
    assert [(one.path, one.code) for one in odd] == [("a", UncheckedCode.CHANGED)]
    assert len(hashed) == len(FILES) - 1


@pytest.mark.parametrize("name", ["a", "large"])
def test_a_file_that_changes_while_it_is_hashed_is_odd(model, monkeypatch, name):
    real = files.FileView.check_unchanged

    def change(view):
        if view.size == len(FILES[name]):
            os.utime(model / name)
        real(view)

    monkeypatch.setattr(files.FileView, "check_unchanged", change)
    found, _ = list_files(model)
    odd = hash_tree(model, found, Wanted())[1]
    assert [(one.path, one.code) for one in odd] == [(name, UncheckedCode.CHANGED)]


def test_a_large_file_that_becomes_shorter_is_odd(model, monkeypatch):
    real = files.FileView.read_into

    def cut(view, buffer, offset):
        os.truncate(model / "large", 5)
        return real(view, buffer, offset)

    monkeypatch.setattr(files.FileView, "read_into", cut)
    found, _ = list_files(model)
    odd = hash_tree(model, found, Wanted())[1]
    assert [one.path for one in odd] == ["large"]
    (model / "large").write_bytes(FILES["large"])
    with pytest.raises(Unavailable, match="changed"):
        hash_one(model / "large", Wanted())


def test_the_shards_of_one_file_are_hashed_by_several_threads(model, monkeypatch):
    met = threading.Barrier(2, timeout=20)
    monkeypatch.setattr(hashing, "processors", lambda: 2)
    real = hashing._hash_span

    def meet(view, make, start, end):
        met.wait()  # passes only if two are under way at a time
        return real(view, make, start, end)

    monkeypatch.setattr(hashing, "_hash_span", meet)
    (model / "large").write_bytes(bytes(LARGE))
    how = Hashing(shard_size=(LARGE + 1) // 2)
    found = {file.path: file.digest for file in run(model, Wanted(how, identify=False))}
    assert found["large"] == expected(bytes(LARGE), how)


def test_many_large_files_hold_few_descriptors(model, monkeypatch):
    monkeypatch.setattr(hashing, "_SMALL", 0)
    monkeypatch.setattr(hashing, "_WAITING", 3)
    most = []
    real = hashing._Crew._begin

    def begin(crew, path, view):
        real(crew, path, view)
        most.append(len(crew._begun))

    monkeypatch.setattr(hashing._Crew, "_begin", begin)
    assert identity(run(model, Wanted())) == read_tree(model).digest
    assert max(most) <= 3


# A tree under our feet


def reach(model, path):
    with Descent(model) as descent:
        descent.open("sub/deep/b").close()
        found = descent.open(path)
        if not isinstance(found, Odd):
            with found:
                return found.read_at(0, found.size)
        return found.code


def test_files_are_reached_in_any_order(model):
    with Descent(model) as descent:
        for name in ("sub/deep/b", "a", "sub/c", "sub/deep/b", "large", "sub.txt"):
            with descent.open(name) as view:
                assert view.read_at(0, view.size) == FILES[name]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nowhere", UncheckedCode.CHANGED),
        ("sub/nowhere/x", UncheckedCode.CHANGED),
        ("a/x", UncheckedCode.CHANGED),
        ("sub", UncheckedCode.CHANGED),
        ("link", UncheckedCode.SYMLINK),
        ("out/secret", UncheckedCode.SYMLINK),
        ("fifo", UncheckedCode.FILE_KIND),
    ],
)
def test_what_took_the_place_of_a_file_is_odd_and_not_followed(model, path, code):
    (model.parent / "secret").write_bytes(b"secret")
    (model / "link").symlink_to("../secret")
    (model / "out").symlink_to("..")
    os.mkfifo(model / "fifo")
    assert reach(model, path) == code


def test_a_folder_that_became_a_link_leads_nowhere(model):
    found, _ = list_files(model)
    (model / "sub").rename(model.parent / "sub")
    (model / "sub").symlink_to("../sub")
    odd = hash_tree(model, found, Wanted())[1]
    assert {one.path for one in odd} == {"sub"}


def test_the_hash_of_an_extra_names_the_extra(model, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="needs blake3") as caught:
        hash_one(model / "a", Wanted(Hashing(HashType.BLAKE3)))
    assert caught.value.hint == "pip install 'hauberk[blake3]'"
