"""What an alias names: the newest move that the index proves, or a refusal; never an older one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hauberk.digest import Digest, sha256
from hauberk.errors import NotVerified, Refused, Unavailable
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.predicates import PROMOTION
from hauberk.gate.moves import moves_in
from hauberk.gate.resolve import Resolved, gate_of, resolve, resolve_passport
from hauberk.policy.policy import Policy
from hauberk.verdict import Answer
from simulator import DAY, START, Chain, policy_data

PRODUCTION = Alias("model/tumour", "production")
POLICY = policy_data()
POLICY["gates"]["register"] = POLICY["gates"]["load"]


class Registry(Chain):
    """A chain in which the gate's key may promote."""

    def make_trust(self, **changes: Any) -> dict[str, Any]:
        made = super().make_trust(**changes)
        grants = [self.grant("gate", PROMOTION, scope) for scope in ("model/tumour", "alias/*")]
        return made | {"grants": [*made["grants"], *grants]}

    def move(
        self, *, digest: Digest | None = None, role: str = "gate", alias: Alias = PRODUCTION, **changes: Any
    ) -> Any:
        """Move an alias as an honest gate does, or with something changed."""
        found = moves_in(self.log, alias) if "previous" not in changes else ()
        before = found[-1].id if found else None
        move = Move(alias, digest or self.model.digests[0], None, before, Policy.of(POLICY).digest)
        statement = replace(move, **changes).statement(PROMOTION.type)
        return self.say(role, statement.predicate_type, statement.subjects, dict(statement.predicate))

    def named(self, alias: Alias = PRODUCTION, **changes: Any) -> Resolved:
        asked = {"root": self.root_keys, "trust": self.trust, "policy": Policy.of(POLICY), "now": self.now}
        return resolve(self.log, alias, **(asked | changes))  # type: ignore[arg-type]

    def other(self, content: bytes) -> Digest:
        """Let another model be known, and return its digest."""
        files, self.files = self.files, {"model.joblib": content}
        self.provenance()
        self.artefact()
        digest, self.files = self.model.digests[0], files
        return digest


def registry() -> Registry:
    return Registry().good(POLICY)  # type: ignore[return-value]


def moved() -> Registry:
    chain = registry()
    chain.move()
    chain.publish()
    return chain


# The good case.


def test_an_alias_names_what_was_promoted():
    chain = moved()
    found = chain.named()
    assert (found.digest, found.count) == (chain.model.digests[0], 1)


def test_an_alias_names_the_newest_of_many():
    chain = registry()
    second = chain.other(b"second")
    for digest in (chain.model.digests[0], second, chain.model.digests[0], second):
        chain.move(digest=digest)
    chain.publish()
    assert (chain.named().digest, chain.named().count) == (second, 4)


def test_aliases_of_other_environments_and_models_are_apart():
    chain = registry()
    chain.move()
    second = chain.other(b"second")
    chain.move(digest=second, alias=Alias("model/tumour", "staging"))
    chain.publish()
    assert chain.named().digest == chain.model.digests[0]
    assert chain.named(Alias("model/tumour", "staging")).digest == second


def test_an_environment_with_a_gate_of_its_own_is_decided_by_that():
    policy = policy_data()
    policy["gates"] |= {"register": policy["gates"]["load"], "register-production": policy["gates"]["load"]}
    assert gate_of(Policy.of(policy), "production") == "register-production"
    assert gate_of(Policy.of(policy), "staging") == "register"


# What is refused.


def test_an_alias_that_was_never_moved_names_nothing():
    with pytest.raises(Refused, match="nothing was ever promoted"):
        registry().publish().named()  # type: ignore[attr-defined]


def test_a_move_that_no_checkpoint_covers_is_not_passed_over():
    chain = moved()
    chain.move(digest=chain.other(b"second"))
    with pytest.raises(Unavailable, match="in no checkpoint yet"):
        chain.named()


def test_a_move_right_behind_the_checkpoint_is_not_passed_over():
    chain = moved()
    size = chain.log.size
    chain.move(digest=sha256(b"second"))
    assert moves_in(chain.log, PRODUCTION)[-1].logged.entry == size
    with pytest.raises(Unavailable, match="in no checkpoint yet"):
        chain.named()


def test_a_trust_that_has_ended_names_nothing():
    chain = moved()
    with pytest.raises(NotVerified, match="the trust was valid until"):
        chain.named(now=START + 201 * DAY)


@pytest.mark.parametrize("role", ["log", "witness", "approver"])
def test_a_revoked_authority_names_nothing(role):
    chain = moved()
    chain.revoke(chain.key_digest(role))
    with pytest.raises(NotVerified, match="on which this chain stands"):
        chain.named()


def test_a_key_that_may_not_promote_any_more_brings_no_older_model_back():
    chain = registry()
    chain.move()
    chain.move(digest=chain.other(b"second"))
    chain.trust_predicate = Chain.make_trust(chain) | {"version": 2}
    chain.say("root", "urn:hauberk:trust:v1", chain.realm, chain.trust_predicate)
    chain.publish()
    with pytest.raises(NotVerified, match="nobody may sign the newest promotion"):
        chain.named()


@pytest.mark.parametrize("role", ["producer", "scanner", "stranger"])
def test_a_move_by_another_key_names_nothing(role):
    chain = moved()
    chain.move(digest=chain.other(b"second"), role=role)
    chain.publish()
    with pytest.raises(NotVerified, match="nobody may sign the newest promotion"):
        chain.named()


