"""No code tests itself: our envelopes are verified by programs that share nothing with ours but the standard."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from hauberk.errors import NotVerified
from hauberk.evidence.verify import Logged, verify
from hauberk.signature import dsse
from simulator import START, Chain


def foreign_key(role: str) -> SSlibKey:
    """Return a role's public key as securesystemslib has it, under the keyid that our envelopes use."""
    public = Chain().keys[role].public
    read = SSlibKey.from_crypto(serialization.load_der_public_key(public.spki))
    return SSlibKey(public.keyid, read.keytype, read.scheme, read.keyval)


def written(role: str) -> dict[str, Any]:
    chain = Chain()
    envelope = chain.artefact() if role == "producer" else chain.scan()
    return dict(json.loads(dsse.encode_envelope(envelope)))


@pytest.mark.parametrize("role", ["producer", "scanner"])
def test_securesystemslib_verifies_our_envelope(role: str):
    found = Envelope.from_dict(written(role)).verify([foreign_key(role)], 1)
    assert list(found) == [Chain().keys[role].public.keyid]


@pytest.mark.parametrize("role", ["producer", "scanner"])
def test_securesystemslib_and_we_refuse_the_same_changed_envelope(role: str):
    value = written(role)
    payload = base64.b64decode(value["payload"]).replace(b"pass", b"fail")
    value["payload"] = base64.b64encode(payload).decode()
    with pytest.raises(VerificationError):
        Envelope.from_dict(copy.deepcopy(value)).verify([foreign_key(role)], 1)
    with pytest.raises(NotVerified, match="does not hold"):
        verify(Logged(dsse.envelope_of(value), 0, START), Chain().trust)


def test_securesystemslib_refuses_our_envelope_under_another_key():
    with pytest.raises(VerificationError):
        Envelope.from_dict(written("scanner")).verify([foreign_key("gate")], 1)


def message_of(value: dict[str, Any]) -> bytes:
    """Return what DSSE v1 signs, written out from its definition."""
    payload, kind = base64.b64decode(value["payload"]), value["payloadType"].encode()
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])


def test_plain_cryptography_verifies_our_ecdsa_envelope():
    value = written("producer")
    key = serialization.load_der_public_key(Chain().keys["producer"].public.spki)
    signature = base64.b64decode(value["signatures"][0]["sig"])
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, message_of(value), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(signature, message_of(value) + b" ", ec.ECDSA(hashes.SHA256()))


def test_the_id_of_a_statement_is_the_hash_of_what_is_signed():
    value = written("scanner")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(message_of(value))
    assert dsse.statement_id(base64.b64decode(value["payload"])).raw == digest.finalize()
