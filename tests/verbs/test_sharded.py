"""A checkpoint of hundreds of shards and 100 GB, sparse: one subject, of which only what matters is read."""

import json
import pickle

import pytest

from hauberk.edge.files import FileView
from hauberk.finding import Outcome
from hauberk.verbs.scan import scan
from hauberk.view import Basis

SHARDS, EACH = 250, 400 << 20


@pytest.fixture
def checkpoint(tmp_path):
    """Write shards whose weights are holes, and the index that names them."""
    names = [f"model-{number:05}-of-{SHARDS:05}.safetensors" for number in range(1, SHARDS + 1)]
    for number, name in enumerate(names):
        header = json.dumps({f"w{number}": {"dtype": "F32", "shape": [EACH // 4], "data_offsets": [0, EACH]}})
        data = header.encode().ljust(96)
        with (tmp_path / name).open("wb") as file:
            file.write(len(data).to_bytes(8, "little") + data)
            file.truncate(8 + len(data) + EACH)
    index = {"metadata": {}, "weight_map": {f"w{number}": name for number, name in enumerate(names)}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    return tmp_path


def test_it_is_one_subject_and_next_to_nothing_of_it_is_read(checkpoint, monkeypatch):
    taken = []
    read_at = FileView.read_at
    monkeypatch.setattr(
        FileView, "read_at", lambda self, *where: taken.append(len(got := read_at(self, *where))) or got
    )
    seen = scan(checkpoint, digest=False)
    assert [(one.path, one.digest, one.basis) for one in seen.subjects] == [(str(checkpoint), None, Basis.CLAIMED)]
    assert (len(seen.reports), seen.outcome, seen.complete) == (SHARDS + 1, Outcome.CLEAN, True)
    assert sum(report.size for report in seen.reports) > 100e9
    assert sum(taken) < 1e-3 * 100e9


def test_a_scan_of_it_that_was_stopped_goes_on_and_looks_at_the_rest_only(checkpoint, tmp_path_factory):
    state = tmp_path_factory.mktemp("state") / "seen"
    first = scan(checkpoint, digest=False, state=state)
    lines = state.read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + SHARDS + 1
    state.write_bytes(b"".join(lines[:201]))  # as a machine that was switched off leaves it
    assert scan(checkpoint, digest=False, state=state) == first
    again = state.read_bytes().splitlines(keepends=True)
    assert again[:201] == lines[:201]
    assert sorted(again) == sorted(lines)  # each answer once: nothing was looked at twice


def test_one_shard_among_hundreds_that_attacks_decides_for_all(tmp_path):
    names = [f"pytorch_model-{number:05}-of-00300.bin" for number in range(1, 301)]
    for name in names:
        (tmp_path / name).write_bytes(pickle.dumps({name: [0.5]}))
    (tmp_path / names[211]).write_bytes(b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00id\x85R.")
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": {name: name for name in names}}))
    seen = scan(tmp_path)
    assert (len(seen.subjects), len(seen.reports), seen.outcome) == (1, 301, Outcome.MALICIOUS)
    assert [report.path for report in seen.reports if report.findings] == [str(tmp_path / names[211])]
