"""The policy as it is written: everything that could never hold, or that a person did not mean, is refused at once."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hauberk.errors import Misconfigured
from hauberk.formats.document import read_yaml
from hauberk.policy.policy import Policy
from hauberk.verdict import Mode
from simulator import policy_data


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the good policy with one member set, or taken out where the value is `...`."""
    data = copy.deepcopy(policy_data())
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    here: Any = data
    for step in way:
        here = here[step]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return data


def test_a_policy_is_read_with_all_its_parts():
    policy = Policy.of(policy_data())
    gate = policy.gates["load"]
    assert (policy.name, policy.version, gate.mode) == ("tumour", 1, Mode.ENFORCE)
    assert gate.require[3].metrics is not None
    assert gate.require[3].metrics["recall"].min == 0.93
    assert gate.distinct_signers == (("producer", "scanner"),)


def test_a_comment_and_the_order_of_keys_change_no_digest():
    written = b"# a comment\nversion: 1\nname: a\nschema: urn:hauberk:policy:v1\ngates: {}\n"
    other = b"schema: urn:hauberk:policy:v1\nname: a\nversion: 1  # raise it\ngates: {}\n"
    assert Policy.of(read_yaml(written, what="policy")).digest == Policy.of(read_yaml(other, what="policy")).digest


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("gates/load/require/2/ceilings/high", 1),
        ("gates/load/require/3/metrics/recall/min", 0.92),
        ("gates/load/require/2/max_age_days", 31),
        ("gates/load/max_evidence_age_hours", 169),
        ("gates/load/boundaries", []),
        ("version", 2),
    ],
)
def test_each_value_changes_the_digest(path: str, value: Any):
    assert Policy.of(changed(path, value)).digest != Policy.of(policy_data()).digest


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", "urn:hauberk:policy:v2", "is not one of"),
        ("schema", ..., "'schema' is missing"),
        ("name", "Tumour", "name 'Tumour'"),
        ("name", "tum\u043eur", "name"),
        ("name", "", "name ''"),
        ("version", 0, "version 0"),
        ("version", 1.0, "1.0, where a whole number"),
        ("version", True, "True, where a whole number"),
        ("version", "1", "'1', where a whole number"),
        ("gates/load/mode", "off", "is not one of"),
        ("gates/load/subject", "tumour", "subject is 'tumour'"),
        ("gates/load/max_evidence_age_hours", 0, "at least 1"),
        ("gates/load/max_evidence_age_hours", -1, "at least 1"),
        ("gates/load/permit_valid_minutes", 0, "at least 1"),
        ("gates/load/permit_valid_minutes", 1.5, "where a whole number"),
        ("gates/load/require", [], "require is empty"),
        ("gates/load/require", ..., "'require' is missing"),
        ("gates/load/requires", [], "an unknown key"),
        ("gates/load/require/0/predicate", "artifact", "no evidence is called 'artifact'"),
        ("gates/load/require/0/predicate", "exception", "no evidence is called 'exception'"),
        ("gates/load/require/0/predicate", "policy", "no evidence is called 'policy'"),
        ("gates/load/require/0/predicate", "revocation", "no evidence is called 'revocation'"),
        ("gates/load/require/0/predicate", "root", "no evidence is called 'root'"),
        ("gates/load/require/0/signers", [], "signers is empty"),
        ("gates/load/require/0/signers", "producer", "where a list belongs"),
        ("gates/load/require/0/signer", ["x"], "an unknown key"),
        ("gates/load/require/0/metrics", {"recall": {"min": 1}}, "only an evaluation has metrics"),
        ("gates/load/require/1/ceilings", {"high": 0}, "ceilings slsa-provenance"),
        ("gates/load/require/2/ceilings", {"severe": 0}, "ceilings \\['severe'\\]"),
        ("gates/load/require/2/ceilings", {"high": -1}, "ceilings"),
        ("gates/load/require/2/ceilings", {"high": None}, "where a whole number"),
        ("gates/load/require/2/max_age_days", 0, "max_age_days is at least 1"),
        ("gates/load/require/0/judged_by", "suite.json", "judged_by is 'suite.json'"),
        ("gates/load/require/0/judged_by", ["sha256:" + "0" * 64], "where text"),
        ("gates/load/require/1/judged_by", "sha256:" + "0" * 64, "only what checks something"),
        ("gates/load/require/3/metrics/recall", {"least": 1}, "an unknown key"),
        ("gates/load/require/3/metrics/recall/min", "0.93", "where a number"),
        ("gates/load/require/3/metrics/recall/min", float("nan"), "numbers are finite|nan is not"),
        ("gates/load/require/3/metrics/recall/max", float("inf"), "inf is not"),
        ("gates/load/require/3/metrics/recall/min", 10**400, "a number larger than any double"),
        ("gates/load/require/2/max_age_days", 2**53, "9007199254740992 exceeds"),
        ("gates/load/require/3/metrics/recall/min", True, "where a number"),
        ("gates/load/require/0/signers", [""], "no name of a signer"),
        ("gates/load/require/0/signers", ["producer\n"], "no name of a signer"),
        ("gates/load/require/3/metrics", {"recall\x1b[2J": {"min": 0}}, "no name of a signer or a metric"),
        ("gates/load/require/3/metrics/recall", {}, "neither min nor max"),
        ("gates/load/require/3/metrics/recall", {"min": 0.9, "max": 0.8}, "min 0.9 is over max 0.8"),
        ("gates/load/require/4/on", {"input": "dataset"}, "an unknown key"),
        ("gates/load/distinct_signers", [["producer"]], "at least two names"),
        ("gates/load/distinct_signers", [["producer", "producer"]], "at least two names"),
        ("gates/load/distinct_signers", [["producer", "scaner"]], "no requirement names 'scaner'"),
        ("gates/load/require/0/at_least", 2, "at_least is 2, and 1 may sign"),
        ("gates/load/require/0/at_least", 0, "at_least is 0"),
        ("gates/load/require/0/predicate", "grandfathering", "no evidence is called 'grandfathering'"),
        ("gates/load/require/0/predicate", "break-glass", "no evidence is called 'break-glass'"),
        ("gates/load/exceptions", {"at_least": 0}, "at_least is 0"),
        ("gates/load/exceptions", {"signers": []}, "at_least is 1, and 0 may sign"),
        ("gates/load/exceptions", {"at_least": 2, "signers": ["approver", "approver"]}, "at_least is 2, and 1 may"),
        ("gates/load/exceptions", {"max_days": 0}, "lasts for 0"),
        ("gates/load/exceptions", {"signers": ["a\n"]}, "no name of a signer"),
        ("gates/load/grandfather", {"signers": ["approver"]}, "'max_days' is missing"),
        ("gates/load/grandfather", {"signers": [], "max_days": 9}, "at_least is 1, and 0 may sign"),
        ("gates/load/grandfather", {"signers": ["approver"], "max_days": 0}, "lasts for 0"),
        ("gates/load/break_glass", {"signers": ["approver", "security"]}, "'max_hours' is missing"),
        ("gates/load/break_glass", {"signers": ["approver"], "max_hours": 24}, "at_least is 2, and 1 may sign"),
        ("gates/load/break_glass", {"signers": ["a", "b"], "max_hours": 24, "at_least": 1}, "of two people at least"),
        ("gates/load/break_glass", {"signers": ["a", "b"], "max_hours": 73}, "for 72 hours at most"),
        ("gates/load/break_glass", {"signers": ["a", "b"], "max_hours": 0}, "lasts for 0"),
        ("gates/load/when_away", {"ledger": "allow"}, "is not one of"),
        ("gates/load/when_away", {"clock": "cached-verdict"}, "is not one of"),
        ("gates/load/when_away", {"store": "cached-verdict"}, "is not one of"),
        ("gates/load/when_away", {"keys": "cached-verdict"}, "is not one of"),
        ("gates/load/when_away", {"ledger": "cached-verdict"}, "stands beside `ledger: cached-verdict`"),
        ("gates/load/when_away", {"cached_verdict_minutes": 5}, "stands beside `ledger: cached-verdict`"),
        ("gates/load/when_away", {"ledger": "cached-verdict", "cached_verdict_minutes": 0}, "minutes is 0"),
        ("gates/load/when_away", {"ledger": "cached-verdict", "cached_verdict_minutes": 61}, "minutes is 61"),
        ("gates/load/when_away", {"alarms": True}, "an unknown key"),
        ("gates/Load", policy_data()["gates"]["load"], "gates.Load"),
        ("note", "x", "an unknown key"),
    ],
)
def test_a_policy_that_nobody_can_have_meant_is_refused(path: str, value: Any, message: str):
    with pytest.raises(Misconfigured, match=message):
        Policy.of(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("gates/load/exceptions", {"max_days": 1}),
        ("gates/load/grandfather", {"signers": ["approver"], "max_days": 1}),
        ("gates/load/break_glass", {"signers": ["a", "b"], "max_hours": 1}),
        ("gates/load/break_glass", {"signers": ["a", "b"], "max_hours": 72}),
        ("gates/load/when_away", {"ledger": "cached-verdict", "cached_verdict_minutes": 1}),
        ("gates/load/when_away", {"ledger": "cached-verdict", "cached_verdict_minutes": 60}),
    ],
)
def test_the_last_value_that_may_be_meant_is_taken(path: str, value: Any):
    assert Policy.of(changed(path, value)) != Policy.of(policy_data())


