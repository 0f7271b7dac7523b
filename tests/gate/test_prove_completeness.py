"""What a passport may not leave out, by the index, and how far its ancestry goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gate.edits import opened, replaced
from gate.refusing import bare, collected, denied, refuses
from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, NotVerified
from hauberk.evidence.predicates import DATASET_MANIFEST, MODEL_SCAN
from hauberk.gate import passport as passports
from hauberk.ledger import index as ledger_index
from hauberk.statement import Named
from hauberk.verdict import Answer
from simulator import (
    TRAIN,
    Chain,
    core,
    good_passport,
    resource,
)

# 6. completeness


def test_a_failing_scan_left_out_with_its_range_is_refused():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    passport = collected(chain)
    refuses(chain, "lists entry 12 of .*, which the passport leaves out", bare(without_items(passport, 12)))


def without_items(passport: passports.Passport, *entries: int) -> passports.Passport:
    return replace(passport, items={n: item for n, item in passport.items.items() if n not in entries})


def without_leaf(passport: passports.Passport, digest: Digest, entry: int) -> passports.Passport:
    found = passport.ranges[digest]
    fewer = replace(found, leaves=tuple(leaf for leaf in found.leaves if leaf.entry != entry))
    return replace(passport, ranges={**passport.ranges, digest: fewer})


@pytest.mark.parametrize("entry", range(8, 13))
def test_a_statement_left_out_of_its_range_is_refused(entry: int):
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    passport = without_leaf(without_items(collected(chain), entry), chain.subject.digest, entry)
    refuses(chain, "not the leaf right|has a gap|does not show what stands", bare(passport))


def test_a_range_that_ends_early_before_its_true_right_neighbour_is_refused():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    passport = collected(chain)
    digest = chain.subject.digest
    found = without_leaf(passport, digest, 12).ranges[digest]
    assert found.right is not None
    lying = replace(found, right=replace(found.right, position=found.right.position - 1))
    data = bare(without_items(replace(passport, ranges={**passport.ranges, digest: lying}), 12))
    refuses(chain, "does not lead to the root|too long|too short", data)


def test_a_range_without_its_neighbours_is_refused():
    chain, data = good_passport()
    ranges = opened(data)["index"]["ranges"]
    for number, found in enumerate(ranges):
        for side in ("left", "right"):
            if found[side] is not None:
                refuses(
                    chain,
                    r"does not show what stands|is not the leaf right|is empty and proves nothing",
                    replaced(data, ("index", "ranges", number, side), None),
                )


@pytest.mark.parametrize("what", ["subject", "train", "realm", "producer", "scanner", "log"])
def test_a_range_left_out_is_refused(what: str):
    chain = Chain().good().publish()
    digests = {"subject": chain.subject.digest, "train": TRAIN.digests[0], "realm": chain.realm.digests[0]}
    digest = digests.get(what) or chain.key_digest(what)
    passport = collected(chain)
    data = bare(replace(passport, ranges={d: r for d, r in passport.ranges.items() if d != digest}))
    refuses(chain, "leaves out the range of a digest", data)


def test_a_revocation_of_a_key_cannot_be_left_out():
    chain = Chain().good()
    chain.revoke(chain.key_digest("producer"))
    chain.publish()
    assert denied(chain) == {"not-revoked"}
    refuses(chain, "which the passport leaves out", bare(without_items(collected(chain), 12)))


def test_a_statement_more_than_the_ranges_list_is_refused():
    chain = Chain().good()
    other = chain.say("scanner", MODEL_SCAN.type, Named("model/other", (sha256(b"other"),)), core(files=[]))
    chain.publish()
    passport = collected(chain)
    item = passports.Item(12, chain.log.entry(12), tuple(chain.tree().inclusion_proof(12)), other)
    refuses(chain, "that nothing in it leads to", bare(replace(passport, items={**passport.items, 12: item})))


def test_a_range_more_than_the_statements_lead_to_is_refused():
    chain = Chain().good().publish()
    passport = collected(chain)
    stray = chain.key_digest("stranger")
    more = {**passport.ranges, stray: chain.index_tree().range(stray)}
    refuses(chain, "that nothing in it leads to", bare(replace(passport, ranges=more)))


def test_an_index_of_a_shorter_log_is_refused():
    chain = Chain().good()
    chain.publish()
    old = chain.index
    chain.scan(result="fail")
    chain.log.note = chain.cosigned(chain.checkpoint())
    passport = good_passport()[1]
    data = replaced(passport, ("checkpoint",), chain.log.note)
    assert old == 12
    refuses(chain, "not the last of 14|too short|too long|does not lead", data)


@pytest.mark.parametrize(
    ("lies", "message"),
    [
        ({"size": 11}, "the index of size 11 at entry 12 is not the last of 13"),
        ({"size": 13}, "the index of size 13 at entry 12 is not the last of 13"),
        ({"root": "0" * 64}, "of another tree than the checkpoint"),
        ({"origin": "example.org/other"}, "of another log"),
        ({"count": 1}, "does not show what stands|no leaf|too long"),
        ({"indexRoot": "0" * 64}, "does not lead to the root"),
    ],
)
def test_an_index_that_contradicts_the_checkpoint_is_refused(lies: dict[str, Any], message: str):
    chain = Chain().good().publish(**lies)
    with pytest.raises(NotVerified, match=message):
        chain.passport()


def test_an_index_signed_by_another_key_than_the_logs_is_refused():
    chain = Chain().good()
    logs = chain.keys["log"]
    chain.keys = chain.keys | {"log": chain.keys["gate"]}
    chain.publish()
    chain.keys = chain.keys | {"log": logs}
    chain.log.note = chain.cosigned(chain.checkpoint())
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        chain.passport()


# 7. edges


def test_the_ancestors_of_ancestors_are_in_the_passport():
    chain = Chain().good()
    raw = Named("data/raw", (sha256(b"raw"),))
    chain.manifest(TRAIN, inputs=[resource(raw)])
    chain.publish()
    assert raw.digests[0] in collected(chain).ranges
    assert denied(chain) == {"data/raw.input"}


# bounds


def test_an_ancestry_without_end_is_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hauberk.gate.prove.MAX_CONCERNED", 50)
    chain = Chain().good()
    chain.provenance(dependencies=tuple(Named(f"data/{n}", (sha256(b"%d" % n),)) for n in range(50)))
    chain.publish()
    with pytest.raises(Exceeded, match="the subject's ancestry has more than 50 digests"):
        collected(chain)


def test_an_ancestry_of_as_many_digests_as_may_be_is_walked(monkeypatch: pytest.MonkeyPatch):
    chain = Chain().good().publish()
    count = len(collected(chain).ranges)
    monkeypatch.setattr("hauberk.gate.prove.MAX_CONCERNED", count)
    assert len(collected(chain).ranges) == count
    monkeypatch.setattr("hauberk.gate.prove.MAX_CONCERNED", count - 1)
    with pytest.raises(Exceeded, match=f"more than {count - 1} digests"):
        collected(chain)


def test_an_empty_index_proves_absence():
    built = ledger_index.build([])
    assert built.range(sha256(b"x")).verify(sha256(b"x"), 0, built.root, size=0) == ()


def test_nobody_fills_the_passport_of_another_thing_with_the_same_digest():
    chain = Chain().good().publish()
    before = len(opened(chain.passport())["index"]["ranges"])
    twin = Named("dataset/twin", (chain.subject.digest,))
    inputs = tuple(Named(f"source/{n}", (sha256(b"%d" % n),)) for n in range(200))
    chain.say(
        "producer",
        DATASET_MANIFEST.type,
        twin,
        core(inputs=inputs, files=[{"path": "twin.csv", "size": 1, "sha256": twin.digests[0].hex}]),
    )
    chain.publish()
    data = chain.passport()
    assert chain.verify(data).verdict.result is Answer.ALLOW
    assert len(opened(data)["index"]["ranges"]) == before
