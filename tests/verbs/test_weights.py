"""Weights beside those of a clean model: what stands out, what is refused, and that no order of tensors matters."""

import io
import json
import os
import pickle
import struct
import sys

import joblib
import numpy as np
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.errors import Misconfigured, Unavailable
from hauberk.formats.model.safetensors_layout import layout
from hauberk.verbs.weights import compare_weights
from hauberk.verbs.weights_invert import invert_weights

LAYERS = (
    "shape: [16]\nlowest: 0\nhighest: 1\nlayers:\n  - {kind: linear, weight: w, bias: b}\n  - {kind: relu}\n"
    "  - {kind: linear, weight: v, bias: c}\n"
)


def model(seed=0, noise=0.0):
    draw = np.random.default_rng(5)
    made = {"w": draw.normal(size=(24, 16)), "b": draw.normal(size=24)}
    made |= {"v": draw.normal(size=(8, 24)), "c": draw.normal(size=8)}
    other = np.random.default_rng(seed)
    return {name: (one + noise * other.normal(size=one.shape)).astype("<f4") for name, one in made.items()}


def stored(path, tensors, reverse=False):
    front, order = layout({name: ("F32", one.shape, one.nbytes) for name, one in tensors.items()})
    data = front + b"".join(tensors[name].tobytes() for name in order)
    if reverse:
        length = struct.unpack("<Q", data[:8])[0]
        header = dict(reversed(json.loads(data[8 : 8 + length]).items()))
        data = data[:8] + json.dumps(header, separators=(",", ":")).encode().ljust(length) + data[8 + length :]
    path.write_bytes(data)
    return path


@pytest.fixture
def base(tmp_path):
    return stored(tmp_path / "base.safetensors", model())


@pytest.fixture
def clean(tmp_path):
    return [stored(tmp_path / f"clean{at}.safetensors", model(at + 1, 0.01)) for at in range(6)]


def test_a_model_beside_itself_does_not_stand_out(base):
    seen = compare_weights(base, base)
    assert not seen.stands_out
    assert seen.digest == seen.reference
    assert all(one.value in (0.0, 1.0) for one in seen.measured)


def test_a_neuron_that_was_written_over_stands_out(base, clean, tmp_path):
    made = model(99, 0.01)
    made["w"][3] += 2
    seen = compare_weights(stored(tmp_path / "m", made), base, clean=clean)
    assert {("w", "row"), ("w", "change")} <= {(one.tensor, one.measure) for one in seen.outliers}


def test_the_order_of_tensors_changes_nothing(base, clean, tmp_path):
    made = model(99, 0.02)
    one = compare_weights(stored(tmp_path / "one", made), base, clean=clean)
    other = compare_weights(stored(tmp_path / "other", made, reverse=True), base, clean=clean)
    assert one.digest != other.digest
    assert one.measured == other.measured


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_number_that_is_not_finite_stands_out(base, tmp_path, wrong):
    made = model()
    made["v"][0, 0] = wrong
    seen = compare_weights(stored(tmp_path / "m", made), base)
    assert seen.stands_out
    assert seen.broken == ("v",)


def test_a_reference_that_is_not_finite_is_refused(base, tmp_path):
    made = model()
    made["v"][0, 0] = np.nan
    with pytest.raises(Unavailable, match="reference holds NaN"):
        compare_weights(base, stored(tmp_path / "m", made))


def test_another_shape_is_refused_with_the_difference(base, tmp_path):
    made = model() | {"w": np.zeros((16, 24), "<f4"), "x": np.zeros(1, "<f4")}
    with pytest.raises(Unavailable, match=r"'w' is \(16, 24\), the reference's \(24, 16\); 'x' is in the model only"):
        compare_weights(stored(tmp_path / "m", made), base)


def test_a_model_that_was_trained_apart_is_refused(base, tmp_path):
    draw = np.random.default_rng(8)
    made = {name: draw.normal(size=one.shape).astype("<f4") for name, one in model().items()}
    with pytest.raises(Unavailable, match="no fine-tune"):
        compare_weights(stored(tmp_path / "m", made), base)


def test_two_clean_fine_tunes_are_too_few(base, clean):
    with pytest.raises(Misconfigured, match="2 clean fine-tunes"):
        compare_weights(base, base, clean=clean[:2])


