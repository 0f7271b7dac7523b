"""Bundles of model_signing before 1.0: read where a person says so, never written.

Two things were otherwise. The signature was over an encoding that showed the payload as Python shows bytes, and, for
certificates, with SHA-256 on every curve. And until 0.3 the list of files was the statement's subjects: it has no root,
no hash but SHA-256, and does not say what was passed over, for which the standard's names are taken.

Source: model_signing 0.2.0 (`signing/in_toto.py`, `signature/encoding.py`), and the compatible readers of 1.1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hauberk.errors import Exceeded, Malformed
from hauberk.signature.key import CURVES
from hauberk.signature.manifest import Manifest, Resource
from hauberk.signature.members import members, sequence, text
from hauberk.statement import PAYLOAD_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.limits import Limits
    from hauberk.signature.key import PublicKey

PREDICATE_TYPE = "https://model_signing/Digests/v0.1"
NAME = "a model without a name"


def holds(key: PublicKey, signature: bytes, payload: bytes) -> bool:
    """Say whether a signature holds as versions before 1.0 made it."""
    curve = CURVES.get(key.kind)
    loaded = serialization.load_der_public_key(key.spki)
    if curve is None or not isinstance(loaded, ec.EllipticCurvePublicKey):
        return False
    shown = f"DSSEV1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} {payload!r}".encode()
    for algorithm in (curve.hash, hashes.SHA256()):
        try:
            loaded.verify(signature, shown, ec.ECDSA(algorithm))
        except InvalidSignature:
            continue
        return True
    return False


def manifest_of(statement: Mapping[str, Any], limits: Limits) -> Manifest:
    """Return the manifest that the subjects of an older statement are.

    Raises:
        Malformed: they are no list of files.
        Exceeded: there are more than the limits allow.
    """
    listed = sequence(statement.get("subject"), "subject")
    if len(listed) > limits.max_tree_files:
        raise Exceeded(f"the bundle lists {len(listed)} files, the limit is {limits.max_tree_files}")
    return Manifest(NAME, tuple(_resource(one) for one in listed))


def _resource(value: Any) -> Resource:
    subject = members(value, "subject")
    digests = members(subject.get("digest"), "subject's digest", needs={"sha256"})
    algorithm = members(subject.get("annotations", {}), "annotations").get("actual_hash_algorithm", "file-sha256")
    if algorithm != "file-sha256":
        raise Malformed("an older bundle hashes a file with something else than sha256")
    return Resource(text(subject.get("name"), "subject's name"), text(digests["sha256"], "digest"))
