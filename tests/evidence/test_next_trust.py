"""The next trust and root: what a change adds, ends and leaves as it was, and what nobody can have meant."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hauberk.errors import Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.evidence.next_trust import (
    ended,
    key_named,
    next_root,
    next_trust,
    renewed,
    succeeded,
    with_log,
    with_witness,
    witnessed,
)
from hauberk.evidence.trust import Root, Trust
from hauberk.signature.note import NoteKind, VerifierKey
from signers import SeedSigner
from simulator import DAY, START, Chain, keys

NEW = SeedSigner("new").public


def trust() -> dict[str, Any]:
    return copy.deepcopy(Chain().make_trust())


def id_of(role: str) -> str:
    return keys()[role].public.keyid


def times(body: dict[str, Any], keyid: str) -> list[tuple[str, str]]:
    return [(grant["notBefore"], grant["notAfter"]) for grant in body["grants"] if grant["signer"] == keyid]


def two_times(role: str, first: tuple[int, int], second: tuple[int, int]) -> dict[str, Any]:
    """Return the trust with two grants of a role, each from when to when."""
    body = trust()
    (mine,) = (grant for grant in body["grants"] if grant["signer"] == id_of(role))
    others = [grant for grant in body["grants"] if grant["signer"] != id_of(role)]
    both = [mine | {"notBefore": format_instant(a), "notAfter": format_instant(b)} for a, b in (first, second)]
    return body | {"grants": [*others, *both]}


BEFORE, UNTIL = format_instant(START - DAY), format_instant(START + 300 * DAY)


def test_the_next_trust_says_the_same_one_version_later():
    old = trust()
    new = next_trust(old)
    assert new == old | {"version": 2}
    new["grants"][0]["subjects"].append("model/other")
    assert old == trust()


# its end


def test_a_trust_is_renewed_with_the_grants_that_ended_when_it_did():
    old = trust()
    old["grants"][0]["notAfter"] = old["validUntil"]
    new = renewed(old, START + 400 * DAY)
    later = format_instant(START + 400 * DAY)
    first, *others = new["grants"]
    assert (new["validUntil"], first["notAfter"]) == (later, later)
    assert first == old["grants"][0] | {"notAfter": later}
    assert others == old["grants"][1:]
    assert {name for name in new if new[name] != old[name]} == {"validUntil", "grants"}


# a key that ends


def test_a_key_that_ends_may_say_nothing_from_then_on_and_others_go_on():
    old = trust()
    new = ended(old, id_of("scanner"), START)
    assert times(new, id_of("scanner")) == [(BEFORE, format_instant(START))]
    assert times(new, id_of("producer")) == [(BEFORE, UNTIL)]
    assert {name for name in new if new[name] != old[name]} == {"grants"}
    assert [grant["subjects"] for grant in new["grants"]] == [grant["subjects"] for grant in old["grants"]]
    assert not Trust.of(new).allows(id_of("scanner"), "urn:hauberk:model-scan:v1", "model/tumour", START + 1)


def test_a_grant_that_ended_before_is_not_made_longer():
    old = two_times("scanner", (START - DAY, START), (START - DAY, START + DAY))
    at = START + DAY // 2
    assert [until for _, until in times(ended(old, id_of("scanner"), at), id_of("scanner"))] == [
        format_instant(START),
        format_instant(at),
    ]


@pytest.mark.parametrize(("at", "kept"), [(START - 1, 1), (START, 2), (START + 1, 2)])
def test_a_grant_that_had_not_begun_is_left_out(at: int, kept: int):
    old = two_times("scanner", (START - DAY, START + DAY), (START, START + DAY))
    assert (
        times(ended(old, id_of("scanner"), at), id_of("scanner"))[1:]
        == [(format_instant(START), format_instant(at))][: kept - 1]
    )


# a key that comes in the place of another


def test_a_new_key_may_say_from_then_on_what_the_old_one_might():
    old = trust()
    new = succeeded(old, id_of("scanner"), NEW, end=START, since=START + 10)
    assert times(new, id_of("scanner")) == [(BEFORE, format_instant(START))]
    assert times(new, NEW.keyid) == [(format_instant(START + 10), UNTIL)]
    assert times(new, id_of("producer")) == [(BEFORE, UNTIL)]
    assert new["keys"].keys() == old["keys"].keys() | {NEW.keyid}
    assert new["keys"][NEW.keyid]["name"] == "scanner"
    assert new["keys"] | old["keys"] == new["keys"]
    read = Trust.of(new)
    assert read.keys[NEW.keyid] == NEW
    assert read.allows(NEW.keyid, "urn:hauberk:model-scan:v1", "model/tumour", START + 10)
    assert not read.allows(NEW.keyid, "urn:hauberk:model-scan:v1", "model/tumour", START + 9)
    assert not read.allows(NEW.keyid, "urn:hauberk:policy:v1", "realm/x", START + 10)


def test_what_the_old_key_may_say_only_later_the_new_one_may_not_say_before():
    old = two_times("scanner", (START - DAY, START + DAY), (START + 50, START + DAY))
    new = succeeded(old, id_of("scanner"), NEW, end=START, since=START + 10)
    assert [since for since, _ in times(new, NEW.keyid)] == [format_instant(START + 10), format_instant(START + 50)]


@pytest.mark.parametrize("until", [START - 1, START, START + 10])
def test_what_the_old_key_may_say_no_more_the_new_one_does_not_inherit(until: int):
    old = two_times("scanner", (START - DAY, until), (START - DAY, START + DAY))
    new = succeeded(old, id_of("scanner"), NEW, end=START, since=START + 10)
    assert times(new, NEW.keyid) == [(format_instant(START + 10), format_instant(START + DAY))]


# the log and its witnesses


def test_a_log_has_a_new_key_and_keeps_its_name():
    old = trust()
    new = with_log(old, NEW)
    assert {name for name in new if new[name] != old[name]} == {"log"}
    read = Trust.of(new)
    assert (read.log.name, read.log.public, read.log.kind) == ("example.org/log", NEW, NoteKind.ED25519)


def witness(name: str) -> VerifierKey:
    return VerifierKey(name, NoteKind.COSIGNATURE_V1, SeedSigner(name).public)


def test_one_witness_has_a_new_key_and_keeps_its_name():
    old = witnessed(trust(), [witness("example.net/w").format()], 2)
    new = with_witness(old, id_of("witness"), NEW)
    assert {name for name in new if new[name] != old[name]} == {"witnesses"}
    changed, same = Trust.of(new).witnesses
    assert (changed.name, changed.public) == ("example.org/witness", NEW)
    assert same == witness("example.net/w")
    assert new["witnesses"]["quorum"] == 2


@pytest.mark.parametrize(("quorum", "wanted"), [(None, 1), (1, 1), (2, 2)])
def test_a_witness_is_added(quorum: int | None, wanted: int):
    old = trust()
    new = witnessed(old, [witness("example.net/w").format()], quorum)
    assert {name for name in new if new[name] != old[name]} == {"witnesses"}
    read = Trust.of(new)
    assert (read.quorum, [w.name for w in read.witnesses]) == (wanted, ["example.org/witness", "example.net/w"])
    assert read.witnesses[0] == Chain().witness_key


@pytest.mark.parametrize("quorum", [-1, 0, 3])
def test_a_quorum_that_cannot_be_reached_is_refused(quorum: int):
    with pytest.raises(Misconfigured, match=f"^{quorum} of 2 witnesses cannot be wanted$"):
        witnessed(trust(), [witness("example.net/w").format()], quorum)


def test_what_is_no_key_of_a_witness_is_not_added():
    with pytest.raises(Misconfigured, match="not a verifier key"):
        witnessed(trust(), ["example.net/w"], None)
    with pytest.raises(Misconfigured, match="is a log's verifier key"):
        witnessed(trust(), [VerifierKey("example.net/w", NoteKind.ED25519, NEW).format()], None)


# the root


def root(*roles: str, threshold: int = 1) -> dict[str, Any]:
    return Chain().make_root(*roles, threshold=threshold)


def test_the_next_root_says_the_same_one_version_later():
    assert next_root(root()) == root() | {"version": 2}
    assert next_root(root("root", "approver") | {"development": False}) == root("root", "approver") | {
        "version": 2,
        "development": False,
    }


def test_the_next_root_has_keys_added_and_dropped_another_threshold_and_another_end():
    new = next_root(root("root", "approver"), add=[NEW], drop=[id_of("root")], threshold=2, until=START + 500 * DAY)
    read = Root.of(new)
    assert read.keys == {id_of("approver"): keys()["approver"].public, NEW.keyid: NEW}
    assert (read.threshold, read.valid_until, read.version) == (2, START + 500 * DAY, 2)


def test_a_root_of_as_many_keys_as_its_threshold_stands():
    assert next_root(root("root", "approver"), threshold=2)["threshold"] == 2
    assert next_root(root("root", "approver"), drop=[id_of("root")])["keys"].keys() == {id_of("approver")}


@pytest.mark.parametrize(
    ("old", "changes", "message"),
    [
        (root(), {"threshold": 0}, "a root of 1 keys cannot have the threshold 0"),
        (root(), {"threshold": -1}, "a root of 1 keys cannot have the threshold -1"),
        (root(), {"threshold": 2}, "a root of 1 keys cannot have the threshold 2"),
        (root("root", "approver", threshold=2), {"drop": ["root"]}, "a root of 1 keys cannot have the threshold 2"),
        (root(), {"drop": ["root"]}, "a root of 0 keys cannot have the threshold 1"),
    ],
)
def test_a_root_that_nobody_could_sign_is_refused(old: dict[str, Any], changes: dict[str, Any], message: str):
    if "drop" in changes:
        changes = {"drop": [id_of(role) for role in changes["drop"]]}
    with pytest.raises(Misconfigured, match=message):
        next_root(old, **changes)


# which key is meant

A, B, C = "aaaaaaaaaaaa" + "1" * 52, "aaaaaaaaaaaa" + "2" * 52, "c" * 64
NAMED = {A: "scanner", B: "scanner", C: "gate"}


@pytest.mark.parametrize("text", [A, f"sha256:{A}", "aaaaaaaaaaaa1", "c" * 12, "sha256:" + "c" * 12, "gate"])
def test_a_key_is_meant_by_the_begin_of_its_id_or_by_its_name(text: str):
    assert key_named(NAMED, text, "the trust") == (C if text[-1] in "ce" else A)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aaaaaaaaaaaa", "'aaaaaaaaaaaa' is more than one key of the trust"),
        ("scanner", "'scanner' is more than one key of the trust"),
        ("c" * 11, "'ccccccccccc' is no key of the trust"),
        ("", "'' is no key of the trust"),
        ("gat", "'gat' is no key of the trust"),
        ("d" * 64, "is no key of the trust"),
    ],
)
def test_what_names_no_key_or_several_is_refused(text: str, said: str):
    with pytest.raises(Misconfigured, match=said) as caught:
        key_named(NAMED, text, "the trust")
    assert caught.value.hint == "it has: gate cccccccccccc…, scanner aaaaaaaaaaaa…, scanner aaaaaaaaaaaa…"


def test_a_key_that_is_named_like_the_begin_of_another_is_not_taken_for_it():
    assert key_named({A: "c" * 12, C: "gate"}, "c" * 12, "the trust") == C
