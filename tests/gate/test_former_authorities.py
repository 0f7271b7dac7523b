"""Who attested a log before its newest trust: as the log's own trusts tell, each signed by the root of its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hauberk.errors import NotVerified
from hauberk.evidence.predicates import MODEL_SCAN, POLICY, ROOT, TRUST
from hauberk.evidence.trust import Trust
from hauberk.gate.standing import append, former_authorities, found, has_held
from hauberk.ledger.authority import Authority
from hauberk.ledger.log import Log
from hauberk.signature import dsse
from hauberk.signature.note import NoteKind, VerifierKey
from simulator import ORIGIN, START, Chain, core, policy_data

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hauberk.statement import Envelope


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with Log.create(tmp_path / "log") as opened:
        yield opened


def signed(chain: Chain, role: Any, predicate: Any, body: dict[str, Any]) -> Envelope:
    return chain.say(role, predicate.type, chain.realm, body, log=False)


def founded(log: Log, chain: Chain) -> Chain:
    root, trust = signed(chain, "root", ROOT, chain.root_predicate), signed(chain, "root", TRUST, chain.trust_predicate)
    found(log, root, trust, now=START)
    append(log, [signed(chain, "approver", POLICY, policy_data())], now=START)
    return chain


def scan(chain: Chain) -> Envelope:
    return chain.say("scanner", MODEL_SCAN.type, chain.model, core(files=[]), log=False)


def with_log_key(chain: Chain, role: str, version: int, **changes: Any) -> Envelope:
    """Sign the next trust, in which another key signs the log's checkpoints."""
    vkey = VerifierKey(ORIGIN, NoteKind.ED25519, chain.keys[role].public).format()
    body = chain.make_trust(version=version, log={"origin": ORIGIN, "vkey": vkey}, **changes)
    return signed(chain, "root", TRUST, body)


def trust_in(envelope: Envelope) -> Trust:
    return Trust.of(dsse.decode_statement(envelope.payload).predicate)


def test_where_no_trust_came_before_nobody_attested_it_before(log: Log):
    chain = founded(log, Chain())
    assert former_authorities(log, chain.trust) == ()


def test_each_trust_is_followed_by_its_successor_up_to_the_entry_that_holds_that(log: Log):
    chain = founded(log, Chain())
    second, third = with_log_key(chain, "stranger", 2), with_log_key(chain, "gate", 5)
    append(log, [second, scan(chain)], now=START + 1)
    append(log, [third], now=START + 2)
    first = Authority(chain.log_key, (chain.witness_key,), 1, 3)
    between = Authority(trust_in(second).log, (chain.witness_key,), 1, 5)
    assert former_authorities(log, trust_in(third)) == (first, between)
    assert former_authorities(log, trust_in(second)) == (first,)
    assert former_authorities(log, chain.trust) == ()


def test_a_trust_that_the_log_does_not_hold_follows_nobody(log: Log):
    chain = founded(log, Chain())
    append(log, [with_log_key(chain, "stranger", 2)], now=START + 1)
    assert former_authorities(log, trust_in(with_log_key(chain, "gate", 3))) == ()


def test_a_log_without_a_root_was_attested_by_nobody():
    chain = Chain()
    assert former_authorities(chain.log, chain.trust) == ()  # type: ignore[arg-type]
    chain.say("root", TRUST.type, chain.realm, chain.trust_predicate)
    assert former_authorities(chain.log, chain.trust) == ()  # type: ignore[arg-type]


def test_a_trust_that_is_not_newer_ended_nobodys_time():
    chain = Chain().found()
    chain.put(with_log_key(chain, "stranger", 1))
    third = with_log_key(chain, "gate", 2)
    chain.put(third)
    (only,) = former_authorities(chain.log, trust_in(third))  # type: ignore[arg-type]
    assert (only.log, only.until) == (chain.log_key, chain.log.size - 1)


def test_the_trusts_of_an_earlier_root_are_asked_under_that_root(log: Log):
    chain = founded(log, Chain())
    root = signed(chain, ("root", "stranger"), ROOT, chain.make_root("stranger", version=2))
    body = chain.make_trust(version=2, rootVersion=2)
    trust = signed(chain, "stranger", TRUST, body)
    append(log, [root, trust], now=START + 1)
    assert [one.until for one in former_authorities(log, Trust.of(body))] == [4]


def test_a_trust_in_the_log_that_no_root_signed_is_refused():
    chain = Chain().found()
    chain.put(signed(chain, "stranger", TRUST, chain.make_trust(version=2)))
    third = with_log_key(chain, "gate", 3)
    chain.put(third)
    with pytest.raises(NotVerified):
        former_authorities(chain.log, trust_in(third))  # type: ignore[arg-type]


# by which a reader knows whether a ledger is the one of its trust file


def test_a_log_has_held_its_newest_trust_and_each_before_it(log: Log):
    chain = founded(log, Chain())
    second, third = with_log_key(chain, "stranger", 2), with_log_key(chain, "gate", 5)
    assert has_held(log, chain.trust)
    append(log, [second], now=START + 1)
    append(log, [third], now=START + 2)
    assert all(has_held(log, one) for one in (chain.trust, trust_in(second), trust_in(third)))


def test_a_log_has_not_held_a_trust_that_the_root_signed_for_later(log: Log):
    chain = founded(log, Chain())
    assert not has_held(log, trust_in(with_log_key(chain, "stranger", 2)))
    append(log, [with_log_key(chain, "stranger", 2)], now=START + 1)
    assert not has_held(log, trust_in(with_log_key(chain, "gate", 3)))


def test_a_log_has_not_held_a_trust_that_was_not_newer_when_it_was_put_there():
    chain = Chain().found()
    late = with_log_key(chain, "stranger", 1)
    chain.put(late)
    assert has_held(chain.log, chain.trust)  # type: ignore[arg-type]
    assert not has_held(chain.log, trust_in(late))  # type: ignore[arg-type]


def test_a_log_without_a_root_has_held_no_trust():
    chain = Chain()
    chain.say("root", TRUST.type, chain.realm, chain.trust_predicate)
    assert not has_held(chain.log, chain.trust)  # type: ignore[arg-type]
