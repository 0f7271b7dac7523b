"""A permit under review: what takes it away at once, what makes the gate be asked again, and what changes nothing."""

from __future__ import annotations

import pytest

from hauberk.errors import HauberkError, Malformed, NotVerified, Refused, Unavailable
from hauberk.gate import keep
from hauberk.gate.decide import decide
from hauberk.gate.keep import RETRY_SECONDS, Kept, again
from hauberk.policy.policy import Policy
from hauberk.verdict import Answer
from simulator import HIGH, LOCK, SCRIPT, START, TRAIN, Chain, Log, named, policy_data


@pytest.fixture
def chain() -> Chain:
    return Chain().good().publish()


@pytest.fixture
def asked(monkeypatch):
    """Return the times at which the gate itself was asked."""
    times, ask = [], keep.ask
    monkeypatch.setattr(keep, "ask", lambda log, **how: times.append(how["now"]) or ask(log, **how))
    return times


def kept(chain: Chain) -> Kept:
    held = Kept("load", chain.subject, lambda: (chain.root_keys, chain.trust, chain.policy))
    held.look(chain.log, chain.now)
    return held


def test_a_model_that_the_gate_allows_has_a_permit(chain):
    assert kept(chain).permit.subject == chain.subject


def test_the_verdict_that_allowed_it_is_kept_beside_its_permit(chain):
    held = kept(chain)
    assert held.verdict.result is Answer.ALLOW
    assert held.verdict.permit == held.permit


def test_a_model_that_the_gate_denies_has_none(chain):
    chain.scan(result="fail", findings=[HIGH])
    with pytest.raises(Refused, match="is denied"):
        kept(chain)


def revoked(chain: Chain):
    return {
        "model": chain.model.digests[0],
        "data": TRAIN.digests[0],
        "script": SCRIPT.digests[0],
        "lock": LOCK.digests[0],
        "scanner": chain.key_digest("scanner"),
        "producer": chain.key_digest("producer"),
    }


@pytest.mark.parametrize("what", ["model", "data", "script", "lock", "scanner", "producer"])
def test_a_revocation_refuses_without_the_gate_being_asked(chain, asked, what):
    held = kept(chain)
    chain.revoke(revoked(chain)[what], "leaked")
    with pytest.raises(Refused, match="leaked"):
        held.look(chain.log, chain.now)
    assert len(asked) == 1


def test_a_revocation_by_a_key_without_a_grant_refuses_as_at_the_gate(chain):
    held = kept(chain)
    chain.revoke(TRAIN.digests[0], role="stranger")
    with pytest.raises(Refused):
        held.look(chain.log, chain.now)


@pytest.mark.parametrize("role", ["log", "witness", "root", "approver"])
def test_a_revoked_authority_ends_it(chain, role):
    held = kept(chain)
    chain.revoke(chain.key_digest(role))
    with pytest.raises((NotVerified, Refused), match="revoked"):
        held.look(chain.log, chain.now)


def test_a_revocation_behind_other_news_refuses_as_well(chain, asked):
    held = kept(chain)
    chain.boundary(named("source/other.py", b"of another model"), "source")
    chain.scan()
    chain.revoke(TRAIN.digests[0])
    with pytest.raises(Refused, match="was revoked"):
        held.look(chain.log, chain.now)
    assert len(asked) == 1


def test_after_a_revocation_a_ledger_that_does_not_hold_is_no_outage(chain):
    held = kept(chain)
    chain.revoke(chain.key_digest("log"))
    with pytest.raises(Refused, match="was revoked"):
        held.watch(chain.log, chain.now)
    with pytest.raises(NotVerified):
        held.renew(chain.log, chain.now)


def test_a_revocation_of_something_else_changes_nothing(chain, asked):
    held = kept(chain)
    chain.revoke(named("model/x", b"another").digests[0])
    held.look(chain.log, chain.now)
    assert len(asked) == 1


def test_a_failing_scan_takes_it_away(chain):
    held = kept(chain)
    chain.scan(result="fail", findings=[HIGH])
    with pytest.raises(Refused, match=r"model-scan\.result"):
        held.look(chain.log, chain.now)


