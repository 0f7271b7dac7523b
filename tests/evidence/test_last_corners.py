"""The last corners of what statements say: the ends of ranges, the words of refusals, what denies and never helps."""

from __future__ import annotations

from typing import Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import Malformed, NotVerified
from hauberk.evidence.collection import concerned
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import (
    DATA_CHECK,
    INDEX,
    MODEL_SCAN,
    PREDICATES,
    ROOT,
    TRUST,
    check,
    judges,
)
from hauberk.evidence.shape import Integer, ListOf, MapOf, Object, Text
from hauberk.evidence.trust import RootKeys, Trust, decode_trust, realm_of
from hauberk.evidence.verify import (
    Logged,
    Unverified,
    admit_trust,
    not_yet_witnessed,
    only_hurting,
    verify_roots,
)
from hauberk.signature.note import NoteKind, VerifierKey
from hauberk.statement import Named, Statement
from hauberk.verdict import Answer, Verdict
from simulator import HOLDOUT, TRAIN, Chain, core, keys, named, resource

SUITE = "sha256:" + "5" * 64


def denied(verdict: Verdict) -> set[str]:
    assert verdict.result is Answer.DENY
    return {reason.rule for reason in verdict.reasons}


def logged(chain: Chain, *args: Any) -> Logged:
    return Logged(chain.say(*args, log=False), None, chain.now)


# instants and shapes


def test_an_instant_is_written_and_read_to_the_ends_of_what_can_be():
    last = parse_instant("9999-12-31T23:59:59Z")
    assert format_instant(last) == "9999-12-31T23:59:59Z"
    with pytest.raises(Malformed, match=f"{last + 1} is not an instant that RFC 3339 can write"):
        format_instant(last + 1)


@pytest.mark.parametrize("text", ["2026-11-23T17:00:00", "2026-11-23 17:00:00Z", "2026-11-23T17:00:00+00:00", ""])
def test_an_instant_in_another_spelling_is_refused(text: str):
    with pytest.raises(Malformed, match=r"^not an instant: "):
        parse_instant(text)


@pytest.mark.parametrize(
    ("shape", "last", "beyond"),
    [
        (Text(max_length=3), "abc", "abcd"),
        (Integer(1, 3), 3, 4),
        (Integer(1, 3), 1, 0),
        (ListOf(Integer(), 1, 2), [1, 2], [1, 2, 3]),
        (ListOf(Integer(), 1, 2), [1], []),
        (MapOf(Integer(), key=Text(pattern="[a-z]")), {"a": 1}, {"A": 1}),
        (MapOf(Integer(), least=1), {"a": 1}, {}),
    ],
)
def test_a_shape_holds_to_its_last_value_and_not_beyond(shape: Any, last: Any, beyond: Any):
    shape.check(last, "it")
    with pytest.raises(Malformed, match="it"):
        shape.check(beyond, "it")


@pytest.mark.parametrize(
    ("shape", "value", "words"),
    [
        (Text(pattern="b"), "a" * 99, f"^it is '{'a' * 80}', which does not match b$"),
        (Object({}), {"z": 1, "b" * 99: 1}, f"^it has the unknown member '{'b' * 80}'$"),
    ],
)
def test_a_refusal_shows_so_much_of_what_it_saw(shape: Any, value: Any, words: str):
    with pytest.raises(Malformed, match=words):
        shape.check(value, "it")


def test_an_unknown_type_is_shown_to_its_120th_letter():
    with pytest.raises(Malformed, match=f"no predicate of the type '{'x' * 120}' is known"):
        check(Statement((TRAIN,), "x" * 200, {}))


# predicates


def test_checks_are_good_for_so_many_days():
    assert {kind.name: kind.valid_days for kind in PREDICATES if kind.checks} == {
        "artefact": 365,
        "dataset-manifest": 365,
        "data-check": 365,
        "model-scan": 90,
        "evaluation": 365,
        "derivation": 365,
        "risk-decision": 365,
    }


def suite(result: str, digest: str) -> dict[str, Any]:
    return {"result": result, "digest": digest}


@pytest.mark.parametrize(
    ("body", "by"),
    [
        ({"policy": None}, set()),
        ({"policy": {"name": "checks", "digest": {"sha256": "7" * 64}}}, {"sha256:" + "7" * 64}),
        ({"policy": None, "suites": [suite("pass", SUITE)]}, {SUITE}),
        ({"policy": None, "suites": [suite("fail", SUITE)]}, {SUITE}),
        ({"policy": None, "suites": [suite("incomplete", SUITE)]}, set()),
        (
            {"policy": {"name": "c", "digest": {"sha256": "7" * 64}}, "suites": [suite("pass", SUITE)]},
            {"sha256:" + "7" * 64, SUITE},
        ),
    ],
)
def test_a_check_was_judged_by_its_policy_and_by_the_suites_that_came_to_an_end(body: dict[str, Any], by: set[str]):
    assert judges(Statement((TRAIN,), DATA_CHECK.type, body)) == by


