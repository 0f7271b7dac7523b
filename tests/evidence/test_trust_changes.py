"""What whoever signs the next trust is told of it: every difference, in words, and what is likely to be a slip."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hauberk.evidence import trust_changes
from hauberk.evidence.instant import format_instant
from hauberk.evidence.next_trust import ended, listed, next_root, succeeded, with_log, with_witness, witnessed
from hauberk.evidence.predicates import MODEL_SCAN, POLICY
from hauberk.evidence.trust import Root, Trust
from hauberk.evidence.trust_changes import changes, dangers, look, root_changes
from hauberk.signature.base64 import encode
from hauberk.signature.note import NoteKind, VerifierKey
from signers import SeedSigner
from simulator import DAY, START, Chain, keys

NEW = SeedSigner("new").public
VERSION = f"trust version 1 -> 1, valid until {format_instant(START + 200 * DAY)}"
FROM, TO = format_instant(START - DAY), format_instant(START + 300 * DAY)


def trust() -> dict[str, Any]:
    return copy.deepcopy(Chain().make_trust())


def id_of(role: str) -> str:
    return keys()[role].public.keyid


def called(role: str) -> str:
    return f"{role} ({id_of(role)[:12]}…)"


def differences(new: dict[str, Any], old: dict[str, Any] | None = None) -> tuple[str, ...]:
    first, *rest = changes(Trust.of(old or trust()), Trust.of(new))
    assert first == VERSION
    return tuple(rest)


def slips(new: dict[str, Any], old: dict[str, Any] | None = None, now: int = START) -> tuple[str, ...]:
    root = Root.of(Chain().root_predicate)
    return dangers(Trust.of(old or trust()), Trust.of(new), roots=(root, root), now=now)


def witness(name: str) -> str:
    return VerifierKey(name, NoteKind.COSIGNATURE_V1, SeedSigner(name).public).format()


def without(role: str) -> dict[str, Any]:
    """Return the trust without the grants of a key."""
    return trust() | {"grants": [grant for grant in trust()["grants"] if grant["signer"] != id_of(role)]}


def unlisted(body: dict[str, Any], role: str) -> dict[str, Any]:
    return body | {"keys": {keyid: key for keyid, key in body["keys"].items() if keyid != id_of(role)}}


def scanners(body: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return a trust in which the scanner's grant says something else."""
    grants = [grant | (changed if grant["signer"] == id_of("scanner") else {}) for grant in body["grants"]]
    return body | {"grants": grants}


# what differs


def test_without_an_older_trust_everything_is_told():
    body = unlisted(trust(), "gate")
    told = changes(None, Trust.of(body))
    chain = Chain()
    roles = ("approver", "security", "producer", "scanner")
    assert told[:4] == (
        f"trust version 1, valid until {format_instant(START + 200 * DAY)}",
        f"log: {chain.log_key.format()}",
        f"witness comes: {chain.witness_key.format()}",
        "1 of 1 witnesses must sign a checkpoint",
    )
    coming = {f"key {role} ({id_of(role)}) comes: {keys()[role].public.kind}" for role in roles}
    assert set(told[4:8]) == coming
    assert list(told[4:8]) == sorted(told[4:8], key=lambda line: line.partition("(")[2])
    assert {line.split(" may say ")[0] for line in told[8:]} == {f"+ {called(role)}" for role in roles}
    assert f"+ {called('scanner')} may say model-scan about model/tumour from {FROM} to {TO}" in told
    assert len(told) == 12


def test_nothing_else_is_told_where_nothing_differs():
    assert differences(trust()) == ()
    assert changes(Trust.of(trust()), Trust.of(trust() | {"version": 2}))[0].startswith("trust version 1 -> 2, valid")


def test_another_key_of_the_log_is_told():
    new = with_log(trust(), NEW)
    assert differences(new) == (f"log: {new['log']['vkey']}",)


def test_witnesses_that_come_and_go_are_told_with_how_many_must_sign():
    more = witnessed(trust(), [witness("example.net/w")], 2)
    assert differences(more) == (
        f"witness comes: {witness('example.net/w')}",
        "2 of 2 witnesses must sign a checkpoint",
    )
    assert differences(trust(), more) == (
        f"witness goes: {witness('example.net/w')}",
        "1 of 1 witnesses must sign a checkpoint",
    )
    assert differences(witnessed(trust(), [witness("example.net/w")], None)) == (
        f"witness comes: {witness('example.net/w')}",
    )


def test_another_root_and_the_mark_of_development_are_told():
    assert differences(trust() | {"rootVersion": 2}) == ("it is signed by root version 2",)
    assert differences(trust() | {"development": False}) == ("the trust is no longer marked as development",)
    was = trust() | {"development": False}
    assert differences(trust(), was) == ("the trust is now marked as development",)


