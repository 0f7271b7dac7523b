"""What the root is asked to sign, as a file: a draft that people read and edit, and the same with signatures.

A draft is JSON: the realm, the root whose keys have to sign, the next root if there is one, and the next trust. Signed,
it holds envelopes in the place of the last two, and bytes that are edited then no longer verify. The file travels to a
machine without a ledger and back; the root that it names only tells a wrong key early. What decides is the ledger.

The draft that founds a project has no root before its own, and no realm: that is the digest of its root, whatever
people write into that before they sign.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified
from hauberk.evidence.first_trust import check_first
from hauberk.evidence.predicates import ROOT, TRUST
from hauberk.evidence.shape import Among, Anything, ListOf, Nullable, Object, Text, schema_of
from hauberk.evidence.trust import Root, Trust, realm_of
from hauberk.signature import base64, dsse, jcs
from hauberk.statement import Envelope, Named, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.signature.key import Signer

DRAFT = "urn:hauberk:trust-draft:v1"
SIGNED = "urn:hauberk:signed-trust:v1"

_REALM = Text(pattern="sha256:[0-9a-f]{64}")
DRAFT_SHAPE = Object(
    {"schema": Among((DRAFT,)), "realm": Nullable(_REALM), "by": Nullable(ROOT.shape), "trust": TRUST.shape},
    {"root": Nullable(ROOT.shape)},
)
_SIGNED_SHAPE = Object(
    {"schema": Among((SIGNED,)), "by": Nullable(ROOT.shape), "envelopes": ListOf(Anything(), least=1)}
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be signed: the next trust, and the next root if there is one, as plain data.

    Attributes:
        by: the newest root, whose keys sign; None where the root founds a project, and its own keys do.
    """

    realm: Digest
    by: Mapping[str, Any] | None
    root: Mapping[str, Any] | None
    trust: Mapping[str, Any]

    def encode(self) -> bytes:
        """Return the draft laid out for people."""
        realm = None if self.by is None else str(self.realm)
        body = {"schema": DRAFT, "realm": realm, "by": self.by, "root": self.root, "trust": self.trust}
        return json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return what is signed: the root before the trust that it signs."""
        realm = Named(f"realm/{self.realm.hex}", (self.realm,))
        root = () if self.root is None else (Statement((realm,), ROOT.type, self.root),)
        return (*root, Statement((realm,), TRUST.type, self.trust))


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, by at least one key: an envelope of the next root if there is one, and one of the next trust."""

    by: Mapping[str, Any] | None
    envelopes: tuple[Envelope, ...]

    def encode(self) -> bytes:
        """Return the file's bytes."""
        envelopes = [dsse.envelope_json(envelope) for envelope in self.envelopes]
        body = {"schema": SIGNED, "by": self.by, "envelopes": envelopes}
        return json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"

    @property
    def draft(self) -> Draft:
        """Return what was signed, as a draft; raise `Malformed` where the envelopes hold something else."""
        statements = [dsse.decode_statement(envelope.payload) for envelope in self.envelopes]
        kinds = tuple(statement.predicate_type for statement in statements)
        if kinds not in ((TRUST.type,), (ROOT.type, TRUST.type)) or any(
            statement.subjects != statements[0].subjects or len(statement.digests) != 1 for statement in statements
        ):
            raise Malformed("what is signed is not a trust, with or without the root before it, of one realm")
        root = statements[0].predicate if len(kinds) == len((ROOT, TRUST)) else None
        (realm,) = statements[0].digests
        if self.by is None and realm != _founded(root):
            raise Malformed("what is signed is of another realm than its root founds")
        return Draft(realm, self.by, root, statements[-1].predicate)


def founding(root: Mapping[str, Any], trust: Mapping[str, Any]) -> Draft:
    """Return the draft that founds a project: its first root, and the trust that this signs."""
    return Draft(_founded(root), None, root, trust)


def read(data: bytes) -> Draft | Signed:
    """Return the draft, or what was signed of it, in a file; raise `Malformed` for anything else."""
    value = jcs.decode(data, what="draft")
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema == DRAFT:
        DRAFT_SHAPE.check(value, "draft")
        root, realm = value.get("root"), value["realm"]
        if (realm is None) != (value["by"] is None):
            raise Malformed("a draft names both a realm and the root that signs, or founds a realm and names neither")
        return Draft(_founded(root) if realm is None else Digest.parse(realm), value["by"], root, value["trust"])
    if schema == SIGNED:
        _SIGNED_SHAPE.check(value, "signed trust")
        return Signed(value["by"], tuple(map(_envelope, value["envelopes"])))
    raise Malformed(f"it is neither a draft of a trust nor a signed one: its schema is {schema!r:.60}")


