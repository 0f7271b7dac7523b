"""The trust file: what the root may sign, and what it cannot have meant."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from hauberk.errors import Exceeded, HauberkError, Malformed
from hauberk.evidence.predicates import MODEL_SCAN
from hauberk.evidence.trust import Trust, decode_trust
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature import base64
from hauberk.signature.note import NoteKind, VerifierKey
from simulator import DAY, START, Chain, keys


def good() -> dict[str, Any]:
    return copy.deepcopy(Chain().make_trust())


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the good trust with one member set, or taken out where the value is `...`."""
    data = good()
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    here: Any = data
    for step in way:
        here = here[step]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return data


def vkey(role: str, name: str, kind: NoteKind = NoteKind.COSIGNATURE_V1) -> str:
    return VerifierKey(name, kind, keys()[role].public).format()


def test_a_trust_file_may_be_laid_out_by_a_person():
    assert decode_trust(json.dumps(good(), indent=4).encode()) == Trust.of(good())


def test_each_key_has_its_name():
    trust = Trust.of(good())
    assert trust.names[keys()["scanner"].public.keyid] == "scanner"
    assert trust.key_of(keys()["scanner"].public.keyid) == keys()["scanner"].public
    assert trust.key_of(keys()["stranger"].public.keyid) is None


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("version", 0, "version is not an integer from 1"),
        ("version", 1.5, "version is not an integer from 1"),
        ("version", True, "version is not an integer from 1"),
        ("version", ..., "lacks version"),
        ("rootVersion", 0, "rootVersion is not an integer"),
        ("validUntil", "never", "does not match"),
        ("development", "no", "neither true nor false"),
        ("development", ..., "lacks development"),
        ("spare", 1, "unknown member 'spare'"),
        ("log/vkey", "x", "not a verifier key"),
        ("log/origin", "example.org/other", "the log's key is named 'example.org/log'"),
        ("witnesses/quorum", 0, "quorum is not an integer from 1"),
        ("witnesses/quorum", 2, "trust wants 2 of 1 witnesses"),
        ("witnesses/vkeys", [], "not a list of 1"),
        ("witnesses/vkeys/0", lambda: vkey("witness", "w") + "A", "not"),
        ("witnesses/vkeys/0", lambda: vkey("log", "example.org/w"), "the log is listed as its own witness"),
        ("witnesses/vkeys/0", lambda: vkey("witness", "example.org/w", NoteKind.ED25519), "of the kind 0x04"),
        ("log/vkey", lambda: vkey("log", "example.org/log"), "log's key is of the kind 0x01"),
        ("keys", {}, "not an object of at least 1 members"),
        ("grants/0/signer", "0" * 64, "a grant names the key 0000"),
        ("grants/0/signer", "producer", "does not match"),
        ("grants/0/predicates", [], "not a list of 1"),
        ("grants/0/predicates", ["urn:hauberk:model-scan:v2"], "unknown predicate"),
        ("grants/0/predicates", ["*"], "unknown predicate '\\*'"),
        ("grants/0/subjects", [], "not a list of 1"),
        ("grants/0/subjects", ["*"], "does not match"),
        ("grants/0/subjects", ["*/*"], "does not match"),
        ("grants/0/subjects", ["model/"], "does not match"),
        ("grants/0/subjects", ["Model/tumour"], "does not match"),
        ("grants/0/notBefore", 0, "is not a string"),
        ("grants/0/notAfter", ..., "lacks notAfter"),
        ("grants/0/notAfter", "2026-13-01T00:00:00Z", "no such instant"),
        ("grants/0/notAfter", "2026-12-01T00:00:00+00:00", "does not match"),
    ],
)
def test_a_trust_that_says_something_else_is_refused(path: str, value: Any, message: str):
    with pytest.raises(Malformed, match=message):
        Trust.of(changed(path, value() if callable(value) else value))


def test_two_names_for_one_witness_do_not_make_a_quorum():
    listed = [vkey("witness", "example.org/w1"), vkey("witness", "example.org/w2")]
    with pytest.raises(Malformed, match="lists a witness twice"):
        Trust.of(changed("witnesses", {"quorum": 2, "vkeys": listed}))


def test_one_name_for_two_witnesses_is_refused():
    listed = [vkey("witness", "example.org/w"), vkey("stranger", "example.org/w")]
    with pytest.raises(Malformed, match="lists a witness twice"):
        Trust.of(changed("witnesses", {"quorum": 2, "vkeys": listed}))


