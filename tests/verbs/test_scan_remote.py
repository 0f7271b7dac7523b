"""A scan of what lies elsewhere: little is read, what was is told, and nothing of it is ever more than claimed."""

import json
import os
import pickle
from importlib import resources

import jsonschema
import pytest

from checkpoints import checkpoint
from hauberk.cli.main import main
from hauberk.digest import sha256
from hauberk.errors import Misconfigured
from hauberk.finding import Outcome, UncheckedCode
from hauberk.limits import Limits
from hauberk.render.report_json import document
from hauberk.verbs.scan import scan
from hauberk.view import Basis
from services.fake_hub import hub
from web_server import Said, ranged, serving

SCHEMA = json.loads(resources.files("hauberk.render").joinpath("report.schema.json").read_text())


class Shell:
    """What a pickle is told to call when it is loaded; nothing here loads it."""

    def __reduce__(self):
        return os.system, ("true",)


CLEAN = pickle.dumps({"weights": [0.5] * 100})
EVIL = pickle.dumps(Shell())


def array(size):
    """Return a NumPy file of floats (format 1.0), of which only the header says anything."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({size // 4},), }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + bytes(size // 4 * 4)


@pytest.fixture
def server():
    with serving({"/clean.pkl": CLEAN, "/evil.pkl": EVIL, "/large.npy": array(40_000_000)}) as running:
        yield running


@pytest.fixture
def fake(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with hub({"config.json": b"{}", "weights.npy": array(4_000_000), "x.pkl": CLEAN}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.server.url)
        yield running


def only(seen):
    (report,) = seen.reports
    return report


def test_a_small_file_is_read_whole_and_known_by_its_bytes(server):
    report = only(scan(f"{server.url}/clean.pkl"))
    assert (report.digest, report.basis, report.outcome) == (sha256(CLEAN), Basis.COMPUTED, Outcome.CLEAN)


def test_what_is_bad_elsewhere_is_found(server):
    assert only(scan(f"{server.url}/evil.pkl")).outcome is Outcome.MALICIOUS


def test_of_a_large_file_only_what_matters_is_read_and_it_is_claimed(server):
    seen = scan(f"{server.url}/large.npy")
    report = only(seen)
    assert (report.outcome, report.complete, report.basis, report.digest) == (Outcome.CLEAN, True, Basis.CLAIMED, None)
    assert report.reading.bytes < report.size / 100
    assert sum(length for _, length in report.reading.unread) == report.size - report.reading.bytes
    assert (seen.subjects[0].basis, seen.subjects[0].digest) == (Basis.CLAIMED, None)


def test_a_repository_is_one_subject_at_its_commit_with_its_claims(fake):
    seen = scan("hf://org/name")
    assert seen.subjects[0].path == f"hf://org/name@{fake.commit}"
    assert {report.path.rpartition("/")[2]: report.basis for report in seen.reports} == {
        "config.json": Basis.COMPUTED,
        "weights.npy": Basis.CLAIMED,
        "x.pkl": Basis.COMPUTED,
    }
    assert seen.subjects[0].basis is Basis.CLAIMED
    assert seen.subjects[0].digest.algorithm == "dirHash"
    assert seen.complete


def test_bytes_that_are_not_those_that_the_source_claims_are_unchecked(fake):
    fake.files["x.bin"] = b"\0" * 2000
    fake.claims["x.bin"] = "0" * 64
    report = only(scan("hf://org/name/x.bin"))
    assert report.digest == sha256(b"\0" * 2000)
    assert [one.code for one in report.unchecked if "where the source says" in one.detail] == [UncheckedCode.CHANGED]


def test_a_name_that_is_odd_leaves_the_whole_unchecked_and_without_digest(fake):
    fake.extra = [{"type": "file", "path": "../x", "size": 1}]
    seen = scan("hf://org/name")
    assert (seen.complete, seen.subjects[0].digest) == (False, None)
    assert seen.unread[0].code is UncheckedCode.NAME


def test_names_that_differ_in_case_only_are_found(fake):
    fake.files["Config.json"] = b"{}"
    rules = [finding.rule for report in scan("hf://org/name").reports for finding in report.findings]
    assert "tree-case-fold-twins" in rules


def test_a_file_that_changes_while_it_is_scanned_has_no_report(server):
    first, second = ranged(array(40_000_000)), ranged(array(40_000_004))
    versions = [second, first]

    def answer(asked):
        return (versions.pop() if len(versions) > 1 else versions[0])(asked)

    server.routes["/large.npy"] = answer
    seen = scan(f"{server.url}/large.npy", limits=Limits(max_remote_cache_bytes=1))
    assert (seen.reports, seen.unread[0].code, seen.complete) == ((), UncheckedCode.CHANGED, False)


def test_a_large_file_without_ranges_is_unchecked_with_what_to_do(server):
    server.routes["/large.npy"] = Said(200, {}, array(40_000_000))
    (unread,) = scan(f"{server.url}/large.npy").unread
    assert (unread.code, "hauberk intake" in unread.detail) == (UncheckedCode.LIMIT, True)


def test_one_file_that_cannot_be_had_leaves_the_others(fake):
    route = fake.server.routes.get("x")
    fake.server.routes = type(fake.server.routes)(lambda asked: Said(404) if "x.pkl" in asked.path else route(asked))
    seen = scan("hf://org/name")
    assert (len(seen.reports), [one.code for one in seen.unread]) == (2, [UncheckedCode.UNREADABLE])


@pytest.mark.parametrize(
    "address", ["gs://m/x?versionId=1", "s3://", "hf://", "oci://host", "https://u:p@host/x", "mlflow:/m"]
)
def test_an_address_that_is_none_is_wrong_usage(address):
    with pytest.raises(Misconfigured):
        scan(address)


def test_a_server_that_does_not_answer_leaves_its_file_unread():
    assert scan("http://127.0.0.1:1/x").unread[0].code is UncheckedCode.UNREADABLE


def test_the_report_fits_its_schema_and_says_what_was_not_read(server, fake):
    for address in (f"{server.url}/large.npy", "hf://org/name", f"{server.url}/lost"):
        found = document(scan(address), version="9.9.9")
        jsonschema.Draft202012Validator(SCHEMA).validate(found)
    read = document(scan(f"{server.url}/large.npy"), version="9.9.9")["results"][0]["read"]
    assert (read["of"], read["unread_known"], read["unread_ranges"]) == (40_000_128, True, len(read["unread"]))


@pytest.mark.parametrize(("name", "code"), [("clean.pkl", 0), ("evil.pkl", 1), ("large.npy", 0), ("lost.pkl", 3)])
def test_the_exit_code_is_that_of_a_file_here(server, name, code, capsys):
    assert main(["scan", f"{server.url}/{name}"]) == code


def test_a_person_sees_how_much_was_read(server, capsys):
    main(["scan", f"{server.url}/large.npy"])
    assert "kB of 40.0 MB read" in capsys.readouterr().out


def test_a_checkpoint_is_scanned_from_a_hundredth_of_it(server):
    server.routes["/m.pt"] = checkpoint(tensors=40, mebibytes=2)
    report = only(scan(f"{server.url}/m.pt"))
    assert (report.format, report.outcome, report.complete) == ("pytorch-zip", Outcome.CLEAN, True)
    assert (report.basis, report.reading.bytes < report.size / 100) == (Basis.CLAIMED, True)
