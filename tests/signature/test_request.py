"""A signed request says who asks what of which log, and any change of it is refused."""

from __future__ import annotations

import base64

import pytest

from hauberk.errors import HauberkError, Malformed, NotVerified
from hauberk.signature.key import PublicKey
from hauberk.signature.request import NONCE_BYTES, SignedRequest, log_id, sign_request, signature_base
from signers import SeedSigner

KEY = SeedSigner("pod")
ORIGIN = "example.com/log"
NONCE = bytes(range(NONCE_BYTES))


def headers(**changes: object) -> dict[str, str]:
    asked = {"body": b"abc", "signer": KEY, "origin": ORIGIN, "created": 1_700_000_000, "nonce": NONCE, "query": "a=b"}
    made = sign_request("POST", "/v1/append", **(asked | changes))  # type: ignore[arg-type]
    return {name.lower(): value for name, value in made.items()}


def read(given: dict[str, str], method: str = "POST", path: str = "/v1/append", query: str = "a=b") -> SignedRequest:
    return SignedRequest.read(method, path, query, given)


def test_what_was_signed_is_read_and_holds() -> None:
    asked = read(headers())
    asked.verify(KEY.public)
    asked.check_body(b"abc")
    assert (asked.keyid, asked.created, asked.nonce) == (KEY.public.keyid, 1_700_000_000, NONCE.hex())
    assert asked.log == log_id(ORIGIN)


def test_the_form_of_what_is_signed_is_that_of_the_standard() -> None:
    """RFC 9421, B.2.6: the signature base, and the signature over it by test-key-ed25519."""
    parts = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    listed = " ".join(f'"{name}"' for name, _ in parts)
    signed = signature_base(parts, f'({listed});created=1618884473;keyid="test-key-ed25519"')
    key = PublicKey.from_spki(base64.b64decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="))
    key.verify(
        base64.b64decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="),
        signed,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "GET"},
        {"path": "/v1/appenD"},
        {"query": ""},
        {"query": "a=c"},
    ],
)
def test_another_request_is_not_the_one_that_was_signed(changed: dict[str, str]) -> None:
    with pytest.raises(NotVerified, match="does not hold"):
        read(headers(), **changed).verify(KEY.public)


@pytest.mark.parametrize("name", ["signature-input", "signature", "content-digest"])
def test_every_bit_of_it_counts(name: str) -> None:
    given = headers()
    data = given[name].encode()
    for position in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(HauberkError):
            read(given | {name: flipped.decode("latin-1")}).verify(KEY.public)


def test_another_body_is_refused() -> None:
    with pytest.raises(NotVerified, match="body"):
        read(headers()).check_body(b"abd")


def test_another_key_does_not_verify_it() -> None:
    with pytest.raises(NotVerified):
        read(headers()).verify(SeedSigner("other").public)


@pytest.mark.parametrize("missing", ["signature-input", "signature"])
def test_a_request_without_a_signature_is_not_signed(missing: str) -> None:
    given = headers()
    del given[missing]
    with pytest.raises(NotVerified, match="not signed"):
        read(given)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("signature-input", '"@query" ', ""),
        ("signature-input", 'alg="ed25519"', 'alg="none"'),
        ("signature-input", "hauberk=", "sig1="),
        ("signature-input", "created=1700000000", "created=-1"),
        ("signature-input", "nonce", "n"),
        ("signature-input", '"content-digest"', '"content-type"'),
        ("content-digest", "sha-256", "md5"),
        ("signature", "hauberk=:", "hauberk=:hauberk=:"),
    ],
)
def test_one_that_leaves_something_out_is_signed_in_another_way(name: str, old: str, new: str) -> None:
    given = headers()
    with pytest.raises(Malformed, match="another way"):
        read(given | {name: given[name].replace(old, new)})


def test_a_request_without_its_digest_is_signed_in_another_way() -> None:
    given = headers()
    del given["content-digest"]
    with pytest.raises(Malformed, match="another way"):
        read(given)
