"""OpenSSF Model Signing v1.0 bundles: EC P-256 keys, one SHA-256 a file.

A bundle is a Sigstore bundle in JSON that holds a DSSE envelope over an in-toto statement; the statement's predicate
lists each file of a model with its digest, and says how the list was made. Nothing here reads a file.

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
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hauberk.digest import Digest
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import base64, jcs
from hauberk.signature.dsse import pre_authentication_encoding
from hauberk.signature.key import KeyKind, low_s
from hauberk.signature.members import members, seen, sequence, text
from hauberk.statement import PAYLOAD_TYPE, STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hauberk.signature.key import PublicKey, Signer

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
STANDARD_IGNORES = frozenset({".git", ".gitattributes", ".github", ".gitignore"})  # at the top of the tree only
SINGLE_FILE = "."

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY_DETAILS = "PKIX_ECDSA_P256_SHA_256"  # Sigstore's name for the one kind of key that is read here
_RESIGN = "ask the signer for a bundle of method files with sha256, signed with an EC P-256 key"


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that is signed: its path relative to the model, with `/`, and the hex SHA-256 of its content."""

    name: str
    sha256: str

    def __post_init__(self) -> None:
        if self.name != SINGLE_FILE:
            _check_path(self.name)
        if not _HEX.fullmatch(self.sha256):
            raise Malformed(f"the digest of {self.name!r} is not 64 lowercase hex digits")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says: a name for people, the files in the order of the list, and what was passed over.

    Attributes:
        ignore_paths: relative paths that are not covered, each with everything below it.
        allow_symlinks: whether the signer followed links. We never do: in a tree without links it changes nothing.
    """

    name: str
    resources: tuple[Resource, ...]
    ignore_paths: frozenset[str] = STANDARD_IGNORES
    allow_symlinks: bool = False

    def __post_init__(self) -> None:
        names = [resource.name for resource in self.resources]
        if not names:
            raise Malformed("a model has at least one file", "sign a directory that holds one outside of .git")
        if len(set(names)) != len(names):
            raise Malformed("a file is listed twice")
        if SINGLE_FILE in names and len(names) > 1:
            raise Malformed("the name . is for the only file of a model")
        if names != sorted(names) and names != sorted(names, key=lambda name: name.split("/")):
            raise Malformed("the files are not in the order of their names")
        for path in sorted(self.ignore_paths):
            _check_path(path)
        for name in names:
            if self.ignores(name):
                raise Malformed(f"the file {name!r} is both listed and ignored")

    @property
    def root(self) -> Digest:
        """Return the standard's root: SHA-256 over the raw digests in the order of the list."""
        whole = hashlib.sha256(b"".join(bytes.fromhex(resource.sha256) for resource in self.resources))
        return Digest("sha256", whole.hexdigest())

    def ignores(self, path: str) -> bool:
        """Say whether a relative path is an ignored one, or lies below one."""
        parts = path.split("/")
        return any("/".join(parts[:depth]) in self.ignore_paths for depth in range(1, len(parts) + 1))


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it was read, with nothing verified; `hint` and `raw_key` are None where it names no key."""

    payload: bytes
    signature: bytes
    hint: str | None
    raw_key: bytes | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle whose signature holds; `ours` where it has, byte for byte, the form that `sign` writes."""

    manifest: Manifest
    key: PublicKey
    names_key: bool
    ours: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a model is not what was signed, as paths in the order of their code points."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.extra)


def manifest_of(name: str, files: Iterable[tuple[str, str]]) -> Manifest:
    """Return what we sign: pairs of path and hex SHA-256, in any order, without what the standard ignores.

    Raises:
        Malformed: no file is left, a path twice, or a path that the standard has no form for.
    """
    kept = sorted((path, digest) for path, digest in files if path.split("/")[0] not in STANDARD_IGNORES)
    return Manifest(name, tuple(Resource(path, digest) for path, digest in kept))


def sign(manifest: Manifest, signer: Signer) -> bytes:
    """Return the bundle over a manifest, in canonical JSON.

    Raises:
        Misconfigured: the signer's key is not EC P-256; the standard has no other kind of ours.
        NotVerified: what the signer returned does not verify under its own public key.
    """
    if signer.public.kind is not KeyKind.ECDSA_P256:
        raise Misconfigured(
            f"models are signed with an EC P-256 key, this one is {signer.public.kind}", "name the producer's key"
        )
    payload = encode_payload(manifest)
    message = pre_authentication_encoding(payload)
    signature = signer.sign(message)
    signer.public.verify(signature, message)
    return _encode(payload, signature, key_hint(signer.public))


