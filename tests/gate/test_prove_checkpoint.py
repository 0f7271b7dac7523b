"""The checkpoint of a passport: its signatures, its quorum, what is in it and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gate.edits import opened, replaced
from gate.refusing import bare, collected, refuses
from hauberk.errors import Malformed, NotVerified
from hauberk.gate import passport as passports
from hauberk.gate.prove import prove
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.signature import note
from hauberk.signature.note import Note, NoteKind, VerifierKey
from hauberk.verdict import Answer
from simulator import (
    HIGH,
    TRAIN,
    Chain,
    good_passport,
)

# 3. the checkpoint


def with_note(chain: Chain, text: str) -> bytes:
    return replaced(chain.passport(), ("checkpoint",), text)


def test_a_checkpoint_without_the_witness_is_refused():
    chain = Chain().good().publish()
    refuses(chain, "0 trusted witnesses cosigned", with_note(chain, chain.checkpoint()))


def test_a_checkpoint_without_the_log_is_refused():
    chain = Chain().good().publish()
    note = Note.parse(chain.log.note or "")
    refuses(
        chain, "has not signed the checkpoint", with_note(chain, replace(note, signatures=note.signatures[1:]).format())
    )


@pytest.mark.parametrize("role", ["log", "scanner", "root"])
def test_a_checkpoint_cosigned_by_somebody_else_is_refused(role: str):
    chain = Chain().good().publish()
    refuses(chain, "0 trusted witnesses cosigned", with_note(chain, chain.cosigned(chain.checkpoint(), role=role)))


def test_a_line_more_that_plain_readers_would_ignore_is_refused():
    chain = Chain().good().publish()
    more = chain.cosigned(chain.log.note or "", role="stranger")
    refuses(chain, "lines of unknown keys", with_note(chain, more))


def test_the_witness_twice_is_refused():
    chain = Chain().good().publish()
    refuses(chain, "signed the checkpoint twice", with_note(chain, chain.cosigned(chain.log.note or "")))


def test_another_time_under_the_witness_is_refused_or_changes_the_verdict():
    chain = Chain().good().publish()
    later = chain.cosigned(chain.checkpoint(), time=chain.now + 60)
    refuses(chain, "the passport's verdict is not the one", with_note(chain, later))
    earlier = chain.cosigned(chain.checkpoint(), time=chain.now - 60)
    refuses(chain, "after the witnesses' time", with_note(chain, earlier))


def test_a_checkpoint_of_another_log_is_refused():
    chain = Chain().good().publish()
    checkpoint = Checkpoint("example.org/other", chain.log.size, chain.tree().root())
    refuses(chain, "is of the log example.org/other", with_note(chain, sign(checkpoint, chain.keys["log"])))


def test_an_older_checkpoint_of_the_same_log_is_refused():
    chain = Chain().good().publish()
    old = chain.log.note or ""
    chain.scan(result="fail")
    chain.publish()
    refuses(chain, "is not in a log of 13|does not lead to the root|too long|too short", with_note(chain, old))


def test_a_passport_shows_exactly_the_quorum_of_witnesses():
    chain = Chain()
    vkeys = [vkey(chain, "witness", "example.org/witness"), vkey(chain, "stranger", "example.org/witness2")]
    chain.trust_predicate = chain.make_trust(witnesses={"quorum": 1, "vkeys": [key.format() for key in vkeys]})
    chain.good().publish()
    two = cosigned_by(chain, "stranger", vkeys[1])
    chain.log.note = two
    assert chain.verify().verdict.result is Answer.ALLOW
    assert opened(chain.passport())["checkpoint"].count("— ") == 2
    refuses(chain, "has 2 cosignatures, a passport shows exactly the quorum of 1", with_note(chain, two))


def test_one_witness_does_not_make_a_quorum_of_two():
    chain = Chain()
    vkeys = [vkey(chain, "witness", "example.org/witness"), vkey(chain, "stranger", "example.org/witness2")]
    chain.trust_predicate = chain.make_trust(witnesses={"quorum": 2, "vkeys": [key.format() for key in vkeys]})
    chain.good().publish()
    with pytest.raises(NotVerified, match="1 trusted witnesses cosigned the checkpoint of size 13, 2 are needed"):
        chain.passport()
    chain.log.note = cosigned_by(chain, "stranger", vkeys[1], time=chain.now + 5)
    assert chain.verify().proven.evidence.time == chain.now + 5


def vkey(chain: Chain, role: str, name: str) -> VerifierKey:
    return VerifierKey(name, NoteKind.COSIGNATURE_V1, chain.keys[role].public)


def cosigned_by(chain: Chain, role: str, key: VerifierKey, *, time: int | None = None) -> str:
    signed = Note.parse(chain.log.note or "")
    line = note.cosign(signed.text, chain.keys[role], key.name, chain.now if time is None else time)
    return replace(signed, signatures=(*signed.signatures, line)).format()


# 4. inclusion and times


def test_a_statement_that_is_not_in_the_log_is_refused():
    chain, data = good_passport()
    forged = Chain().good()
    forged.scan(findings=[HIGH])
    scan = next(n for n, item in enumerate(opened(data)["statements"]) if item["entry"] == 9)
    item = passports.Item(9, forged.log.entry(12), (), forged.logged()[12].envelope)
    value = opened(data)["statements"][scan] | {
        "record": item.record.to_json(),
        "envelope": opened(forged.log.envelope(12)),
    }
    refuses(chain, "leaf 9 of 13 does not lead to the root", replaced(data, ("statements", scan), value))


def test_a_time_set_back_in_the_log_is_refused():
    chain = Chain().good()
    chain.now -= 10
    chain.scan()
    chain.now += 20
    chain.publish()
    with pytest.raises(NotVerified, match="the time of entry 12 is before the entry ahead of it"):
        chain.passport()


def test_a_time_after_the_witness_is_refused():
    chain = Chain().good().publish()
    chain.log.note = chain.cosigned(chain.checkpoint(), time=chain.now - 1)
    with pytest.raises(NotVerified, match="or after the witnesses' time"):
        chain.passport()


def test_a_record_that_hides_a_subject_is_malformed():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.log.records[-1] = replace(chain.log.records[-1], subjects=(str(TRAIN.digests[0]),))
    chain.publish()
    with pytest.raises(Malformed, match="lists other subjects than its statement"):
        chain.verify(bare(collected(chain)))


# behind the checkpoint


def test_an_entry_right_behind_the_checkpoint_is_refused_by_its_number():
    chain = Chain().good().publish()
    passport = collected(chain)
    items = {**passport.items, 13: replace(passport.items[3], entry=13)}
    with pytest.raises(NotVerified, match="entry 13 is not in a log of 13"):
        prove(replace(passport, items=items), root=chain.root_keys)
