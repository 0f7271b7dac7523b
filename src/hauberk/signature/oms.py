"""OpenSSF Model Signing v1.0: a manifest is signed, and a bundle opened once its signature holds.

A bundle is a Sigstore bundle in JSON (`oms_bundle`) that holds a DSSE envelope over an in-toto statement; the
statement's predicate lists each file of a model, or each shard of one, with its digest, and says how the list was made
(`manifest`). Nothing here reads a file. This is the door: what those two modules name is named here too.

What we write is canonical (RFC 8785, low S, files in code point order, the standard's four ignored names). What we
read may have been written by others, so it may be high-S, not canonical JSON, and ordered as `pathlib` orders; but
base64 is canonical, no key occurs twice, no member is unknown where an unknown member could change the meaning, and
what is signed is never overruled by an argument.

Source: OMS v1.0; DSSE v1.0.2; in-toto Statement v1; Sigstore bundle v0.3. The standard names the file of a single-file
model by its base name; its first program, model-signing 1.1.1, writes and expects `.`. We write `.` and read both.

What the standard does not cover: permission bits, empty directories, and everything under an ignored path. The root
digest binds contents and their order, not names: it is no identity.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import jcs
from hauberk.signature.dsse import pre_authentication_encoding
from hauberk.signature.key import CURVES, low_s
from hauberk.signature.manifest import (
    DEFAULT_SHARD_BYTES,
    SINGLE_FILE,
    STANDARD_IGNORES,
    WHOLE_FILES,
    Difference,
    Hashing,
    HashType,
    Manifest,
    Resource,
    compare,
    compare_sizes,
    manifest_of,
)
from hauberk.signature.members import members, seen, sequence, text
from hauberk.signature.oms_bundle import RESIGN, Bundle, decode_bundle, encode_bundle
from hauberk.statement import STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.signature.certificate import Authority, Identity
    from hauberk.signature.key import PublicKey, Signer
    from hauberk.signature.keyless import Keyless

__all__ = [
    "DEFAULT_SHARD_BYTES",
    "PREDICATE_TYPE",
    "SINGLE_FILE",
    "STANDARD_IGNORES",
    "WHOLE_FILES",
    "Bundle",
    "Difference",
    "HashType",
    "Hashing",
    "Manifest",
    "Opened",
    "Resource",
    "compare",
    "compare_sizes",
    "decode_bundle",
    "decode_payload",
    "encode_payload",
    "is_bundle",
    "key_hint",
    "manifest_of",
    "open_bundle",
    "sign",
]

PREDICATE_TYPE = "https://model_signing/signature/v1.0"

_EXACT = 1 << 53
_KINDS = "EC P-256, P-384 or P-521"


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle whose signature holds.

    Attributes:
        manifest: what it says.
        key: what signed it.
        names_key: whether the bundle says which key that was.
        ours: whether it has, byte for byte, the form that `sign` writes.
        identity: who holds the key, where a certificate says so.
        is_older: whether it is of a version before 1.0.
    """

    manifest: Manifest
    key: PublicKey
    names_key: bool
    ours: bool
    identity: Identity | None = None
    is_older: bool = False


def sign(manifest: Manifest, signer: Signer, *, chain: tuple[bytes, ...] = ()) -> bytes:
    """Return the bundle over a manifest, in canonical JSON.

    Args:
        manifest: what is signed.
        signer: whose key signs.
        chain: DER certificates, that of the signer's key first, then those that lead to a root; none names the key.

    Raises:
        Misconfigured: the signer's key is not on a curve of the standard, or the certificate is of another key.
        NotVerified: what the signer returned does not verify under its own public key.
    """
    if signer.public.kind not in CURVES:
        raise Misconfigured(
            f"models are signed with an {_KINDS} key, this one is {signer.public.kind}", "name the producer's key"
        )
    if chain:
        _require_of(chain[0], signer.public)
    payload = encode_payload(manifest)
    message = pre_authentication_encoding(payload)
    signature = signer.sign(message)
    signer.public.verify(signature, message)
    return encode_bundle(payload, signature, hint=key_hint(signer.public), chain=chain)


