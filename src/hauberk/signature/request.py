"""Signed HTTP requests: who asks, what exactly, of which log, and when. RFC 9421, with one list of what is signed.

    Content-Digest: sha-256=:<base64 of the body's SHA-256>:
    Signature-Input: hauberk=("@method" "@path" "@query" "content-digest");created=<Unix seconds>;nonce="<hex>";
                     keyid="<key id>";alg="ed25519";tag="urn:hauberk:ledger:<hex SHA-256 of the log's origin>"
    Signature: hauberk=:<base64>:

The tag binds a request to one log, so that what was asked of one cannot be sent to another that trusts the same key.
The nonce makes each request unlike every other; that it was not seen before is for whoever keeps what was seen.

Sources: RFC 9421 sections 2, 2.2, 2.3 and 2.5; RFC 9530 section 2.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed, NotVerified
from hauberk.signature import base64

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.signature.key import PublicKey, Signer

NONCE_BYTES: Final = 16
_COMPONENTS: Final = ("@method", "@path", "@query", "content-digest")
_LISTED: Final = "(" + " ".join(f'"{name}"' for name in _COMPONENTS) + ")"
_INPUT: Final = re.compile(
    rf"hauberk=({re.escape(_LISTED)};created=(0|[1-9][0-9]{{0,11}});nonce=\"([0-9a-f]{{32}})\";"
    r"keyid=\"([0-9a-f]{64})\";alg=\"ed25519\";tag=\"urn:hauberk:ledger:([0-9a-f]{64})\")"
)
_SIGNATURE: Final = re.compile(r"hauberk=:([A-Za-z0-9+/=]{88}):")
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/=]{44}):")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a request says of itself; nothing of it holds before `verify`.

    Attributes:
        digest: the SHA-256 that its body must have.
        log: the hex SHA-256 of the origin of the log that is asked.
        created: Unix seconds.
    """

    keyid: str
    created: int
    nonce: str
    log: str
    digest: bytes
    signed: bytes
    signature: bytes

    @classmethod
    def read(cls, method: str, path: str, query: str, headers: Mapping[str, str]) -> SignedRequest:
        """Read the headers of a request, by their names in lower case.

        Raises `NotVerified` where it is not signed at all, `Malformed` where it is signed in another way than this.
        """
        given, said = headers.get("signature-input"), headers.get("signature")
        if given is None or said is None:
            raise NotVerified("the request is not signed", "give --key: a key that the ledger's trust lists")
        form, text = _INPUT.fullmatch(given), _SIGNATURE.fullmatch(said)
        body = _DIGEST.fullmatch(headers.get("content-digest", ""))
        if form is None or text is None or body is None:
            raise Malformed(
                "the request is signed in another way than is read here", "see RFC 9421, and our page of it"
            )
        parts = (method, path, f"?{query}", headers["content-digest"])
        return cls(
            keyid=form[4],
            created=int(form[2]),
            nonce=form[3],
            log=form[5],
            digest=base64.decode(body[1], what="Content-Digest"),
            signed=signature_base(tuple(zip(_COMPONENTS, parts, strict=True)), form[1]),
            signature=base64.decode(text[1], what="Signature"),
        )

    def verify(self, key: PublicKey) -> None:
        """Raise `NotVerified` unless this key has signed the request, whose body is still to be compared."""
        key.verify(self.signature, self.signed)

    def check_body(self, body: bytes) -> None:
        """Raise `NotVerified` unless the body is the one that was signed."""
        if hashlib.sha256(body).digest() != self.digest:
            raise NotVerified("the body is not the one that was signed")


def sign_request(
    method: str, path: str, *, body: bytes, signer: Signer, origin: str, created: int, nonce: bytes, query: str = ""
) -> dict[str, str]:
    """Return the headers that sign a request.

    Args:
        method: as in `POST`.
        path: as it is sent.
        query: without its question mark; empty for none.
        body: all of it.
        signer: an Ed25519 key.
        origin: of the log that is asked.
        created: Unix seconds.
        nonce: `NONCE_BYTES` that were never used before.
    """
    digest = f"sha-256=:{base64.encode(hashlib.sha256(body).digest())}:"
    parameters = (
        f'{_LISTED};created={created};nonce="{nonce.hex()}";keyid="{signer.public.keyid}";alg="ed25519";'
        f'tag="urn:hauberk:ledger:{log_id(origin)}"'
    )
    parts = tuple(zip(_COMPONENTS, (method, path, f"?{query}", digest), strict=True))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"hauberk={parameters}",
        "Signature": f"hauberk=:{base64.encode(signer.sign(signature_base(parts, parameters)))}:",
    }


def log_id(origin: str) -> str:
    """Return how a request names a log: the hex SHA-256 of its origin."""
    return hashlib.sha256(origin.encode()).hexdigest()


def signature_base(parts: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """Return what is signed (RFC 9421 section 2.5): each component by its name, then the parameters."""
    lines = [*(f'"{name}": {value}' for name, value in parts), f'"@signature-params": {parameters}']
    return "\n".join(lines).encode("ascii")
