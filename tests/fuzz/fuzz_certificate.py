"""Certificates: nothing but our errors, and no changed one that leads to the root."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding

from authority import EMAIL, NOW, authority, leaf, root
from hauberk.errors import HauberkError
from hauberk.signature.certificate import Authority, Identity, key_of, read_certificates, verify_chain
from hauberk.signature.key import PublicKey

ROOT = root()
BY = authority(ROOT)
LEAF = leaf(BY)
TRUSTED = Authority((ROOT.der,), (Identity.parse(f"email:{EMAIL}"),), NOW)


def seeds() -> list[bytes]:
    return [made.certificate.public_bytes(form) for made in (LEAF, BY, ROOT) for form in (Encoding.DER, Encoding.PEM)]


def one_input(data: bytes) -> None:
    if b"-----BEGIN" in data:
        for found in read_certificates(data, "a file"):
            one_input(found)
        return
    for chain in ([data, BY.der], [LEAF.der, data]):
        try:
            holder = verify_chain(chain, TRUSTED)
        except HauberkError:
            continue
        assert chain == [LEAF.der, BY.der]
        assert holder.key == PublicKey.of(LEAF.key.public_key())
    key_of(data)
