"""Whose word counts in a passport: root, trust and signers, each refused where it lies in one way."""

from __future__ import annotations

import pytest

from gate.refusing import bare, collected, denied, refuses
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.evidence.predicates import ROOT, TRUST
from hauberk.evidence.trust import RootKeys
from hauberk.gate import passport as passports
from hauberk.gate.prove import closure, verify_passport
from simulator import (
    DAY,
    START,
    Chain,
    good_passport,
    keys,
)

# 1. the root


def test_another_realms_root_file_is_refused():
    chain, data = good_passport()
    refuses(chain, "not the one that the root file names", data, root=Chain(keys=keys(1)).root_keys)


def test_a_root_file_with_one_key_more_is_refused():
    chain, data = good_passport()
    more = RootKeys(1, (chain.keys["root"].public, chain.keys["stranger"].public))
    refuses(chain, "not the one that the root file names", data, root=more)


def test_without_root_and_trust_nothing_is_verified():
    with pytest.raises(Misconfigured, match="nothing to verify the passport with"):
        verify_passport(good_passport()[1], root=None)


def test_a_new_root_signed_by_the_new_keys_only_is_refused():
    chain = Chain().good()
    chain.say("stranger", ROOT.type, chain.realm, chain.make_root("stranger", version=2))
    chain.retrust("stranger", rootVersion=2).publish()
    with pytest.raises(NotVerified, match="has 0 signatures of root version 1"):
        chain.passport()


def test_a_newer_root_left_out_of_the_roots_is_refused():
    chain = Chain().good()
    chain.say("root", ROOT.type, chain.realm, chain.make_root(version=2))
    chain.publish()
    data = bare(collected_with_old_authorities(chain, roots=(0,), trust=1))
    refuses(chain, "the log holds another root, at entry 12", data)


def collected_with_old_authorities(chain: Chain, *, roots: tuple[int, ...], trust: int) -> passports.Passport:
    """Return the passport that a dishonest exporter makes, who points at older authorities than the newest."""
    log = chain.log
    index, tree = chain.index_tree(), chain.tree()
    logged = chain.logged()
    digests, met = closure(
        (chain.model, chain.realm),
        [chain.key_digest("log"), chain.key_digest("witness")],
        entries_of=lambda digest: [leaf.entry for leaf in index.range(digest).leaves],
        envelope_of=lambda entry: logged[entry].envelope,
    )
    items = {
        n: passports.Item(n, log.entry(n), tuple(tree.inclusion_proof(n)), logged[n].envelope)
        for n in (*sorted(met), chain.index)
    }
    return passports.Passport(
        gate="load",
        subject=chain.subject,
        roots=roots,
        trust=trust,
        policies=(2,),
        checkpoint=chain.log.note or "",
        index=chain.index,
        ranges={digest: index.range(digest) for digest in digests},
        items=items,
        verdict={},
    )


def test_a_root_that_ran_out_before_the_witnesses_signed_is_refused():
    chain = Chain().good()
    chain.now = START + 366 * DAY
    chain.publish()
    with pytest.raises(NotVerified, match="the root was valid until 2027-09-2"):
        chain.passport()


# 2. trust


def test_trust_that_ran_out_before_the_witnesses_signed_is_refused():
    chain = Chain().good()
    chain.now = START + 201 * DAY
    chain.publish()
    with pytest.raises(NotVerified, match="the trust was valid until"):
        chain.passport()


@pytest.mark.parametrize("role", ["approver", "gate", "log", "stranger"])
def test_trust_signed_by_another_key_is_refused(role: str):
    chain = Chain().good()
    chain.retrust(role).publish()
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        chain.passport()


def test_an_older_trust_is_refused_where_the_log_holds_a_newer():
    chain = Chain().good()
    chain.scan("scanner")
    chain.retrust(not_after={"scanner": START}).publish()
    refuses(
        chain,
        "trust version 1 is not the newest: entry 13 is",
        bare(collected_with_old_authorities(chain, roots=(0,), trust=1)),
    )


def test_a_trust_of_the_same_version_that_came_later_is_the_newest():
    chain = Chain().good()
    again = chain.make_trust(not_after={"scanner": START})
    chain.say("root", TRUST.type, chain.realm, again)
    chain.publish()
    refuses(chain, "is not the newest", bare(collected_with_old_authorities(chain, roots=(0,), trust=1)))
    assert "model-scan.present" in denied(chain)


def test_a_trust_that_nobody_can_read_ends_the_chain():
    chain = Chain().good()
    chain.say("root", TRUST.type, chain.realm, {"versions": 2})
    chain.publish()
    with pytest.raises(Malformed, match="trust lacks"):
        chain.verify(bare(collected_with_old_authorities(chain, roots=(0,), trust=1)))


def test_a_statement_that_is_no_trust_in_the_place_of_the_trust_is_refused():
    chain = Chain().good().publish()
    passport = collected(chain, trust=0)
    refuses(chain, "is not the trust of", bare(passport))


# 5. signers


def test_a_signer_whose_grant_ended_before_does_not_count():
    chain = Chain().good()
    chain.retrust(not_after={"scanner": START}).publish()
    assert denied(chain) == {"model-scan.present"}


def test_a_policy_whose_approvers_grant_ended_before_is_no_policy():
    chain = Chain().good()
    chain.retrust(not_after={"approver": START}).publish()
    with pytest.raises(NotVerified, match="0 approved policies cover load of model/tumour"):
        chain.passport()


# what is revoked


@pytest.mark.parametrize("role", ["root", "approver", "log"])
def test_a_revoked_authority_ends_the_chain(role: str):
    chain = Chain().good()
    chain.revoke(chain.key_digest(role))
    chain.publish()
    with pytest.raises(NotVerified, match="on which this chain stands, is revoked by"):
        chain.passport()


def test_a_revoked_realm_ends_the_chain():
    chain = Chain().good()
    chain.revoke(chain.realm.digests[0])
    chain.publish()
    with pytest.raises(NotVerified, match="on which this chain stands, is revoked by"):
        chain.passport()


def test_a_revoked_witness_key_ends_the_chain():
    chain = Chain().good()
    chain.revoke(chain.key_digest("witness"))
    chain.publish()
    with pytest.raises(NotVerified, match="on which this chain stands, is revoked"):
        chain.passport()
