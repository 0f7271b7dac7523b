"""Make tests/vectors/oms: a small model, and bundles over it that must and must not verify.

Each bundle is the valid one with one change, and is really signed, so that what is refused is refused for that change.
This imports nothing of ours: it is a second writer of the format. Its keys are
known to everybody.

    python tools/make_oms_vectors.py        # writes the folder again; the same bytes every time

`expected.json` says for each bundle why it is there, and the error with a part of its message, or null where it
verifies.

Source: OMS v1.0; DSSE v1.0.2; the second form of `publicKey`, the order by path components and the compatible
encoding are what model-signing 1.0 and 1.1.1 write.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blake3 import blake3
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parents[1] / "tests" / "vectors" / "oms"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
TYPE = "application/vnd.in-toto+json"
KEY = ec.derive_private_key(0x6F6D73, ec.SECP256R1())
OTHER_KEY = ec.derive_private_key(0x6F6D74, ec.SECP256R1())
MODEL = {
    "config.json": b'{"layers": 2}\n',
    "sub.txt": b"a name that sorts before sub/ by code point, and after it by components\n",
    "sub/empty": b"",
    "sub/x": b"a file of a directory\n",
    "w eights \u00e9.bin": bytes(range(64)),
}


@dataclass(frozen=True)
class Vector:
    """A bundle, what must come of it, and why it is there."""

    name: str
    data: bytes
    why: str
    error: str | None = None
    says: str = ""


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the PEM public half of a key."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the DER public half of a key."""
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def hint(data: bytes) -> str:
    """Return the hint that the SHA-256 of some form of a key would be."""
    return hashlib.sha256(data).hexdigest()


def b64(data: bytes) -> str:
    """Return padded base64."""
    return base64.b64encode(data).decode()


def resource(name: str, data: bytes) -> dict[str, Any]:
    """Return the entry of one file."""
    return {"name": name, "algorithm": "sha256", "digest": hashlib.sha256(data).hexdigest()}


def statement(resources: list[dict[str, Any]] | None = None, **serialization_changes: Any) -> dict[str, Any]:
    """Return the statement over some resources, with a root that fits where each has a hex digest."""
    listed = resources if resources is not None else [resource(name, MODEL[name]) for name in sorted(MODEL)]
    root = hashlib.sha256()
    for entry in listed:
        root.update(bytes.fromhex(str(entry["digest"])))
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a-model", "digest": {"sha256": root.hexdigest()}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "resources": listed,
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": False,
                "ignore_paths": [".git", ".gitattributes", ".github", ".gitignore"],
            }
            | serialization_changes,
        },
    }


IGNORES = [".git", ".gitattributes", ".github", ".gitignore"]


def sized(more: int = 0) -> dict[str, Any]:
    """Return the statement in which each file has its size, or so many bytes more."""
    listed = [resource(name, MODEL[name]) | {"size": len(MODEL[name]) + more} for name in sorted(MODEL)]
    return statement(listed)


def hashed(hash_type: str, make: Callable[[bytes], Any]) -> dict[str, Any]:
    """Return the statement with another hash."""
    listed = [{"name": name, "algorithm": hash_type, "digest": make(MODEL[name]).hexdigest()} for name in sorted(MODEL)]
    return statement(listed, hash_type=hash_type)


def shards(
    size: int,
    *,
    key: Callable[[dict[str, Any]], Any] | None = None,
    without: str = "",
    twice: bool = False,
    rename: tuple[str, str] = ("", ""),
    shard_size: Any = None,
    suffix: str = "",
) -> dict[str, Any]:
    """Return the statement by shards of so many bytes, with one change."""
    listed = [
        resource(f"{name}:{start}:{min(start + size, len(MODEL[name]))}", MODEL[name][start : start + size])
        for name in sorted(MODEL)
        for start in range(0, len(MODEL[name]), size)
    ]
    listed = [entry for entry in (sorted(listed, key=key) if key else listed) if entry["name"] != without]
    for entry in listed:
        entry["name"] = entry["name"].replace(*rename) if rename[0] else entry["name"]
        entry["algorithm"] += suffix
    more = listed[-1:] if twice else []
    return statement([*listed, *more], method="shards", shard_size=size if shard_size is None else shard_size)