def open_bundle(data: bytes, keys: Sequence[PublicKey], *, limits: Limits = DEFAULT_LIMITS) -> Opened:
    """Return what a bundle says, once its signature holds under one of `keys`.

    The payload is not parsed before its signature holds.

    Raises:
        NotVerified: none of the keys made it.
        Malformed: it is no OMS v1.0 bundle, or says what no model can be.
        Exceeded: larger or deeper than the limits.
        Unavailable: a method of the standard that this version does not read: certificates, shards, another hash.
        Misconfigured: none of the keys is of the kind that signs models.
    """
    bundle = decode_bundle(data, limits=limits)
    message = pre_authentication_encoding(bundle.payload)
    candidates = _candidates(bundle, keys)
    holding = next((key for key in candidates if _holds(key, bundle.signature, message)), None)
    if holding is None:
        raise NotVerified("the bundle's signature does not hold", "it was changed, or made by another key")
    manifest = decode_payload(bundle.payload, limits=limits)
    return Opened(manifest, holding, bundle.hint is not None, _is_ours(data, bundle, manifest))


def compare(manifest: Manifest, files: Mapping[str, str]) -> Difference:
    """Return how files (path to hex SHA-256), less the ignored ones, differ from what was signed."""
    signed = {resource.name: resource.sha256 for resource in manifest.resources}
    found = {path: digest for path, digest in files.items() if not manifest.ignores(path)}
    return Difference(
        changed=tuple(sorted(path for path in signed.keys() & found.keys() if signed[path] != found[path])),
        missing=tuple(sorted(signed.keys() - found.keys())),
        extra=tuple(sorted(found.keys() - signed.keys())),
    )


def key_hint(key: PublicKey) -> str:
    """Return how a bundle names a key: the hex SHA-256 of its PEM text, the last line feed included."""
    return hashlib.sha256(key.pem).hexdigest()


def encode_payload(manifest: Manifest) -> bytes:
    """Return the in-toto statement that a manifest is, in canonical JSON."""
    return jcs.encode(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": manifest.name, "digest": {"sha256": manifest.root.hex}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "resources": [
                    {"name": resource.name, "algorithm": "sha256", "digest": resource.sha256}
                    for resource in manifest.resources
                ],
                "serialization": {
                    "method": "files",
                    "hash_type": "sha256",
                    "allow_symlinks": manifest.allow_symlinks,
                    "ignore_paths": sorted(manifest.ignore_paths),
                },
            },
        }
    )


