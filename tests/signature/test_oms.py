"""OMS bundles: what we write, what we read, and that no bit of one can change."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified
from hauberk.limits import Limits
from hauberk.signature import base64, jcs, oms
from hauberk.signature.key import PublicKey
from producer import bit_flips, producer
from signers import SeedSigner
from vectors_folder import published

A, B = "aa" * 32, "bb" * 32
FILES = [("sub/x", A), ("sub.txt", B), (".git/config", A), ("a b é", A)]
SIGNER = producer()
KEY = SIGNER.public


@pytest.fixture(scope="module")
def bundle() -> bytes:
    return oms.sign(oms.manifest_of("model", FILES), SIGNER)


def test_what_we_sign_opens_as_ours(bundle):
    opened = oms.open_bundle(bundle, [KEY])
    assert opened == oms.Opened(oms.manifest_of("model", FILES), KEY, names_key=True, ours=True)


def test_files_are_listed_by_code_point_without_the_standards_ignores():
    names = [resource.name for resource in oms.manifest_of("model", FILES).resources]
    assert names == ["a b é", "sub.txt", "sub/x"]


@pytest.mark.parametrize("name", sorted(oms.STANDARD_IGNORES))
def test_a_standard_name_is_ignored_at_the_top_only(name):
    kept = oms.manifest_of("model", [(name, A), (f"{name}/x", A), (f"sub/{name}", A), (f"{name}x", A)])
    assert {resource.name for resource in kept.resources} == {f"sub/{name}", f"{name}x"}


def test_the_root_is_the_hash_of_the_digests_in_order():
    # sha256 of 32 bytes 0xaa and 32 bytes 0xbb, by coreutils
    manifest = oms.manifest_of("model", [("2", B), ("1", A)])
    assert manifest.root.hex == "e2d80f78d79027556d6619a1400605abbdca6bb6eb24e0831e33ecd5466fa5f6"


def test_the_hint_is_of_the_pem_text():
    # sha256sum tests/vectors/oms/key.pub
    assert oms.key_hint(producer(0x6F6D73).public) == "81db0fdc504cb76c7c24cccaf1f68572f249f2345a719228e19f311747b1271d"


@pytest.mark.parametrize("files", [[], [(".git/config", A)], [("x", A), ("x", B)], [("../x", A)], [("x", "AA" * 32)]])
def test_what_no_model_can_be_is_not_signed(files):
    with pytest.raises(Malformed):
        oms.manifest_of("model", files)


def test_an_ed25519_key_signs_no_model():
    with pytest.raises(Misconfigured, match="EC P-256"):
        oms.sign(oms.manifest_of("model", FILES), SeedSigner("scanner"))


def test_a_signer_that_signs_something_else_writes_nothing():
    class Faulty:
        public = KEY

        def sign(self, message: bytes) -> bytes:
            return SIGNER.sign(message + b"!")

    with pytest.raises(NotVerified):
        oms.sign(oms.manifest_of("model", FILES), Faulty())


@pytest.mark.parametrize("keys", [[], [SeedSigner("scanner").public]])
def test_without_a_key_of_the_right_kind_nothing_is_verified(bundle, keys):
    with pytest.raises(Misconfigured, match="EC P-256"):
        oms.open_bundle(bundle, keys)


def test_another_key_is_named(bundle):
    other = producer(2).public
    with pytest.raises(NotVerified, match=f"another key than {other.keyid}") as caught:
        oms.open_bundle(bundle, [other])
    assert oms.key_hint(KEY) in caught.value.hint


def test_of_several_keys_the_one_that_signed_is_returned(bundle):
    keys = [SeedSigner("scanner").public, producer(2).public, KEY]
    assert oms.open_bundle(bundle, keys).key == KEY


def test_a_bundle_that_names_no_key_is_tried_with_each(bundle):
    unnamed = json.loads(bundle)
    del unnamed["verificationMaterial"]["publicKey"]["hint"]
    opened = oms.open_bundle(json.dumps(unnamed).encode(), [producer(2).public, KEY])
    assert (opened.key, opened.names_key, opened.ours) == (KEY, False, False)


def test_every_bit_flip_of_a_bundle_is_refused():
    small = oms.sign(oms.manifest_of("m", [("x", A)]), SIGNER)
    for flipped in bit_flips(small):
        with pytest.raises(HauberkError) as caught:
            oms.open_bundle(flipped, [KEY])
        assert caught.type in (Malformed, NotVerified)


def test_every_truncation_of_a_bundle_is_refused(bundle):
    for length in range(len(bundle)):
        with pytest.raises(Malformed):
            oms.open_bundle(bundle[:length], [KEY])


def test_the_payload_of_one_bundle_under_the_signature_of_another_is_refused(bundle):
    mixed = json.loads(bundle)
    other = json.loads(oms.sign(oms.manifest_of("model", [("y", A)]), SIGNER))
    mixed["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]
    with pytest.raises(NotVerified, match="does not hold"):
        oms.open_bundle(json.dumps(mixed).encode(), [KEY])


@pytest.mark.parametrize(
    "limits", [Limits(max_document_bytes=100), Limits(max_document_depth=2), Limits(max_tree_files=2)]
)
def test_a_bundle_over_a_limit_is_exceeded(bundle, limits):
    with pytest.raises(Exceeded):
        oms.open_bundle(bundle, [KEY], limits=limits)


def test_nothing_of_the_payload_is_parsed_before_the_signature_holds(bundle):
    changed = json.loads(bundle)
    changed["dsseEnvelope"]["payload"] = base64.encode(b"[" * 100)
    with pytest.raises(NotVerified):
        oms.open_bundle(json.dumps(changed).encode(), [KEY])


def test_compare_names_what_changed_what_is_missing_and_what_is_extra():
    manifest = oms.manifest_of("model", [("same", A), ("changed", A), ("missing", A)])
    found = oms.compare(manifest, {"same": A, "changed": B, "extra": A, ".git/config": A})
    assert found == oms.Difference(("changed",), ("missing",), ("extra",))


def test_compare_is_empty_for_what_was_signed():
    assert not oms.compare(oms.manifest_of("model", FILES), dict(FILES))


def test_an_ignored_path_covers_what_is_below_it_and_not_what_begins_like_it():
    manifest = replace(oms.manifest_of("model", FILES), ignore_paths=frozenset({"logs/old"}))
    ignored = [path for path in ("logs/old", "logs/old/1", "logs/older", "logs", "old") if manifest.ignores(path)]
    assert ignored == ["logs/old", "logs/old/1"]


def test_the_published_bundle_has_the_shape_that_is_read():
    read = oms.decode_bundle(published("oms", "valid", "key.bundle.json").read_bytes())
    manifest = oms.decode_payload(read.payload)
    assert [resource.name for resource in manifest.resources] == ["signme-1", "signme-2"]
    assert manifest.ignore_paths == oms.STANDARD_IGNORES | {"ignore-me"}


def test_the_published_bundle_is_of_a_key_that_is_not_ours():
    with pytest.raises(NotVerified, match="made with another key") as refusal:
        oms.open_bundle(published("oms", "valid", "key.bundle.json").read_bytes(), [KEY])
    assert "e8450dec4eb99dae" in refusal.value.hint


def test_the_published_bundle_without_an_envelope_is_refused():
    with pytest.raises(Malformed, match="dsseEnvelope"):
        oms.decode_bundle(published("oms", "invalid", "missing-envelope.bundle.json").read_bytes())


def test_the_published_bundle_with_another_predicate_is_refused():
    read = oms.decode_bundle(published("oms", "invalid-payload", "wrong-predicate.bundle.json").read_bytes())
    with pytest.raises(Malformed, match="wrong-predicate"):
        oms.decode_payload(read.payload)


def test_two_names_of_one_key_are_one_key(bundle):
    assert oms.open_bundle(bundle, [PublicKey.from_pem(KEY.pem), PublicKey.from_spki(KEY.spki)]).key == KEY


@pytest.mark.parametrize("name", ['a\\b"c', "\x01\x1f\x7f", "tab\there", "é\u2028\U0001f9be", "</script>", "a:b"])
def test_what_we_write_is_canonical_whatever_the_names(name):
    signed = oms.sign(oms.manifest_of(name, [oms.Resource(name, A, size=(1 << 53) - 1), ("z", A)]), SIGNER)
    payload = oms.decode_bundle(signed).payload
    assert jcs.decode_canonical(signed)["mediaType"]
    assert jcs.decode_canonical(payload)["subject"][0]["name"] == name


def test_a_name_that_is_not_utf_8_is_not_signed():
    with pytest.raises(Malformed, match="canonical JSON"):
        oms.encode_payload(oms.manifest_of("\udc80", FILES))


def test_the_digests_of_many_shards_are_joined():
    """Each once: joined one by one, fifty thousand take the better part of a minute."""
    many = 50_000
    shards = tuple(oms.Resource("model.bin", f"{number:064x}", (number, number + 1)) for number in range(many))
    manifest = oms.Manifest("model", shards, hashing=oms.Hashing(shard_size=1))
    (joined,) = manifest.digests.values()
    assert len(joined) == 64 * many
    assert joined[-64:] == shards[-1].digest