def open_bundle(
    data: bytes,
    keys: Sequence[PublicKey],
    *,
    authority: Authority | Keyless | None = None,
    read_older: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Opened:
    """Return what a bundle says, once its signature holds under one of `keys`, or under a certificate of `authority`.

    The payload is not parsed before its signature holds.

    Args:
        data: the bundle.
        keys: those that are trusted to sign it.
        authority: whose certificates are trusted, and for whom; for keyless bundles, which Sigstore is.
        read_older: read what versions before 1.0 wrote.
        limits: of the documents.

    Raises:
        NotVerified: none of the keys made it, or its certificate is not good for it.
        Malformed: it is no OMS v1.0 bundle, or says what no model can be.
        Exceeded: larger or deeper than the limits.
        Unavailable: a method of the standard that this version does not read.
        Misconfigured: it is signed with a certificate and no authority is given, or no key is on a curve of models.
    """
    bundle = decode_bundle(data, limits=limits)
    identity: Identity | None = None
    if bundle.chain or bundle.certificate:
        candidates, identity = _holder(data, bundle, authority)
    elif authority is not None and not keys:
        raise NotVerified("the bundle is signed with a key and not with a certificate", "name the public key")
    else:
        candidates = _candidates(bundle, keys)
    message = pre_authentication_encoding(bundle.payload)
    holding = next((key for key in candidates if _holds(key, bundle.signature, message)), None)
    is_older = False
    if holding is None and read_older:
        from hauberk.signature import older  # noqa: PLC0415 - as below

        holding = next((key for key in candidates if older.holds(key, bundle.signature, bundle.payload)), None)
        is_older = holding is not None
    if holding is None:
        raise NotVerified("the bundle's signature does not hold", "it was changed, or made by another key")
    manifest = decode_payload(bundle.payload, read_older=read_older, limits=limits)
    is_older = is_older or (read_older and not _is_of_today(bundle.payload, limits))
    names_key = bundle.hint is not None or identity is not None
    return Opened(manifest, holding, names_key, _is_ours(data, bundle, manifest, holding), identity, is_older)


def key_hint(key: PublicKey) -> str:
    """Return how a bundle names a key: the hex SHA-256 of its PEM text, the last line feed included."""
    return hashlib.sha256(key.pem).hexdigest()


def encode_payload(manifest: Manifest) -> bytes:
    """Return the in-toto statement that a manifest is, in canonical JSON."""
    hashing = manifest.hashing
    hash_type = str(hashing.hash_type)
    return jcs.encode_plain(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": manifest.name, "digest": {"sha256": manifest.root.hex}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "resources": [
                    {"name": resource.listed, "algorithm": hashing.algorithm, "digest": resource.digest}
                    | ({} if resource.size is None else {"size": resource.size})
                    for resource in manifest.resources
                ],
                "serialization": {
                    "method": "files" if hashing.shard_size is None else "shards",
                    "hash_type": hash_type,
                    "allow_symlinks": manifest.allow_symlinks,
                    "ignore_paths": sorted(manifest.ignore_paths),
                }
                | ({} if hashing.shard_size is None else {"shard_size": hashing.shard_size}),
            },
        }
    )


