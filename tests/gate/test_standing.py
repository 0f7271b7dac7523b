"""What enters a real log: only what its newest trust vouches for, in order, and never twice the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.predicates import INDEX, MODEL_SCAN, POLICY, PROMOTION, ROOT, TRUST
from hauberk.gate.export import check_all_published, collect, export
from hauberk.gate.prove import verify_passport
from hauberk.gate.standing import append, found, standing
from hauberk.ledger.admit import admitted_as
from hauberk.ledger.log import Log
from hauberk.ledger.publish import publish
from hauberk.ledger.witness import serve_once
from hauberk.signature import dsse
from hauberk.statement import Envelope, Named
from hauberk.verdict import Answer
from simulator import DAY, START, Chain, core, policy_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with Log.create(tmp_path / "log") as opened:
        yield opened


def signed(chain: Chain, role: Any, predicate: Any, body: dict[str, Any], thing: Named | None = None) -> Envelope:
    return chain.say(role, predicate.type, thing or chain.realm, body, log=False)


def authorities(chain: Chain) -> tuple[Envelope, Envelope]:
    return signed(chain, "root", ROOT, chain.root_predicate), signed(chain, "root", TRUST, chain.trust_predicate)


def founded(log: Log, chain: Chain) -> Chain:
    found(log, *authorities(chain), now=START)
    append(log, [signed(chain, "approver", POLICY, policy_data())], now=START)
    return chain


def scan(chain: Chain, role: Any = "scanner", **changes: Any) -> Envelope:
    return signed(chain, role, MODEL_SCAN, core(files=[]) | changes, chain.model)


def refuses(log: Log, envelope: Envelope, kind: type[HauberkError], message: str, *, now: int = START + 1) -> None:
    size = log.size
    with pytest.raises(kind, match=message):
        append(log, [envelope], now=now)
    assert log.size == size


# the beginning


def test_a_log_begins_with_its_root_and_trust(log: Log):
    chain = founded(log, Chain())
    stands = standing(log)
    assert (stands.realm.subject, stands.roots, stands.trust_entry) == (chain.realm, (0,), 1)
    assert [policy.name for policy in stands.policies.values()] == ["tumour"]


def test_an_empty_log_does_not_stand(log: Log):
    with pytest.raises(Unavailable, match="the ledger is empty"):
        standing(log)
    with pytest.raises(Unavailable, match="the ledger is empty"):
        append(log, [scan(Chain())], now=START)


@pytest.mark.parametrize("said", [{}, {"version": "1"}, {"version": None}, {"version": [2]}, {"version": 2}])
def test_a_log_in_which_nobody_admitted_what_calls_itself_a_trust_does_not_stand(log: Log, said: dict[str, Any]):
    envelope = signed(founded(log, Chain()), "gate", TRUST, said)
    statement = dsse.decode_statement(envelope.payload)
    log.append_admitted([admitted_as(envelope, statement, START)])  # as a pod has it from a service that lies
    with pytest.raises(Malformed):
        standing(log)


def test_a_realm_is_founded_once(log: Log):
    chain = founded(log, Chain())
    with pytest.raises(Misconfigured, match="has 3 entries already"):
        found(log, *authorities(chain), now=START)


def test_a_realm_is_not_founded_on_a_trust_of_another(log: Log):
    chain, other = Chain(), Chain()
    other.realm = Named("realm/x", (sha256(b"x"),))
    root, _ = authorities(chain)
    with pytest.raises(NotVerified, match="is not the trust of"):
        found(log, root, signed(other, "root", TRUST, other.trust_predicate), now=START)
    assert log.size == 0


def test_a_realm_is_not_founded_by_a_stranger(log: Log):
    chain = Chain()
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        found(log, signed(chain, "stranger", ROOT, chain.root_predicate), authorities(chain)[1], now=START)
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        found(log, authorities(chain)[0], signed(chain, "stranger", TRUST, chain.trust_predicate), now=START)
    assert log.size == 0


def test_a_log_that_begins_with_something_else_does_not_stand():
    chain = Chain()
    chain.scan()
    with pytest.raises(NotVerified, match="the first entry of the ledger is not a root"):
        standing(chain.log)  # type: ignore[arg-type]


def test_a_log_that_begins_with_a_root_of_another_shape_does_not_stand():
    chain = Chain()
    chain.say("root", ROOT.type, Named("realm/x", (sha256(b"x"),)), {"version": 1})
    with pytest.raises(Malformed, match=r"^root lacks "):
        standing(chain.log)


def test_a_log_without_a_trust_does_not_stand_yet():
    chain = Chain()
    chain.say("root", ROOT.type, chain.realm, chain.root_predicate)
    with pytest.raises(Unavailable, match="the ledger has no trust yet"):
        standing(chain.log)  # type: ignore[arg-type]


# what does not enter


@pytest.mark.parametrize("role", ["stranger", "log", "witness", "root"])
def test_a_statement_by_an_unknown_key_does_not_enter(log: Log, role: str):
    refuses(log, scan(founded(log, Chain()), role), NotVerified, "no trusted key has the id")


@pytest.mark.parametrize("role", ["producer", "gate", "approver"])
def test_a_statement_by_a_key_without_the_grant_does_not_enter(log: Log, role: str):
    refuses(log, scan(founded(log, Chain()), role), NotVerified, f"{role} may not sign model-scan")


def test_a_statement_about_something_outside_of_the_grant_does_not_enter(log: Log):
    chain = founded(log, Chain())
    other = signed(chain, "scanner", MODEL_SCAN, core(files=[]), Named("model/other", chain.model.digests))
    refuses(log, other, NotVerified, "about model/other")


@pytest.mark.parametrize("now", [START - 2 * DAY, START + 301 * DAY])
def test_a_statement_outside_of_the_grants_time_does_not_enter(log: Log, now: int):
    refuses(log, scan(founded(log, Chain())), NotVerified, "at that time", now=now)


def test_a_statement_of_another_shape_does_not_enter(log: Log):
    chain = founded(log, Chain())
    refuses(log, scan(chain, result="PASS"), Malformed, "model-scan.result is not one of")
    unknown = chain.say("scanner", "urn:hauberk:model-scan:v9", chain.model, {}, log=False)
    refuses(log, unknown, Malformed, "no predicate of the type")


def test_a_failing_statement_enters(log: Log):
    assert append(log, [scan(founded(log, Chain()), result="fail")], now=START + 1) == [3]


def test_an_index_does_not_enter_by_this_door(log: Log):
    chain = founded(log, Chain())
    body = {"origin": "example.org/log", "size": 3, "root": "0" * 64, "count": 0, "indexRoot": "0" * 64}
    refuses(log, signed(chain, "log", INDEX, body), NotVerified, "no trusted key|no grant lets")


def test_one_bad_statement_keeps_the_whole_batch_out(log: Log):
    chain = founded(log, Chain())
    with pytest.raises(NotVerified, match="no trusted key"):
        append(log, [scan(chain), scan(chain, "stranger")], now=START + 1)
    assert log.size == 3


def test_a_clock_behind_the_last_entry_appends_nothing(log: Log):
    chain = founded(log, Chain())
    refuses(log, scan(chain), Unavailable, "the last entry of the log is from", now=START - 1)


def test_the_same_envelope_keeps_its_entry(log: Log):
    chain = founded(log, Chain())
    same = scan(chain)
    assert append(log, [same], now=START + 1) == append(log, [same], now=START + 2) == [3]


# roots, trusts, policies


def test_a_newer_trust_enters_and_decides_from_then_on(log: Log):
    chain = founded(log, Chain())
    chain.trust_version = 2
    newer = signed(chain, "root", TRUST, chain.make_trust(without=frozenset({("scanner", "model-scan")})))
    append(log, [newer], now=START + 1)
    assert standing(log).trust.version == 2
    refuses(log, scan(chain), NotVerified, "scanner may not sign model-scan")


@pytest.mark.parametrize("version", [1, 2])
def test_a_trust_that_is_not_newer_does_not_enter(log: Log, version: int):
    chain = founded(log, Chain())
    chain.trust_version = 2
    append(log, [signed(chain, "root", TRUST, chain.make_trust())], now=START + 1)
    other = signed(chain, "root", TRUST, chain.make_trust(version=version, development=False))
    refuses(log, other, NotVerified, f"trust version {version} is not newer than 2")


def test_a_trust_by_another_key_does_not_enter(log: Log):
    chain = founded(log, Chain())
    for role in ("approver", "gate", "stranger"):
        refuses(log, signed(chain, role, TRUST, chain.make_trust(version=2)), NotVerified, "no trusted key has the id")


def turned(chain: Chain) -> tuple[Envelope, Envelope]:
    """Return root version 2, of another key, and the trust that this key signs."""
    root = signed(chain, ("root", "stranger"), ROOT, chain.make_root("stranger", version=2))
    return root, signed(chain, "stranger", TRUST, chain.make_trust(version=2, rootVersion=2))


def test_a_new_root_enters_together_with_the_trust_that_it_signs(log: Log):
    chain = founded(log, Chain())
    assert append(log, turned(chain), now=START + 1) == [3, 4]
    stands = standing(log)
    assert (stands.roots, stands.trust.version, stands.trust_entry) == ((0, 3), 2, 4)
    assert append(log, [scan(chain)], now=START + 2) == [5]


def test_a_new_root_without_a_trust_of_its_own_would_close_the_log_and_does_not_enter(log: Log):
    chain = founded(log, Chain())
    root, _ = turned(chain)
    refuses(log, root, NotVerified, "no trust is signed by root version 2")
    by_old = signed(chain, "root", TRUST, chain.make_trust(version=2))
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        append(log, [root, by_old], now=START + 1)
    assert standing(log).roots == (0,)


def test_a_trust_of_a_root_that_is_not_there_does_not_enter(log: Log):
    chain = founded(log, Chain())
    _, trust = turned(chain)
    refuses(log, trust, NotVerified, "no trusted key has the id")


def test_a_statement_enters_under_the_trust_before_it_in_the_same_batch(log: Log):
    chain = founded(log, Chain())
    less = signed(chain, "root", TRUST, chain.make_trust(version=2, without=frozenset({("scanner", "model-scan")})))
    with pytest.raises(NotVerified, match="scanner may not sign model-scan"):
        append(log, [less, scan(chain)], now=START + 1)
    assert append(log, [scan(chain), less], now=START + 1) == [3, 4]


@pytest.mark.parametrize("version", [1, 3])
def test_a_root_out_of_its_order_does_not_enter(log: Log, version: int):
    chain = founded(log, Chain())
    other = signed(chain, "root", ROOT, chain.make_root(version=version, development=False))
    refuses(log, other, NotVerified, f"root version {version} stands where version 2 belongs")


def test_a_root_signed_by_one_side_only_does_not_enter(log: Log):
    chain = founded(log, Chain())
    body = chain.make_root("stranger", version=2)
    refuses(log, signed(chain, "root", ROOT, body), NotVerified, "has 0 signatures of root version 2")
    refuses(log, signed(chain, "stranger", ROOT, body), NotVerified, "has 0 signatures of root version 1")


def test_a_newer_policy_enters_and_a_lower_version_does_not(log: Log):
    chain = founded(log, Chain())
    append(log, [signed(chain, "approver", POLICY, policy_data() | {"version": 3})], now=START + 1)
    older = signed(chain, "approver", POLICY, policy_data(permit_valid_minutes=1) | {"version": 2})
    refuses(log, older, NotVerified, "policy tumour version 2 is older than 3")


def test_another_policy_of_the_same_version_enters(log: Log):
    chain = founded(log, Chain())
    append(log, [signed(chain, "approver", POLICY, policy_data(permit_valid_minutes=1))], now=START + 1)
    assert list(standing(log).policies) == [3]


class Registry(Chain):
    """A chain in which the gate may promote."""

    def make_trust(self, **changes: Any) -> dict[str, Any]:
        made = super().make_trust(**changes)
        grants = [self.grant("gate", PROMOTION, scope) for scope in ("model/tumour", "alias/*")]
        return made | {"grants": [*made["grants"], *grants]}


def test_a_promotion_that_does_not_follow_the_last_one_does_not_enter(log: Log):
    chain = founded(log, Registry())
    moves = [
        Move(Alias("model/tumour", "production"), sha256(content), None, None, sha256(b"policy"))
        for content in (b"one", b"two")
    ]
    first, second = (
        chain.say("gate", PROMOTION.type, one.subjects, dict(one.statement(PROMOTION.type).predicate), log=False)
        for one in moves
    )
    assert append(log, [first], now=START + 1) == [3]
    refuses(log, second, NotVerified, "this move follows nobody")


def test_a_policy_that_nobody_can_read_does_not_enter(log: Log):
    chain = founded(log, Chain())
    bad = signed(chain, "approver", POLICY, policy_data(require=[]) | {"version": 2})
    refuses(log, bad, Malformed, "the policy cannot be read")


def test_a_policy_of_another_realm_does_not_enter(log: Log):
    chain = founded(log, Chain())
    bad = signed(chain, "approver", POLICY, policy_data(), Named("realm/x", chain.realm.digests))
    refuses(log, bad, NotVerified, "the policy's subject is not this realm")


def test_two_roots_in_one_batch_do_not_both_enter(log: Log):
    chain = founded(log, Chain())
    two = [signed(chain, "root", ROOT, chain.make_root(version=2, development=d)) for d in (True, False)]
    with pytest.raises(NotVerified, match="root version 2 stands where version 3 belongs"):
        append(log, two, now=START + 1)
    assert log.size == 3


# from a real log to a passport


def witnessed(log: Log, chain: Chain, folder: Path, now: int) -> None:
    def witness(request: bytes) -> bytes:
        return serve_once(
            request,
            state=folder / "witness",
            log_directory=folder / "log",
            log=chain.log_key,
            key=chain.witness_key,
            signer=chain.keys["witness"],
            now=now,
        )

    asked: list[Callable[[bytes], bytes]] = [witness]
    publish(
        log,
        signer=chain.keys["log"],
        key=chain.log_key,
        witnesses=asked,
        witness_keys=[chain.witness_key],
        quorum=1,
        now=now,
    )


def test_a_chain_in_a_real_log_gives_a_passport_that_verifies(log: Log, tmp_path: Path):
    chain = Chain().good()
    envelopes = [dsse.decode_envelope(data) for data in chain.log.envelopes]
    found(log, *envelopes[:2], now=START)
    append(log, envelopes[2:], now=START + 1)
    with pytest.raises(Unavailable, match="no checkpoint yet"):
        collect(log, gate="load", subject=chain.subject)
    witnessed(log, chain, tmp_path, START + 2)
    data, verdict, _ = export(collect(log, gate="load", subject=chain.subject), root=chain.root_keys)
    assert verdict.result is Answer.ALLOW
    assert verify_passport(data, root=chain.root_keys).verdict == verdict


def test_entries_that_no_checkpoint_covers_make_the_passport_wait(log: Log, tmp_path: Path):
    chain = founded(log, Chain())
    witnessed(log, chain, tmp_path, START + 2)
    append(log, [scan(chain, result="fail")], now=START + 3)
    with pytest.raises(Unavailable, match="the ledger has 5 entries, its newest checkpoint covers 4"):
        check_all_published(log)


def test_an_append_that_is_overtaken_by_a_new_trust_is_asked_again(log: Log, monkeypatch: pytest.MonkeyPatch):
    chain = founded(log, Chain())
    real = log.append_many
    overtaking = [envelope_of_trust_without_scans(chain)]

    def overtaken(statements, now, *, size=None):
        while overtaking:
            append_now = overtaking.pop()
            monkeypatch.setattr(log, "append_many", real)
            append(log, [append_now], now=now)
            monkeypatch.setattr(log, "append_many", overtaken)
        return real(statements, now, size=size)

    monkeypatch.setattr(log, "append_many", overtaken)
    before = log.size
    with pytest.raises(NotVerified, match="may not sign model-scan"):
        append(log, [scan(chain)], now=START + 9)
    assert log.size == before + 1


def test_who_is_overtaken_without_a_pause_appends_nothing_and_is_told(log: Log, monkeypatch: pytest.MonkeyPatch):
    chain, asked = founded(log, Chain()), []
    monkeypatch.setattr(log, "append_many", lambda *_, **__: asked.append(log.size) or [])
    refuses(log, scan(chain), Unavailable, "others append to the ledger without a pause")
    assert len(asked) > 1
    assert append(log, [], now=START + 1) == []


def envelope_of_trust_without_scans(chain: Chain):
    chain.trust_version = 2
    predicate = chain.make_trust(without=frozenset({("scanner", "model-scan")}))
    return chain.say("root", TRUST.type, chain.realm, predicate, log=False)
