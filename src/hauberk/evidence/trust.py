"""Who may say what: the root, and the trust file that the root signs.

The root is a threshold of keys, versioned; version n+1 is signed by the thresholds of n and of n+1. Root version 1
names the realm. Trust says which key may sign which predicate about which subjects from when to when, and which log and
witnesses count. All of it is frozen: verifying A never changes how B is verified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, Malformed, NotVerified
from hauberk.evidence.instant import parse_instant
from hauberk.evidence.predicates import BY_TYPE, ROOT, TRUST
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature import base64, jcs
from hauberk.signature.key import STATEMENT_KINDS, KeyKind, PublicKey
from hauberk.signature.note import NoteKind, VerifierKey
from hauberk.statement import Named
from hauberk.subject import in_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ROOT_LINE = re.compile(rb"hauberk-root/1 threshold=([1-9][0-9]{0,2})\n")
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]{1,4096}-----END PUBLIC KEY-----\n")


@dataclass(frozen=True, slots=True)
class RootKeys:
    """The keys and threshold of root version 1, as `root.pub` holds them: all that a stranger needs."""

    threshold: int
    keys: tuple[PublicKey, ...]

    def __post_init__(self) -> None:
        ids = [key.keyid for key in self.keys]
        if not 1 <= self.threshold <= len(ids) or len(set(ids)) != len(ids):
            raise Malformed(f"a root of {len(ids)} keys cannot have the threshold {self.threshold}")
        for key in self.keys:
            if key.kind not in STATEMENT_KINDS:
                raise Malformed(f"a key of kind {key.kind} signs nothing here", "use Ed25519 for the root")

    def encode(self) -> bytes:
        """Return the text of `root.pub`: the line with the threshold, then a PEM block for each key, by keyid."""
        blocks = [key.pem for key in sorted(self.keys, key=lambda key: key.keyid)]
        return b"hauberk-root/1 threshold=%d\n" % self.threshold + b"".join(blocks)

    @classmethod
    def decode(cls, data: bytes) -> RootKeys:
        """Read `root.pub`; raise `Malformed` unless `data` is exactly what `encode` gives."""
        head = _ROOT_LINE.match(data)
        if head is None:
            raise Malformed(
                "not a root file: its first line is not hauberk-root/1 threshold=K",
                "name the root.pub that the owner of the model gave out",
            )
        blocks, at = [], head.end()
        while found := _PEM.match(data, at):
            blocks.append(found.group())
            at = found.end()
        if at != len(data):
            raise Malformed(f"the root file holds something else than PEM public keys at byte {at}")
        read = cls(int(head.group(1)), tuple(PublicKey.from_pem(block) for block in blocks))
        if read.encode() != data:
            raise Malformed("the root file's keys are not in the order of their ids, or not in their one form")
        return read


@dataclass(frozen=True, slots=True)
class Root:
    """One version of the root."""

    version: int
    keys: Mapping[str, PublicKey]
    threshold: int
    valid_until: int
    development: bool

    @classmethod
    def of(cls, predicate: Mapping[str, Any]) -> Root:
        """Return the root that a predicate describes; raise `Malformed` where it is not a root."""
        ROOT.shape.check(predicate, "root")
        keys = _keys(predicate["keys"])
        if predicate["threshold"] > len(keys):
            raise Malformed(f"the root's threshold {predicate['threshold']} is more than its {len(keys)} keys")
        return cls(
            predicate["version"],
            keys,
            predicate["threshold"],
            parse_instant(predicate["validUntil"]),
            predicate["development"],
        )

    def check_signed(self, signers: tuple[str, ...], what: str) -> None:
        """Raise `NotVerified` unless at least the threshold of this root's keys is among the verified signers."""
        held = len(self.keys.keys() & set(signers))
        if held < self.threshold:
            raise NotVerified(f"the {what} has {held} signatures of root version {self.version}, not {self.threshold}")


@dataclass(frozen=True, slots=True)
class Grant:
    """One key may sign these predicates (types) about these subjects (scopes) from one instant to another."""

    signer: str
    predicates: tuple[str, ...]
    subjects: tuple[str, ...]
    not_before: int
    not_after: int

    def covers(self, keyid: str, predicate_type: str, label: str, time: int) -> bool:
        """Say whether this grant lets the key sign such a statement at this log time (Unix seconds)."""
        return (
            keyid == self.signer
            and predicate_type in self.predicates
            and any(in_scope(label, scope) for scope in self.subjects)
            and self.not_before <= time <= self.not_after
        )


