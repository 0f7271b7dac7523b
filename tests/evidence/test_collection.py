"""What is known about a subject: looked up by exact name, walked through inputs, revoked by digest."""

from __future__ import annotations

from hauberk.digest import Digest, sha256
from hauberk.evidence.collection import concerned, key_digest, signed_by
from hauberk.evidence.predicates import MODEL_SCAN, PROVENANCE
from hauberk.statement import Named, Verified
from simulator import HOLDOUT, LOCK, MEASURE, SCRIPT, TRAIN, Chain, core, named, resource


def kinds(chain: Chain, thing: Named) -> list[str]:
    return [v.statement.predicate_type.removeprefix("urn:hauberk:") for v in chain.evidence().about(thing)]


def test_what_is_about_a_thing_is_found_by_name_and_digest():
    chain = Chain().good()
    assert kinds(chain, chain.model) == [PROVENANCE.type, "model-scan:v1", "evaluation:v1", "artefact:v1"]
    assert kinds(chain, Named("model/tumour", (sha256(b"other"),))) == []
    assert kinds(chain, Named("model/other", chain.model.digests)) == []


def test_a_thing_with_one_of_two_digests_is_another_thing():
    chain = Chain()
    both = Named("model/tumour", tuple(sorted((*chain.model.digests, sha256(b"file")))))
    chain.say("scanner", MODEL_SCAN.type, both, core(files=[]))
    assert kinds(chain, chain.model) == []
    assert kinds(chain, both) == ["model-scan:v1"]


def test_what_does_not_hold_is_said_of_a_thing_but_not_about_it():
    chain = Chain().good()
    chain.scan("stranger")
    evidence = chain.evidence()
    assert len(evidence.said_of(chain.model)) == len(evidence.about(chain.model)) + 1


def test_the_ancestry_goes_through_every_input():
    chain = Chain().good()
    subjects = {item.statement.subjects[0] for item in chain.evidence().ancestry(chain.model)}
    assert subjects == {chain.model, TRAIN, HOLDOUT, SCRIPT, MEASURE, LOCK}


def test_the_ancestry_of_a_circle_ends():
    chain = Chain()
    chain.manifest(TRAIN, inputs=[resource(HOLDOUT)])
    chain.manifest(HOLDOUT, inputs=[resource(TRAIN)])
    assert len(chain.evidence().ancestry(TRAIN)) == 2


def test_one_statement_signed_by_two_in_turn_is_there_twice():
    chain = Chain()
    first = chain.scan()
    chain.scan("stranger")
    items = chain.evidence().ancestry(chain.model)
    assert len({item.id for item in items}) == 1
    assert {signed_by(item) for item in items} == {
        (first.signatures[0].keyid,),
        (chain.keys["stranger"].public.keyid,),
    }


def test_a_revocation_matters_for_the_thing_its_inputs_and_every_listed_signer():
    chain = Chain().good()
    chain.scan(("scanner", "gate"))
    digests = concerned(chain.evidence().ancestry(chain.model), chain.model)
    assert {*chain.model.digests, *TRAIN.digests, *SCRIPT.digests, *LOCK.digests} <= digests
    assert {chain.key_digest(role) for role in ("producer", "scanner", "gate")} <= digests
    assert chain.key_digest("approver") not in digests
    held = [v for v in chain.evidence().about(chain.model) if isinstance(v, Verified)]
    assert chain.keys["gate"].public.keyid not in held[-1].signers


def test_a_revocation_is_found_by_any_of_its_digests():
    chain = Chain()
    other = Digest("dirHash", "0" * 64)
    revocation = Named("digest/both", tuple(sorted((other, sha256(b"x")))))
    chain.say("approver", "urn:hauberk:revocation:v1", revocation, {"reason": "stolen"})
    evidence = chain.evidence()
    assert [found[0] for found in evidence.revocations([sha256(b"x")])] == [sha256(b"x")]
    assert list(evidence.revocations([sha256(b"y")])) == []


def test_a_key_is_revoked_by_the_hash_of_its_public_half():
    public = Chain().keys["scanner"].public
    assert key_digest(public.keyid) == sha256(public.spki)


def test_two_things_of_one_digest_are_two_things():
    one, two = named("source/a", b"same"), named("source/b", b"same")
    chain = Chain()
    chain.boundary(one, "source")
    assert kinds(chain, one) == ["boundary:v1"]
    assert kinds(chain, two) == []
