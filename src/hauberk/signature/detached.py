"""Signatures that were made elsewhere, by a key that this program never opens: in an HSM, or by OpenSSL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import NotVerified
from hauberk.signature.key import CURVES, low_s

if TYPE_CHECKING:
    from hauberk.signature.key import PublicKey


@dataclass(frozen=True, slots=True)
class Detached:
    """A key by its public half, with the signatures that it has made; of a message it has the one that holds.

    ECDSA signatures are DER, of either S: others write the larger one half of the time.
    """

    public: PublicKey
    signatures: tuple[bytes, ...]

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message; raise `NotVerified` where none of them is one."""
        for signature in self.signatures:
            try:
                found = low_s(signature, self.public.kind) if self.public.kind in CURVES else signature
                self.public.verify(found, message)
            except (NotVerified, ValueError):
                continue
            return found
        raise NotVerified(
            f"no signature that is named is of the key {self.public.keyid[:16]}… over what is to be signed",
            "sign exactly the bytes of each file that --bytes wrote: Ed25519, or ECDSA with SHA-256 in DER",
        )
