"""What joblib and NumPy packed opens as they open it, and as the scan saw it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import zlib

import joblib
import numpy as np
import pytest

from enforce.test_load import permit_for
from hauberk.enforce.load import load
from hauberk.errors import Refused
from hauberk.limits import Limits

TEXT = gzip.compress(b"words", mtime=0)
TWICE = gzip.compress(gzip.compress(pickle.dumps(1), mtime=0), mtime=0)
METHODS = ["zlib", "gzip", "bz2", "xz", "lzma"]
VALUE = {"a": np.arange(12.0).reshape(3, 4), "b": [1, "two"]}


def opened(tmp_path, data, **limits):
    file = tmp_path / "model.bin"
    file.write_bytes(data)
    return load(file, permit=permit_for(file), limits=Limits(**limits))


def dumped(value, method):
    file = io.BytesIO()
    joblib.dump(value, file, compress=(method, 3))
    return file.getvalue()


@pytest.mark.parametrize("method", METHODS)
def test_what_joblib_packed_is_opened_as_joblib_opens_it(tmp_path, method):
    found = opened(tmp_path, dumped(VALUE, method))
    assert found["b"] == VALUE["b"]
    assert np.array_equal(found["a"], VALUE["a"])


@pytest.mark.parametrize("method", METHODS)
def test_what_is_malicious_inside_stays_closed(tmp_path, method):
    with pytest.raises(Refused, match="malicious"):
        opened(tmp_path, dumped([print, joblib.load], method))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_npz_is_a_dict_of_its_arrays(tmp_path, save):
    file = io.BytesIO()
    save(file, a=VALUE["a"], b=np.zeros(2))
    found = opened(tmp_path, file.getvalue())
    assert sorted(found) == ["a", "b"]
    assert np.array_equal(found["a"], VALUE["a"])


class Runs:
    def __reduce__(self):
        return os.system, ("exit 1",)


def test_an_npz_with_objects_that_run_something_stays_closed(tmp_path):
    file = io.BytesIO()
    np.savez(file, a=np.array([Runs()], dtype=object))
    with pytest.raises(Refused, match="malicious"):
        opened(tmp_path, file.getvalue())


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_what_is_inside_opens_whatever_format_it_has(tmp_path, pack):
    file = io.BytesIO()
    np.save(file, VALUE["a"])
    assert np.array_equal(opened(tmp_path, pack(file.getvalue())), VALUE["a"])


def test_a_packed_table_beside_a_model_is_not_asked_about(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.pkl").write_bytes(pickle.dumps([1]))
    (folder / "data.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert load(folder, permit=permit_for(folder)) == [1]
    with pytest.raises(Refused, match="not a file with a loader"):
        load(folder, permit=permit_for(folder), entry="data.csv.gz")


@pytest.mark.parametrize("data", [TEXT, TWICE])
def test_what_is_packed_and_no_pickle_has_no_loader(tmp_path, data):
    with pytest.raises(Refused, match="no loader"):
        opened(tmp_path, data)


def test_more_than_the_limit_when_it_is_unpacked_is_not_opened(tmp_path):
    with pytest.raises(Refused, match="could not be checked"):
        opened(tmp_path, gzip.compress(pickle.dumps(bytes(1 << 20))), max_unpacked_bytes=1 << 16)


def test_a_stream_that_is_cut_off_stays_closed(tmp_path):
    with pytest.raises(Refused, match="could not be checked"):
        opened(tmp_path, dumped(VALUE, "zlib")[:-1])
