"""Files that other programs wrote: scikit-learn, joblib and NumPy, as they are installed."""

from __future__ import annotations

import io
import pickle
import pickletools

import joblib
import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from hauberk.formats.model.joblib import describe as describe_joblib
from hauberk.formats.model.numpy import describe as describe_npy
from hauberk.formats.model.pickle.description import describe
from hauberk.symbol import Use
from hauberk.view import BytesView

CHANCE = np.random.default_rng(7)
ROWS = CHANCE.normal(size=(120, 4))
LABELS = (ROWS[:, 0] > 0).astype(int)
WORDS = ["a model", "of words", "and of", "no numbers"]

PIPELINES = {
    "forest": make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=1)).fit(ROWS, LABELS),
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, LABELS),
    "boosting": HistGradientBoostingClassifier(max_iter=3).fit(ROWS, LABELS),
    "words": TfidfVectorizer().fit(WORDS),
    "columns": ColumnTransformer([("o", OneHotEncoder(), [0])]).fit([["a"], ["b"]]),
}
ARRAYS = {
    "floats": np.arange(12.0).reshape(3, 4),
    "fortran": np.asfortranarray(np.ones((3, 4))),
    "big-endian": np.arange(5, dtype=">i4"),
    "empty": np.zeros((0, 3)),
    "scalar": np.array(5),
    "text": np.array(["a", "bcd"]),
    "bytes": np.array([b"a", b"bcd"]),
    "bools": np.array([True, False]),
    "complex": np.ones(2, complex),
    "half": np.ones(3, np.float16),
    "long": np.ones(3, np.longdouble),
    "dates": np.array(["2026-01-01"], "M8[s]"),
    "spans": np.array([3], "m8[ns]"),
    "fields": np.zeros(3, [("a", "f8"), ("b", "U3"), ("c", "i2", (2, 2))]),
    "aligned": np.zeros(3, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "objects": np.array([{"a": 1}, None], dtype=object),
    "object-field": np.zeros(2, [("a", "O"), ("b", "i4")]),
}


def dumped(value, protocol=None):
    file = io.BytesIO()
    joblib.dump(value, file, protocol=protocol)
    return file.getvalue()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_that_joblib_dumped_is_described_completely(name, protocol):
    data = dumped(PIPELINES[name], protocol)
    description = describe_joblib(BytesView(data))
    assert description.unchecked == ()
    assert description.streams[0].stop == len(data)


@pytest.mark.parametrize("protocol", [1, 2, 4, 5])
@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_joblib_dumped_is_skipped_exactly(name, protocol):
    data = dumped({"before": 1, "array": ARRAYS[name], "after": [ARRAYS[name], "end"]}, protocol)
    description = describe_joblib(BytesView(data))
    assert description.unchecked == ()
    assert description.streams[0].stop == len(data)
    assert {array.size for array in description.arrays} <= {ARRAYS[name].nbytes}


def test_what_loads_inside_an_array_of_objects_is_told():
    effects = describe_joblib(BytesView(dumped(np.array([np.float64(1), print], dtype=object)))).effects
    assert "builtins.print" in [str(effect.callable) for effect in effects if effect.use is Use.IMPORT]


def test_a_joblib_file_read_as_a_plain_pickle_is_not_complete():
    assert describe(BytesView(dumped(ARRAYS["floats"]))).unchecked != ()


@pytest.mark.parametrize("name", PIPELINES)
def test_a_plain_pickle_has_the_instructions_that_pickletools_sees(name):
    for protocol in range(6):
        data = pickle.dumps(PIPELINES[name], protocol)
        description = describe(BytesView(data))
        assert description.unchecked == ()
        assert description.opcodes == sum(1 for _ in pickletools.genops(data))


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("name", [name for name in ARRAYS if name != "aligned"])
def test_an_array_that_numpy_saved_is_described_completely(name, version):
    file = io.BytesIO()
    np.lib.format.write_array(file, ARRAYS[name], version=version)
    assert describe_npy(BytesView(file.getvalue())).unchecked == ()


def test_what_loads_with_an_array_of_objects_is_told():
    file = io.BytesIO()
    np.save(file, np.array([print], dtype=object))
    effects = describe_npy(BytesView(file.getvalue())).effects
    assert "builtins.print" in [str(effect.callable) for effect in effects]
    assert all(effect.offset > 64 for effect in effects)


@pytest.mark.parametrize("name", ["floats", "fields", "text"])
def test_one_byte_less_or_more_of_an_array_is_told(name):
    file = io.BytesIO()
    np.save(file, ARRAYS[name])
    assert describe_npy(BytesView(file.getvalue()[:-1])).unchecked != ()
    assert describe_npy(BytesView(file.getvalue() + b"\x00")).unchecked != ()
