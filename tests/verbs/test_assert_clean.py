"""`hauberk.assert_clean`: an assertion that holds where `hauberk scan` would end with 0, and nowhere else."""

import pickle

import pytest

import hauberk
from hauberk.errors import Misconfigured

SHELL = b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00id\x85R."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps([1.0, 2.0]))
    return tmp_path


def test_what_is_clean_is_returned_as_it_was_seen(folder):
    assert [report.format for report in hauberk.assert_clean(folder).reports] == ["pickle"]


@pytest.mark.parametrize("data", [SHELL, pickle.dumps([1, 2])[:-1]], ids=["malicious", "cut"])
def test_what_is_found_or_could_not_be_looked_at_fails_with_the_report(folder, data):
    (folder / "b.pkl").write_bytes(data)
    with pytest.raises(AssertionError, match=r"b\.pkl  pickle"):
        hauberk.assert_clean(folder)


def test_a_profile_says_what_fails(folder):
    (folder / "b.pkl").write_bytes(SHELL)
    assert hauberk.assert_clean(folder, profile="audit")
    (folder / "own.yaml").write_text("schema: urn:hauberk:scan-profile:v1\nname: own\nceilings: {critical: 1}\n")
    assert hauberk.assert_clean(folder / "b.pkl", profile=folder / "own.yaml")
    with pytest.raises(Misconfigured):
        hauberk.assert_clean(folder, profile="stict")
