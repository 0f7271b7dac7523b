"""What a SOC is told: each decision once, with its entry, and nothing that its signer may not say."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from exported import FOUND, HOSTILE, ORIGIN, Telling, everything
from hauberk.errors import NotVerified
from hauberk.evidence.predicates import BREAK_GLASS, GRANDFATHERING, TRUST
from hauberk.evidence.trust import RootKeys
from hauberk.finding import Severity
from hauberk.render import ocsf, otel
from hauberk.render.event import MAX_TEXT, Kind
from hauberk.signature import dsse
from hauberk.verbs.authorities import verified_realm
from hauberk.verbs.export import events
from simulator import DAY, START, TRAIN


@pytest.fixture(scope="module")
def chain() -> Telling:
    return everything()


@pytest.fixture(scope="module")
def told(chain):
    return chain.told()


def lines(told, render):
    return [render.line(event, "1.0") for event in told]


def test_every_kind_is_told(told):
    kinds = Counter(event.kind for event in told)
    many = {Kind.VERDICT: 2, Kind.FINDING: 2, Kind.DEPLOYMENT: 2, Kind.AUTHORITY: 3}
    assert kinds == dict.fromkeys(Kind, 1) | many


def test_a_chain_without_decisions_tells_of_its_authorities_only():
    told = Telling().good().told()
    assert [event.facts["entity"] for event in told] == ["root", "trust", "policy"]


def test_a_new_trust_is_told_and_the_older_one_still_is():
    chain = Telling().good()
    chain.retrust()
    told = chain.told()
    assert [event.title for event in told if event.facts["entity"] == "trust"] == [
        "trust version 1 holds from now on",
        "trust version 2 holds from now on",
    ]


def test_an_old_trust_that_was_put_behind_a_newer_one_is_not_told_as_what_holds():
    chain = Telling().good()
    old = chain.log.envelopes[1]
    chain.retrust()
    chain.log.append(dsse.decode_envelope(old), chain.now)  # as whoever writes the database could
    *_, newest, last = chain.told()
    assert newest.title == "trust version 2 holds from now on"
    assert last.kind is Kind.UNVERIFIED
    assert "version 2 is in the ledger before it" in last.saw


def test_a_trust_that_no_root_signed_is_no_trust():
    chain = Telling().good()
    chain.say("approver", TRUST.type, chain.realm, chain.make_trust())
    realm = verified_realm(Telling().good().log, chain.root_keys)
    told = list(events(chain.log, ORIGIN, chain.trust, realm, start=chain.log.size - 1, end=chain.log.size))
    assert [event.kind for event in told] == [Kind.UNVERIFIED]


def test_a_root_that_the_ledger_does_not_begin_with_is_refused(chain):
    with pytest.raises(NotVerified, match="does not begin with the root of this project"):
        verified_realm(chain.log, RootKeys(1, (chain.keys["approver"].public,)))


def test_breaking_the_glass_is_loud(told):
    (event,) = of(told, Kind.BREAK_GLASS)
    assert event.severity is Severity.HIGH
    assert event.title.startswith("model/tumour passes, the glass broken, the gate load until")
    assert sorted(event.source.signers) == ["approver", "security"]
    assert (event.facts["gate"], event.facts["owner"], event.saw) == ("load", "Ada", "it runs already")


@pytest.mark.parametrize("kind", [GRANDFATHERING, BREAK_GLASS])
def test_what_a_stranger_would_have_borne_is_told_as_unverified(kind):
    chain = Telling().good()
    chain.bear(kind, "stranger", until=START + DAY)
    assert chain.told()[-1].kind is Kind.UNVERIFIED


def test_a_promotion_is_told_once_and_about_its_alias(chain, told):
    (event,) = of(told, Kind.PROMOTION)
    assert event.label == "alias/model/tumour@production"
    assert event.facts["uid"] == str(chain.model.digests[0])


def test_each_names_its_entry_and_its_statement(chain, told):
    for event in told:
        envelope = dsse.decode_envelope(chain.log.envelope(event.source.entry))
        assert event.source.statement == str(dsse.statement_id(envelope.payload))
        assert event.source.time == chain.log.entry(event.source.entry).time
        assert event.uid == f"{ORIGIN}#{event.source.entry}.{event.part}"


def test_telling_again_from_an_entry_gives_the_same_events(chain, told):
    for start in range(chain.log.size + 1):
        assert chain.told(start) == [event for event in told if event.source.entry >= start]


def test_no_two_events_are_the_same(told):
    assert len({event.uid for event in told}) == len(told)


def of(told, kind):
    return [event for event in told if event.kind is kind]


def test_an_allowing_and_a_denying_verdict_differ(told):
    allowed, denied = of(told, Kind.VERDICT)
    assert (allowed.good, denied.good) == (True, False)
    assert (allowed.severity, denied.severity) == (Severity.INFO, Severity.MEDIUM)
    assert allowed.facts["control"] == "urn:hauberk:gate:load"


def test_a_finding_has_its_rule_and_its_techniques_of_atlas(told):
    found = of(told, Kind.FINDING)[0]
    assert (found.rule, found.severity, found.techniques) == (
        "pickle-runs-process",
        Severity.CRITICAL,
        ("AML.T0011.000",),
    )
    assert found.facts["offset"] == "41"
    assert found.remedy


def test_a_rule_that_this_release_does_not_know_has_no_technique():
    chain = Telling().good()
    chain.scan(result="fail", findings=[FOUND | {"rule": "of-tomorrow"}])
    *_, event = chain.told()
    assert (event.rule, event.techniques) == ("of-tomorrow", ())


def test_a_verdict_by_a_key_that_may_not_give_one_is_no_verdict(told):
    (event,) = of(told, Kind.UNVERIFIED)
    assert event.good is None
    assert "scanner may not sign verification-summary" in event.saw
    for render in (ocsf, otel):
        line = render.line(event, "1.0")
        assert "PASSED" not in line
        assert "allow" not in line
        assert '"Pass"' not in line


def test_a_decision_by_a_revoked_key_is_none_any_more():
    chain = everything()
    chain.revoke(chain.key_digest("gate"))
    kinds = Counter(event.kind for event in chain.told())
    assert kinds[Kind.VERDICT] == kinds[Kind.DEPLOYMENT] == kinds[Kind.PROMOTION] == 0
    assert kinds[Kind.UNVERIFIED] == 6


def test_findings_of_a_scanner_that_may_not_scan_are_one_event_without_them():
    chain = Telling().good()
    chain.scan(role="producer", result="fail", findings=[FOUND, FOUND])
    *_, event = chain.told()
    assert event.kind is Kind.UNVERIFIED
    assert "pickle-runs-process" not in ocsf.line(event, "1.0")


def test_what_was_to_be_run_is_not_told(told):
    for render in (ocsf, otel):
        assert not [line for line in lines(told, render) if "hunter2" in line]


def test_a_run_that_only_failed_alarms_less_than_one_that_wanted_the_network():
    chain = Telling().good()
    chain.refuse("metrics-missing")
    chain.refuse("network")
    assert [event.severity for event in of(chain.told(), Kind.REFUSAL)] == [Severity.LOW, Severity.MEDIUM]


def test_long_text_is_cut():
    chain = Telling().good()
    chain.scan(result="fail", findings=[FOUND | {"saw": "x" * 100_000}])
    *_, event = chain.told()
    assert len(event.saw) == MAX_TEXT


@pytest.mark.parametrize("render", [ocsf, otel], ids=["ocsf", "otel"])
def test_nothing_in_a_name_begins_another_line_or_drives_a_terminal(told, render):
    written = "\n".join(lines(told, render))
    assert len(written.splitlines()) == len(told)
    assert written.isascii()
    assert written.replace("\n", "").isprintable()
    assert HOSTILE in [event.saw for event in told]


def test_ocsf_says_what_is_verified_and_where_it_stands(told):
    for event, line in zip(told, lines(told, ocsf), strict=True):
        document = json.loads(line)
        assert document["unmapped"]["hauberk"]["verified"] is (event.kind is not Kind.UNVERIFIED)
        assert document["metadata"]["sequence"] == event.source.entry
        assert document["metadata"]["correlation_uid"] == event.source.statement
        assert document["type_uid"] == document["class_uid"] * 100 + document["activity_id"]


CLASSES = {
    Kind.VERDICT: 200301,
    Kind.REFUSAL: 200401,
    Kind.FINDING: 200401,
    Kind.UNVERIFIED: 200401,
    Kind.REVOCATION: 300409,
    Kind.EXCEPTION: 300499,
    Kind.GRANDFATHERING: 300499,
    Kind.BREAK_GLASS: 300499,
    Kind.RISK_DECISION: 300499,
    Kind.PROMOTION: 300403,
    Kind.AUTHORITY: 300403,
    Kind.DEPLOYMENT: 600203,
}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_class_of_ocsf(told, kind):
    assert ocsf.document(of(told, kind)[0], "1.0")["type_uid"] == CLASSES[kind]


def test_a_sub_technique_names_the_technique_above_it(told):
    (attack,) = ocsf.document(of(told, Kind.FINDING)[0], "1.0")["finding_info"]["attacks"]
    assert attack == {"technique": {"uid": "AML.T0011"}, "sub_technique": {"uid": "AML.T0011.000"}}


def test_a_revocation_names_what_and_why(told):
    document = ocsf.document(of(told, Kind.REVOCATION)[0], "1.0")
    assert document["entity"]["uid"] == str(TRAIN.digests[0])
    assert document["comment"] == "the wrong export"
    assert document["actor"]["user"] == {"name": "approver"}


def test_an_exception_names_the_statement_that_is_borne(told):
    document = ocsf.document(of(told, Kind.EXCEPTION)[0], "1.0")
    failing = of(told, Kind.FINDING)[0].source.statement
    assert (document["entity"]["type"], document["entity"]["uid"]) == ("statement", failing)


def test_otel_says_what_is_verified_and_where_it_stands(told):
    for event, line in zip(told, lines(told, otel), strict=True):
        (resource,) = json.loads(line)["resourceLogs"]
        (record,) = resource["scopeLogs"][0]["logRecords"]
        attributes = {one["key"]: one["value"] for one in record["attributes"]}
        assert record["eventName"] == f"hauberk.{event.kind}"
        assert record["timeUnixNano"] == f"{event.source.time}000000000"
        assert attributes["hauberk.entry"] == {"intValue": str(event.source.entry)}
        assert attributes["hauberk.verified"] == {"boolValue": event.kind is not Kind.UNVERIFIED}
        assert attributes["hauberk.statement"] == {"stringValue": event.source.statement}
        assert ("mitre.atlas.techniques" in attributes) == bool(event.techniques)