@pytest.mark.parametrize(
    "member", [{"kind": "rsa"}, {"kind": "ecdsa-p256"}, {"spki": "!"}, {"spki": ""}, {"spki": base64.encode(b"0" * 44)}]
)
def test_a_key_that_cannot_be_read_is_refused(member: dict[str, str]):
    data = good()
    keyid = keys()["scanner"].public.keyid
    data["keys"][keyid] |= member
    with pytest.raises(Malformed):
        Trust.of(data)


def test_a_key_under_the_id_of_another_is_refused():
    data = good()
    one, two = keys()["scanner"].public.keyid, keys()["gate"].public.keyid
    data["keys"][one], data["keys"][two] = data["keys"][two], data["keys"][one]
    with pytest.raises(Malformed, match="has the id"):
        Trust.of(data)


def test_a_key_in_another_encoding_of_the_same_point_is_refused():
    public = serialization.load_der_public_key(keys()["producer"].public.spki)
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)  # type: ignore[union-attr]
    compressed = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    data = good()
    data["keys"][keys()["producer"].public.keyid]["spki"] = base64.encode(compressed)
    with pytest.raises(Malformed, match="canonical DER"):
        Trust.of(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"version": 1, "version": 2}',
        b'{"version": NaN}',
        b"\xff",
        b"[" * 10_000,
        b'{"version": 1e999}',
        b'{"a":"\\ud800"}',
        json.dumps({"version": 1} | {str(n): n for n in range(1_000)}).encode(),
    ],
)
def test_bytes_that_are_no_trust_file_are_refused(data: bytes):
    with pytest.raises(HauberkError) as refusal:
        decode_trust(data)
    assert refusal.value.message


def test_a_key_twice_in_one_object_is_refused():
    text = json.dumps(good()).replace('"version": 1,', '"version": 1, "version": 1,', 1)
    with pytest.raises(Malformed, match="'version' occurs twice"):
        decode_trust(text.encode())


# who may say what


@pytest.mark.parametrize(
    ("scope", "label", "covered"),
    [
        ("model/tumour", "model/tumour", True),
        ("model/*", "model/tumour", True),
        ("model/*", "model/a/b", True),
        ("model/tumour", "model/tumour2", False),
        ("model/tumour", "model/tumou", False),
        ("model/tum*", "model/tumour", False),
        ("model/*", "dataset/tumour", False),
        ("model/*", "model-x/tumour", False),
        ("model/a/*", "model/a/b", False),
    ],
)
def test_a_scope_is_a_whole_name_or_a_whole_kind(scope: str, label: str, covered: bool):
    chain = Chain()
    trust = Trust.of(chain.make_trust() | {"grants": [chain.grant("gate", MODEL_SCAN, scope)]})
    assert trust.allows(keys()["gate"].public.keyid, MODEL_SCAN.type, label, START) is covered


@pytest.mark.parametrize(
    ("time", "allowed"), [(START - DAY - 1, False), (START - DAY, True), (START + 300 * DAY, True), (2**53, False)]
)
def test_a_grant_has_a_beginning_and_an_end(time: int, allowed: bool):
    trust = Trust.of(good())
    assert trust.allows(keys()["scanner"].public.keyid, MODEL_SCAN.type, "model/tumour", time) is allowed


def test_no_grants_allow_nothing():
    trust = Trust.of(good() | {"grants": []})
    assert not trust.allows(keys()["scanner"].public.keyid, MODEL_SCAN.type, "model/tumour", START)


def test_the_digest_of_trust_is_of_what_it_says():
    assert Trust.of(good()).digest == Trust.of(good()).digest
    assert Trust.of(changed("development", False)).digest != Trust.of(good()).digest


def test_a_trust_of_more_rights_than_anybody_reads_is_refused_before_they_are_counted_out():
    most = DEFAULT_LIMITS.max_trust_rights
    others = sum(len(grant["predicates"]) * len(grant["subjects"]) for grant in good()["grants"][1:])
    data = changed("grants/0/predicates", [MODEL_SCAN.type])
    data["grants"][0]["subjects"] = ["model/x"] * (most - others)
    assert len(Trust.of(data).grants[0].subjects) == most - others
    data["grants"][0]["subjects"].append("model/x")
    with pytest.raises(Exceeded, match=f"^the trust grants {most + 1} rights; {most} are allowed$"):
        Trust.of(data)
    data["grants"][0] |= {"subjects": ["model/x"] * 50_000, "predicates": [MODEL_SCAN.type] * 20_000}
    with pytest.raises(Exceeded):  # in a file of a megabyte
        Trust.of(data)
