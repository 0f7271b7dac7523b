"""`hauberk derive`: joins two digests, and claims no more than was measured."""

import json
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.edge.sources import digest_path
from hauberk.evidence.predicates import DERIVATION, check, edges, result_of
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind

GOOD = {"claim": "predictions", "rows": 20, "largestDifference": 1e-7, "tolerance": 1e-5}


@pytest.fixture(autouse=True)
def _models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("model", "onnx"):
        Path(name).mkdir()
        Path(name, "weights").write_text(name)
    Path("equivalence.json").write_text(json.dumps(GOOD))
    write_private_key("key.pem", generate_key(KeyKind.ECDSA_P256), passphrase=None)


def derive(*more, source="model", made="onnx"):
    signed = ["--key", "file:key.pem", "--statement", "s.json", "--name", "fraud"]
    return dispatch(["derive", source, made, "--equivalence", "equivalence.json", *signed, *more])


def statement():
    found = dsse.decode_statement(dsse.decode_envelope(Path("s.json").read_bytes()).payload)
    assert check(found) is DERIVATION
    return found


def test_both_digests_are_joined_with_what_was_measured():
    assert derive("--kind", "quantisation") == 0
    found = statement()
    assert found.subjects[0].digests == (digest_path("onnx"),)
    assert [named.digests for named in edges(found)] == [(digest_path("model"),)]
    assert found.predicate["equivalence"] == GOOD
    assert (found.predicate["kind"], result_of(found)) == ("quantisation", "pass")


def test_more_than_the_tolerance_is_a_failed_statement_and_exit_1(capsys):
    Path("equivalence.json").write_text(json.dumps(GOOD | {"largestDifference": 0.2}))
    assert derive() == 1
    assert result_of(statement()) == "fail"
    assert "it differs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ("", "equivalence.json: it is empty"),
        ("nope", "equivalence.json: the measurement is not JSON"),
        ("{}", "equivalence.json has no text `claim`"),
        ("[]", "equivalence.json holds [], where an object belongs"),
        ('{"claim": 3}', "no text `claim`: it is 3"),
        ('{"claim": "a\\nb"}', '`claim` is "a\\nb", and not one line'),
        ('{"claim": "' + "x" * 5000 + '"}', "not one line of at most 4096 characters"),
        ('{"claim": "x", "tolerance": 1}', "has `tolerance` and no `largestDifference`"),
        ('{"claim": "x", "tolerance": true, "largestDifference": false}', "`largestDifference` is false, and not a"),
        ('{"claim": "x", "tolerance": null, "largestDifference": null}', "`largestDifference` is null, and not a"),
        ('{"claim": "x", "tolerance": 1, "largestDifference": "1"}', '`largestDifference` is "1", and not a number'),
        ('{"claim": "x", "tolerance": 1, "largestDifference": -2}', "is -2, and not a number not below 0"),
        ('{"claim": "x", "tolerance": -1, "largestDifference": 0}', "`tolerance` is -1, and not a number not below 0"),
        ('{"claim": "x", "largest_difference": 5, "tolerance_": 1}', "write it as largestDifference"),
        ('{"claim": "x", "LargestDifference": 5}', "write it as largestDifference"),
        ('{"claim": "x", "rows": 0, "largestDifference": 0, "tolerance": 1}', "`rows` is 0, and not a number above 0"),
        ('{"claim": "x", "rows": "many"}', '`rows` is "many", and not a number above 0'),
        ('{"claim": " "}', "no text `claim`"),
        ('{"claim": "x", "claim": "y"}', "JSON"),
        ('{"claim": "x", "tolerance": NaN, "largestDifference": 1}', "JSON"),
        ('{"claim": "x", "tolerance": 1e400, "largestDifference": 1}', "outside of the range of a double"),
    ],
)
def test_what_is_no_measurement_is_a_wrong_file_and_says_what_was_seen(measured, said, capsys):
    Path("equivalence.json").write_text(measured)
    assert derive() == 2
    told = capsys.readouterr().err
    assert said in told
    assert "\n  next: " in told
    assert not Path("s.json").exists()


def test_a_model_is_not_derived_from_itself(capsys):
    assert derive(made="model") == 2
    assert "are the same bytes" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--key", "k"], ["--statement", "s"], ["--key", "file:key.pem", "--statement", "s"]])
def test_it_must_be_said_where_the_statement_goes(words, capsys):
    assert dispatch(["derive", "model", "onnx", "--equivalence", "equivalence.json", *words]) == 2
    assert "--" in capsys.readouterr().err


def test_what_is_not_there_is_named(capsys):
    assert derive(made="nope") == 3
    assert "nope" in capsys.readouterr().err


def test_a_name_that_no_model_has_is_refused(capsys):
    assert derive("--name", "a\nb") == 2
    assert "is no name of a model" in capsys.readouterr().err


# merges, and the data of a measurement


@pytest.fixture
def two():
    Path("two").mkdir()
    Path("two", "weights").write_text("another")
    Path("holdout.csv").write_text("1\n")


def test_a_merge_joins_all_its_models_and_the_data_of_the_measurement(two):
    assert derive("--kind", "merge", "--also", "two", "--on", "holdout=holdout.csv") == 0
    found = [(named.label, named.digests) for named in edges(statement())]
    assert found == [
        ("model/fraud", (digest_path("model"),)),
        ("model/fraud", (digest_path("two"),)),
        ("dataset/holdout", (digest_path("holdout.csv"),)),
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--kind", "merge"], 2, "a merge of 1 models"),
        (["--kind", "conversion", "--also", "two"], 2, "a conversion of 2 models"),
        (["--kind", "merge", "--also", "model"], 2, "are the same bytes"),
        (["--kind", "merge", "--also", "onnx"], 2, "are the same bytes"),
        (["--on", "holdout.csv"], 2, "does not name data"),
        (["--on", "=holdout.csv"], 2, "does not name data"),
        (["--on", "a/b=holdout.csv"], 2, "is no name"),
        (["--on", "holdout=gone.csv"], 3, "gone.csv"),
    ],
)
def test_what_joins_nothing_is_refused(two, words, code, said, capsys):
    assert derive(*words) == code
    assert said in capsys.readouterr().err
    assert not Path("s.json").exists()


@pytest.mark.parametrize("agreement", ["2", "-0.1", "true", '"1"'])
def test_an_agreement_that_is_none_is_refused(agreement, capsys):
    Path("equivalence.json").write_text(f'{{"claim": "x", "agreement": {agreement}}}')
    assert derive() == 2
    assert "from 0 to 1" in capsys.readouterr().err
