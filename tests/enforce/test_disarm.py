"""Disarm: the same numbers, no code, and nothing run on the way."""

import array
import datetime as dt
import hashlib
import io
import json
import os
import pickle
import struct
from collections import OrderedDict

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hauberk.checks.model.examine import examine
from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key
from hauberk.enforce.disarm import arrays, inert, stand
from hauberk.enforce.disarm.walk import walk
from hauberk.errors import Malformed, Misconfigured, Unavailable
from hauberk.finding import Outcome
from hauberk.formats.model import safetensors
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.verbs.disarm import disarm
from hauberk.view import BytesView


class Runs:
    def __reduce__(self):
        return os.system, ("touch hauberk-was-here",)


class MadeOfBoth:
    def __reduce__(self):
        return OrderedDict, ([("a", np.ones(1))],), None, None, iter([("b", np.zeros(1))])


def dumped_by_joblib(model):
    whole = io.BytesIO()
    joblib.dump(model, whole)
    return whole.getvalue()


def disarmed(tmp_path, data, **settings):
    (tmp_path / "m.pkl").write_bytes(data)
    return disarm(tmp_path / "m.pkl", tmp_path / "clean", **settings)


def tensors(path):
    """Read a safetensors file as the format's own description says, with nothing of ours."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    return {
        name: (one["dtype"], one["shape"], data[8 + length :][slice(*one["data_offsets"])])
        for name, one in header.items()
    }


ARRAYS = {
    "doubles": np.arange(6.0).reshape(2, 3),
    "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big-endian": np.arange(4, dtype=">i4"),
    "halves": np.arange(3, dtype="f2"),
    "truths": np.array([True, False]),
    "complex": np.array([1 + 2j], dtype="c8"),
    "none": np.zeros((0, 3), dtype="u1"),
    "sliced": np.arange(10)[::2],
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("protocol", range(6))
def test_an_array_comes_out_bit_for_bit(tmp_path, name, protocol):
    wanted = ARRAYS[name]
    found = disarmed(tmp_path, pickle.dumps({"w": wanted}, protocol=protocol))
    dtype, shape, data = tensors(tmp_path / "clean" / "m.safetensors")["w"]
    assert (found.complete, tuple(shape)) == (True, wanted.shape)
    little = wanted.astype(wanted.dtype.newbyteorder("<"))
    assert data == np.ascontiguousarray(little).tobytes()
    assert (
        dtype
        == {"f8": "F64", "i4": "I32", "f2": "F16", "b1": "BOOL", "c8": "C64", "u1": "U8", "i8": "I64"}[
            little.dtype.str[1:]
        ]
    )


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)], ids=str)
def testdumped_by_joblib_files_come_out_bit_for_bit(tmp_path, compress):
    joblib.dump({"w": np.arange(100.0), "n": 3}, tmp_path / "m.joblib", compress=compress)
    found = disarm(tmp_path / "m.joblib", tmp_path / "clean")
    assert found.complete
    assert tensors(tmp_path / "clean" / "m.safetensors")["w"][2] == np.arange(100.0).tobytes()
    assert json.loads((tmp_path / "clean" / "m.values.json").read_text()) == {"n": 3}


def test_nothing_of_a_hostile_pickle_runs_and_its_weights_come_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = disarmed(tmp_path, pickle.dumps({"w": np.arange(3.0), "x": Runs()}))
    assert not (tmp_path / "hauberk-was-here").exists()
    assert (found.complete, found.left["x"]) == (False, "an object of posix.system")
    assert tensors(tmp_path / "clean" / "m.safetensors")["w"][2] == np.arange(3.0).tobytes()


def test_what_is_written_is_clean(tmp_path):
    disarmed(tmp_path, pickle.dumps({"w": np.arange(3.0), "x": Runs()}))
    for path in (tmp_path / "clean").iterdir():
        report = examine(BytesView(path.read_bytes()), path.name).report
        assert (report.outcome, report.complete) == (Outcome.CLEAN, True)
    assert not safetensors.describe(BytesView((tmp_path / "clean" / "m.safetensors").read_bytes())).unchecked


@pytest.mark.parametrize("dump", [pickle.dumps, dumped_by_joblib], ids=["pickle", "joblib"])
@pytest.mark.parametrize(
    "make",
    [lambda: LogisticRegression(max_iter=1000), lambda: make_pipeline(StandardScaler(), RandomForestClassifier(3))],
)
def test_an_estimator_becomes_a_skops_file_with_only_known_types(tmp_path, make, dump):
    found = disarmed(tmp_path, dump(make().fit(*load_iris(return_X_y=True))))
    assert (found.complete, found.estimator) == (True, True)
    report = examine(BytesView((tmp_path / "clean" / "m.skops").read_bytes()), "m").report
    assert (report.outcome, report.complete) == (Outcome.CLEAN, True)


def test_an_estimator_with_a_hostile_part_stays_behind(tmp_path):
    model = LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True))
    model.extra = Runs()
    found = disarmed(tmp_path, pickle.dumps(model))
    assert (found.estimator, found.complete) == (False, False)
    assert not (tmp_path / "clean" / "m.skops").exists()


def test_the_statement_binds_the_input_to_the_outputs(tmp_path):
    data = pickle.dumps({"w": np.arange(3.0)})
    signer = generate_key(KeyKind.ED25519)
    disarmed(tmp_path, data, signer=signer)
    envelope = dsse.decode_envelope((tmp_path / "clean" / "derivation.dsse.json").read_bytes())
    assert dsse.verify(envelope, lambda keyid: signer.public if keyid == signer.public.keyid else None)
    statement = dsse.decode_statement(envelope.payload)
    assert statement.predicate_type == "urn:hauberk:derivation:v1"
    assert statement.predicate["inputs"][0]["digest"]["sha256"] == hashlib.sha256(data).hexdigest()
    written = hashlib.sha256((tmp_path / "clean" / "m.safetensors").read_bytes()).hexdigest()
    assert [one.digests[0].hex for one in statement.subjects] == [written]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x80\x02}(I1\n" + b"".join(b"q\x01h\x01\x86" for _ in range(60)) + b"Nu.", "exhaust"),
        (pickle.dumps({"w": 1})[:-3], "breaks"),
        (pickle.dumps(Runs()), "nothing in it"),
        (b"\x80\x04\x96\xff\xff\xff\xff\xff\xff\xff\x7f.", "breaks"),
        (b"\x80\x04" + b"(" * 10 + b"cos\nsystem\n" + b"N\x81.", "breaks"),
    ],
    ids=["bomb", "cut", "code only", "a length beyond memory", "no arguments"],
)
def test_what_cannot_be_disarmed_is_refused(tmp_path, data, said):
    with pytest.raises(Malformed, match=said):
        disarmed(tmp_path, data)
    assert not (tmp_path / "clean").exists()


def test_a_file_without_a_pickle_is_refused(tmp_path):
    with pytest.raises(Misconfigured, match="text holds no pickle"):
        disarmed(tmp_path, b"hello\n")


def test_a_directory_with_something_in_it_is_not_written_to(tmp_path):
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean" / "mine").write_text("x")
    with pytest.raises(Misconfigured, match="not empty"):
        disarmed(tmp_path, pickle.dumps({"w": np.arange(3.0)}))


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [((2, 2), (2, 1), 1), ((5,), (1,), 0), ((2,), (4,), 0), ((1 << 47, 1 << 47), (0, 0), 0)],
)
def test_a_tensor_that_reaches_out_of_its_storage_is_refused(shape, strides, offset):
    with pytest.raises(Malformed, match=r"reaches|out of a storage"):
        arrays.gather(bytes(16), offset, shape, strides, 4)


@pytest.mark.parametrize(("shape", "strides"), [((2, 3), (1, 2)), ((3, 2), (2, 1)), ((2, 2), (0, 1)), ((1, 6), (9, 1))])
def test_a_strided_view_is_gathered_as_numpy_does(shape, strides):
    data = np.arange(6, dtype="<i4")
    wanted = np.lib.stride_tricks.as_strided(data, shape, [4 * step for step in strides])
    assert bytes(arrays.gather(data.tobytes(), 0, shape, strides, 4)) == np.ascontiguousarray(wanted).tobytes()


@pytest.mark.parametrize(
    "value",
    [OrderedDict(a=1), dt.date(2026, 1, 2), array.array("d", [1.0]), {1, 2}, frozenset({3}), slice(1, 2), 1 + 2j],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("protocol", range(6))
def test_values_of_the_standard_library_are_read_without_their_classes(value, protocol):
    (found,), _ = inert.read(pickle.dumps(value, protocol=protocol))
    assert type(found).__module__ in ("builtins", "hauberk.enforce.disarm.stand")


def test_an_extension_code_and_a_persistent_id_are_remembered_and_not_resolved():
    (found,), _ = inert.read(b"\x80\x02\x82\x07Vid\nQ\x86.")
    assert (stand.name_of(found[0]), found[1]) == ("copyreg extension 7", stand.Asked("id"))


def test_the_command_line_lists_what_stayed_behind(tmp_path, capsys):
    (tmp_path / "m.pkl").write_bytes(pickle.dumps({"w": np.arange(3.0), "x": Runs()}))
    assert dispatch(["disarm", str(tmp_path / "m.pkl"), "-o", str(tmp_path / "clean")]) == 3
    said = capsys.readouterr()
    assert "1, bit for bit" in said.out
    assert "left behind: x: an object of posix.system" in said.err


def test_where_nothing_is_carried_over_the_reason_and_the_finding_are_named(tmp_path):
    with pytest.raises(Malformed, match=r"an object of posix\.system.*a scan finds pickle-runs-process: posix\.system"):
        disarmed(tmp_path, pickle.dumps(Runs()))


@pytest.mark.parametrize(
    "model",
    [
        {"a.b": np.zeros(1), "a": {"b": np.ones(1)}},
        {"a.b": 1, "a": {"b": 2}},
        {1: np.zeros(1), "1": np.ones(1)},
        {(1, 2): 1, (1, 3): 2},
        {"x" * 2000: 1, "x" * 2001: 2},
    ],
    ids=["tensors", "values", "a number and its text", "tuples", "long names"],
)
def test_two_things_of_one_name_are_not_taken_for_one(tmp_path, model):
    found = disarmed(tmp_path, pickle.dumps(model))
    assert not found.complete or found.estimator
    assert any("has this name" in why for why in found.left.values())


def test_a_name_that_safetensors_keeps_for_itself_is_not_written(tmp_path):
    found = disarmed(tmp_path, pickle.dumps({"__metadata__": np.zeros(1), "w": np.ones(1)}))
    assert "__metadata__" in found.left
    assert list(tensors(tmp_path / "clean" / "m.safetensors")) == ["w"]


def test_names_that_utf_8_cannot_hold_stay_apart(tmp_path):
    found = disarmed(tmp_path, pickle.dumps({chr(0xD800): np.zeros(1), chr(0xD801): np.ones(1)}))
    assert found.complete
    assert set(tensors(tmp_path / "clean" / "m.safetensors")) == {"\\ud800", "\\ud801"}


def test_numbers_too_long_to_be_written_stay_behind(tmp_path):
    found = disarmed(tmp_path, pickle.dumps({"n": 10**5000, 10**5000: np.zeros(1), "m": 1}))
    assert found.left["n"] == "a number of 16610 bits"
    assert (found.tensors, found.values) == (1, 1)


def test_what_an_ordered_dict_was_made_of_is_carried_beside_what_was_put_in(tmp_path):
    assert disarmed(tmp_path, pickle.dumps(MadeOfBoth())).tensors == 2


STORED = stand.Asked(("storage", stand.named("torch.FloatStorage"), "0", "cpu", 4))


def rebuilt(*marks, stored=STORED, shape=(4,), strides=(1,)):
    return stand.named("torch._utils._rebuild_tensor_v2")(stored, 0, shape, strides, False, (), *marks)


def kept(key):
    return np.arange(4, dtype="<f4").tobytes()


def test_a_tensor_is_what_its_storage_holds():
    assert arrays.tensor_of(rebuilt({}), kept).data == kept("0")


@pytest.mark.parametrize("marks", [{"conj": True}, {"neg": True}], ids=str)
def test_a_tensor_that_is_not_what_its_storage_holds_stays_behind(marks):
    assert isinstance(arrays.tensor_of(rebuilt(marks), kept), arrays.Left)


def test_a_part_of_a_storage_stays_behind():
    part = stand.Asked((*STORED.identity, ("0", 1, 3)))
    assert isinstance(arrays.tensor_of(rebuilt({}, stored=part), kept), arrays.Left)


def test_a_tensor_in_too_many_pieces_stays_behind():
    with pytest.raises(Malformed, match="pieces"):
        arrays.gather(bytes(4), 0, (1 << 13, 1 << 13, 2), (0, 0, 3), 1)


def test_views_of_one_storage_do_not_come_to_more_than_is_allowed():
    found = walk([rebuilt({}), rebuilt({}), rebuilt({})], kept, most_bytes=32)
    assert list(found.tensors) == ["0", "1"]
    assert found.left == {"2": "more than 32 bytes in all"}


def test_an_old_file_asks_for_the_names_of_its_classes():
    pid = b"(Vmodule\ncnowhere\nNet\nVfile\nVsource\ntQ"
    (found,), _ = inert.read(b"\x80\x02" + pid + b")\x81.")
    assert stand.name_of(found) == "nowhere.Net"


def test_a_disk_that_is_full_leaves_nothing(tmp_path, monkeypatch):
    written = []

    def full(path, data):
        if written:
            raise Unavailable("no room")
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr("hauberk.verbs.disarm.write_atomic", full)
    with pytest.raises(Unavailable, match="no room"):
        disarmed(tmp_path, pickle.dumps({"w": np.zeros(1), "n": 1}))
    assert len(written) == 1
    assert not (tmp_path / "clean").exists()


def test_a_name_that_drives_a_terminal_is_shown_and_not_obeyed(tmp_path, capsys):
    name = "m\nquiet\x1b[2J.pkl"
    (tmp_path / name).write_bytes(pickle.dumps({"\x1b[2J": np.zeros(1), "x": Runs()}))
    dispatch(["disarm", str(tmp_path / name), "-o", str(tmp_path / "clean")])
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "\nquiet" not in said.out