ORDERS = {
    "that begins anew": {"previous": None},
    "that follows something else": {"previous": sha256(b"another")},
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_move(order):
    chain = moved()
    chain.move(digest=chain.other(b"second"), **ORDERS[order])
    chain.publish()
    with pytest.raises(NotVerified, match="was moved by"):
        chain.named()


def test_the_first_move_again_is_refused():
    chain = registry()
    first = chain.move()
    chain.move(digest=chain.other(b"second"))
    chain.put(first)
    chain.publish()
    with pytest.raises(NotVerified, match="was moved by"):
        chain.named()


def test_whoever_has_the_gates_key_names_what_he_likes_and_opens_nothing_by_that():
    chain, his = registry(), Digest("dirHash", "6" * 64)
    chain.move(digest=his)
    chain.publish()
    assert chain.named().digest == his, "no gate is asked again: docs/keys.md says so of this key"
    assert chain.ask(subject=replace(chain.subject, digest=his), policy=POLICY).result is Answer.DENY


def test_a_model_that_is_revoked_is_not_named():
    chain = moved()
    chain.revoke(chain.model.digests[0])
    with pytest.raises(Refused, match="is revoked by"):
        chain.named()
    chain.publish()
    with pytest.raises(Refused, match="is revoked by"):
        chain.named()


def test_a_model_whose_data_are_revoked_is_not_named():
    chain = moved()
    chain.revoke(sha256(b"train rows"))
    with pytest.raises(Refused, match="is revoked by"):
        chain.named()


def test_a_model_that_a_revoked_key_promoted_is_not_named():
    chain = moved()
    chain.revoke(chain.key_digest("gate"))
    with pytest.raises(Refused, match="is revoked by"):
        chain.named()


def test_an_answer_that_is_too_old_is_none():
    chain = moved()
    with pytest.raises(Unavailable, match="too old"):
        chain.named(now=chain.now + 8 * DAY)


def test_an_edited_trust_file_is_refused():
    chain = moved()
    with pytest.raises(NotVerified, match="is not the one that the root signed"):
        chain.named(trust=chain.trust_without(("scanner", "model-scan")))


def test_another_root_is_refused():
    chain = moved()
    other = Chain(keys={**chain.keys, "root": chain.keys["stranger"]})
    with pytest.raises(NotVerified, match="root"):
        chain.named(root=other.root_keys)


def test_without_a_gate_in_the_policy_nothing_is_named():
    chain = Registry().good()
    chain.move()  # type: ignore[attr-defined]
    chain.publish()
    with pytest.raises(NotVerified, match="0 approved policies cover register"):
        chain.named()  # type: ignore[attr-defined]


def test_an_index_that_leaves_a_move_out_is_refused():
    chain = registry()
    chain.move()
    chain.move(digest=chain.other(b"second"))
    chain.publish(leave_out=frozenset({chain.log.size - 1}))
    with pytest.raises(NotVerified):
        chain.named()


def test_a_ledger_that_lists_fewer_moves_than_its_index_is_refused(monkeypatch):
    chain = registry()
    chain.move()
    chain.move(digest=chain.other(b"second"))
    chain.publish()
    whole = chain.log.entries_about
    monkeypatch.setattr(chain.log, "entries_about", lambda d: whole(d)[: 1 if d == PRODUCTION.digest else None])
    with pytest.raises(NotVerified, match=r"lists .* its index proves"):
        chain.named()


# By a passport alone.


def by_passport(chain: Registry, alias: Alias = PRODUCTION, **changes: Any) -> Resolved:
    asked = {"root": chain.root_keys, "now": chain.now}
    return resolve_passport(chain.passport(), alias, **(asked | changes))  # type: ignore[arg-type]


def test_a_passport_says_what_an_alias_names():
    chain = moved()
    found = by_passport(chain)
    assert (found.digest, found.count, found.development) == (chain.model.digests[0], 1, True)
    assert found.checkpoint == chain.named().checkpoint
    assert found.time == chain.named().time


def test_a_passport_of_a_model_that_was_replaced_names_nothing():
    chain = registry()
    chain.move()
    chain.move(digest=chain.other(b"second"))
    chain.publish()
    with pytest.raises(NotVerified, match=r"the passport is of .* names"):
        by_passport(chain)


def test_a_passport_that_denies_names_nothing():
    chain = registry()
    chain.move()
    chain.scan(result="fail")
    chain.publish()
    with pytest.raises(Refused, match="the gate load denies"):
        by_passport(chain)


def test_a_passport_of_before_the_move_names_nothing():
    chain = registry()
    chain.publish()
    with pytest.raises(NotVerified, match="proves no move"):
        by_passport(chain)


def test_a_passport_of_another_thing_names_nothing():
    with pytest.raises(NotVerified, match="not of model/other"):
        by_passport(moved(), Alias("model/other", "production"))


def test_a_passport_whose_newest_move_nobody_may_sign_names_nothing():
    chain = registry()
    chain.move(role="scanner")
    chain.publish()
    with pytest.raises(NotVerified, match="nobody may sign the newest promotion"):
        by_passport(chain)


def test_a_passport_that_is_too_old_names_nothing():
    chain = moved()
    with pytest.raises(Unavailable, match="too old"):
        by_passport(chain, now=chain.now + 168 * 3600 + 2)
    assert by_passport(chain, now=chain.now + 168 * 3600 - 2).count == 1


def test_a_passport_under_a_trust_that_has_ended_names_nothing():
    with pytest.raises(NotVerified, match="the trust was valid until"):
        by_passport(moved(), now=START + 201 * DAY)


def test_a_passport_of_another_root_names_nothing():
    chain = moved()
    other = Chain(keys={**chain.keys, "root": chain.keys["stranger"]})
    with pytest.raises(NotVerified, match="root version 1 is not the one"):
        by_passport(chain, root=other.root_keys)