def compact(value: Any) -> bytes:
    """Return canonical JSON: true for these values, whose keys are ASCII and whose numbers are integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def pae(payload: bytes, *, kind: str = TYPE) -> bytes:
    """Return the pre-authentication encoding of DSSE."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def signature(message: bytes, *, key: ec.EllipticCurvePrivateKey = KEY, high: bool = False) -> bytes:
    """Return the DER signature of a message (RFC 6979), with the low or the high value of S."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return encode_dss_signature(r, max(s, ORDER - s) if high else min(s, ORDER - s))


def bundle(payload: bytes, *, sig: bytes | None = None) -> dict[str, Any]:
    """Return the bundle of a payload, as plain data."""
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": hint(pem(KEY))}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": b64(payload),
            "payloadType": TYPE,
            "signatures": [{"sig": b64(sig if sig is not None else signature(pae(payload))), "keyid": ""}],
        },
    }


def signed(value: Any) -> bytes:
    """Return the bundle over a statement that was signed as it is."""
    return compact(bundle(compact(value)))


def changed(where: str, value: Any, *, of: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a copy of plain data with the member at a dotted path set, or removed where `value` is `...`."""
    whole = copy.deepcopy(of if of is not None else bundle(compact(statement())))
    place: Any = whole
    *steps, last = [int(step) if step.isdigit() else step for step in where.split(".")]
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return whole


def outer(where: str, value: Any) -> bytes:
    """Return the valid bundle with one member changed outside of what is signed."""
    return compact(changed(where, value))


def inner(where: str, value: Any) -> bytes:
    """Return the bundle over the valid statement with one member changed before it was signed."""
    return signed(changed(where, value, of=statement()))


def named(name: str) -> bytes:
    """Return the bundle over one file of that name."""
    return signed(statement([resource(name, b"")]))


