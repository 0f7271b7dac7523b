"""The seat belt: other people's loads go through the tables, and everything is as it was when it is taken off."""

import _pickle
import gzip
import importlib
import io
import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from pickle import Unpickler as EarlyUnpickler
from pickle import load as early_load

import joblib
import numpy as np
import pytest

import hauberk
from hauberk.enforce.seatbelt import seat_belt
from hauberk.errors import Refused


class Runs:
    def __reduce__(self):
        return os.system, ("touch hauberk-was-here",)


class Own:
    pass


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_clean_pickle_opens():
    with seat_belt():
        assert pickle.loads(pickle.dumps(OrderedDict(a=1))) == OrderedDict(a=1)
        assert pickle.load(io.BytesIO(pickle.dumps([1, 2]))) == [1, 2]


@pytest.mark.parametrize("payload", [Runs(), [Runs()], {"a": Own()}], ids=["runs", "in a list", "unknown class"])
def test_what_is_not_clean_stays_closed(payload, tmp_path):
    data = pickle.dumps(payload)
    with seat_belt():
        with pytest.raises(Refused, match="was to open what is"):
            pickle.loads(data)
        with pytest.raises(Refused, match=r"pickle\.load was"):
            pickle.load(io.BytesIO(data))
    assert not (tmp_path / "hauberk-was-here").exists()


def test_what_breaks_before_its_end_stays_closed():
    with seat_belt(), pytest.raises(Refused, match="could not be checked"):
        pickle.loads(pickle.dumps([1])[:-1])


def test_joblib_and_numpy_are_guarded(tmp_path):
    joblib.dump({"w": np.arange(3)}, "good.joblib", compress=3)
    joblib.dump(Runs(), "bad.joblib")
    np.save("bad.npy", np.array([Runs()], dtype=object), allow_pickle=True)
    with seat_belt():
        assert joblib.load("good.joblib")["w"].tolist() == [0, 1, 2]
        for call in (lambda: joblib.load("bad.joblib"), lambda: np.load("bad.npy", allow_pickle=True)):
            with pytest.raises(Refused):
                call()
    assert not (tmp_path / "hauberk-was-here").exists()


def test_a_file_of_several_pickles_is_left_where_the_door_leaves_it():
    file = io.BytesIO(pickle.dumps(1) + pickle.dumps(2))
    with seat_belt():
        assert [pickle.load(file), pickle.load(file)] == [1, 2]


def test_a_file_swapped_after_it_was_read_changes_nothing(monkeypatch):
    joblib.dump([1], "m.joblib")
    read = hauberk.enforce.seatbelt.read_file

    def read_then_swap(path, **settings):
        data = read(path, **settings)
        joblib.dump(Runs(), "m.joblib")
        return data

    monkeypatch.setattr("hauberk.enforce.seatbelt.read_file", read_then_swap)
    with seat_belt():
        assert joblib.load("m.joblib") == [1]


def test_everything_is_as_it_was_afterwards():
    before = (pickle.load, pickle.loads, joblib.load, np.load)
    with seat_belt(), seat_belt():
        assert pickle.load is not before[0]
    assert (pickle.load, pickle.loads, joblib.load, np.load) == before
    pickle.loads(pickle.dumps(Own()))


def test_it_is_worn_from_the_start_of_a_process(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("from hauberk.enforce.seatbelt import fasten\nfasten()\n")
    joblib.dump(Runs(), "bad.joblib")
    run = subprocess.run(
        [sys.executable, "-c", "import joblib; joblib.load('bad.joblib')"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, "Refused" in run.stderr) == (1, True)
    assert not (tmp_path / "hauberk-was-here").exists()


def read_again(name):
    return io.BytesIO(Path(name).read_bytes())


DOORS = {
    "by keyword": lambda: pickle.load(file=read_again("bad.pkl")),
    "a view of bytes": lambda: pickle.loads(memoryview(Path("bad.pkl").read_bytes())),
    "in Python": lambda: pickle._loads(Path("bad.pkl").read_bytes()),
    "in C": lambda: _pickle.loads(Path("bad.pkl").read_bytes()),
    "the class": lambda: pickle.Unpickler(read_again("bad.pkl")).load(),
    "imported before": lambda: early_load(read_again("bad.pkl")),
    "the class, imported before": lambda: EarlyUnpickler(read_again("bad.pkl")).load(),
    "joblib by keyword": lambda: joblib.load(filename="bad.joblib"),
    "joblib's own module": lambda: joblib.numpy_pickle.load("bad.joblib"),
    "joblib, mapped": lambda: joblib.load("bad.joblib", "r"),
    "joblib, unpacked by the caller": lambda: joblib.load(gzip.GzipFile(fileobj=read_again("bad.joblib.gz"))),
    "numpy by place": lambda: np.load("bad.npy", None, True),
    "numpy by keyword": lambda: np.load(file="bad.npy", allow_pickle=True),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_every_ordinary_way_in_is_guarded(door, tmp_path):
    Path("bad.pkl").write_bytes(pickle.dumps(Runs()))
    joblib.dump(Runs(), "bad.joblib")
    joblib.dump(Runs(), "bad.joblib.gz")
    np.save("bad.npy", np.array([Runs()], dtype=object), allow_pickle=True)
    with seat_belt(), pytest.raises(Refused):
        door()
    assert not (tmp_path / "hauberk-was-here").exists()


def test_a_clean_file_opens_by_keyword_mapped_and_piece_by_piece():
    joblib.dump({"w": np.arange(1000)}, "good.joblib")
    np.save("good.npy", np.arange(3))
    file = io.BytesIO(pickle.dumps(1) + pickle.dumps(2))
    with seat_belt():
        assert isinstance(joblib.load(filename="good.joblib", mmap_mode="r")["w"], np.memmap)
        assert isinstance(np.load("good.npy", mmap_mode="r", allow_pickle=True), np.memmap)
        assert [pickle.Unpickler(file).load(), pickle.Unpickler(file).load()] == [1, 2]


def test_a_class_that_decides_itself_what_it_loads_stays_as_it_was():
    class Own(pickle.Unpickler):
        def find_class(self, module, name):
            return f"{module}.{name}"

    with seat_belt():
        kept = type("Kept", (pickle.Unpickler,), {"find_class": Own.find_class})
        assert Own(io.BytesIO(b"cnowhere\nname\n.")).load() == "nowhere.name"
        assert kept(io.BytesIO(b"cnowhere\nname\n.")).load() == "nowhere.name"
    assert kept(io.BytesIO(b"cnowhere\nname\n.")).load() == "nowhere.name"


def test_a_file_that_is_not_there_is_told_as_ever():
    with seat_belt(), pytest.raises(FileNotFoundError):
        joblib.load("nowhere.joblib")


def test_a_door_kept_by_a_module_that_was_imported_inside_is_open_afterwards(tmp_path, monkeypatch):
    (tmp_path / "keeps_a_door.py").write_text("from pickle import loads, Unpickler\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with seat_belt():
        keeps_a_door = importlib.import_module("keeps_a_door")
    data = pickle.dumps(Own())
    assert isinstance(keeps_a_door.loads(data), Own)
    assert isinstance(keeps_a_door.Unpickler(io.BytesIO(data)).load(), Own)


def test_it_has_a_public_name():
    assert hauberk.seat_belt is seat_belt
