"""A model opens only for the permit of exactly its bytes, and only what the scanner saw is resolved."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.sources import digest_path, snapshot
from hauberk.enforce import load as loading
from hauberk.enforce.load import load
from hauberk.enforce.loaders.strict import load_pickle
from hauberk.errors import Exceeded, Malformed, Refused, Unavailable
from hauberk.finding import Outcome
from hauberk.limits import Limits
from hauberk.subject import Subject
from hauberk.verbs.scan import scan
from hauberk.verdict import Permit

HOUR = 3600
VECTORS = Path(__file__).parents[1] / "vectors" / "rules"


def permit_for(path: Path, **changes: object) -> Permit:
    facts = {
        "gate": "load",
        "subject": Subject("model", "tumour", digest_path(path)),
        "policy": sha256(b"policy"),
        "checkpoint_size": 10,
        "not_after": clock.now() + HOUR,
    }
    return Permit(**(facts | changes))  # type: ignore[arg-type]


def write(folder: Path, **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def dumped(value: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def fitted() -> tuple[object, np.ndarray]:
    rows, target = load_breast_cancer(return_X_y=True)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, target), rows


def test_a_joblib_pipeline_predicts_what_it_predicted_before(tmp_path, fitted):
    pipeline, rows = fitted
    model = write(tmp_path / "model", model__joblib=dumped(pipeline), README__md=b"a model")
    opened = load(model, permit=permit_for(model))
    assert np.array_equal(opened.predict_proba(rows), pipeline.predict_proba(rows))


def test_a_forest_with_many_inline_arrays_opens(tmp_path):
    rows, target = load_breast_cancer(return_X_y=True)
    forest = RandomForestClassifier(n_estimators=5, random_state=0).fit(rows, target)
    model = write(tmp_path / "model", forest__joblib=dumped(forest))
    assert np.array_equal(load(model, permit=permit_for(model)).predict(rows), forest.predict(rows))


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_of_any_protocol_opens(tmp_path, fitted, protocol):
    pipeline, rows = fitted
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps(pipeline, protocol=protocol))
    assert np.array_equal(load(file, permit=permit_for(file)).predict(rows), pipeline.predict(rows))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=">i4").reshape(3, 4),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.array(["a", "bb"]),
        np.array(3.5),
        np.zeros((0, 3)),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    ],
    ids=["big-endian", "fortran", "text", "scalar", "empty", "records"],
)
def test_an_inline_array_opens_as_joblib_opens_it(tmp_path, array):
    file = tmp_path / "array.joblib"
    joblib.dump({"array": array}, file)
    opened = load(file, permit=permit_for(file))["array"]
    assert opened.dtype == array.dtype
    assert np.array_equal(opened, array)


def test_an_npy_file_opens(tmp_path):
    file = tmp_path / "weights.npy"
    np.save(file, np.arange(5))
    assert load(file, permit=permit_for(file)).tolist() == [0, 1, 2, 3, 4]


def test_the_named_entry_of_several_files_opens(tmp_path):
    model = write(tmp_path / "model", a__pkl=pickle.dumps([1]), b__pkl=pickle.dumps([2]))
    assert load(model, permit=permit_for(model), entry="b.pkl") == [2]


# refusals


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gate": "deploy"}, "for the gate deploy"),
        ({"subject": Subject("model", "tumour", sha256(b"another"))}, "what is there now"),
        ({"not_after": 1}, "the permit ended"),
    ],
)
def test_a_permit_that_does_not_fit_opens_nothing(tmp_path, changes, said):
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps([1]))
    with pytest.raises(Refused, match=said):
        load(file, permit=permit_for(file, **changes))


def test_the_permit_of_a_denial_is_none_and_opens_nothing(tmp_path):
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps([1]))
    with pytest.raises(Refused, match="there is no permit"):
        load(file, permit=None)


def test_a_permit_cannot_be_pickled(tmp_path):
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps([1]))
    with pytest.raises(TypeError, match="never serialised"):
        pickle.dumps(permit_for(file))


def test_a_file_that_changed_since_the_verdict_is_refused(tmp_path):
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps([1]))
    permit = permit_for(file)
    file.write_bytes(pickle.dumps([2]))
    with pytest.raises(Refused, match="what is there now"):
        load(file, permit=permit)


def test_a_file_swapped_between_check_and_load_changes_nothing(tmp_path, monkeypatch):
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps(["honest"]))
    permit = permit_for(file)

    def copy_then_swap(path, *, limits):
        copy = snapshot(path, limits=limits)
        file.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
        return copy

    monkeypatch.setattr(loading, "snapshot", copy_then_swap)
    assert load(file, permit=permit) == ["honest"]


class Runs:
    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pickle.dumps(Runs()), "malicious"),
        (dumped({"weights": np.arange(3), "extra": Runs()}), "malicious"),
        (dumped(np.array([Runs()], dtype=object)), "malicious"),
        (b"cnobody_knows\nthis\n.", "suspicious"),
        (pickle.dumps([1])[:-1], "could not be checked"),
        (pickle.dumps([1]) + b"\x00\x01\x02", "could not be checked|suspicious|malicious"),
        (b"\x7fELF" + bytes(60), "malicious"),
        (b"Rar!\x1a\x07" + bytes(60), "could not be checked"),
    ],
    ids=[
        "os.system",
        "os.system in joblib",
        "os.system in an array of objects",
        "unknown",
        "cut",
        "trailing",
        "elf",
        "rar",
    ],
)
def test_what_is_not_clean_and_complete_stays_closed(tmp_path, data, said):
    file = tmp_path / "model.bin"
    file.write_bytes(data)
    with pytest.raises(Refused, match=said):
        load(file, permit=permit_for(file))


def test_one_bad_file_beside_a_good_entry_closes_the_model(tmp_path):
    model = write(tmp_path / "model", model__pkl=pickle.dumps([1]), other__pkl=pickle.dumps(Runs()))
    with pytest.raises(Refused, match="malicious"):
        load(model, permit=permit_for(model), entry="model.pkl")


OPENVINO = """<?xml version="1.0"?>
<net name="m" version="11"><layers>
<layer id="0" name="w" type="Const" version="opset1"><data element_type="f32" shape="4" offset="0" size="16"/>
<output><port id="0" precision="FP32"><dim>4</dim></port></output></layer></layers><edges></edges></net>
"""


@pytest.mark.parametrize(
    ("numbers", "said"),
    [(bytes(range(16)), "which file to open"), (b"", "model.xml is suspicious: tree-beyond-file")],
    ids=["raw numbers of the model", "fewer than it says"],
)
def test_a_directory_is_judged_as_a_scan_judges_it(tmp_path, numbers, said):
    """Raw numbers are clean where the file beside them says what they are, and only then."""
    model = write(tmp_path / "model", model__xml=OPENVINO.encode(), model__bin=numbers)
    found = scan(model)
    assert found.complete
    assert all(report.outcome is Outcome.CLEAN for report in found.reports) is (said == "which file to open")
    with pytest.raises(Refused, match=said):  # clean or not, no loader opens this format
        load(model, permit=permit_for(model))


def test_a_model_without_a_file_that_has_a_loader_is_refused(tmp_path):
    model = write(tmp_path / "model", README__md=b"text only")
    with pytest.raises(Refused, match="which file to open"):
        load(model, permit=permit_for(model))


def test_an_entry_that_is_not_in_the_model_is_refused(tmp_path):
    model = write(tmp_path / "model", a__pkl=pickle.dumps([1]))
    with pytest.raises(Refused, match="not a file with a loader"):
        load(model, permit=permit_for(model), entry="../a.pkl")


def test_two_possible_entries_are_not_guessed_between(tmp_path):
    model = write(tmp_path / "model", a__pkl=pickle.dumps([1]), b__pkl=pickle.dumps([2]))
    with pytest.raises(Refused, match="which file to open"):
        load(model, permit=permit_for(model))


def test_more_than_the_limit_is_not_copied(tmp_path):
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps(b"x" * 100_000))
    with pytest.raises(Exceeded):
        load(file, permit=permit_for(file), limits=Limits(max_load_bytes=1000))


def test_a_class_whose_state_does_not_fit_is_one_error_of_ours(tmp_path):
    file = tmp_path / "model.pkl"
    file.write_bytes(b"\x80\x04cdatetime\ndate\n(K\x01K\x01K\x01K\x01tR.")
    with pytest.raises((Malformed, Refused)):
        load(file, permit=permit_for(file))


def test_a_name_that_the_scanner_did_not_see_is_not_resolved():
    with pytest.raises(Refused, match="not reported"):
        load_pickle(pickle.dumps(Runs()), frozenset())


def test_a_name_that_is_not_installed_says_what_to_install():
    stream = b"cnot_installed_here\nThing\n."
    with pytest.raises(Unavailable, match="not_installed_here"):
        load_pickle(stream, frozenset({("not_installed_here", "Thing")}))


def tensors(dtype: str) -> bytes:
    header = json.dumps({"w": {"dtype": dtype, "shape": [2, 1], "data_offsets": [0, 4]}}).encode()
    return len(header).to_bytes(8, "little") + header + b"\x00\x3c\x00\x40"


def test_tensors_open_as_arrays_that_can_be_written(tmp_path):
    path = write(tmp_path / "model", w__safetensors=tensors("F16"))
    array = load(path, permit=permit_for(path))["w"]
    assert array.tolist() == [[1.0], [2.0]]
    array[0] = 3


def test_a_type_that_numpy_lacks_needs_another_package(tmp_path, monkeypatch):
    path = write(tmp_path / "model", w__safetensors=tensors("BF16"))
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(Unavailable, match="needs ml_dtypes") as caught:
        load(path, permit=permit_for(path))
    assert caught.value.hint == "pip install ml_dtypes"


def test_a_type_that_no_array_has_is_said(tmp_path):
    path = write(tmp_path / "model", w__safetensors=tensors("F4").replace(b"[2, 1]", b"[8, 1]"))
    with pytest.raises(Unavailable, match="NumPy has no type F4"):
        load(path, permit=permit_for(path))


def test_tensors_that_overlap_are_not_opened(tmp_path):
    path = write(tmp_path / "model", w__safetensors=tensors("F16").replace(b"[2, 1]", b"[1, 1]"))
    with pytest.raises(Refused, match="safetensors-inconsistent"):
        load(path, permit=permit_for(path))


def test_a_file_of_torch_needs_torch(tmp_path, monkeypatch):
    data = (VECTORS / "torch-storage-mismatch" / "pass" / "tensor.pt").read_bytes()
    path = write(tmp_path / "model", w__pt=data)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(Unavailable, match="needs torch"):
        load(path, permit=permit_for(path))