def test_a_key_that_is_called_something_else_is_told():
    body = trust()
    body["keys"][id_of("gate")]["name"] = "scanner"
    assert differences(body) == (f"key gate ({id_of('gate')[:12]}…) is called scanner",)


def test_a_key_that_goes_is_told_and_what_it_might_say():
    assert differences(unlisted(without("scanner"), "scanner")) == (
        f"key {called('scanner')} goes",
        f"- {called('scanner')} may say model-scan about model/tumour no longer, and what it said counts no more",
    )


def test_a_key_in_the_place_of_another_is_told():
    new = succeeded(trust(), id_of("scanner"), NEW, end=START, since=START + 5)
    assert differences(new) == (
        f"key scanner ({NEW.keyid}) comes: ed25519",
        (
            f"~ {called('scanner')} may say model-scan about model/tumour from {FROM} to {format_instant(START)} "
            f"(before: from {FROM} to {TO})"
        ),
        f"+ scanner ({NEW.keyid[:12]}…) may say model-scan about model/tumour from {format_instant(START + 5)} to {TO}",
    )


def test_rights_are_told_in_as_few_words_as_say_all_of_it():
    wide = scanners(trust(), predicates=[MODEL_SCAN.type, POLICY.type], subjects=["model/a", "model/tumour"])
    assert differences(wide) == (
        (
            f"+ {called('scanner')} may say model-scan about model/a; policy about model/a, model/tumour "
            f"from {FROM} to {TO}"
        ),
    )
    other = scanners(trust(), subjects=["model/other"])
    assert differences(other) == (
        f"- {called('scanner')} may say model-scan about model/tumour no longer, and what it said counts no more",
        f"+ {called('scanner')} may say model-scan about model/other from {FROM} to {TO}",
    )
    both = scanners(trust(), predicates=[POLICY.type, MODEL_SCAN.type], subjects=["model/tumour"])
    assert differences(both, without("scanner")) == (
        f"+ {called('scanner')} may say model-scan, policy about model/tumour from {FROM} to {TO}",
    )


def test_a_right_with_two_times_is_told_with_both():
    body = trust()
    (mine,) = (grant for grant in body["grants"] if grant["signer"] == id_of("scanner"))
    later = mine | {"notBefore": format_instant(START), "notAfter": format_instant(START + DAY)}
    assert differences(body | {"grants": [later, *body["grants"]]}) == (
        (
            f"~ {called('scanner')} may say model-scan about model/tumour from {FROM} to {TO} and "
            f"from {format_instant(START)} to {format_instant(START + DAY)} (before: from {FROM} to {TO})"
        ),
    )


def test_the_same_right_said_twice_is_no_difference():
    assert differences(trust() | {"grants": trust()["grants"] * 2}) == ()


# what is likely to be a slip


def test_nothing_is_dangerous_where_nothing_is_lost():
    assert slips(trust()) == ()
    assert slips(witnessed(trust(), [witness("example.net/w")], 2)) == ()
    assert slips(succeeded(trust(), id_of("scanner"), NEW, end=START, since=START)) == ()


def test_another_log_is_dangerous_and_another_name_of_it_more_so():
    assert slips(with_log(trust(), NEW)) == ("another key of the log: the one of before publishes nothing more",)
    vkey = VerifierKey("example.org/other", NoteKind.ED25519, keys()["log"].public).format()
    assert slips(trust() | {"log": {"origin": "example.org/other", "vkey": vkey}}) == (
        "another name of the log: its witnesses have never seen a log of that name",
    )


def test_a_witness_that_goes_is_dangerous_and_so_is_a_lower_quorum():
    more = witnessed(trust(), [witness("example.net/b"), witness("example.net/a")], 3)
    assert slips(trust(), more) == (
        "the witness example.net/a with the key of before signs nothing more that counts",
        "the witness example.net/b with the key of before signs nothing more that counts",
        "1 witnesses are enough, not 3",
    )
    assert slips(with_witness(trust(), id_of("witness"), NEW)) == (
        "the witness example.org/witness with the key of before signs nothing more that counts",
    )
    assert slips(more, trust()) == ()


def test_what_nobody_may_say_any_more_is_dangerous():
    gone = "nobody may say model-scan any more"
    assert slips(without("scanner"))[0] == gone
    assert slips(ended(trust(), id_of("scanner"), START - 1)) == (gone,)
    assert slips(ended(trust(), id_of("scanner"), START)) == ()
    assert slips(scanners(trust(), notBefore=format_instant(START + 1))) == (gone,)
    assert slips(scanners(trust(), notBefore=format_instant(START))) == ()
    past = scanners(trust(), notBefore=FROM, notAfter=format_instant(START - 1))
    assert gone not in slips(without("scanner"), past)


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_key_that_loses_every_word_is_dangerous_where_it_said_anything_listed_or_not(is_listed: bool):
    new = without("scanner") if is_listed else unlisted(without("scanner"), "scanner")
    lapsed = f"what {called('scanner')} has said counts no more, from the beginning"
    assert slips(new) == ("nobody may say model-scan any more", lapsed)
    rotated = scanners(trust(), notBefore=FROM, notAfter=format_instant(START - 1))
    assert slips(new, rotated) == (lapsed,)  # as somebody tidies up after a key that has ended
    assert slips(unlisted(trust(), "gate")) == ()


