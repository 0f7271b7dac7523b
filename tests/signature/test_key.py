"""Public keys: one identity and one signature encoding each."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hauberk.errors import Malformed, NotVerified
from hauberk.signature.key import CURVES, KeyKind, PublicKey, low_s
from producer import bit_flips, producer
from signers import SeedSigner

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNERS = [producer(), SeedSigner("scanner")]
DER, PEM, SPKI = serialization.Encoding.DER, serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
POINT = ec.derive_private_key(1, ec.SECP256R1()).public_key()


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_signature_verifies(signer):
    signer.public.verify(signer.sign(b"message"), b"message")


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_key_reads_back_from_each_of_its_forms(signer):
    public = signer.public
    assert PublicKey.from_spki(public.spki) == PublicKey.from_pem(public.pem) == public


def test_an_ed25519_key_reads_back_from_its_32_bytes():
    public = SeedSigner("log").public
    assert PublicKey.from_raw_ed25519(public.raw_ed25519) == public


def test_ed25519_is_that_of_rfc_8032():
    # RFC 8032 section 7.1, test 2
    public = PublicKey.from_raw_ed25519(
        bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    )
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    public.verify(bytes.fromhex(signature), b"\x72")


def test_the_keyid_is_the_sha256_of_the_der_key():
    # openssl pkey -pubin -in tests/vectors/oms/key.pub -outform DER | sha256sum
    assert producer(0x6F6D73).public.keyid == "4577c7cee48e7e61f3e7662cc38341d85a6b4a96d0bd2d6b7dd71f3a1a3d0260"


@pytest.mark.parametrize("signer", SIGNERS)
@pytest.mark.parametrize("message", [b"", b"messagf", b"message\0"])
def test_a_signature_of_something_else_is_refused(signer, message):
    with pytest.raises(NotVerified):
        signer.public.verify(signer.sign(b"message"), message)


def test_a_signature_by_another_key_is_refused():
    with pytest.raises(NotVerified):
        producer(2).public.verify(producer(1).sign(b"message"), b"message")


@pytest.mark.parametrize("signer", SIGNERS)
def test_every_bit_flip_of_a_signature_is_refused(signer):
    public, signature = signer.public, signer.sign(b"message")
    for flipped in bit_flips(signature):
        with pytest.raises(NotVerified):
            public.verify(flipped, b"message")


@pytest.mark.parametrize("signer", SIGNERS)
def test_every_truncation_of_a_signature_is_refused(signer):
    public, signature = signer.public, signer.sign(b"message")
    for length in range(len(signature)):
        with pytest.raises(NotVerified):
            public.verify(signature[:length], b"message")


def test_the_other_value_of_s_is_refused():
    r, s = decode_dss_signature(producer().sign(b"message"))
    with pytest.raises(NotVerified, match="low-S"):
        producer().public.verify(encode_dss_signature(r, ORDER - s), b"message")


def test_low_s_gives_back_the_one_form():
    signature = producer().sign(b"message")
    r, s = decode_dss_signature(signature)
    assert low_s(encode_dss_signature(r, ORDER - s)) == low_s(signature) == signature


def test_a_signature_in_ber_is_refused():
    signature = producer().sign(b"message")
    with pytest.raises(NotVerified):
        producer().public.verify(signature[:1] + b"\x81" + signature[1:], b"message")


def test_a_compressed_point_would_be_a_second_identity_and_is_refused():
    point = POINT.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    # SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING } (RFC 5480)
    spki = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    assert serialization.load_der_public_key(spki) == POINT
    with pytest.raises(Malformed, match="canonical DER"):
        PublicKey.from_spki(spki)


def test_every_bit_flip_of_an_ed25519_key_is_another_key_or_refused():
    spki = SeedSigner("log").public.spki
    for flipped in bit_flips(spki):
        try:
            assert PublicKey.from_spki(flipped).spki == flipped
        except Malformed:
            assert flipped[:12] != spki[:12]


@pytest.mark.parametrize("spki", [b"", b"0", producer().public.spki + b"\0", producer().public.pem])
def test_what_is_no_der_key_is_refused(spki):
    with pytest.raises(Malformed):
        PublicKey.from_spki(spki)


def test_a_key_under_the_wrong_kind_is_refused():
    with pytest.raises(Malformed):
        PublicKey(KeyKind.ED25519, producer().public.spki)


@pytest.mark.parametrize(
    "key",
    [
        ec.derive_private_key(1, ec.SECP224R1()).public_key(),
        ec.derive_private_key(1, ec.SECP256K1()).public_key(),
        ed448.Ed448PrivateKey.from_private_bytes(bytes(57)).public_key(),
        rsa.RSAPublicNumbers(65537, 2**2047 + 1).public_key(),
    ],
)
def test_a_key_of_another_kind_signs_nothing_here(key):
    with pytest.raises(Malformed, match="signs nothing"):
        PublicKey.from_pem(key.public_bytes(PEM, SPKI))


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", b"\xff" * 99])
def test_what_is_no_pem_key_is_refused(pem):
    with pytest.raises(Malformed, match="PEM"):
        PublicKey.from_pem(pem)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_an_ed25519_key_has_32_bytes(raw):
    with pytest.raises(Malformed):
        PublicKey.from_raw_ed25519(raw)


def test_an_ec_key_has_no_ed25519_bytes():
    with pytest.raises(Malformed, match="Ed25519 key is needed"):
        _ = producer().public.raw_ed25519


def test_a_private_key_is_no_public_key():
    with pytest.raises(Malformed):
        PublicKey.of(ed25519.Ed25519PrivateKey.generate())


@pytest.mark.parametrize("kind", CURVES)
def test_each_curve_signs_with_its_own_hash_and_a_low_s(kind):
    curve = CURVES[kind]
    key = ec.derive_private_key(7, curve.curve)
    public = PublicKey.of(key.public_key())
    signature = key.sign(b"message", ec.ECDSA(curve.hash))
    r, s = decode_dss_signature(low_s(signature, kind))
    public.verify(low_s(signature, kind), b"message")
    with pytest.raises(NotVerified, match="low-S"):
        public.verify(encode_dss_signature(r, curve.order - s), b"message")
    other = hashes.SHA512() if curve.hash.name != "sha512" else hashes.SHA256()
    with pytest.raises(NotVerified, match="does not hold"):
        public.verify(low_s(key.sign(b"message", ec.ECDSA(other)), kind), b"message")