def lost(older: bytes, newer: Signed) -> tuple[str, ...]:
    """Return the ids of keys that have signed the same in an older file, and have not in what is to take its place."""
    try:
        before = read(older)
    except HauberkError:
        return ()
    kept = {envelope.payload: {one.keyid for one in envelope.signatures} for envelope in newer.envelopes}
    there = before.envelopes if isinstance(before, Signed) else ()
    gone = {one.keyid for e in there if e.payload in kept for one in e.signatures if one.keyid not in kept[e.payload]}
    return tuple(sorted(gone))


def is_signed(data: bytes) -> bool:
    """Say whether a file says that it is a signed trust, be it a broken one."""
    return schema_of(data) == SIGNED


def _envelope(value: Any) -> Envelope:
    """Return an envelope; here it may wait for its first signature, while the keys of the older root sign the root."""
    if isinstance(value, dict) and value.get("signatures") == [] and isinstance(value.get("payload"), str):
        return Envelope(base64.decode(value["payload"], what="envelope's payload"), ())
    return dsse.envelope_of(value)


def check_draft(draft: Draft) -> tuple[Root | None, Root | None, Trust]:
    """Return what a draft says, decoded: the root that signs, unless it founds; the next root; the trust.

    Raises:
        Malformed: a root or a trust that is none.
        Misconfigured: they do not fit together.
    """
    by = None if draft.by is None else Root.of(draft.by)
    root = None if draft.root is None else Root.of(draft.root)
    trust, newest = Trust.of(draft.trust), _newest(by, root)
    if by is None:
        check_first(newest, trust)
    elif root is not None and root.version != by.version + 1:
        raise Misconfigured(f"the next root has the version {root.version}", f"the next is {by.version + 1}")
    if trust.root_version != newest.version:
        raise Misconfigured(
            f"the trust names root version {trust.root_version}, and version {newest.version} has to sign it",
            f'write "rootVersion": {newest.version}',
        )
    if newest.valid_until < trust.valid_until:
        raise Misconfigured(
            "the trust would outlive the root that signs it", "end it earlier by --days, or sign a next root"
        )
    return by, root, trust


def sign(what: Draft | Signed, signers: Sequence[Signer]) -> Signed:
    """Return the draft with the signatures of these keys, beside those that it has.

    Each key signs what it belongs to: the next root is signed by the keys of both roots, the trust by those of the
    newest.

    Raises:
        NotVerified: a key that is of neither root, or a signature that is there and does not hold.
        Misconfigured, Malformed: as `check_draft`.
    """
    draft = what if isinstance(what, Draft) else what.draft
    by, root, _ = check_draft(draft)
    newest, either = _newest(by, root), {**(by.keys if by else {}), **(root.keys if root else {})}
    for signer in signers:
        if signer.public.keyid not in either:
            raise NotVerified(
                f"the key {signer.public.keyid} is none of root version {(by or newest).version}",
                "only keys of the root sign a trust: " + ", ".join(f"{keyid[:12]}…" for keyid in sorted(either)),
            )
    there = what.envelopes if isinstance(what, Signed) else (None,) * len(draft.statements)
    envelopes = []
    for statement, envelope in zip(draft.statements, there, strict=True):
        may = either if statement.predicate_type == ROOT.type else newest.keys
        if envelope is not None:
            dsse.verify(envelope, may.get)
        envelopes.append(_signed(statement, envelope, [one for one in signers if one.public.keyid in may]))
    return Signed(draft.by, tuple(envelopes))


def to_sign(draft: Draft) -> dict[str, bytes]:
    """Return the bytes that keys elsewhere sign (DSSE), by what they are of; errors as `check_draft`."""
    check_draft(draft)
    names = {ROOT.type: "root", TRUST.type: "trust"}
    return {
        names[one.predicate_type]: dsse.pre_authentication_encoding(dsse.encode_statement(one))
        for one in draft.statements
    }


def _newest(by: Root | None, root: Root | None) -> Root:
    newest = root or by
    if newest is None:
        raise Malformed("the draft has no root")
    return newest


def _founded(root: Mapping[str, Any] | None) -> Digest:
    """Return the realm that a root founds; raise `Malformed` where there is none."""
    if root is None:
        raise Malformed("what founds a project begins with its root")
    (realm,) = realm_of(root).digests
    return realm


def _signed(statement: Statement, envelope: Envelope | None, signers: Sequence[Signer]) -> Envelope:
    there = {signature.keyid: signature for signature in envelope.signatures} if envelope else {}
    new = dsse.sign(statement, [one for one in signers if one.public.keyid not in there])
    merged = {signature.keyid: signature for signature in new.signatures} | there
    return Envelope(new.payload, tuple(merged[keyid] for keyid in sorted(merged)))