def decode_payload(payload: bytes, *, read_older: bool = False, limits: Limits = DEFAULT_LIMITS) -> Manifest:
    """Read the in-toto statement of a bundle; errors as `open_bundle`. It proves nothing without the signature.

    Members that in-toto calls open (of the statement, its subject and a resource) may be more than are read here; the
    predicate and its serialization are closed.
    """
    statement = members(jcs.decode(payload, what="OMS statement", limits=limits), "statement")
    if statement.get("_type") != STATEMENT_TYPE:
        raise Malformed(f"the statement's type is not {STATEMENT_TYPE}")
    if read_older:
        from hauberk.signature import older  # noqa: PLC0415 - for few bundles

        if statement.get("predicateType") == older.PREDICATE_TYPE:
            return older.manifest_of(statement, limits)
    if statement.get("predicateType") != PREDICATE_TYPE:
        raise Malformed(f"the predicate is {seen(statement.get('predicateType'))}, not {PREDICATE_TYPE}")
    name, root = _subject(statement.get("subject"))
    predicate = members(statement.get("predicate"), "predicate", needs={"resources", "serialization"})
    hashing, allow_symlinks, ignored = _serialization(predicate["serialization"])
    listed = sequence(predicate["resources"], "resources")
    if len(listed) > limits.max_tree_files:
        raise Exceeded(f"the bundle lists {len(listed)} files, the limit is {limits.max_tree_files}")
    resources = tuple(_resource(entry, hashing) for entry in listed)
    manifest = Manifest(name, resources, ignored, allow_symlinks, hashing)
    if manifest.root.hex != root:
        raise Malformed("the root digest is not that of the files listed")
    return manifest


def _is_of_today(payload: bytes, limits: Limits) -> bool:
    """Say whether a statement that was read is of OMS v1.0, and not the list of subjects from before it."""
    return bool(jcs.decode(payload, what="OMS statement", limits=limits)["predicateType"] == PREDICATE_TYPE)


def is_bundle(data: bytes) -> bool:
    """Say whether bytes are a bundle of this standard, whether or not it holds."""
    try:
        decode_bundle(data)
    except (Malformed, Exceeded, Unavailable):
        return False
    return True


def _require_of(certificate: bytes, key: PublicKey) -> None:
    from hauberk.signature.certificate import key_of  # noqa: PLC0415 - half of the start-up time, for few bundles

    if key_of(certificate) != key:
        raise Misconfigured("the certificate is of another key than the one that signs", "name the signer's first")


def _holder(data: bytes, bundle: Bundle, authority: Authority | Keyless | None) -> tuple[list[PublicKey], Identity]:
    if authority is None and bundle.certificate is not None:
        raise Misconfigured(
            "the bundle is signed keyless",
            "name the trusted root of Sigstore, the identity that must sign, and who vouches for it",
        )
    if authority is None:
        raise Misconfigured(
            "the bundle is signed with a certificate", "name the root that you trust, and the identity that must sign"
        )
    from hauberk.signature.certificate import verify_chain  # noqa: PLC0415 - as above
    from hauberk.signature.keyless import Keyless, verify_keyless  # noqa: PLC0415

    if isinstance(authority, Keyless) != (bundle.certificate is not None):
        what = "with a certificate of an authority" if bundle.certificate is None else "keyless, by Sigstore"
        raise NotVerified(f"the bundle is signed {what}", "name the roots that are for that")
    holder = (
        verify_keyless(data, bundle, authority)
        if isinstance(authority, Keyless)
        else verify_chain(bundle.chain, authority)
    )
    return [holder.key], holder.identity


def _candidates(bundle: Bundle, keys: Sequence[PublicKey]) -> list[PublicKey]:
    """Return the keys that the bundle may have been signed with, as far as it says."""
    able = [key for key in keys if key.kind in CURVES]
    if not able:
        kinds = ", ".join(sorted({key.kind for key in keys})) or "none"
        raise Misconfigured(f"models are signed with {_KINDS} keys, given: {kinds}", "name the producer's public key")
    named = [
        key
        for key in able
        if bundle.hint in (None, key_hint(key))
        and bundle.raw_key in (None, key.pem, key.pem.strip(), key.spki)
        and bundle.kind in (None, key.kind)
    ]
    if not named:
        raise NotVerified(
            f"the bundle was made with another key than {', '.join(key.keyid for key in able)}",
            f"its public key is the PEM file of which `sha256sum` says {seen(bundle.hint)}"
            if bundle.hint
            else "ask the signer for the public key",
        )
    return named


