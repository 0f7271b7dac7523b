"""A checkpoint of hundreds of shards and 100 GB, sparse: one subject, of which only what matters is read."""

import json

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