def test_a_gate_that_does_not_say_so_raises_no_alarm_and_bears_no_outage():
    away = Policy.of(policy_data()).gates["load"].when_away
    assert (away.ledger, away.cached_verdict_minutes, away.alarm) == ("deny", None, False)


@pytest.mark.parametrize("data", [None, [], "policy", 1, {}])
def test_what_is_no_policy_is_refused(data: Any):
    with pytest.raises(Misconfigured, match="policy"):
        Policy.of(data)


def test_a_gate_is_covered_for_the_subjects_of_its_scope_only():
    policy = Policy.of(changed("gates/load/subject", "model/*"))
    assert policy.covers("load", "model/anything")
    assert not policy.covers("load", "models/anything")
    assert not policy.covers("load", "dataset/anything")
    assert not policy.covers("deploy", "model/anything")


@pytest.mark.parametrize("scope", ["model/tum*", "model/t?mour", "*/tumour", "model/", "m/*"])
def test_a_scope_has_no_other_wildcard_than_a_whole_name(scope: str):
    assert not Policy.of(changed("gates/load/subject", scope)).covers("load", "model/tumour")


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("model/*", "model/tumour", True),
        ("model/tumour", "model/*", True),
        ("model/tumour", "model/tumour", True),
        ("model/tumour", "model/other", False),
        ("model/*", "dataset/*", False),
    ],
)
def test_two_policies_share_the_gates_that_both_ask_about_one_subject(mine: str, theirs: str, both: bool):
    first, second = (Policy.of(changed("gates/load/subject", scope)) for scope in (mine, theirs))
    assert first.shared(second) == second.shared(first) == (("load",) if both else ())


def test_of_gates_that_one_policy_has_alone_none_is_shared():
    policy, none = Policy.of(policy_data()), Policy.of(changed("gates", {}))
    assert policy.shared(none) == none.shared(policy) == ()