@dataclass(frozen=True, slots=True)
class Trust:
    """One version of the trust file."""

    version: int
    root_version: int
    valid_until: int
    development: bool
    log: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    quorum: int
    keys: Mapping[str, PublicKey]
    names: Mapping[str, str]
    grants: tuple[Grant, ...]
    digest: Digest

    @classmethod
    def of(cls, predicate: Mapping[str, Any]) -> Trust:
        """Return the trust that a predicate describes; raise `Malformed` for none, `Exceeded` for one past a limit."""
        TRUST.shape.check(predicate, "trust")
        _check_rights(predicate["grants"])
        keys = _keys(predicate["keys"])
        witnesses = tuple(VerifierKey.parse(text) for text in predicate["witnesses"]["vkeys"])
        if len({w.public.keyid for w in witnesses}) != len(witnesses) or len({w.name for w in witnesses}) != len(
            witnesses
        ):
            raise Malformed("trust lists a witness twice")
        if predicate["witnesses"]["quorum"] > len(witnesses):
            raise Malformed(f"trust wants {predicate['witnesses']['quorum']} of {len(witnesses)} witnesses")
        log = VerifierKey.parse(predicate["log"]["vkey"])
        if log.name != predicate["log"]["origin"]:
            raise Malformed(f"the log's key is named {log.name!r}, its origin {predicate['log']['origin']!r}")
        if log.kind is not NoteKind.ED25519 or any(w.kind is not NoteKind.COSIGNATURE_V1 for w in witnesses):
            raise Malformed("the log's key is of the kind 0x01, and each witness's of the kind 0x04")
        if log.public.keyid in {witness.public.keyid for witness in witnesses}:
            raise Malformed("the log is listed as its own witness", "a witness is a key of another owner")
        return cls(
            version=predicate["version"],
            root_version=predicate["rootVersion"],
            valid_until=parse_instant(predicate["validUntil"]),
            development=predicate["development"],
            log=log,
            witnesses=witnesses,
            quorum=predicate["witnesses"]["quorum"],
            keys=keys,
            names={keyid: entry["name"] for keyid, entry in predicate["keys"].items()},
            grants=tuple(_grant(entry, keys) for entry in predicate["grants"]),
            digest=sha256(jcs.encode(dict(predicate))),
        )

    def key_of(self, keyid: str) -> PublicKey | None:
        """Return the key of an id, or None where trust does not know it."""
        return self.keys.get(keyid)

    def allows(self, keyid: str, predicate_type: str, label: str, time: int) -> bool:
        """Say whether a grant lets this key sign such a statement at this log time (Unix seconds)."""
        return any(grant.covers(keyid, predicate_type, label, time) for grant in self.grants)


def decode_trust(data: bytes) -> Trust:
    """Read a trust file (JSON, a person may have laid it out); raise `Malformed` for anything else."""
    value = jcs.decode(data, what="trust file")
    if not isinstance(value, dict):
        raise Malformed("the trust file is not a JSON object")
    return Trust.of(value)


def realm_of(root_predicate: Mapping[str, Any]) -> Named:
    """Return the realm that root version 1 founds: the subject of every root, trust and policy statement."""
    digest = sha256(jcs.encode(dict(root_predicate)))
    return Named(f"realm/{digest.hex}", (digest,))


def _keys(listed: Mapping[str, Mapping[str, str]]) -> dict[str, PublicKey]:
    keys = {}
    for keyid, entry in listed.items():
        key = PublicKey(KeyKind(entry["kind"]), base64.decode(entry["spki"], what="key"))
        if key.keyid != keyid:
            raise Malformed(f"the key listed as {keyid} has the id {key.keyid}")
        keys[keyid] = key
    return keys


def _check_rights(grants: Iterable[Mapping[str, Any]]) -> None:
    """Raise `Exceeded` for more rights than people read: each predicate of a grant with each of its subjects."""
    rights = sum(len(grant["predicates"]) * len(grant["subjects"]) for grant in grants)
    if rights > DEFAULT_LIMITS.max_trust_rights:
        raise Exceeded(
            f"the trust grants {rights} rights; {DEFAULT_LIMITS.max_trust_rights} are allowed",
            "write kind/* for all subjects of a kind",
        )


def _grant(entry: Mapping[str, Any], keys: Mapping[str, PublicKey]) -> Grant:
    if entry["signer"] not in keys:
        raise Malformed(f"a grant names the key {entry['signer']}, which trust does not list")
    unknown = [name for name in entry["predicates"] if name not in BY_TYPE]
    if unknown:
        raise Malformed(f"a grant names the unknown predicate {unknown[0]!r}")
    return Grant(
        entry["signer"],
        tuple(entry["predicates"]),
        tuple(entry["subjects"]),
        parse_instant(entry["notBefore"]),
        parse_instant(entry["notAfter"]),
    )