def _holds(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Say whether a DER signature holds, with either of the two values of S: the standard asks for none of them."""
    try:
        if encode_dss_signature(*decode_dss_signature(signature)) != signature:
            return False
        key.verify(low_s(signature, key.kind), message)
    except (ValueError, NotVerified):  # not DER, or S beyond the order of the curve; or it does not hold
        return False
    return True


def _is_ours(data: bytes, bundle: Bundle, manifest: Manifest, key: PublicKey) -> bool:
    names = [(resource.name, resource.span or (0, 0)) for resource in manifest.resources]
    return (
        names == sorted(names)
        and manifest.ignore_paths >= STANDARD_IGNORES
        and not manifest.allow_symlinks
        and low_s(bundle.signature, key.kind) == bundle.signature
        and encode_payload(manifest) == bundle.payload
        and bundle.certificate is None
        and encode_bundle(bundle.payload, bundle.signature, hint=bundle.hint or "", chain=bundle.chain) == data
    )


def _subject(value: Any) -> tuple[str, str]:
    listed = sequence(value, "subject")
    if len(listed) != 1:
        raise Malformed(f"the statement has {len(listed)} subjects, a bundle has one")
    subject = members(listed[0], "subject")
    digests = members(subject.get("digest"), "subject's digest", needs={"sha256"})
    return text(subject.get("name"), "subject's name"), text(digests["sha256"], "root digest")


def _serialization(value: Any) -> tuple[Hashing, bool, frozenset[str]]:
    """Return how the digests were made, whether links were followed, and the ignored paths."""
    serialization = members(value, "serialization")
    method = text(serialization.get("method"), "serialization's method")
    hash_type = text(serialization.get("hash_type"), "serialization's hash_type")
    if method not in ("files", "shards"):
        raise Unavailable(f"the bundle's method is {seen(method)}, this version reads files and shards", RESIGN)
    if hash_type not in set(HashType):
        raise Unavailable(f"the bundle's hash_type is {seen(hash_type)}, which this version does not read", RESIGN)
    size = {"shard_size"} if method == "shards" else set()
    needs = {"method", "hash_type", "allow_symlinks"} | size
    members(serialization, "serialization", needs=needs, may={"ignore_paths"})
    if not isinstance(serialization["allow_symlinks"], bool):
        raise Malformed("allow_symlinks is neither true nor false")
    shard_size = _whole(serialization["shard_size"], "shard_size") if size else None
    ignored = sequence(serialization.get("ignore_paths", []), "ignore_paths")
    paths = frozenset(text(path, "ignored path") for path in ignored)
    return Hashing(HashType(hash_type), shard_size), serialization["allow_symlinks"], paths


def _resource(value: Any, hashing: Hashing) -> Resource:
    entry = members(value, "resource")
    if entry.get("algorithm") not in (hashing.hash_type, hashing.algorithm):
        raise Malformed(f"a file is hashed with {seen(entry.get('algorithm'))}, its bundle says {hashing.hash_type}")
    name, digest = text(entry.get("name"), "resource's name"), text(entry.get("digest"), "resource's digest")
    if hashing.shard_size is None:
        size = entry.get("size")
        return Resource(name, digest, size=size if type(size) is int and size >= 0 else None)
    path, start, end = (*name.rsplit(":", 2), "", "")[:3]
    span = (_number(start, name), _number(end, name))
    return Resource(path, digest, span)


def _whole(value: Any, what: str) -> int:
    """Return a whole number; protobuf's JSON writes one as a double, `1000000000.0`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{what} is not a whole number")
    if not 0 <= value < _EXACT:
        raise Malformed(f"{what} is beyond what JSON counts with")
    return value


def _number(digits: str, name: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18) or digits != str(int(digits)):
        raise Malformed(f"{seen(name)} is not the name of a shard, PATH:START:END")
    return int(digits)