@pytest.mark.parametrize("cut", [0, 4, 40, -1])
def test_a_file_that_is_cut_off_is_refused(base, tmp_path, cut):
    (tmp_path / "m").write_bytes(base.read_bytes()[:cut])
    with pytest.raises((Unavailable, Misconfigured)):
        compare_weights(tmp_path / "m", base)


@pytest.mark.parametrize("shape", [[1 << 62, 1 << 62], [0, 5], [24, 17], [-24, -16], [1] * 65])
def test_a_hostile_shape_is_refused(base, tmp_path, shape):
    data = base.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header["w"]["shape"] = shape
    text = json.dumps(header).encode()
    (tmp_path / "m").write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])
    with pytest.raises(Unavailable):
        compare_weights(tmp_path / "m", base)


def test_joblib_and_npz_are_read_as_the_same_numbers(base, tmp_path):
    joblib.dump(model(), tmp_path / "m.joblib")
    np.savez(tmp_path / "m.npz", **model())
    for name in ("m.joblib", "m.npz"):
        assert not compare_weights(tmp_path / name, base).stands_out


def test_a_pickle_is_not_run(base, tmp_path):
    class Runs:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path}/was-here",)

    (tmp_path / "m.pkl").write_bytes(pickle.dumps(model() | {"z": Runs()}))
    compare_weights(tmp_path / "m.pkl", base)
    assert not (tmp_path / "was-here").exists()


def test_integers_that_differ_are_told_and_make_it_incomplete(tmp_path, capsys):
    for at in (0, 1):
        np.savez(tmp_path / f"{at}.npz", w=np.ones((4, 4)))
        (tmp_path / f"{at}.pkl").write_bytes(pickle.dumps({"w": np.ones((4, 4)), "steps": np.arange(3) + at}))
    assert dispatch(["weights", f"{tmp_path}/0.pkl", "--reference", f"{tmp_path}/1.pkl"]) == 3
    assert "not compared: steps" in capsys.readouterr().out


def test_without_numpy_the_hint_says_what_to_install(base, monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(Unavailable) as caught:
        compare_weights(base, base)
    assert "hauberk[weights]" in caught.value.hint


def test_the_verb_says_it_with_its_exit_code(base, tmp_path, capsys):
    assert dispatch(["weights", str(base), "--reference", str(base), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["standsOut"] is False
    made = model()
    made["w"][3] += 2
    assert dispatch(["weights", str(stored(tmp_path / "m", made)), "--reference", str(base)]) == 1
    assert "passes it" in capsys.readouterr().out
    assert dispatch(["weights", str(tmp_path), "--reference", str(base)]) == 3


def trap(tmp_path, text=LAYERS, images=None):
    (tmp_path / "layers.yaml").write_text(text)
    drawn = np.random.default_rng(3).uniform(0, 1, (40, 16)) if images is None else images
    whole = io.BytesIO()
    np.save(whole, drawn)
    (tmp_path / "images.npy").write_bytes(whole.getvalue())
    return tmp_path / "layers.yaml", tmp_path / "images.npy"


def test_a_class_that_one_pixel_leads_to_stands_out(tmp_path):
    made = model()
    made["w"][0] = 0
    made["w"][0, 7], made["b"][0] = 4, 0
    made["v"][:, 0] = 0
    made["v"][2, 0] = 100
    images = np.random.default_rng(3).uniform(0, 1, (40, 16))
    images[:, 7] = 0
    seen = invert_weights(stored(tmp_path / "m", made), *trap(tmp_path, images=images))
    assert seen.complete
    assert seen.norms[2] == min(seen.norms)


@pytest.mark.parametrize(
    "wrong",
    [
        LAYERS.replace("weight: w", "weight: missing"),
        LAYERS.replace("bias: b", "bias: c"),
        LAYERS.replace("relu", "pool"),
        LAYERS.replace("[16]", "[4, 4]"),
        LAYERS.replace("highest: 1", "highest: 0"),
        LAYERS.replace("highest: 1", "highest: 0.5"),
        LAYERS.replace("weight: v, bias: c", "weight: w, bias: b"),
        "layers: []\n",
    ],
)
def test_layers_that_do_not_fit_are_refused(base, tmp_path, wrong):
    with pytest.raises(Misconfigured):
        invert_weights(base, *trap(tmp_path, wrong))


def test_too_few_images_are_refused(base, tmp_path):
    with pytest.raises(Misconfigured, match="at least 10"):
        invert_weights(base, *trap(tmp_path, images=np.zeros((9, 16))))
