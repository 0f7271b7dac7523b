"""Envelopes, statements and keys: what is accepted is, byte for byte, what would be written."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from hauberk.errors import HauberkError
from hauberk.signature import dsse, jcs
from hauberk.signature.key import PublicKey

KEYS = (
    PublicKey.of(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()),
    PublicKey.of(ec.derive_private_key(7, ec.SECP256R1()).public_key()),
)
STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "model/tumour", "digest": {"sha256": "ab" * 32, "dirHash": "cd" * 32}}],
    "predicateType": "urn:hauberk:model-scan:v1",
    "predicate": {"result": "pass", "findings": []},
}


def seeds() -> list[bytes]:
    payload = jcs.encode(STATEMENT)
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": KEYS[0].keyid, "sig": base64.b64encode(bytes(64)).decode()}],
    }
    return [jcs.encode(envelope), payload, *(key.spki for key in KEYS), *(key.pem for key in KEYS)]


def one_input(data: bytes) -> None:
    for read, write in READERS:
        try:
            value = read(data)
        except HauberkError:
            continue
        assert write(value) == data


def _same_key(data: bytes) -> bytes:
    key = PublicKey.from_pem(data)
    assert PublicKey.from_spki(key.spki) == key
    return data


READERS = (
    (dsse.decode_envelope, dsse.encode_envelope),
    (dsse.decode_statement, dsse.encode_statement),
    (PublicKey.from_spki, lambda key: key.spki),
    (_same_key, lambda data: data),
)
