"""What founds a project: the first root and trust say who is who, and one key never plays two roles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hauberk.errors import Misconfigured
from hauberk.evidence.first_trust import (
    GRANTED,
    Founders,
    check_first,
    check_founders,
    first_root,
    first_trust,
    log_key,
    origin_of,
    witness_key,
)
from hauberk.evidence.predicates import MODEL_SCAN
from hauberk.evidence.trust import Root, Trust
from hauberk.signature.key import PublicKey
from hauberk.signature.note import NoteKind
from signers import SeedSigner
from simulator import DAY, START, keys

if TYPE_CHECKING:
    from collections.abc import Callable

P384 = PublicKey.of(ec.derive_private_key(7, ec.SECP384R1()).public_key())


def key(name: str) -> PublicKey:
    return SeedSigner(name).public


FOUNDERS = Founders(
    (key("root a"), key("root b")),
    2,
    {role: keys()["producer"].public if role == "producer" else key(role) for role in (*GRANTED, "security")},
    log_key("example.org/log", key("log")),
    (witness_key("example.net/w", key("w")), witness_key("example.com/w", key("x"))),
    1,
)


def root(**changes: Any) -> Root:
    return Root.of(first_root(FOUNDERS, now=START, development=False) | changes)


def trust(**changes: Any) -> Trust:
    return Trust.of(first_trust(FOUNDERS, "tumour", now=START, development=False) | changes)


def test_the_first_root_holds_for_ten_years():
    assert check_founders(FOUNDERS) is None
    assert root().keys == {one.keyid: one for one in FOUNDERS.root}
    assert (root().version, root().threshold, root().development) == (1, 2, False)
    assert root().valid_until == START + 3650 * DAY
    assert first_root(FOUNDERS, now=START, development=True)["development"] is True


def test_the_first_trust_holds_for_a_year_and_lists_everybody_by_name():
    made = trust()
    assert (made.version, made.root_version, made.development, made.quorum) == (1, 1, False, 1)
    assert made.valid_until == START + 365 * DAY
    assert {made.names[one.keyid]: one for one in made.keys.values()} == FOUNDERS.named
    assert (made.log, made.witnesses) == (FOUNDERS.log, FOUNDERS.witnesses)
    scanner = FOUNDERS.named["scanner"].keyid
    assert made.allows(scanner, MODEL_SCAN.type, "model/tumour", START)
    assert made.allows(scanner, MODEL_SCAN.type, "model/tumour", made.valid_until)
    assert not made.allows(scanner, MODEL_SCAN.type, "model/tumour", START - 1)
    assert not made.allows(scanner, MODEL_SCAN.type, "model/tumour", made.valid_until + 1)
    assert first_trust(FOUNDERS, "tumour", now=START, development=True)["development"] is True


def test_who_is_no_role_of_a_project_is_listed_and_says_nothing():
    security = FOUNDERS.named["security"].keyid
    assert not any(grant.signer == security for grant in trust().grants)


def test_a_log_that_nobody_has_named_is_called_after_its_model_and_its_key():
    assert origin_of("tumour", key("log")) == f"hauberk/tumour/{key('log').keyid[:16]}"


def test_keys_of_a_log_and_of_a_witness_are_of_their_kinds():
    assert FOUNDERS.log.kind is NoteKind.ED25519
    assert FOUNDERS.witnesses[0].kind is NoteKind.COSIGNATURE_V1


@pytest.mark.parametrize(("make", "what"), [(log_key, "log"), (witness_key, "witness")])
def test_a_key_without_a_name_or_of_another_kind_is_none_of_a_log_or_witness(make: Callable[..., Any], what: str):
    with pytest.raises(Misconfigured, match=f"^the key of the {what}: "):
        make("two words", key("w"))
    with pytest.raises(Misconfigured, match=f"^the key of the {what}: "):
        make("example.net/w", P384)


def without(*roles: str) -> dict[str, Any]:
    return {"named": {role: one for role, one in FOUNDERS.named.items() if role not in roles}}


def with_role(role: str, other: PublicKey) -> dict[str, Any]:
    return {"named": {**FOUNDERS.named, role: other}}


SHOWN = key("root a").keyid[:12]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (without("scanner"), "^nobody is named as scanner$"),
        (without("scanner", "gate"), "^nobody is named as scanner, gate$"),
        (
            with_role("producer", key("producer")),
            "^the producer's key is ed25519, and models are signed with EC P-256$",
        ),
        (with_role("scanner", P384), "^the key of scanner is .*384, which signs no statement$"),
        (with_role("Ada", P384), "^the key of Ada is .*384, which signs no statement$"),
        ({"root": (key("root a"), P384)}, "^the key of root is .*384, which signs no statement$"),
        (with_role("gate", key("scanner")), "is named twice: as scanner and as gate$"),
        (with_role("Ada", key("gate")), "is named twice: as gate and as Ada$"),
        (with_role("gate", key("root a")), f"^the key {SHOWN}… is named twice: as root and as gate$"),
        ({"root": (key("root a"), key("root a"))}, "is named twice: as root and as root$"),
        ({"log": log_key("example.org/log", key("gate"))}, "is named twice: as gate and as log$"),
        ({"witnesses": (witness_key("example.net/w", key("log")),)}, "as log and as witness example.net/w$"),
        (
            {"witnesses": (FOUNDERS.witnesses[0], witness_key("example.net/w", key("y")))},
            "^two witnesses have the name example.net/w$",
        ),
        (with_role("Scanner", key("other")), "^the name 'Scanner' looks like 'scanner', and counts as another person$"),
        (
            {"witnesses": (*FOUNDERS.witnesses, witness_key("example.net/w", key("y")))},
            "^two witnesses have the name example.net/w$",
        ),
        (
            {"witnesses": tuple(witness_key(name, key(name + str(n))) for n, name in enumerate(["a", "b", "b", "c"]))},
            "^two witnesses have the name b$",
        ),
        (
            {"witnesses": tuple(witness_key(name, key(name + str(n))) for n, name in enumerate(["b", "a", "b", "a"]))},
            "^two witnesses have the name b$",
        ),
        ({"threshold": 0}, "^0 of 2 keys of the root can never sign$"),
        ({"threshold": 3}, "^3 of 2 keys of the root can never sign$"),
        ({"root": ()}, "^2 of 0 keys of the root can never sign$"),
        ({"quorum": 0}, "^0 of 2 witnesses can never sign$"),
        ({"quorum": 3}, "^3 of 2 witnesses can never sign$"),
    ],
)
def test_these_found_no_project(changes: dict[str, Any], said: str):
    with pytest.raises(Misconfigured, match=said):
        check_founders(replace(FOUNDERS, **changes))


@pytest.mark.parametrize("changes", [{"threshold": 1}, {"quorum": 2}, {"witnesses": FOUNDERS.witnesses[:1]}])
def test_the_last_number_that_can_sign_is_taken(changes: dict[str, Any]):
    assert check_founders(replace(FOUNDERS, **changes)) is None


def test_a_root_and_a_trust_as_they_were_made_found_a_project():
    assert check_first(root(), trust()) is None


@pytest.mark.parametrize(
    ("of_root", "of_trust", "said"),
    [
        ({"version": 2}, {}, "founded by version 1 of the root, not 2"),
        ({}, {"version": 2}, "founded by version 1 of the trust, not 2"),
        ({"development": True}, {}, "the root is marked as development"),
        ({}, {"development": True}, "the trust is marked as development"),
    ],
)
def test_these_found_nothing_in_earnest(of_root: dict[str, Any], of_trust: dict[str, Any], said: str):
    with pytest.raises(Misconfigured, match=said):
        check_first(root(**of_root), trust(**of_trust))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            with_role("s canner", key("other")),
            "^the name 's canner' looks like 'scanner', and counts as another person$",
        ),
        (with_role("gate", key("root b")), "as root and as gate$"),
        ({"log": log_key("example.org/log", key("gate"))}, "as gate and as log$"),
        ({"witnesses": (witness_key("example.net/w", key("gate")),)}, "as gate and as witness example.net/w$"),
        (
            with_role("producer", key("producer")),
            "^the producer's key is ed25519, and models are signed with EC P-256$",
        ),
    ],
)
def test_a_key_that_somebody_wrote_in_where_it_does_not_belong_founds_nothing(changes: dict[str, Any], said: str):
    edited = first_trust(replace(FOUNDERS, **changes), "tumour", now=START, development=False)
    with pytest.raises(Misconfigured, match=said):
        check_first(root(), Trust.of(edited))


@pytest.mark.parametrize("role", GRANTED)
def test_a_role_that_somebody_took_out_or_renamed_founds_nothing(role: str):
    keyid = FOUNDERS.named[role].keyid
    edited = first_trust(FOUNDERS, "tumour", now=START, development=False)
    renamed = edited["keys"] | {keyid: edited["keys"][keyid] | {"name": "somebody"}}
    said = f"^nobody is named as {role}$"
    with pytest.raises(Misconfigured, match=said):
        check_first(root(), Trust.of(edited | {"keys": renamed}))
    keys = {one: key for one, key in edited["keys"].items() if one != keyid}
    grants = [grant for grant in edited["grants"] if grant["signer"] != keyid]
    with pytest.raises(Misconfigured, match=said):
        check_first(root(), Trust.of(edited | {"keys": keys, "grants": grants}))
