"""What several people sign together: who may add a signature, and what is no draft."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.errors import HauberkError, Malformed, NotVerified
from hauberk.evidence import cosigning
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BREAK_GLASS, MODEL_SCAN, POLICY, REVOCATION, Predicate
from hauberk.signature import dsse
from hauberk.statement import Envelope, Statement
from simulator import DAY, START, Chain, core, named, policy_data

if TYPE_CHECKING:
    from hauberk.evidence.trust import Trust

CHAIN = Chain()
BODY = {"gate": "load", "owner": "Ada", "until": format_instant(START + DAY), "emergency": "x"}
SAID = (
    Statement((CHAIN.model,), BREAK_GLASS.type, BODY),
    Statement((named("model/tumour", b"another"),), BREAK_GLASS.type, BODY),
)


def drafted(role: str = "approver") -> cosigning.Draft:
    return cosigning.begin(SAID, CHAIN.keys[role])


def signed(draft: cosigning.Draft, role: str = "security", trust: Trust | None = None) -> cosigning.Draft:
    return cosigning.cosigned(draft, CHAIN.keys[role], trust or CHAIN.trust, now=START)


def test_two_people_sign_the_same_statements_and_nothing_is_lost():
    draft = cosigning.read(signed(cosigning.read(drafted().encode())).encode())
    assert draft.statements == SAID
    for envelope in draft.envelopes:
        assert cosigning.people(envelope, CHAIN.trust, now=START) == ("approver", "security")
        assert [s.keyid for s in envelope.signatures] == sorted(s.keyid for s in envelope.signatures)
    ids = [dsse.statement_id(envelope.payload) for envelope in draft.envelopes]
    assert ids == [dsse.statement_id(envelope.payload) for envelope in drafted().envelopes]


def test_the_order_of_the_people_does_not_matter():
    assert signed(drafted("security"), "approver") == signed(drafted())


def test_one_person_is_one_by_one_key():
    with pytest.raises(NotVerified, match="approver has signed this already"):
        signed(drafted(), "approver")


def test_one_person_is_one_by_two_keys():
    listed = CHAIN.make_trust()["keys"]
    listed[CHAIN.keys["security"].public.keyid]["name"] = "approver"
    with pytest.raises(NotVerified, match="two keys of one name are one person"):
        signed(drafted(), trust=CHAIN.trust_with(keys=listed))


@pytest.mark.parametrize(
    ("role", "says"), [("gate", "may not sign this"), ("scanner", "may not sign this"), ("stranger", "no trusted key")]
)
def test_nobody_signs_whom_trust_does_not_let(role: str, says: str):
    with pytest.raises(NotVerified, match=says):
        signed(drafted(), role)


@pytest.mark.parametrize("role", ["gate", "stranger"])
def test_nobody_signs_beside_somebody_whom_trust_does_not_let(role: str):
    with pytest.raises(NotVerified):
        signed(drafted(role))


def test_a_grant_that_has_ended_lets_nobody_sign():
    with pytest.raises(NotVerified, match="may not sign"):
        cosigning.cosigned(drafted(), CHAIN.keys["security"], CHAIN.trust, now=START + 301 * DAY)


def test_a_second_signature_without_a_grant_is_not_passed_over():
    (first, _) = drafted().envelopes
    (more,) = dsse.sign(SAID[0], [CHAIN.keys["gate"]]).signatures
    listed = tuple(sorted((*first.signatures, more), key=lambda s: s.keyid))
    with pytest.raises(NotVerified, match="gate may not sign this, so that the signature counts for nothing"):
        cosigning.people(Envelope(first.payload, listed), CHAIN.trust, now=START)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (REVOCATION, {"reason": "x"}),
        (POLICY, policy_data()),
        (MODEL_SCAN, core(files=[])),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_nothing_else_is_signed_like_this(kind: Predicate, body: dict[str, Any]):
    draft = cosigning.begin([Statement((CHAIN.model,), kind.type, body)], CHAIN.keys["approver"])
    with pytest.raises(Malformed, match="which is not signed like this"):
        cosigning.read(draft.encode())


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "urn:hauberk:cosigning:v2"},
        {"envelopes": []},
        {"envelopes": ["x"]},
        {"spare": 1},
        {"envelopes": None},
    ],
)
def test_a_file_of_another_form_is_no_draft(change: dict[str, Any]):
    with pytest.raises(Malformed):
        cosigning.read(json.dumps(json.loads(drafted().encode()) | change).encode())


def test_a_key_that_stands_twice_in_the_file_is_refused():
    text = drafted().encode().decode()
    with pytest.raises(Malformed):
        cosigning.read(text.replace('{\n  "schema"', '{\n  "schema": "x",\n  "schema"', 1).encode())


def test_a_statement_of_another_shape_is_no_draft():
    draft = cosigning.begin(
        [Statement((CHAIN.model,), BREAK_GLASS.type, BODY | {"reason": "x"})], CHAIN.keys["approver"]
    )
    with pytest.raises(Malformed):
        cosigning.read(draft.encode())


def test_a_draft_that_was_edited_is_signed_by_nobody():
    envelope, other = drafted().envelopes
    swapped = cosigning.Draft((Envelope(other.payload, envelope.signatures),))
    with pytest.raises(HauberkError):
        signed(swapped)


def test_a_file_says_whether_it_is_a_draft_be_it_broken():
    assert cosigning.is_draft(drafted().encode())
    assert cosigning.is_draft(b'{"schema": "%s"}' % cosigning.SCHEMA.encode())
    for none in (b"", b"{", b"[]", b"{}", b'{"schema": 1}', b'{"schema": "urn:hauberk:trust-draft:v1"}'):
        assert not cosigning.is_draft(none)


def test_who_reads_says_which_kinds_there_may_be():
    draft = cosigning.begin([Statement((CHAIN.model,), MODEL_SCAN.type, core(files=[]))], CHAIN.keys["approver"])
    assert cosigning.read(draft.encode(), kinds=(POLICY, MODEL_SCAN)) == draft
    with pytest.raises(Malformed, match="which is not signed like this"):
        cosigning.read(draft.encode(), kinds=(POLICY,))
