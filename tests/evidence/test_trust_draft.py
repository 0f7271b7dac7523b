"""The draft of a trust and what is signed of it: a file travels, each key signs what it belongs to, nothing else does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import ROOT, TRUST
from hauberk.evidence.trust import realm_of
from hauberk.evidence.trust_draft import Draft, Signed, check_draft, founding, is_signed, lost, read, sign, to_sign
from hauberk.signature import dsse
from hauberk.statement import Named, Statement
from simulator import DAY, START, Chain, keys


def make_trust(**changes: Any) -> dict[str, Any]:
    return Chain().make_trust(**{"version": 2} | changes)


def draft(**changes: Any) -> Draft:
    chain = Chain()
    return replace(Draft(chain.realm.digests[0], chain.make_root(), None, make_trust()), **changes)


def rotating() -> Draft:
    """Return a draft whose next root has the approver's key in the place of the root's."""
    chain = Chain()
    return draft(root=chain.make_root("approver", version=2), trust=make_trust(rootVersion=2))


def signers(*roles: str) -> list[Any]:
    return [keys()[role] for role in roles]


def ids(*roles: str) -> list[str]:
    return sorted(keys()[role].public.keyid for role in roles)


def signed_by(signed: Signed) -> list[list[str]]:
    return [[signature.keyid for signature in envelope.signatures] for envelope in signed.envelopes]


# the file


@pytest.mark.parametrize("make", [draft, rotating])
def test_a_draft_is_read_as_it_was_written(make: Any):
    assert read(make().encode()) == make()
    assert make().encode().startswith(b'{\n  "schema": "urn:hauberk:trust-draft:v1",\n  "realm": "sha256:')
    assert make().encode().endswith(b"}\n")


def test_a_draft_without_a_word_of_a_root_has_none():
    body = json.loads(draft().encode())
    del body["root"]
    assert read(json.dumps(body).encode()) == draft()


def test_what_is_signed_is_read_as_it_was_written():
    signed = sign(rotating(), signers("root", "approver"))
    assert read(signed.encode()) == signed
    assert signed.encode().startswith(b'{\n  "schema": "urn:hauberk:signed-trust:v1",\n  "by": {')
    assert signed.encode().endswith(b"}\n")
    assert signed.draft == rotating()
    assert sign(draft(), signers("root")).draft == draft()


def test_a_name_that_is_not_english_stays_readable():
    trust = draft().trust
    for key in trust["keys"].values():
        key["name"] = "Prüfer"
    signed = replace(sign(draft(), signers("root")), by={"name": "Prüfer"})
    assert "Prüfer".encode() in draft(trust=trust).encode()
    assert "Prüfer".encode() in signed.encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[]", "neither a draft of a trust nor a signed one: its schema is None"),
        (b'{"schema": "x"}', "its schema is 'x'"),
        (b"{", "draft"),
        (b'{"schema": "urn:hauberk:trust-draft:v1"}', "draft lacks"),
        (b'{"schema": "urn:hauberk:signed-trust:v1"}', "signed trust lacks"),
    ],
)
def test_what_is_no_draft_is_refused(data: bytes, said: str):
    with pytest.raises(Malformed, match=said):
        read(data)


def edited(file: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(file) | changes).encode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"envelopes": []}, "not a list of 1"), ({"by": {}}, "signed trust"), ({"envelopes": [{}]}, "envelope")],
)
def test_what_is_no_signed_trust_is_refused(changes: dict[str, Any], said: str):
    with pytest.raises(Malformed, match=said):
        read(edited(sign(draft(), signers("root")).encode(), **changes))


def test_an_envelope_waits_for_its_first_signature_and_is_of_the_right_form_all_the_same():
    waiting = sign(rotating(), signers("root"))
    assert signed_by(waiting) == [ids("root"), []]
    assert read(waiting.encode()) == waiting
    whole = json.loads(waiting.encode())["envelopes"][1]
    for wrong in (whole | {"payload": 1}, whole | {"payload": "*"}, whole | {"signatures": None}, []):
        with pytest.raises(Malformed):
            read(edited(waiting.encode(), envelopes=[wrong]))


# what was signed


def said(*statements: Statement) -> Signed:
    return Signed(draft().by, tuple(dsse.sign(one, signers("root")) for one in statements))


REALM, OTHER = Chain().realm, Named("realm/" + "0" * 64, Chain().model.digests)


def trust_statement(thing: tuple[Named, ...] = (REALM,)) -> Statement:
    return Statement(thing, TRUST.type, rotating().trust)


def root_statement(thing: tuple[Named, ...] = (REALM,)) -> Statement:
    return Statement(thing, ROOT.type, rotating().root or {})


@pytest.mark.parametrize(
    "statements",
    [
        (root_statement(),),
        (trust_statement(), root_statement()),
        (trust_statement(), trust_statement()),
        (root_statement(), trust_statement(), trust_statement()),
        (root_statement((OTHER,)), trust_statement()),
        (trust_statement((REALM, OTHER)),),
        (root_statement((REALM, OTHER)), trust_statement((REALM, OTHER))),
    ],
)
def test_envelopes_of_anything_else_than_a_trust_of_one_realm_are_refused(statements: tuple[Statement, ...]):
    with pytest.raises(Malformed, match=r"^what is signed is not a trust, with or without the root before it"):
        said(*statements).draft  # noqa: B018 - it is asked


# whether its parts fit together


def test_what_a_draft_says_is_decoded():
    by, root, trust = check_draft(rotating())
    assert root is not None
    assert (by.version, root.version, trust.version, trust.root_version) == (1, 2, 2, 2)
    assert list(root.keys) == ids("approver")
    assert check_draft(draft())[1] is None


@pytest.mark.parametrize("version", [1, 3])
def test_a_root_that_is_not_the_next_one_is_refused(version: int):
    wrong = draft(root=Chain().make_root(version=version), trust=make_trust(rootVersion=version))
    with pytest.raises(Misconfigured, match=f"^the next root has the version {version}$") as caught:
        check_draft(wrong)
    assert caught.value.hint == "the next is 2"


@pytest.mark.parametrize(("make", "named", "newest"), [(draft, 2, 1), (rotating, 1, 2), (rotating, 3, 2)])
def test_a_trust_that_names_another_root_than_the_newest_is_refused(make: Any, named: int, newest: int):
    wrong = replace(make(), trust=make_trust(rootVersion=named))
    with pytest.raises(Misconfigured, match=f"names root version {named}, and version {newest} has to sign it"):
        check_draft(wrong)


@pytest.mark.parametrize(("days", "holds"), [(199, False), (200, True), (201, True)])
def test_a_trust_does_not_outlive_its_root(days: int, holds: bool):
    ends = format_instant(START + days * DAY)
    drafts = (
        draft(by=Chain().make_root(validUntil=ends)),
        replace(rotating(), root=Chain().make_root(version=2, validUntil=ends)),
        replace(rotating(), by=Chain().make_root(validUntil=ends)),
    )
    for one in drafts[: 3 if holds else 2]:
        if holds:
            assert check_draft(one)
        else:
            with pytest.raises(Misconfigured, match="outlive the root that signs it"):
                check_draft(one)
    assert check_draft(drafts[2])  # the root of before may end: the next one signs the trust


# who signs what


def test_the_root_signs_the_trust():
    signed = sign(draft(), signers("root"))
    assert signed_by(signed) == [ids("root")]
    assert dsse.verify(signed.envelopes[0], {key.public.keyid: key.public for key in signers("root")}.get)


def test_both_roots_sign_the_next_root_and_only_the_newest_the_trust():
    assert signed_by(sign(rotating(), signers("root", "approver"))) == [ids("root", "approver"), ids("approver")]
    assert signed_by(sign(rotating(), signers("approver"))) == [ids("approver"), ids("approver")]


def test_signatures_come_one_after_the_other_on_different_machines():
    once = sign(rotating(), signers("root"))
    there = read(once.encode())
    twice = sign(there, signers("approver", "root"))
    assert signed_by(twice) == [ids("root", "approver"), ids("approver")]
    assert twice.envelopes[0].payload == once.envelopes[0].payload
    assert once.envelopes[0].signatures[0] in twice.envelopes[0].signatures
    assert sign(twice, []) == twice


def test_what_one_has_signed_and_another_file_would_lose_is_told():
    both = sign(rotating(), signers("root", "approver"))
    one, other = (sign(rotating(), signers(role)) for role in ("root", "approver"))
    assert lost(one.encode(), other) == tuple(ids("root"))
    assert lost(both.encode(), one) == tuple(ids("approver"))
    assert lost(both.encode(), sign(rotating(), [])) == tuple(ids("root", "approver"))


def test_where_all_signatures_are_kept_or_are_of_something_else_none_is_lost():
    both, one = sign(rotating(), signers("root", "approver")), sign(rotating(), signers("root"))
    assert lost(one.encode(), both) == lost(both.encode(), both) == ()
    assert lost(sign(draft(), signers("root")).encode(), both) == ()
    assert lost(rotating().encode(), one) == ()


@pytest.mark.parametrize("older", [b"", b"{}", b"\xff"])
def test_of_a_file_that_is_no_trust_nothing_is_lost(older: bytes):
    assert lost(older, sign(rotating(), signers("root"))) == ()


def test_a_signature_that_is_there_is_not_made_again(monkeypatch):
    once = sign(draft(), signers("root"))
    monkeypatch.setattr(type(keys()["root"]), "sign", None)
    assert sign(once, signers("root")) == once


@pytest.mark.parametrize(("make", "role"), [(draft, "approver"), (rotating, "stranger")])
def test_a_key_of_no_root_signs_nothing(make: Any, role: str):
    with pytest.raises(NotVerified, match=f"the key {ids(role)[0]} is none of root version 1") as caught:
        sign(make(), signers("root", role))
    either = ids("root", "approver") if make is rotating else ids("root")
    shown = ", ".join(f"{keyid[:12]}…" for keyid in either)
    assert caught.value.hint == f"only keys of the root sign a trust: {shown}"


def test_a_signature_that_does_not_hold_is_not_signed_over():
    once = sign(draft(), signers("root"))
    other = sign(replace(draft(), trust=draft().trust | {"development": False}), signers("root"))
    mixed = replace(once.envelopes[0], signatures=other.envelopes[0].signatures)
    with pytest.raises(NotVerified):
        sign(replace(once, envelopes=(mixed,)), signers("root"))


def test_a_signature_of_the_older_root_on_the_trust_is_refused():
    trust = rotating().statements[1]
    root = sign(rotating(), signers("root", "approver")).envelopes[0]
    with pytest.raises(HauberkError):
        sign(Signed(rotating().by, (root, dsse.sign(trust, signers("root")))), signers("approver"))


def test_a_draft_that_does_not_fit_together_is_not_signed():
    with pytest.raises(Misconfigured, match="names root version 2"):
        sign(draft(trust=make_trust(rootVersion=2)), signers("root"))


# the draft that founds a project


def founders() -> Draft:
    chain = Chain()
    root = chain.make_root("root", "stranger", threshold=2, development=False)
    return founding(root, make_trust(version=1, development=False))


def test_what_founds_is_of_the_realm_of_its_root():
    made = founders()
    assert (made.by, made.realm) == (None, realm_of(made.root or {}).digests[0])
    assert json.loads(made.encode())["realm"] is None
    assert read(made.encode()) == made
    by, root, trust = check_draft(made)
    assert root is not None
    assert (by, root.version, trust.version) == (None, 1, 1)


def test_what_founds_is_of_the_realm_of_its_root_as_people_have_edited_it():
    body = json.loads(founders().encode())
    body["root"]["threshold"] = 1
    edited = read(json.dumps(body).encode())
    assert isinstance(edited, Draft)
    assert edited.realm == realm_of(body["root"]).digests[0] != founders().realm


def test_the_keys_of_the_root_that_founds_sign_it_and_its_trust():
    once = sign(founders(), signers("root"))
    signed = sign(read(once.encode()), signers("stranger"))
    assert signed_by(signed) == [ids("root", "stranger")] * 2
    assert read(signed.encode()) == signed
    assert signed.draft == founders()
    with pytest.raises(NotVerified, match="is none of root version 1"):
        sign(founders(), signers("approver"))


def test_what_founds_in_earnest_is_not_marked_as_development():
    wrong = replace(founders(), root=Chain().make_root(development=True))
    with pytest.raises(Misconfigured, match="the root is marked as development"):
        check_draft(wrong)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"realm": "sha256:" + "0" * 64}, "names both a realm and the root that signs, or founds a realm"),
        ({"by": draft().by}, "names both a realm and the root that signs, or founds a realm"),
        ({"root": None}, "what founds a project begins with its root"),
    ],
)
def test_what_half_founds_is_refused(changes: dict[str, Any], said: str):
    with pytest.raises(Malformed, match=said):
        read(edited(founders().encode(), **changes))


def test_a_draft_without_any_root_is_refused():
    with pytest.raises(Malformed, match="the draft has no root"):
        check_draft(replace(founders(), root=None))


def test_what_is_signed_of_another_realm_than_its_root_founds_is_refused():
    other = replace(founders(), realm=REALM.digests[0])
    envelopes = tuple(dsse.sign(one, signers("root")) for one in other.statements)
    with pytest.raises(Malformed, match="is of another realm than its root founds"):
        Signed(None, envelopes).draft  # noqa: B018 - it is asked
    with pytest.raises(Malformed, match="begins with its root"):
        Signed(None, envelopes[1:]).draft  # noqa: B018 - it is asked


def test_a_file_says_whether_it_was_signed_be_it_broken():
    assert is_signed(sign(draft(), signers("root")).encode())
    assert is_signed(b'{"schema": "urn:hauberk:signed-trust:v1"}')
    assert not is_signed(draft().encode())
    for none in (b"", b"[]", b"{", b'{"schema": 1}', b"{}"):
        assert not is_signed(none)


# signed elsewhere


@pytest.mark.parametrize("make", [draft, rotating])
def test_the_bytes_for_a_key_elsewhere_are_what_a_key_here_signs(make: Any):
    signed = sign(make(), signers("root", *(["approver"] if make is rotating else [])))
    names = ["trust"] if make is draft else ["root", "trust"]
    assert list(to_sign(make())) == names
    for data, envelope in zip(to_sign(make()).values(), signed.envelopes, strict=True):
        assert data.startswith(b"DSSEv1 28 application/vnd.in-toto+json ")
        assert data.endswith(b" " + envelope.payload)
        for signature in envelope.signatures:
            public = next(key.public for key in keys().values() if key.public.keyid == signature.keyid)
            public.verify(signature.sig, data)
    assert to_sign(signed.draft) == to_sign(make())


@pytest.mark.parametrize("changes", [{"trust": make_trust(rootVersion=7)}, {"root": Chain().make_root(version=7)}])
def test_what_does_not_fit_together_is_given_to_no_key_elsewhere(changes: dict[str, Any]):
    with pytest.raises(Misconfigured, match=r"root version|has the version"):
        to_sign(draft(**changes))
