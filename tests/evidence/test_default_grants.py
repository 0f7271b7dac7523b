"""What each role may say in a new project, and what an older project's trust lacks of it."""

from __future__ import annotations

from typing import Any

import pytest

from hauberk.evidence.default_grants import default_grants, missing
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DATASET_MANIFEST, DERIVATION, EXCEPTION, GRANDFATHERING, MODEL_SCAN, SUMMARY
from hauberk.evidence.trust import Trust
from simulator import DAY, START, Chain, keys

ROLES = ("producer", "scanner", "gate", "approver")
IDS = {role: keys()[role].public.keyid for role in ROLES}
END = START + 200 * DAY  # of the chain's trust


def founded(**changes: Any) -> dict[str, Any]:
    grants = default_grants(IDS, "tumour", since=START - DAY, until=END)
    return Chain().make_trust(grants=grants, **changes)


def rights(grants: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    named = {keyid: role for role, keyid in IDS.items()}
    return {(named[g["signer"]], p, s) for g in grants for p in g["predicates"] for s in g["subjects"]}


def less(body: dict[str, Any], *taken: tuple[str, str, str]) -> dict[str, Any]:
    """Return the trust without these rights, each of which a grant of its own says."""
    grants = []
    for role, predicate, subject in sorted(rights(body["grants"]) - set(taken)):
        times = {"notBefore": format_instant(START - DAY), "notAfter": format_instant(END)}
        grants.append({"signer": IDS[role], "predicates": [predicate], "subjects": [subject]} | times)
    return body | {"grants": grants}


def test_each_role_says_its_own_about_the_model_and_what_it_is_made_of():
    trust = Trust.of(founded())
    for role, predicate, label in (
        ("scanner", MODEL_SCAN, "model/tumour"),
        ("gate", SUMMARY, "model/tumour"),
        ("producer", DERIVATION, "model/tumour"),
        ("producer", DATASET_MANIFEST, "dataset/train"),
        ("approver", EXCEPTION, "model/tumour"),
    ):
        assert trust.allows(IDS[role], predicate.type, label, START)
        assert trust.allows(IDS[role], predicate.type, label, START - DAY)
        assert trust.allows(IDS[role], predicate.type, label, END)
        assert not trust.allows(IDS[role], predicate.type, label, START - DAY - 1)
        assert not trust.allows(IDS[role], predicate.type, label, END + 1)


@pytest.mark.parametrize(
    ("role", "predicate", "label"),
    [
        ("producer", MODEL_SCAN, "model/tumour"),
        ("scanner", SUMMARY, "model/tumour"),
        ("gate", EXCEPTION, "model/tumour"),
        ("scanner", MODEL_SCAN, "model/other"),
        *((role, GRANDFATHERING, "model/tumour") for role in ROLES),
    ],
)
def test_nobody_says_what_is_anothers(role: str, predicate: Any, label: str):
    assert not Trust.of(founded()).allows(IDS[role], predicate.type, label, START)


def test_a_new_project_lacks_nothing():
    assert missing(founded(), "tumour", now=START) == []


def test_an_older_project_lacks_what_came_later_and_nothing_else():
    taken = (
        ("producer", DERIVATION.type, "model/tumour"),
        ("approver", EXCEPTION.type, "dataset/*"),
        ("producer", DERIVATION.type, "dataset/*"),
    )
    old = less(founded(), *taken)
    lacking = missing(old, "tumour", now=START)
    assert rights(lacking) == set(taken)
    assert len(lacking) == 3
    assert {grant["notBefore"] for grant in lacking} == {format_instant(START)}
    assert {grant["notAfter"] for grant in lacking} == {old["validUntil"]}
    new = old | {"grants": [*old["grants"], *lacking]}
    assert missing(new, "tumour", now=START) == []


def test_another_name_of_the_model_is_another_subject():
    assert ("scanner", MODEL_SCAN.type, "model/other") in rights(missing(founded(), "other", now=START))


@pytest.mark.parametrize("now", [START - DAY, END])
def test_a_grant_holds_at_both_its_ends(now: int):
    assert missing(founded(), "tumour", now=now) == []
    taken = ("approver", EXCEPTION.type, "dataset/*")
    assert rights(missing(less(founded(), taken), "tumour", now=now)) == {taken}


@pytest.mark.parametrize("now", [START - DAY - 1, END + 1])
def test_a_key_that_may_say_nothing_now_is_given_nothing(now: int):
    assert missing(founded(), "tumour", now=now) == []


def test_a_key_whose_grants_have_ended_is_given_nothing_beside_one_that_speaks():
    body = founded()
    body["grants"] = [grant for grant in body["grants"] if grant["signer"] != IDS["scanner"]]
    assert missing(body, "tumour", now=START) == []
    ended = default_grants(IDS, "tumour", since=START - DAY, until=START - 1)
    body["grants"] += [grant for grant in ended if grant["signer"] == IDS["scanner"]]
    assert missing(body, "tumour", now=START) == []


def test_a_key_that_bears_no_roles_name_is_given_nothing():
    body = less(founded(), ("approver", EXCEPTION.type, "dataset/*"))
    body["keys"][IDS["approver"]]["name"] = "Ada"
    assert missing(body, "tumour", now=START) == []
