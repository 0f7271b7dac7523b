"""What was said once is as old as that: appended again, with other signatures beside it or fewer, it opens no gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hauberk.evidence.collection import Evidence
from hauberk.evidence.verify import Logged, sort_out
from hauberk.policy.evaluate import evaluate
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.statement import Envelope
from hauberk.verdict import Answer
from property.chains import CHAIN, FULL, NOW, SIGNERS, TERMS, Said, chains, envelopes, name_of
from simulator import policy_data

if TYPE_CHECKING:
    from hauberk.statement import Signature

GIVEN = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def answer(logged: list[Logged], policy: dict[str, Any]) -> Answer:
    trust = FULL.trust()
    held, rest = sort_out(logged, trust)
    evidence = Evidence(held, rest, trust, NOW, len(logged) + 1)
    return evaluate(CHAIN.subject, gate="load", evidence=evidence, policy=Policy.of(policy), now=NOW).result


def other_signatures(draw: st.DrawFn, item: Said, envelope: Envelope) -> Envelope:
    """Return the same statement with signatures that change nothing: by keys without a grant, and fewer of the old."""
    old = draw(st.lists(st.sampled_from(envelope.signatures), max_size=2, unique=True))
    may_not = [role for role in (*SIGNERS, "stranger") if (role, name_of(item)) not in FULL.held]
    statement = dsse.decode_statement(envelope.payload)
    new = [dsse.sign(statement, [CHAIN.keys[role]]).signatures[0] for role in draw(st.lists(st.sampled_from(may_not)))]
    listed: dict[str, Signature] = {one.keyid: one for one in (*new, *(old or envelope.signatures[:1]))}
    return Envelope(envelope.payload, tuple(listed[keyid] for keyid in sorted(listed)))


@st.composite
def appended_again(draw: st.DrawFn) -> tuple[list[Logged], list[Logged]]:
    """A log, and what of it somebody appends again today."""
    said = draw(chains())
    logged = envelopes(said)
    places = draw(st.one_of(st.just(range(len(said))), st.lists(st.integers(0, len(said) - 1), min_size=1)))
    again = [other_signatures(draw, said[place], logged[place].envelope) for place in places]
    return logged, [Logged(envelope, len(logged) + n, NOW) for n, envelope in enumerate(again)]


@GIVEN
@given(appended_again(), st.integers(1, 11), st.sampled_from(TERMS), st.integers(0, 4))
def test_what_is_appended_again_opens_no_gate(
    logs: tuple[list[Logged], list[Logged]], days: int, terms: dict[str, Any], which: int
):
    policy = policy_data(**({"exceptions": {"max_days": days}} | terms))
    policy["gates"]["load"]["require"][which]["max_age_days"] = days
    before, again = logs
    if answer(before, policy) is Answer.DENY:
        assert answer([*before, *again], policy) is Answer.DENY