# the root


def test_all_of_the_next_root_is_told():
    old = Chain().make_root("root", "approver")
    new = next_root(old, add=[NEW], drop=[id_of("root")], threshold=2, until=START + 400 * DAY)
    kept = {id_of("approver"): "stays", NEW.keyid: "comes"}
    assert root_changes(Root.of(old), Root.of(new)) == (
        f"root version 1 -> 2, valid until {format_instant(START + 400 * DAY)}",
        *(f"root key {keyid} {kept[keyid]}" for keyid in sorted(kept)),
        f"root key {id_of('root')} goes",
        "2 of 2 root keys sign from now on (before: 1 of 2)",
    )


@pytest.mark.parametrize(("now", "said"), [(True, "now"), (False, "no longer")])
def test_a_root_that_is_marked_otherwise_is_told(now: bool, said: str):
    old = Chain().make_root(development=not now)
    told = root_changes(Root.of(old), Root.of(next_root(old) | {"development": now}))
    assert told[-1] == f"the root is {said} marked as development"
    assert len(told) == 4
    assert len(root_changes(Root.of(old), Root.of(next_root(old)))) == 3


# two that are one, and one that is two


def with_key(role: str, name: str) -> dict[str, Any]:
    public, body = keys()[role].public, trust()
    return body | {
        "keys": body["keys"] | {public.keyid: {"name": name, "kind": "ed25519", "spki": encode(public.spki)}}
    }


@pytest.mark.parametrize("name", ["Scanner", "scan ner", "scanne\u0301r", "\uff53canner", "scanner\u200b"])
def test_a_name_that_looks_like_another_one_counts_as_a_second_person(name: str):
    assert slips(with_key("stranger", name)) == (
        f"the name {name!a} looks like 'scanner', and counts as another person",
    )


def test_a_name_that_was_there_before_is_said_no_more():
    body = with_key("stranger", "Scanner")
    assert slips(body, body) == ()


@pytest.mark.parametrize("name", ["scanner", "scanner-2"])
def test_a_second_key_of_a_name_and_a_name_of_its_own_are_no_slip(name: str):
    assert slips(with_key("stranger", name)) == ()


@pytest.mark.parametrize(
    ("role", "owner"), [("log", "the log"), ("witness", "the witness example.org/witness"), ("root", "the root")]
)
def test_a_key_that_is_to_have_two_roles_is_named(role: str, owner: str):
    body = with_key(role, "auditor")
    said = (f"the key of {owner} also speaks as auditor ({id_of(role)[:12]}…)",)
    assert slips(body) == said
    assert slips(body, body) == ()


def test_of_several_names_that_look_alike_the_first_one_is_told():
    old, new = with_key("stranger", "Scanner"), with_key("log", "SCANNER")
    both = new | {"keys": {**old["keys"], **new["keys"]}}
    told = slips(both, old)
    assert "the name 'SCANNER' looks like 'Scanner', and counts as another person" in told


def test_a_key_that_may_speak_and_comes_into_the_root_is_told_once():
    before, after = Root.of(Chain().make_root()), Root.of(Chain().make_root("approver"))
    old = Trust.of(trust())
    told = f"the key of the root also speaks as {called('approver')}"
    assert dangers(old, old, roots=(before, after), now=START) == (told,)
    assert dangers(old, old, roots=(after, after), now=START) == ()
    assert dangers(old, old, roots=(after, before), now=START) == ()


@pytest.mark.parametrize(("role", "owner"), [("log", "the log"), ("witness", "the witness example.org/witness")])
def test_a_key_that_signs_checkpoints_and_comes_into_the_root_is_named(role: str, owner: str):
    before, after = Root.of(Chain().make_root()), Root.of(Chain().make_root("root", role))
    held = Trust.of(trust())
    assert dangers(held, held, roots=(before, after), now=START) == (f"the key of {owner} is also of the root",)
    assert dangers(held, held, roots=(after, after), now=START) == ()


def test_a_trust_of_thousands_of_names_is_looked_at_once_a_name(monkeypatch):
    looked = []
    monkeypatch.setattr(trust_changes, "look", lambda name: looked.append(name) or look(name))
    new = trust()
    new["keys"] |= {(one := SeedSigner(f"n{n}").public).keyid: listed(one) | {"name": f"n{n}"} for n in range(50)}
    assert slips(new) == ()
    assert "gate" in looked
    assert len(looked) <= 2 * len(new["keys"])