def decode_payload(payload: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Manifest:
    """Read the in-toto statement of a bundle; errors as `open_bundle`. It proves nothing without the signature.

    Members that in-toto calls open (of the statement, its subject and a resource) may be more than are read here; the
    predicate and its serialization are closed.
    """
    statement = members(jcs.decode(payload, what="OMS statement", limits=limits), "statement")
    if statement.get("_type") != STATEMENT_TYPE:
        raise Malformed(f"the statement's type is not {STATEMENT_TYPE}")
    if statement.get("predicateType") != PREDICATE_TYPE:
        raise Malformed(f"the predicate is {seen(statement.get('predicateType'))}, not {PREDICATE_TYPE}")
    name, root = _subject(statement.get("subject"))
    predicate = members(statement.get("predicate"), "predicate", needs={"resources", "serialization"})
    allow_symlinks, ignored = _serialization(predicate["serialization"])
    listed = sequence(predicate["resources"], "resources")
    if len(listed) > limits.max_tree_files:
        raise Exceeded(f"the bundle lists {len(listed)} files, the limit is {limits.max_tree_files}")
    manifest = Manifest(name, tuple(_resource(entry) for entry in listed), ignored, allow_symlinks)
    if manifest.root.hex != root:
        raise Malformed("the root digest is not that of the files listed")
    return manifest


def decode_bundle(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Bundle:
    """Read the JSON of a bundle; errors as `open_bundle`. Nothing is verified."""
    bundle = members(jcs.decode(data, what="bundle", limits=limits), "bundle")
    if bundle.get("mediaType") != MEDIA_TYPE:
        raise Malformed(f"the bundle's mediaType is {seen(bundle.get('mediaType'))}, not {MEDIA_TYPE}")
    members(bundle, "bundle", needs={"mediaType", "verificationMaterial", "dsseEnvelope"})
    hint, raw_key = _material(bundle["verificationMaterial"])
    what = "dsseEnvelope"
    envelope = members(bundle[what], what, needs={"payload", "payloadType", "signatures"})
    if envelope["payloadType"] != PAYLOAD_TYPE:
        raise Malformed(f"the envelope's payload is {seen(envelope['payloadType'])}, not {PAYLOAD_TYPE}")
    signatures = sequence(envelope["signatures"], "signatures")
    if len(signatures) != 1:
        raise Malformed(f"the envelope has {len(signatures)} signatures, a bundle has one")
    signature = members(signatures[0], "signature", needs={"sig"}, may={"keyid"})
    if signature.get("keyid") not in (None, ""):
        raise Malformed("the signature names its key in keyid; a bundle names it in publicKey.hint")
    return Bundle(
        base64.decode(text(envelope["payload"], "payload"), what="payload"),
        base64.decode(text(signature["sig"], "sig"), what="signature"),
        hint,
        raw_key,
    )


def is_bundle(data: bytes) -> bool:
    """Say whether bytes are a bundle of this standard that is signed with a key, whether or not it holds."""
    try:
        decode_bundle(data)
    except (Malformed, Exceeded, Unavailable):
        return False
    return True


def _material(value: Any) -> tuple[str | None, bytes | None]:
    """Return how the bundle names its key: by hint, or, before model-signing 1.1, by the key itself."""
    material = members(value, "verificationMaterial")
    if method := material.keys() & {"certificate", "x509CertificateChain"}:
        raise Unavailable(f"the bundle is signed with a {method.pop()}, which this version does not read", _RESIGN)
    members(material, "verificationMaterial", needs={"publicKey"}, may={"tlogEntries"})
    if material.get("tlogEntries") not in (None, []):
        raise Malformed("a bundle that is signed with a key has no tlogEntries")
    key = members(material["publicKey"], "publicKey", may={"hint", "rawBytes", "keyDetails"})
    if (details := key.get("keyDetails", _KEY_DETAILS)) != _KEY_DETAILS:
        raise Unavailable(f"the bundle is signed with a key of kind {seen(details)}, not EC P-256", _RESIGN)
    hint, raw = key.get("hint"), key.get("rawBytes")
    return (
        text(hint, "hint") if hint not in (None, "") else None,
        base64.decode(text(raw, "rawBytes"), what="rawBytes") if raw is not None else None,
    )


def _candidates(bundle: Bundle, keys: Sequence[PublicKey]) -> list[PublicKey]:
    """Return the keys that the bundle may have been signed with, as far as it says."""
    able = [key for key in keys if key.kind is KeyKind.ECDSA_P256]
    if not able:
        kinds = ", ".join(sorted({key.kind for key in keys})) or "none"
        raise Misconfigured(f"models are signed with EC P-256 keys, given: {kinds}", "name the producer's public key")
    named = [
        key
        for key in able
        if bundle.hint in (None, key_hint(key)) and bundle.raw_key in (None, key.pem, key.pem.strip(), key.spki)
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
        key.verify(low_s(signature), message)
    except (ValueError, NotVerified):  # not DER, or S beyond the order of the curve; or it does not hold
        return False
    return True


def _is_ours(data: bytes, bundle: Bundle, manifest: Manifest) -> bool:
    names = [resource.name for resource in manifest.resources]
    return (
        names == sorted(names)
        and manifest.ignore_paths == STANDARD_IGNORES
        and not manifest.allow_symlinks
        and low_s(bundle.signature) == bundle.signature
        and encode_payload(manifest) == bundle.payload
        and _encode(bundle.payload, bundle.signature, bundle.hint or "") == data
    )


def _encode(payload: bytes, signature: bytes, hint: str) -> bytes:
    return jcs.encode(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": base64.encode(payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": base64.encode(signature), "keyid": ""}],
            },
        }
    )


def _subject(value: Any) -> tuple[str, str]:
    listed = sequence(value, "subject")
    if len(listed) != 1:
        raise Malformed(f"the statement has {len(listed)} subjects, a bundle has one")
    subject = members(listed[0], "subject")
    digests = members(subject.get("digest"), "subject's digest", needs={"sha256"})
    return text(subject.get("name"), "subject's name"), text(digests["sha256"], "root digest")


def _serialization(value: Any) -> tuple[bool, frozenset[str]]:
    """Return whether links were followed, and the ignored paths; refuse every way of hashing but one."""
    serialization = members(value, "serialization")
    for member, read in (("method", "files"), ("hash_type", "sha256")):
        if (found := text(serialization.get(member), f"serialization's {member}")) != read:
            raise Unavailable(f"the bundle's {member} is {seen(found)}, this version reads {read}", _RESIGN)
    members(serialization, "serialization", needs={"method", "hash_type", "allow_symlinks"}, may={"ignore_paths"})
    if not isinstance(serialization["allow_symlinks"], bool):
        raise Malformed("allow_symlinks is neither true nor false")
    ignored = sequence(serialization.get("ignore_paths", []), "ignore_paths")
    return serialization["allow_symlinks"], frozenset(text(path, "ignored path") for path in ignored)


def _resource(value: Any) -> Resource:
    entry = members(value, "resource")
    if entry.get("algorithm") != "sha256":
        raise Malformed(f"a file is hashed with {seen(entry.get('algorithm'))}, its bundle says sha256")
    return Resource(text(entry.get("name"), "resource's name"), text(entry.get("digest"), "resource's digest"))


def _check_path(path: str) -> None:
    """Raise `Malformed` unless `path` is relative, normal and UTF-8."""
    if any(part in ("", ".", "..") for part in path.split("/")) or "\0" in path:
        raise Malformed(f"{seen(path)} is not a normal path inside of a model")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise Malformed(f"the path {seen(path)} is not UTF-8", "rename the file") from None
