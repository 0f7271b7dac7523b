"""The root: its file, its versions, and who must have signed which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hauberk.errors import HauberkError, Malformed, NotVerified
from hauberk.evidence.predicates import ROOT, TRUST
from hauberk.evidence.trust import Root, RootKeys, realm_of
from hauberk.evidence.verify import Logged, Realm, admit_root, admit_trust, verify_roots, verify_trust
from hauberk.signature import dsse
from hauberk.statement import Named
from simulator import START, Chain, keys

if TYPE_CHECKING:
    from collections.abc import Callable

TWO = ("root", "approver")


def sign(chain: Chain, role: str | tuple[str, ...], predicate: dict[str, Any], **changes: Any) -> Logged:
    envelope = chain.say(role, ROOT.type, changes.get("thing", chain.realm), predicate, log=False)
    return Logged(envelope, None, START)


def first(chain: Chain) -> Logged:
    return sign(chain, "root", chain.root_predicate)


def realm(chain: Chain, *later: Logged) -> Realm:
    return verify_roots([first(chain), *later], anchor=chain.root_keys)


# versions


def test_version_1_is_signed_by_itself_and_founds_the_realm():
    chain = Chain()
    found = realm(chain)
    assert found.subject == chain.realm
    assert found.newest.version == 1


def test_version_2_is_signed_by_the_old_and_the_new_threshold():
    chain = Chain()
    second = sign(chain, ("root", "stranger"), chain.make_root("stranger", version=2))
    assert set(realm(chain, second).newest.keys) == {chain.keys["stranger"].public.keyid}


@pytest.mark.parametrize(("role", "version"), [("root", 2), ("stranger", 1)])
def test_version_2_signed_by_one_of_the_two_is_refused(role: str, version: int):
    chain = Chain()
    second = sign(chain, role, chain.make_root("stranger", version=2))
    with pytest.raises(NotVerified, match=f"has 0 signatures of root version {version}, not 1"):
        realm(chain, second)


def test_a_threshold_of_two_is_not_reached_by_one_key():
    chain = Chain()
    predicate = chain.make_root(*TWO, threshold=2)
    with pytest.raises(NotVerified, match="has 1 signatures of root version 1, not 2"):
        verify_roots([sign(chain, "root", predicate, thing=realm_of(predicate))], anchor=None)


def test_a_threshold_of_two_is_reached_by_two_keys():
    chain = Chain()
    predicate = chain.make_root(*TWO, threshold=2)
    anchor = RootKeys(2, tuple(chain.keys[role].public for role in TWO))
    assert verify_roots([sign(chain, TWO, predicate, thing=realm_of(predicate))], anchor=anchor).newest.threshold == 2


def test_a_third_signature_by_a_key_of_no_root_is_refused():
    chain = Chain()
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        verify_roots([sign(chain, ("root", "stranger"), chain.root_predicate)], anchor=None)


def test_no_root_at_all_is_refused():
    with pytest.raises(NotVerified, match="there is no root"):
        verify_roots([], anchor=None)


@pytest.mark.parametrize("versions", [[2], [1, 3], [1, 1], [1, 2, 2], [2, 1]])
def test_a_version_out_of_its_order_is_refused(versions: list[int]):
    chain = Chain()
    roots = [sign(chain, "root", chain.make_root(version=version)) for version in versions]
    with pytest.raises(NotVerified, match=r"stands where version|of another realm"):
        verify_roots(roots, anchor=chain.root_keys)


def test_a_version_2_of_another_realm_is_refused():
    chain = Chain()
    second = sign(chain, "root", chain.make_root(version=2), thing=Named("realm/x", (chain.key_digest("root"),)))
    with pytest.raises(NotVerified, match="root version 2 is of another realm"):
        realm(chain, second)


def test_a_root_that_names_its_realm_by_a_wrong_label_is_refused():
    chain = Chain()
    with pytest.raises(NotVerified, match="root version 1 is of another realm"):
        verify_roots(
            [sign(chain, "root", chain.root_predicate, thing=Named("realm/x", chain.realm.digests))], anchor=None
        )


def test_a_statement_that_is_not_a_root_is_refused():
    chain = Chain()
    other = chain.say("root", TRUST.type, chain.realm, chain.trust_predicate, log=False)
    with pytest.raises(Malformed, match="the statement is not a root"):
        verify_roots([Logged(other, None, START)], anchor=None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": 2}, "threshold 2 is more than its 1 keys"),
        ({"threshold": 0}, "not an integer from 1"),
        ({"version": True}, "not an integer from 1"),
        ({"keys": {}}, "at least 1 members"),
        ({"validUntil": "2026-11-23 17:00:00"}, "does not match"),
        ({"validUntil": "2026-02-30T00:00:00Z"}, "no such instant"),
        ({"development": 1}, "neither true nor false"),
        ({"spare": 1}, "unknown member 'spare'"),
    ],
)
def test_a_root_of_another_shape_is_refused(changes: dict[str, Any], message: str):
    with pytest.raises(Malformed, match=message):
        Root.of(Chain().make_root() | changes)


def test_a_key_listed_under_the_id_of_another_is_refused():
    chain = Chain()
    predicate = chain.make_root("root", "stranger")
    one, two = predicate["keys"]
    predicate["keys"] = {one: predicate["keys"][two], two: predicate["keys"][one]}
    with pytest.raises(Malformed, match="has the id"):
        Root.of(predicate)


# the anchor


def test_a_root_of_other_keys_is_not_the_anchors():
    chain = Chain()
    with pytest.raises(NotVerified, match="not the one that the root file names"):
        verify_roots([first(chain)], anchor=RootKeys(1, (chain.keys["stranger"].public,)))


def test_a_root_of_one_key_more_is_not_the_anchors():
    chain = Chain()
    predicate = chain.make_root("root", "stranger")
    with pytest.raises(NotVerified, match="not the one that the root file names"):
        verify_roots([sign(chain, "root", predicate, thing=realm_of(predicate))], anchor=chain.root_keys)


def test_a_root_of_a_lower_threshold_is_not_the_anchors():
    chain = Chain()
    predicate = chain.make_root(*TWO, threshold=1)
    anchor = RootKeys(2, tuple(chain.keys[role].public for role in TWO))
    with pytest.raises(NotVerified, match="not the one that the root file names"):
        verify_roots([sign(chain, TWO, predicate, thing=realm_of(predicate))], anchor=anchor)


# what the root signs


def trust_by(chain: Chain, role: str | tuple[str, ...], **changes: Any) -> Logged:
    body = chain.make_trust(**changes)
    return Logged(chain.say(role, TRUST.type, chain.realm, body, log=False), None, START)


def test_trust_is_signed_by_the_newest_root():
    chain = Chain()
    second = sign(chain, ("root", "stranger"), chain.make_root("stranger", version=2))
    trust = verify_trust(trust_by(chain, "stranger", rootVersion=2), realm(chain, second))
    assert trust.root_version == 2


def test_trust_signed_by_the_old_root_is_refused():
    chain = Chain()
    second = sign(chain, ("root", "stranger"), chain.make_root("stranger", version=2))
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        verify_trust(trust_by(chain, "root"), realm(chain, second))


def test_trust_that_was_signed_under_the_old_root_is_signed_again_by_the_newest():
    chain = Chain()
    second = sign(chain, "root", chain.make_root(version=2))
    with pytest.raises(NotVerified, match="was signed under root version 1, the newest is 2"):
        verify_trust(trust_by(chain, "root"), realm(chain, second))


@pytest.mark.parametrize("role", ["approver", "gate", "log", "stranger"])
def test_trust_by_a_key_that_is_no_root_is_refused(role: str):
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        verify_trust(trust_by(chain := Chain(), role), realm(chain))


def test_trust_of_another_realm_is_refused():
    chain, other = Chain(), Chain()
    other.realm = realm_of(chain.make_root(development=False))
    with pytest.raises(NotVerified, match="is not the trust of realm/"):
        verify_trust(trust_by(other, "root"), realm(chain))


def test_trust_of_another_realms_root_is_refused():
    chain, other = Chain(), Chain(keys=keys(1))
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        verify_trust(trust_by(other, "root"), realm(chain))


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position // 8] ^= 1 << position % 8
    return bytes(changed)


def refused(reads: Callable[[bytes], object], data: bytes) -> bool:
    try:
        reads(data)
    except HauberkError:
        return True
    return False


def test_every_flipped_bit_of_a_trust_statement_is_refused():
    chain = Chain()
    found = realm(chain)
    data = dsse.encode_envelope(trust_by(chain, "root").envelope)
    assert len(data) < 16_384
    reads = lambda changed: verify_trust(Logged(dsse.decode_envelope(changed), 1, START), found)  # noqa: E731
    assert [n for n in range(len(data) * 8) if not refused(reads, flipped(data, n))] == []


def test_every_flipped_bit_of_a_root_statement_is_refused():
    chain = Chain()
    data = dsse.encode_envelope(first(chain).envelope)
    reads = lambda changed: verify_roots([Logged(dsse.decode_envelope(changed), 0, START)], anchor=None)  # noqa: E731
    assert [n for n in range(len(data) * 8) if not refused(reads, flipped(data, n))] == []


def test_every_truncation_of_a_trust_statement_is_refused():
    chain = Chain()
    found = realm(chain)
    data = dsse.encode_envelope(trust_by(chain, "root").envelope)
    reads = lambda changed: verify_trust(Logged(dsse.decode_envelope(changed), 1, START), found)  # noqa: E731
    assert [n for n in range(len(data)) if not refused(reads, data[:n])] == []


def test_a_root_is_no_trust():
    chain = Chain()
    with pytest.raises(NotVerified, match="is not the trust of"):
        verify_trust(first(chain), realm(chain))


def test_a_threshold_of_two_holds_for_trust_too():
    chain = Chain()
    predicate = chain.make_root(*TWO, threshold=2)
    chain.realm = realm_of(predicate)
    of_two = verify_roots([sign(chain, TWO, predicate)], anchor=None)
    with pytest.raises(NotVerified, match="trust version 1 has 1 signatures of root version 1, not 2"):
        verify_trust(trust_by(chain, "root"), of_two)
    assert verify_trust(trust_by(chain, TWO), of_two).version == 1


def test_what_is_admitted_to_the_log_was_verified_first():
    chain = Chain()
    assert admit_root(first(chain), ()).signers == (chain.keys["root"].public.keyid,)
    assert admit_trust(trust_by(chain, "root"), realm(chain)).statement.predicate_type == TRUST.type
    with pytest.raises(NotVerified, match="root version 1 stands where version 2 belongs"):
        admit_root(first(chain), (first(chain),))
    with pytest.raises(NotVerified, match="no trusted key"):
        admit_trust(trust_by(chain, "gate"), realm(chain))


# root.pub


def of_two() -> RootKeys:
    return RootKeys(2, tuple(sorted((keys()[role].public for role in TWO), key=lambda key: key.keyid)))


def test_the_root_file_is_read_as_it_was_written():
    assert RootKeys.decode(of_two().encode()) == of_two()


def test_every_flipped_bit_of_the_root_file_is_refused_or_names_another_root():
    data, good = of_two().encode(), of_two()
    chain = Chain()
    logged = [first(chain)]
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        try:
            read = RootKeys.decode(bytes(changed))
        except Malformed:
            continue
        assert read != good
        with pytest.raises(NotVerified, match="not the one that the root file names"):
            verify_roots(logged, anchor=read)


def test_every_truncation_of_the_root_file_is_refused_or_lacks_a_key():
    data = of_two().encode()
    lengths = [n for n in range(len(data)) if _reads(data[:n])]
    assert lengths == []


def turned(data: bytes) -> bytes:
    head, _, blocks = data.partition(b"\n")
    one, end, two = blocks.partition(b"-----END PUBLIC KEY-----\n")
    return head + b"\n" + two + one + end


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data + b"\n",
        lambda data: data + data.partition(b"\n")[2],
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"threshold=2", b"threshold=02"),
        lambda data: data.replace(b"threshold=2", b"threshold=0"),
        lambda data: data.replace(b"threshold=2", b"threshold=3"),
        lambda data: data.replace(b"threshold=2", b"threshold=-2"),
        lambda data: data.replace(b"hauberk-root/1", b"hauberk-root/2"),
        lambda data: data.replace(b"PUBLIC KEY", b"PRIVATE KEY"),
        turned,
        lambda data: b"# a comment\n" + data,
        lambda _: b"",
        lambda _: b"hauberk-root/1 threshold=1\n",
    ],
)
def test_a_root_file_in_any_other_form_is_refused(change: Any):
    with pytest.raises(Malformed):
        RootKeys.decode(change(of_two().encode()))


def test_a_root_file_with_a_key_that_signs_nothing_here_is_refused():
    pem = (
        ec.generate_private_key(ec.SECP384R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(Malformed, match="signs nothing here"):
        RootKeys.decode(b"hauberk-root/1 threshold=1\n" + pem)


def test_a_key_listed_twice_does_not_make_a_threshold():
    key = keys()["root"].public
    with pytest.raises(Malformed, match="cannot have the threshold 2"):
        RootKeys(2, (key, key))


def _reads(data: bytes) -> bool:
    try:
        RootKeys.decode(data)
    except HauberkError:
        return False
    return True