# roots and trust


def test_a_third_root_is_signed_by_the_second_and_itself():
    chain = Chain()
    items = [
        logged(chain, "root", ROOT.type, chain.realm, chain.root_predicate),
        logged(chain, ("root", "gate"), ROOT.type, chain.realm, chain.make_root("gate", version=2)),
        logged(chain, ("gate", "approver"), ROOT.type, chain.realm, chain.make_root("approver", version=3)),
    ]
    assert [root.version for root in verify_roots(items, anchor=chain.root_keys).roots] == [1, 2, 3]
    skipped = logged(chain, ("root", "approver"), ROOT.type, chain.realm, chain.make_root("approver", version=3))
    with pytest.raises(NotVerified):
        verify_roots([*items[:2], skipped], anchor=chain.root_keys)


def test_a_trust_below_the_roots_threshold_is_not_admitted():
    chain = Chain()
    made = chain.make_root("root", "gate", threshold=2)
    chain = replaced_root(chain, made)
    realm = verify_roots([logged(chain, ("root", "gate"), ROOT.type, chain.realm, made)], anchor=None)
    both = logged(chain, ("root", "gate"), TRUST.type, chain.realm, chain.trust_predicate)
    assert admit_trust(both, realm).statement.predicate_type == TRUST.type
    with pytest.raises(NotVerified, match="the trust version 1 has 1 signatures"):
        admit_trust(logged(chain, "root", TRUST.type, chain.realm, chain.trust_predicate), realm)


def replaced_root(chain: Chain, made: dict[str, Any]) -> Chain:
    chain.root_predicate, chain.realm = made, realm_of(made)
    return chain


def test_a_root_file_with_more_behind_its_keys_says_where():
    data = Chain().root_keys.encode()
    with pytest.raises(Malformed, match=f"something else than PEM public keys at byte {len(data)}$"):
        RootKeys.decode(data + b"more")


@pytest.mark.parametrize("data", [b"[]", b'"trust"', b"null", b"1"])
def test_a_trust_file_that_is_no_object_is_refused_by_that_name(data: bytes):
    with pytest.raises(Malformed, match="the trust file is not a JSON object"):
        decode_trust(data)


def test_one_witness_of_the_wrong_kind_among_good_ones_is_refused():
    chain = Chain()
    other = VerifierKey("example.org/other", NoteKind.ED25519, keys(1)["witness"].public)
    listed = {"quorum": 1, "vkeys": [chain.witness_key.format(), other.format()]}
    with pytest.raises(Malformed, match="each witness's of the kind 0x04"):
        Trust.of(chain.make_trust(witnesses=listed))


# what denies and never helps


def test_what_no_checkpoint_covers_hurts_and_authorities_are_left_to_the_log():
    chain = Chain().good().publish()
    waiting = not_yet_witnessed(chain.logged())
    kinds = {item.statement.predicate_type for item in waiting}
    assert len(waiting) == chain.log.size - 3
    assert MODEL_SCAN.type in kinds
    assert not {ROOT.type, TRUST.type, INDEX.type} & kinds
    assert {item.why for item in waiting} == {"no checkpoint covers it yet"}


def test_what_does_not_hold_stays_what_it_is_when_it_names_another_digest_as_well():
    chain = Chain().good()
    chain.scan("stranger")
    (unverified,) = chain.evidence().rest
    assert only_hurting(unverified) is unverified
    hurting = only_hurting(chain.evidence().held[-1])
    assert isinstance(hurting, Unverified)
    assert hurting.why == "it names another digest as well"


def test_a_statement_about_two_digests_concerns_both():
    chain = Chain().good()
    twin = sha256(b"the same model, packed")
    both = Named("model/tumour", tuple(sorted((*chain.model.digests, twin))))
    chain.say("scanner", MODEL_SCAN.type, both, core(files=[]))
    assert twin in concerned(chain.evidence().ancestry(chain.model), chain.model)
    chain.revoke(twin)
    assert "not-revoked" in denied(chain.ask())


def test_an_input_that_nobody_speaks_of_is_concerned():
    chain = Chain().good()
    raw = named("data/raw", b"raw")
    chain.manifest(TRAIN, inputs=[resource(raw)])
    assert raw.digests[0] in concerned(chain.evidence().ancestry(chain.model), chain.model)
    chain.revoke(raw.digests[0])
    assert "not-revoked" in denied(chain.ask())


def test_an_ancestry_that_turns_in_a_circle_ends():
    chain = Chain().good()
    chain.manifest(TRAIN, inputs=[resource(HOLDOUT)])
    chain.manifest(HOLDOUT, inputs=[resource(TRAIN)])
    found = chain.evidence().ancestry(TRAIN)
    assert len(found) == len({item.id for item in found}) == 4