def test_news_about_the_model_makes_the_gate_be_asked_again(chain, asked):
    held = kept(chain)
    chain.scan()
    held.look(chain.log, chain.now)
    held.look(chain.log, chain.now + 1)
    assert len(asked) == 2


def test_news_about_other_models_does_not(chain, asked):
    held = kept(chain)
    for number in range(50):
        chain.boundary(named(f"source/{number}.py", b"%d" % number), "source")
    held.look(chain.log, chain.now)
    assert len(asked) == 1


def test_the_permit_is_renewed_when_half_of_its_time_is_over(chain, asked):
    held = kept(chain)
    first = held.permit
    held.look(chain.log, chain.now + 29 * 60)
    assert held.permit == first
    held.look(chain.log, chain.now + 30 * 60)
    assert held.permit.not_after > first.not_after
    assert len(asked) == 2


def test_a_gate_that_cannot_answer_leaves_the_permit_and_is_asked_again_later(chain, asked):
    held = kept(chain)
    first, late = held.permit, chain.now + 169 * 3600
    with pytest.raises(Unavailable, match="too old"):
        held.look(chain.log, late)
    held.look(chain.log, late + RETRY_SECONDS - 1)
    with pytest.raises(Unavailable):
        held.look(chain.log, late + RETRY_SECONDS)
    assert held.permit == first
    assert len(asked) == 3


def test_a_new_trust_that_the_project_has_not_got_yet_does_not_stop_a_server(chain):
    held = kept(chain)
    before = chain.trust_predicate
    chain.retrust().publish()
    chain.trust_predicate = before
    with pytest.raises(Unavailable, match="is not the one that the root signed"):
        held.look(chain.log, chain.now)
    assert held.permit.subject == chain.subject


def test_a_trust_that_is_not_the_signed_one_opens_nothing_at_first(chain):
    other = chain.trust_with(version=7)
    held = Kept("load", chain.subject, lambda: (chain.root_keys, other, chain.policy))
    with pytest.raises(NotVerified, match="is not the one that the root signed"):
        held.look(chain.log, chain.now)


def test_a_policy_that_is_not_approved_opens_nothing_and_does_not_stop_a_server(chain):
    policies = [chain.policy]
    held = Kept("load", chain.subject, lambda: (chain.root_keys, chain.trust, policies[-1]))
    held.look(chain.log, chain.now)
    first = held.permit
    policies.append(Policy.of(policy_data(permit_valid_minutes=59)))
    with pytest.raises(Unavailable, match="the policy in the project is not the approved one"):
        held.look(chain.log, chain.now + 30 * 60)
    assert held.permit == first
    with pytest.raises(Refused, match=r"policy\.approved"):
        Kept("load", chain.subject, lambda: (chain.root_keys, chain.trust, policies[-1])).look(chain.log, chain.now)


def test_a_permit_of_one_second_is_renewed_after_it(chain, asked):
    held = kept(chain)
    late = chain.now + 168 * 3600 - 1
    held.look(chain.log, late)
    assert held.permit.not_after == late + 1
    held.look(chain.log, late)
    assert len(asked) == 2
    held.look(chain.log, late + 1)
    assert len(asked) == 3


@pytest.mark.parametrize(
    "error", [Unavailable("away", "wait"), Malformed("no entry", "restore"), NotVerified("lost", "keep")]
)
def test_an_error_is_raised_again_as_the_same(error):
    second = again(error)
    assert second is not error
    assert (type(second), second.message, second.hint) == (type(error), error.message, error.hint)


def test_a_refusal_is_raised_again_with_its_verdict(chain):
    chain.scan(result="fail", findings=[HIGH])
    with pytest.raises(HauberkError) as caught:
        kept(chain)
    second = again(caught.value)
    assert second is not caught.value
    assert isinstance(second, Refused)
    assert (second.message, second.verdict) == (caught.value.message, caught.value.verdict)
    assert second.verdict.result is Answer.DENY


def test_a_revocation_counts_also_while_trust_changes(chain):
    held = kept(chain)
    chain.retrust()
    chain.revoke(SCRIPT.digests[0])
    with pytest.raises(Refused, match="was revoked"):
        held.look(chain.log, chain.now)


def test_a_log_that_lost_entries_is_refused(chain):
    held = kept(chain)
    chain.log.records.pop()
    with pytest.raises(NotVerified, match="does not have them now"):
        held.look(chain.log, chain.now)


