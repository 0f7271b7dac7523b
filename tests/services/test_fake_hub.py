"""The Hugging Face hub's API by a fake that is as strict as its documentation: contract-tested, not cloud-tested."""

import pytest

from hauberk.digest import dir_hash, sha256
from hauberk.finding import Outcome
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.scan import scan
from hauberk.view import Basis
from services.fake_hub import hub
from services.models import CLEAN, EVIL, array

LARGE = array(10_000_000) + bytes(40_000_000)
FILES = {"config.json": b"{}", "model.pkl": CLEAN, "large.npy": LARGE}


@pytest.fixture
def fake(monkeypatch):
    with hub(dict(FILES)) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.server.url)
        yield running


def test_a_branch_is_a_directory_at_a_commit(fake):
    seen = scan("hf://org/name")
    assert (seen.subjects[0].path, seen.complete) == (f"hf://org/name@{fake.commit}", True)
    large = next(report for report in seen.reports if report.path.endswith("large.npy"))
    assert (large.basis, large.digest) == (Basis.CLAIMED, sha256(LARGE))
    assert large.reading.bytes < large.size / 100


def test_a_bad_file_is_found(fake):
    fake.files["model.pkl"] = EVIL
    assert scan("hf://org/name/model.pkl").outcome is Outcome.MALICIOUS


def test_a_repository_is_taken_in_by_its_digest(fake, tmp_path):
    expected = dir_hash((name, sha256(data).hex) for name, data in FILES.items())
    _, path = intake(f"hf://org/name@{fake.commit}", output=tmp_path / "q", wanted=Wanted(expected))
    assert {file.name for file in path.iterdir()} == set(FILES)