def passing() -> list[Vector]:
    """Return the bundles that verify."""
    payload = compact(statement())
    pretty = json.dumps(
        statement(
            [resource(name, MODEL[name]) for name in sorted(MODEL, key=lambda name: name.split("/"))],
            ignore_paths=[".gitignore", ".git", ".github", ".gitattributes"],
        ),
        indent=2,
    ).encode()
    unlisted = [resource(name, MODEL[name]) for name in sorted(MODEL) if name != "config.json"]
    material = "verificationMaterial"
    old_key = {"rawBytes": b64(pem(KEY)), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    sig = "dsseEnvelope.signatures.0"
    return [
        Vector("own-form", signed(statement()), "canonical JSON, code point order, low S: the form that we write"),
        Vector("reference-form", json.dumps(bundle(pretty)).encode(), "as model-signing 1.1.1 writes it"),
        Vector(
            "high-s", compact(bundle(payload, sig=signature(pae(payload), high=True))), "the standard asks no low S"
        ),
        Vector("white-space", json.dumps(bundle(payload), indent=4).encode() + b"\n", "JSON need not be canonical"),
        Vector("keyid-null", outer(f"{sig}.keyid", None), "keyid may be null"),
        Vector("keyid-absent", outer(f"{sig}.keyid", ...), "keyid may be absent"),
        Vector("tlog-absent", outer(f"{material}.tlogEntries", ...), "tlogEntries may be absent"),
        Vector("hint-absent", outer(f"{material}.publicKey", {}), "a key need not be named"),
        Vector("raw-key", outer(f"{material}.publicKey", old_key), "the key itself, as before model-signing 1.1"),
        Vector("resource-extended", inner("predicate.resources.0.comment", "x"), "a resource may say more"),
        Vector("own-form-with-sizes", signed(sized()), "the form that we write, with the size of each file"),
        Vector(
            "own-form-ignores",
            signed(statement(unlisted, ignore_paths=[*IGNORES, "config.json"])),
            "a path of the signer's own beside those of the standard",
        ),
        Vector("hash-blake2b", signed(hashed("blake2b", hashlib.blake2b)), "64 bytes a file"),
        Vector("hash-blake3", signed(hashed("blake3", blake3)), "of another package"),
        Vector("shards", signed(shards(40)), "two shards of a file, and no word of an empty one"),
        Vector("shards-by-listed-name", signed(shards(9, key=lambda entry: entry["name"])), "`:18:27` before `:9:18`"),
        Vector("shards-by-their-name", signed(shards(40, suffix="-sharded-40")), "the hash as model-signing names it"),
        Vector("shards-of-double", signed(shards(40, shard_size=40.0)), "the size as protobuf writes a number"),
        Vector(
            "key-details",
            outer(f"{material}.publicKey", {"hint": hint(pem(KEY)), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}),
            "the kind beside the hint",
        ),
        Vector("statement-extended", inner("comment", "more"), "an in-toto statement may say more"),
        Vector("symlinks-allowed", signed(statement(allow_symlinks=True)), "it matters only where there are links"),
        Vector("ignores-absent", inner("predicate.serialization.ignore_paths", ...), "nothing is ignored"),
        Vector(
            "ignores-a-file",
            signed(statement(unlisted, ignore_paths=["config.json"])),
            "a file that is there is not covered: a warning",
        ),
    ]


def broken_files() -> list[Vector]:
    """Return the bundles that are sound, but of another model."""
    listed = statement()["predicate"]["resources"]
    first, second, *rest = copy.deepcopy(listed)
    swapped = [first | {"digest": second["digest"]}, second | {"digest": first["digest"]}, *rest]
    more = sorted([*listed, resource("missing.bin", b"")], key=lambda entry: entry["name"])
    return [
        Vector("file-changed", signed(statement([resource("config.json", b"{}"), *listed[1:]])), "another content",
               "NotVerified", "changed: config.json"),
        Vector("file-missing", signed(statement(more)), "one more file", "NotVerified", "missing: missing.bin"),
        Vector("file-extra", signed(statement(listed[1:])), "one file less", "NotVerified", "extra: config.json"),
        Vector("files-swapped", signed(statement(swapped)), "two files under each other's name; the root of a list in "
               "another order would be the same", "NotVerified", "changed: config.json, sub.txt"),
        Vector("single-file", named("."), "the bundle of a single file", "NotVerified", "missing: ."),
    ]  # fmt: skip


def broken_signatures() -> list[Vector]:
    """Return the bundles whose signature is of something else, by somebody else, or in another encoding."""
    payload = compact(statement())
    good = signature(pae(payload))
    r, s = decode_dss_signature(good)
    size = len(payload)
    compat = f"DSSEV1 {len(TYPE)} {TYPE} {size} {payload!r}".encode()
    foreign = changed("verificationMaterial.publicKey.hint", hint(pem(OTHER_KEY)))
    foreign["dsseEnvelope"]["signatures"][0]["sig"] = b64(signature(pae(payload), key=OTHER_KEY))
    does_not = "does not hold"

    def row(name: str, sig: bytes, why: str) -> Vector:
        return Vector(name, compact(bundle(payload, sig=sig)), why, "NotVerified", does_not)

    return [
        row("pae-absent", signature(payload), "the payload is signed without its encoding"),
        row("pae-other-type", signature(pae(payload, kind="text/plain")), "signed for another payload type"),
        row("pae-wrong-length", signature(pae(payload).replace(b" %d " % size, b" %d " % (size + 1), 1)), "length"),
        row("pae-of-0.2", signature(compat), "the encoding that model_signing had before 1.0"),
        row("pae-over-text", signature(pae(b64(payload).encode())), "the base64 text is signed, not the bytes"),
        row("signature-of-other-key", signature(pae(payload), key=OTHER_KEY), "under the right key's hint"),
        row("signature-raw", r.to_bytes(32) + s.to_bytes(32), "r and s without DER"),
        row("signature-trailing-byte", good + b"\0", "a byte after the DER"),
        row("signature-long-length", good[:1] + b"\x81" + good[1:], "BER, not DER"),
        row("signature-beyond", encode_dss_signature(r, s + ORDER), "S and the order of the curve"),
        row("signature-zero", encode_dss_signature(0, 0), "r and s are zero"),
        row("signature-empty", b"", "no bytes"),
        Vector("payload-changed", outer("dsseEnvelope.payload", b64(payload.replace(b"sub.txt", b"sub.txs"))),
               "changed after it was signed", "NotVerified", does_not),
        Vector("key-other", compact(foreign), "sound, by a key that is not trusted", "NotVerified", "another key"),
    ]  # fmt: skip


def broken_envelopes() -> list[Vector]:
    """Return the bundles whose outer JSON is not what the standard says."""
    valid = signed(statement())
    text = valid.decode()
    payload = json.loads(valid)["dsseEnvelope"]["payload"]
    assert payload.endswith("Q==")  # four unused bits, all zero
    spare = payload[:-3] + "R=="
    envelope, key = "dsseEnvelope", "verificationMaterial.publicKey"
    one = json.loads(valid)[envelope]["signatures"][0]
    rows: list[tuple[str, bytes, str, str, str]] = [
        ("json-empty", b"", "no bytes", "Malformed", "not JSON"),
        ("json-truncated", valid[:-1], "the last byte is gone", "Malformed", "not JSON"),
        ("json-twice", valid + valid, "one after the other", "Malformed", "not JSON"),
        ("json-mark", b"\xef\xbb\xbf" + valid, "a byte order mark", "Malformed", "not JSON"),
        ("json-utf-16", text.encode("utf-16"), "another encoding", "Malformed", "not JSON"),
        ("json-list", b"[" + valid + b"]", "not an object", "Malformed", "not an object"),
        ("json-deep", b'{"a":' * 99 + b"1" + b"}" * 99, "no end of depth", "Exceeded", "nests deeper"),
        ("json-key-twice", text.replace('"keyid":""', '"keyid":"","keyid":""').encode(), "", "Malformed", "twice"),
        ("media-type-0.2", outer("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.2"),
         "an older bundle", "Malformed", "mediaType"),
        ("media-type-absent", outer("mediaType", ...), "", "Malformed", "mediaType"),
        ("message-signature", compact({**json.loads(valid), "messageSignature": {}}), "a second thing that is signed",
         "Malformed", "messageSignature"),
        ("envelope-absent", outer(envelope, ...), "", "Malformed", "dsseEnvelope"),
        ("envelope-extended", outer(f"{envelope}.more", 1), "", "Malformed", "more"),
        ("payload-type", outer(f"{envelope}.payloadType", "text/plain"), "", "Malformed", "payload is"),
        ("payload-not-text", outer(f"{envelope}.payload", 7), "", "Malformed", "not a string"),
        ("payload-spare-bits", outer(f"{envelope}.payload", spare), "decodes to the same", "Malformed", "base64"),
        ("payload-unpadded", outer(f"{envelope}.payload", payload[:-2]), "", "Malformed", "base64"),
        ("payload-url-alphabet", outer(f"{envelope}.payload", "-_" + payload[2:]), "", "Malformed", "base64"),
        ("payload-line-feed", outer(f"{envelope}.payload", payload[:64] + "\n" + payload[64:]), "", "Malformed",
         "base64"),
        ("signatures-two", outer(f"{envelope}.signatures", [one, one]), "", "Malformed", "2 signatures"),
        ("signatures-none", outer(f"{envelope}.signatures", []), "", "Malformed", "0 signatures"),
        ("keyid-present", outer(f"{envelope}.signatures.0.keyid", hint(pem(KEY))), "", "Malformed", "keyid"),
        ("signature-extended", outer(f"{envelope}.signatures.0.more", 1), "", "Malformed", "more"),
        ("hint-of-der", outer(f"{key}.hint", hint(der(KEY))), "not of the PEM text", "NotVerified", "another key"),
        ("hint-upper-case", outer(f"{key}.hint", hint(pem(KEY)).upper()), "", "NotVerified", "another key"),
        ("hint-not-text", outer(f"{key}.hint", 7), "", "Malformed", "hint"),
        ("raw-key-other", outer(f"{key}.rawBytes", b64(pem(OTHER_KEY))), "beside the right hint", "NotVerified",
         "another key"),
        ("key-p384", outer(f"{key}.keyDetails", "PKIX_ECDSA_P384_SHA_384"), "of a P-256 key", "NotVerified",
         "another key"),
        ("key-rsa", outer(f"{key}.keyDetails", "PKIX_RSA_PKCS1V15_2048_SHA256"), "", "Unavailable", "RSA"),
        ("key-details-not-text", outer(f"{key}.keyDetails", ["PKIX_ECDSA_P256_SHA_256"]), "", "Unavailable", "kind"),
        ("key-absent", outer(key, ...), "", "Malformed", "publicKey"),
        ("material-extended", outer("verificationMaterial.more", 1), "", "Malformed", "more"),
        ("certificate", outer("verificationMaterial.certificate", {"rawBytes": ""}), "keyless, and with a key",
         "Malformed", "publicKey"),
        ("keyless", outer("verificationMaterial", {"certificate": {"rawBytes": "MAA="}, "tlogEntries": [{}]}),
         "for a reader who gave a key", "Misconfigured", "signed keyless"),
        ("certificate-chain", outer("verificationMaterial", {"x509CertificateChain": {"certificates": [{"rawBytes":
         "MAA="}]}}), "for a reader who gave a key", "Misconfigured", "signed with a certificate"),
        ("certificates-none", outer("verificationMaterial", {"x509CertificateChain": {"certificates": []}}), "",
         "Malformed", "0 certificates"),
        ("certificates-many", outer("verificationMaterial", {"x509CertificateChain": {"certificates": [{"rawBytes":
         "MAA="}] * 9}}), "", "Malformed", "9 certificates"),
        ("certificate-and-key", outer("verificationMaterial.x509CertificateChain", {"certificates": [{"rawBytes":
         "MAA="}]}), "which of the two?", "Malformed", "publicKey"),
        ("tlog-entries", outer("verificationMaterial.tlogEntries", [{}]), "nothing verifies them", "Malformed",
         "tlogEntries"),
    ]  # fmt: skip
    return [Vector(name, data, why, error, says) for name, data, why, error, says in rows]


def broken_statements() -> list[Vector]:
    """Return the bundles that are soundly signed over a statement that is not what the standard says."""
    listed = statement()["predicate"]["resources"]
    twice = compact(statement()).replace(b'"predicate":', b'"predicateType":"x","predicate":')
    how = "predicate.serialization"
    path = "not a normal path"
    rows: list[tuple[str, bytes, str, str, str]] = [
        ("statement-not-json", compact(bundle(b"{")), "", "Malformed", "not JSON"),
        ("statement-key-twice", compact(bundle(twice)), "readers keep one of them", "Malformed", "twice"),
        ("statement-type", inner("_type", "https://in-toto.io/Statement/v0.1"), "", "Malformed", "statement's type"),
        ("predicate-type", inner("predicateType", "https://example.com/v1"), "", "Malformed", "predicate is"),
        ("predicate-of-0.2", inner("predicateType", "https://model_signing/Digests/v0.1"), "", "Malformed", "Digests"),
        ("predicate-extended", inner("predicate.more", 1), "", "Malformed", "more"),
        ("subjects-two", inner("subject", statement()["subject"] * 2), "", "Malformed", "2 subjects"),
        ("subjects-none", inner("subject", []), "", "Malformed", "0 subjects"),
        ("subject-second-digest", inner("subject.0.digest.sha512", "00" * 64), "it would not be checked", "Malformed",
         "sha512"),
        ("root-wrong", inner("subject.0.digest.sha256", "00" * 32), "", "Malformed", "root digest"),
        ("root-absent", inner("subject.0.digest", {}), "", "Malformed", "sha256"),
        ("resources-unsorted", signed(statement(listed[::-1])), "", "Malformed", "order"),
        ("resources-none", signed(statement([])), "an empty model", "Malformed", "at least one file"),
        ("resource-twice", signed(statement([*listed, listed[-1]])), "", "Malformed", "twice"),
        ("resource-dot-of-many", signed(statement([resource(".", b""), *listed])), "", "Malformed", "only file"),
        ("name-parent", named("../escaped"), "", "Malformed", path),
        ("name-parent-inside", named("sub/../../escaped"), "", "Malformed", path),
        ("name-dot-inside", named("sub/./x"), "", "Malformed", path),
        ("name-absolute", named("/etc/passwd"), "", "Malformed", path),
        ("name-empty", named(""), "", "Malformed", path),
        ("name-double-slash", named("sub//x"), "", "Malformed", path),
        ("name-trailing-slash", named("sub/x/"), "", "Malformed", path),
        ("name-nul", named("sub/x\0y"), "", "Malformed", path),
        ("name-surrogate", compact(bundle(compact(statement([resource("HERE", b"")])).replace(b"HERE", b"\\ud800"))),
         "half of a character", "Malformed", "UTF-8"),
        ("digest-upper-case", inner("predicate.resources.0.digest", listed[0]["digest"].upper()), "", "Malformed",
         "hex"),
        ("digest-short", inner("predicate.resources.0.digest", listed[0]["digest"][:-2]), "", "Malformed", "hex"),
        ("algorithm-mixed", inner("predicate.resources.0.algorithm", "sha512"), "", "Malformed", "sha512"),
        ("hash-of-another-name", signed(statement(hash_type="blake3")), "the files say sha256", "Malformed", "blake3"),
        ("hash-blake2b-short", signed(hashed("blake2b", lambda data: hashlib.blake2b(data, digest_size=32))), "",
         "Malformed", "128 lowercase hex"),
        ("hash-md5", signed(hashed("md5", hashlib.md5)), "", "Unavailable", "md5"),
        ("method-other", signed(statement(method="chunks")), "", "Unavailable", "chunks"),
        ("shards-by-another-name", signed(shards(40, suffix="-sharded-41")), "", "Malformed", "sharded-41"),
        ("shards-without-size", signed(statement(method="shards")), "", "Malformed", "shard_size"),
        ("shards-of-nothing", signed(shards(40, shard_size=0)), "", "Malformed", "holds nothing"),
        ("shards-of-text", signed(shards(40, shard_size="40")), "", "Malformed", "whole number"),
        ("shards-of-files", signed(statement(method="shards", shard_size=40)), "", "Malformed", "name of a shard"),
        ("shards-of-another-size", signed(shards(40, shard_size=41)), "", "Malformed", "all of a file"),
        ("shards-with-a-hole", signed(shards(9, without="sub/x:9:18")), "", "Malformed", "all of a file"),
        ("shards-without-a-begin", signed(shards(9, without="sub/x:0:9")), "", "Malformed", "all of a file"),
        ("shards-without-an-end", signed(shards(9, without="sub/x:18:22")), "as of a shorter file",
         "NotVerified", "changed: sub/x"),
        ("shards-twice", signed(shards(40, twice=True)), "", "Malformed", "twice"),
        ("shards-negative", named("sub/x:-1:22"), "a file of that name", "NotVerified", "missing: sub/x:-1:22"),
        ("shards-zero-before", signed(shards(40, rename=(":0:", ":00:"))), "", "Malformed", "name of a shard"),
        ("shards-huge", signed(shards(40, rename=(":0:", f":{'9' * 5000}:"))), "", "Malformed", "name of a shard"),
        ("size-wrong", signed(sized(1)), "sound digests", "NotVerified", "changed: config.json"),
        ("shard-size", signed(statement(shard_size=1)), "it says nothing about files", "Malformed", "shard_size"),
        ("symlinks-absent", inner(f"{how}.allow_symlinks", ...), "", "Malformed", "allow_symlinks"),
        ("symlinks-text", inner(f"{how}.allow_symlinks", "false"), "which is true to a careless reader", "Malformed",
         "allow_symlinks"),
        ("ignores-parent", signed(statement(ignore_paths=["../model"])), "", "Malformed", path),
        ("ignores-all", signed(statement(ignore_paths=["."])), "", "Malformed", path),
        ("ignores-absolute", signed(statement(ignore_paths=["/"])), "", "Malformed", path),
        ("ignores-not-list", signed(statement(ignore_paths="config.json")), "", "Malformed", "not a list"),
        ("ignores-what-is-listed", signed(statement(ignore_paths=["sub"])), "", "Malformed", "both listed and ignored"),
    ]  # fmt: skip
    return [Vector(name, data, why, error, says) for name, data, why, error, says in rows]


def vectors() -> list[Vector]:
    """Return every vector."""
    return [*passing(), *broken_files(), *broken_signatures(), *broken_envelopes(), *broken_statements()]


def write(folder: Path) -> None:
    """Write the whole folder again."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in MODEL.items():
        (folder / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "model" / name).write_bytes(data)
    (folder / "key.pub").write_bytes(pem(KEY))
    expected = {}
    for vector in vectors():
        name = f"{'fail' if vector.error else 'pass'}/{vector.name}.sig"
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(vector.data)
        expected[name] = {"why": vector.why or vector.name, "error": vector.error, "says": vector.says}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(f"{len(expected)} bundles in {folder}")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