def test_a_log_with_another_history_is_refused(chain):
    held = kept(chain)
    other = Chain(now=START + 7).good().publish()
    with pytest.raises(NotVerified, match="does not have them now"):
        held.look(other.log, chain.now)


def test_a_copy_of_the_log_from_before_opens_until_its_evidence_is_too_old_and_no_longer(chain):
    """The stated lag elsewhere: `max_evidence_age_hours` after the witnesses signed what the copy holds."""
    copy, age = Chain(log=copy_of(chain.log), now=chain.now, trust_version=chain.trust_version), 168 * 3600
    witnessed = chain.now
    chain.revoke(TRAIN.digests[0])
    with pytest.raises(Refused, match="is revoked"):
        kept(chain)
    copy.now = witnessed + age
    assert kept(copy).permit.not_after == witnessed + age
    copy.now = witnessed + age + 1
    with pytest.raises(Unavailable, match="too old: the policy wants at most 168 h"):
        kept(copy)


def test_a_passport_from_before_says_that_it_knows_no_later_revocation_and_ends_as_well(chain):
    data, witnessed = chain.passport(), chain.now
    chain.revoke(TRAIN.digests[0])
    answer = chain.verify(data)
    assert answer.verdict.result is Answer.ALLOW
    evidence = answer.proven.evidence
    asked = {"gate": "load", "evidence": evidence, "policy": chain.policy}
    assert decide(chain.subject, now=witnessed + 168 * 3600, **asked).permit.not_after == witnessed + 168 * 3600
    with pytest.raises(Unavailable, match="too old"):
        decide(chain.subject, now=witnessed + 168 * 3600 + 1, **asked)


def copy_of(log: Log) -> Log:
    return Log(list(log.records), list(log.envelopes), log.note)


@pytest.mark.parametrize(
    ("when_away", "seconds"),
    [
        ({}, 10),  # as docs/gate.md promises
        ({"ledger": "deny"}, 10),
        ({"ledger": "cached-verdict", "cached_verdict_minutes": 30}, 1800),
    ],
)
def test_a_ledger_that_is_away_is_borne_for_as_long_as_the_policy_says(when_away, seconds):
    data = policy_data(when_away=when_away) if when_away else policy_data()
    chain = Chain().good(data).publish()
    held = Kept("load", chain.subject, lambda: (chain.root_keys, chain.trust, Policy.of(data)))
    held.look(chain.log, chain.now)
    assert held.patience_seconds == seconds


def test_a_revocation_refuses_while_the_gate_is_still_being_asked(chain, monkeypatch):
    """On a long ledger an answer takes longer than the second in which a revocation is to arrive."""
    held = kept(chain)

    def slow(log, **how):
        chain.revoke(TRAIN.digests[0])
        with pytest.raises(Refused, match="was revoked"):
            held.watch(log, chain.now)
        raise Unavailable("it took too long")

    monkeypatch.setattr(keep, "ask", slow)
    with pytest.raises(Unavailable, match="it took too long"):
        held.renew(chain.log, chain.now)


def test_what_came_while_the_gate_was_asked_is_looked_at_again_by_what_matters_now(chain, monkeypatch):
    held, ask = kept(chain), keep.ask
    more = named("source/more.py", b"more")
    chain.boundary(more, "source")
    chain.provenance(dependencies=(TRAIN, SCRIPT, LOCK, more))
    chain.publish()

    def overtaken(log, **how):
        answer = ask(log, **how)
        chain.revoke(more.digests[0])  # of which nobody knew before this answer that the model rests on it
        held.watch(log, chain.now)
        return answer

    monkeypatch.setattr(keep, "ask", overtaken)
    held.renew(chain.log, chain.now)
    with pytest.raises(Refused, match=str(more.digests[0])):
        held.watch(chain.log, chain.now)


def test_the_first_watch_begins_where_the_gate_was_asked(chain):
    read, envelope = [], chain.log.envelope
    chain.log.entries = lambda start=0, end=None: read.append(start) or chain.log.records[start:end]
    chain.log.envelope = envelope
    kept(chain).watch(chain.log, chain.now)
    assert read[-1] == chain.log.size
