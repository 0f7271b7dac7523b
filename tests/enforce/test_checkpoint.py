"""Tensors are verified while they are loaded: what was hashed is what is used, and each file is looked at when it is."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import pickle
import random
import threading

import numpy as np
import pytest

from hauberk.digest import dir_hash, sha256
from hauberk.edge import clock, private
from hauberk.edge.files import FileView
from hauberk.edge.sources import digest_path
from hauberk.enforce import checkpoint as checkpoints
from hauberk.enforce.checkpoint import Checkpoint
from hauberk.enforce.load import load
from hauberk.errors import Exceeded, Malformed, Refused, Unavailable
from hauberk.limits import Limits
from hauberk.subject import Subject
from hauberk.verdict import Permit

INDEX = "model.safetensors.index.json"
SHARDS = {"model-1.safetensors": ("a", "c"), "model-2.safetensors": ("b",)}
NUMBERS = {"a": [1.0, 2.0], "b": [3.0, 4.0, 5.0], "c": [6.0]}
OTHER = [9.0, 9.0, 9.0]


def safetensors(arrays, dtype="F32", code="<f4", pad=0):
    header, data = {}, b""
    for name, numbers in arrays.items():
        raw = np.array(numbers, code).tobytes()
        header[name] = {"dtype": dtype, "shape": [len(numbers)], "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8 + pad)
    return len(text).to_bytes(8, "little") + text + data


def index(weight_map):
    return json.dumps({"metadata": {"total_size": 24}, "weight_map": weight_map}).encode()


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for file, names in SHARDS.items():
        (folder / file).write_bytes(safetensors({name: NUMBERS[name] for name in names}))
    (folder / INDEX).write_bytes(index({name: file for file, names in SHARDS.items() for name in names}))
    (folder / "config.json").write_text("{}")
    return folder


def files_of(model):
    return {
        path.relative_to(model).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in model.rglob("*")
        if path.is_file()
    }


def permit_for(digest, **changes):
    facts = {
        "gate": "load",
        "subject": Subject("model", "m", digest),
        "policy": sha256(b"policy"),
        "checkpoint_size": 10,
        "not_after": clock.now() + 3600,
    }
    return Permit(**(facts | changes))


def opened(model, entry=INDEX, **more):
    """Open a model by the permit and the list of what is there now."""
    files = files_of(model)
    return load(model, permit=permit_for(dir_hash(files.items())), entry=entry, files=files, **more)


def swap(path, data):
    """Put another file in the place of one, as an attacker who is not seen by whoever has it open."""
    path.with_name("new").write_bytes(data)
    path.with_name("new").rename(path)


@pytest.fixture
def copied(monkeypatch):
    """Return the list of files that are copied, as that happens."""
    names: list[str] = []
    copy = checkpoints.copy_private

    def noted(view, limit, name, **more):
        names.append(name)
        return copy(view, limit, name, **more)

    monkeypatch.setattr(checkpoints, "copy_private", noted)
    return names


def test_the_tensors_of_all_shards_open_by_their_names(model):
    found = opened(model)
    assert isinstance(found, Checkpoint)
    assert {name: array.tolist() for name, array in found.items()} == NUMBERS
    assert (len(found), "a" in found, "x" in found, found["b"].dtype) == (3, True, False, np.float32)


def test_a_list_is_not_needed(model):
    found = load(model, permit=permit_for(digest_path(model)), entry=INDEX)
    assert {name: array.tolist() for name, array in found.items()} == NUMBERS


def test_an_index_in_a_folder_names_files_of_that_folder(model):
    (model.parent / "top").mkdir()
    model.rename(model.parent / "top" / "deep")
    assert opened(model.parent / "top", f"deep/{INDEX}")["b"].tolist() == NUMBERS["b"]


def test_a_shard_is_read_when_it_is_asked_for_and_once(model, copied):
    found = opened(model)
    assert copied == []
    first = found["b"]
    assert copied == ["model-2.safetensors"]
    assert list(found) == ["a", "c", "b"]  # the order of the files
    kept = list(found.values())
    assert copied == ["model-2.safetensors", "model-1.safetensors"]
    assert [array.tolist() for array in (first, *kept)] == [NUMBERS[name] for name in ("b", "a", "c", "b")]


def test_a_shard_stays_as_long_as_one_of_its_arrays(model, copied):
    found = opened(model)
    kept = found["a"]
    assert found["b"].tolist() == NUMBERS["b"]
    assert found["c"].tolist() == NUMBERS["c"]
    assert copied == ["model-1.safetensors", "model-2.safetensors"]
    assert kept.tolist() == NUMBERS["a"]


def test_a_shard_that_nobody_holds_is_read_and_verified_again(model, copied):
    found = opened(model)
    assert [found[name].tolist() for name in ("a", "b")] == [NUMBERS["a"], NUMBERS["b"]]
    gc.collect()
    swap(model / "model-1.safetensors", safetensors({"a": OTHER, "c": OTHER}))
    with pytest.raises(Refused, match=r"model-1\.safetensors"):
        found["a"]
    assert copied == ["model-1.safetensors", "model-2.safetensors", "model-1.safetensors"]


def test_each_byte_of_a_shard_is_read_from_its_file_once(model, monkeypatch):
    found = opened(model)
    read: list[int] = []
    into = FileView.read_into
    monkeypatch.setattr(FileView, "read_at", None)
    monkeypatch.setattr(FileView, "read_into", lambda *given: read.append(count := into(*given)) or count)
    assert found["b"].tolist() == NUMBERS["b"]
    assert sum(read) == (model / "model-2.safetensors").stat().st_size


def test_what_was_verified_cannot_be_written(model):
    found = opened(model)
    with pytest.raises(ValueError, match="read-only"):
        found["a"][0] = 7


def test_a_shard_that_changed_after_the_start_is_refused_at_its_first_tensor(model):
    found = opened(model)
    swap(model / "model-2.safetensors", safetensors({"b": OTHER}))
    assert found["a"].tolist() == NUMBERS["a"]
    with pytest.raises(Refused, match=r"the permit is for model-2\.safetensors with sha256:"):
        found["b"]


def test_one_bit_of_a_shard_is_enough(model):
    found = opened(model)
    data = bytearray((model / "model-2.safetensors").read_bytes())
    data[-1] ^= 1
    (model / "model-2.safetensors").write_bytes(data)
    with pytest.raises(Refused, match="what is there now"):
        found["b"]


def test_a_shard_swapped_between_looking_and_copying_is_refused(model, monkeypatch):
    found, copy = opened(model), checkpoints.copy_private

    def late(view, limit, name, **more):
        os.pwrite(os.open(model / "model-2.safetensors", os.O_WRONLY), b"\x7f", view.size - 1)
        return copy(view, limit, name, **more)

    monkeypatch.setattr(checkpoints, "copy_private", late)
    with pytest.raises((Refused, Unavailable)):
        found["b"]


def test_a_shard_swapped_after_it_was_verified_changes_nothing(model):
    found = opened(model)
    array = found["b"]
    file = model / "model-2.safetensors"
    with file.open("r+b") as there:  # into the very file that was read, and cut
        there.write(safetensors({"b": OTHER}))
        there.truncate(8)
    assert array.tolist() == found["b"].tolist() == NUMBERS["b"]


def test_no_reader_gets_another_number_while_somebody_swaps_the_file(model):
    right, wrong = safetensors({"b": NUMBERS["b"]}), safetensors({"b": OTHER})
    files = files_of(model)
    stop = threading.Event()

    def attack():
        while not stop.is_set():
            for data in (wrong, right):
                swap(model / "model-2.safetensors", data)

    attacker = threading.Thread(target=attack)
    attacker.start()
    seen = set()
    try:
        for _ in range(60):
            try:
                found = load(model, permit=permit_for(dir_hash(files.items())), entry=INDEX, files=files)
                seen.add(tuple(found["b"].tolist()))
            except (Refused, Unavailable):
                seen.add(None)
    finally:
        stop.set()
        attacker.join()
    assert seen <= {tuple(NUMBERS["b"]), None}


def test_a_shard_that_is_gone_is_refused(model):
    found = opened(model)
    (model / "model-2.safetensors").unlink()
    with pytest.raises(Refused, match="not what the permit is for"):
        found["b"]


def test_a_link_in_the_place_of_a_shard_is_refused(model, tmp_path):
    found = opened(model)
    (model / "model-2.safetensors").rename(tmp_path / "same")
    (model / "model-2.safetensors").symlink_to(tmp_path / "same")
    with pytest.raises(Refused, match="symbolic link"):
        found["b"]


def test_a_tensor_is_given_only_while_the_permit_lasts_also_of_a_shard_in_memory(model, monkeypatch):
    found = opened(model)
    kept = found["a"]
    later = clock.now() + 3601
    monkeypatch.setattr(clock, "now", lambda: later)
    for name in ("b", "c", "a"):  # of another shard, of the same one, and the same again
        with pytest.raises(Refused, match="the permit ended"):
            found[name]
    assert kept.tolist() == NUMBERS["a"]


def test_a_list_of_another_tree_is_refused(model):
    files = files_of(model)
    permit = permit_for(dir_hash(files.items()))
    (model / "model-2.safetensors").write_bytes(safetensors({"b": OTHER}))
    with pytest.raises(Refused, match="the permit is for dirHash:"):
        load(model, permit=permit, entry=INDEX, files=files_of(model))
    with pytest.raises(Refused, match="the permit is for dirHash:"):
        load(model, permit=permit, entry=INDEX)


@pytest.mark.parametrize("changes", [{"gate": "register"}, {"not_after": 1}])
def test_a_permit_that_does_not_fit_opens_nothing(model, changes):
    files = files_of(model)
    with pytest.raises(Refused, match="the permit"):
        load(model, permit=permit_for(dir_hash(files.items()), **changes), entry=INDEX, files=files)


@pytest.mark.parametrize("name", ["config.json", INDEX])
def test_another_file_that_changed_is_refused_at_the_start(model, name):
    files = files_of(model)
    (model / name).write_bytes((model / name).read_bytes() + b" ")
    with pytest.raises(Refused, match=r"the permit is for .*json with"):
        load(model, permit=permit_for(dir_hash(files.items())), entry=INDEX, files=files)


def test_a_file_too_many_or_too_few_is_refused_at_the_start(model):
    files = files_of(model)
    permit = permit_for(dir_hash(files.items()))
    (model / "extra.txt").write_text("x")
    with pytest.raises(Refused, match=r"other files than there are now: extra\.txt"):
        load(model, permit=permit, entry=INDEX, files=files)
    (model / "extra.txt").unlink()
    (model / "config.json").unlink()
    with pytest.raises(Refused, match=r"other files than there are now: config\.json"):
        load(model, permit=permit, entry=INDEX, files=files)


def test_a_pickle_that_attacks_beside_the_shards_is_refused_at_the_start(model, copied):
    (model / "optimizer.pt").write_bytes(b"cos\nsystem\n(S'id'\ntR.")
    with pytest.raises(Refused, match=r"optimizer\.pt is malicious"):
        opened(model)
    assert copied == []


def test_a_shard_that_hides_something_is_refused_at_the_start(model):
    data = (model / "model-2.safetensors").read_bytes()
    (model / "model-2.safetensors").write_bytes(data + pickle.dumps(OTHER))
    with pytest.raises(Refused, match=r"model-2\.safetensors is "):
        opened(model)


def test_a_shard_that_looks_clean_until_it_is_read_is_refused_then(model):
    bad = (model / "model-2.safetensors").read_bytes() + pickle.dumps(OTHER)
    good = (model / "model-2.safetensors").read_bytes()
    (model / "model-2.safetensors").write_bytes(bad)
    files = files_of(model)
    (model / "model-2.safetensors").write_bytes(good)
    found = load(model, permit=permit_for(dir_hash(files.items())), entry=INDEX, files=files)
    swap(model / "model-2.safetensors", bad)
    with pytest.raises(Refused, match=r"model-2\.safetensors is (suspicious|malicious)"):
        found["b"]


def test_a_shard_of_another_format_is_refused(model):
    (model / "model-2.safetensors").write_bytes(pickle.dumps({"b": OTHER}))
    with pytest.raises(Refused, match="not safetensors"):
        opened(model)["b"]


@pytest.mark.parametrize(
    "weight_map",
    [
        {"a": "model-1.safetensors", "b": "model-2.safetensors"},
        {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-2.safetensors"},
        {
            "a": "model-1.safetensors",
            "b": "model-2.safetensors",
            "c": "model-1.safetensors",
            "d": "model-1.safetensors",
        },
    ],
    ids=["one less", "elsewhere", "one more"],
)
def test_an_index_that_says_something_else_than_a_shard_is_refused(model, weight_map):
    (model / INDEX).write_bytes(index(weight_map))
    found = opened(model)
    with pytest.raises(Refused, match=r"holds other tensors than the index says: '[cd]'"):
        found["a"]


@pytest.mark.parametrize("file", ["../model-2.safetensors", "/etc/passwd", "config.json", "none.safetensors", ""])
def test_an_index_that_names_no_file_of_tensors_of_the_model_is_refused(model, file):
    (model / INDEX).write_bytes(index({"a": "model-1.safetensors", "c": "model-1.safetensors", "b": file}))
    with pytest.raises(Refused, match=r"index\.json"):
        opened(model)


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"{}",
        b'{"weight_map": {}}',
        b'{"weight_map": {"a": 1}}',
        b'{"weight_map": {"a": "model-1.safetensors", "a": "model-2.safetensors"}}',
        b'{"weight_map": {"a": "x"}, "weight_map": {"a": "y"}}',
        b'{"weight_map": {"a": "x"}} x',
    ],
)
def test_an_index_that_is_none_is_refused(model, text):
    (model / INDEX).write_bytes(text)
    with pytest.raises(Malformed, match="index"):
        opened(model)


def test_a_shard_over_the_limit_is_not_copied(model):
    found = opened(model, limits=Limits(max_load_bytes=100))
    with pytest.raises(Exceeded, match=r"model-\d\.safetensors is \d+ bytes long, 100 are allowed"):
        found["a"]


def test_an_index_over_the_limit_is_not_read(model):
    with pytest.raises(Exceeded, match=r"index\.json is \d+ bytes long"):
        opened(model, limits=Limits(max_document_bytes=20))


def test_an_entry_that_is_not_there_is_refused(model):
    with pytest.raises(Refused, match="no file of the model"):
        opened(model, "other.safetensors.index.json")
    with pytest.raises(Refused, match="no file of the model"):
        opened(model, "other.safetensors")


def test_a_file_of_tensors_opens_as_a_dict_of_arrays_that_can_be_written(model, copied):
    found = opened(model, "model-1.safetensors")
    assert {name: array.tolist() for name, array in found.items()} == {"a": NUMBERS["a"], "c": NUMBERS["c"]}
    found["a"][0] = 7
    assert copied == ["model-1.safetensors"]


def test_a_file_alone_is_compared_with_the_permit_when_it_is_copied(model, copied):
    file = model / "model-1.safetensors"
    permit = permit_for(digest_path(file))
    assert load(file, permit=permit)["a"].tolist() == NUMBERS["a"]
    assert load(file, permit=permit, entry=file.name)["a"].tolist() == NUMBERS["a"]
    assert copied == [file.name, file.name]
    file.write_bytes(safetensors({"a": OTHER}))
    with pytest.raises(Refused, match="the permit is for sha256:"):
        load(file, permit=permit)


def test_a_file_alone_that_is_something_else_is_refused(tmp_path):
    file = tmp_path / "w.safetensors"
    file.write_bytes(pickle.dumps([1]))
    with pytest.raises(Refused, match="is pickle, not safetensors"):
        load(file, permit=permit_for(digest_path(file)))


def test_a_tensor_that_is_not_aligned_is_copied(tmp_path):
    file = tmp_path / "w.safetensors"
    file.write_bytes(safetensors({"w": [1.0, 2.0]}, pad=1))
    array = load(file, permit=permit_for(digest_path(file)))["w"]
    assert (array.tolist(), array.flags.aligned) == ([1.0, 2.0], True)


def test_threads_ask_at_once_and_each_file_is_read_by_one(model, copied):
    found = opened(model)
    kept = []
    start = threading.Barrier(8)

    def ask(name):
        start.wait()
        kept.append(found[name])

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("a", "b", "c", "a", "b", "c", "a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(copied) == sorted(SHARDS)
    assert len(kept) == 8


def test_memory_that_nobody_looks_at_is_used_for_the_next_file(model, monkeypatch):
    made = []
    memory = private._memory
    monkeypatch.setattr(private, "_memory", lambda *given: made.append(1) or memory(*given))
    found = opened(model)
    for _ in range(3):
        assert [found[name].tolist() for name in ("a", "b", "c")] == [NUMBERS[name] for name in ("a", "b", "c")]
    assert len(made) == 1


def test_memory_that_somebody_looks_at_is_never_written_over(model):
    found = opened(model)
    kept = found["a"][1:]
    assert found["b"].tolist() == NUMBERS["b"]
    swap(model / "model-2.safetensors", safetensors({"b": OTHER}))
    copies = [found["c"], found["c"]]
    del found
    assert (kept.tolist(), copies[0].tolist()) == (NUMBERS["a"][1:], NUMBERS["c"])


def test_a_file_that_was_refused_leaves_nothing_in_the_memory_of_another(model):
    found = opened(model)
    assert found["a"].tolist() == NUMBERS["a"]
    swap(model / "model-2.safetensors", safetensors({"b": OTHER}))
    with pytest.raises(Refused):
        found["b"]
    assert found["a"].tolist() == NUMBERS["a"]
    with pytest.raises(Refused):
        found["b"]


def test_threads_that_keep_and_drop_what_they_asked_for_always_see_the_right_numbers(model):
    found = opened(model)
    wrong: list[str] = []

    def ask(seed):
        chance = random.Random(seed)
        kept: dict[str, object] = {}
        for _ in range(150):
            name = chance.choice("abc")
            kept[name] = found[name]
            if chance.random() < 0.7:
                kept.pop(chance.choice(list(kept)))
            wrong.extend(name for name, array in kept.items() if array.tolist() != NUMBERS[name])

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
