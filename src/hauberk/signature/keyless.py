"""Keyless bundles: a certificate that Sigstore's authority gave for ten minutes to whoever an issuer vouched for.

What proves a bundle is verified by the `sigstore` library, an extra, offline: the path of the certificate to an
authority of the trusted root, its entry in a certificate log, the signature's entry in Sigstore's log (inclusion proof,
signed checkpoint, signed time), and that this was while the certificate was valid. Nothing is trusted by default: root,
identity and issuer are the reader's. What the library answers is not all that is asked:

| what     | answer                                                                                     |
|----------|--------------------------------------------------------------------------------------------|
| payload  | the bytes that the library verified are those that were read here, strictly, from the JSON |
| identity | email or URI, in the certificate under that kind of name                                   |
| key      | EC P-256, P-384 or P-521; the signature is verified here again                             |
| errors   | whatever the library raises for a bundle is `NotVerified`                                  |

Source: Sigstore client specification; OMS v1.0, method sigstore.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.signature.certificate import Holder, Identity, IdentityKind, bears, key_of
from hauberk.statement import PAYLOAD_TYPE

if TYPE_CHECKING:
    from hauberk.signature.oms_bundle import Bundle

_KINDS = (IdentityKind.EMAIL, IdentityKind.URI)
_NEXT = "name the trusted root, identity and issuer that you mean, or get the bundle again"


@dataclass(frozen=True, slots=True)
class Keyless:
    """What a reader trusts.

    Attributes:
        root: the JSON of Sigstore's trusted root: its authorities, logs and clocks.
        identities: one of them must have signed.
        issuer: the address of who must have vouched for the identity, as `https://accounts.google.com`.
    """

    root: bytes
    identities: tuple[Identity, ...]
    issuer: str

    def __post_init__(self) -> None:
        if not self.identities or not self.issuer:
            raise Misconfigured(
                "a keyless signature is verified with an identity and an issuer",
                "anybody has an identity of some issuer: name who must have signed, and who vouches for them",
            )
        for one in self.identities:
            if one.kind not in _KINDS:
                raise Misconfigured(f"{one} is in no keyless certificate", "name email:… or uri:…")


def verify_keyless(data: bytes, bundle: Bundle, trusted: Keyless) -> Holder:
    """Return who signed a keyless bundle.

    Args:
        data: the bundle.
        bundle: the same, read.
        trusted: what is trusted.

    Raises:
        NotVerified: it does not hold, or somebody else signed.
        Malformed: its certificate is none, or of a key that signs no models.
        Misconfigured: the trusted root is none.
        Unavailable: the library is not installed.
    """
    assert bundle.certificate is not None
    key = key_of(bundle.certificate)
    verifier = _verifier(trusted.root)
    refused: list[str] = []
    for identity in trusted.identities:
        try:
            kind, payload = _verified(verifier, data, identity, trusted.issuer)
        except Exception as error:  # noqa: BLE001 - other people's code on a stranger's bytes: whatever it raises
            refused.append(_reason(error))
            continue
        if (kind, payload) != (PAYLOAD_TYPE, bundle.payload) or not bears(bundle.certificate, identity):
            raise NotVerified("two readers see two things in the bundle", _NEXT)
        return Holder(key, identity)
    raise NotVerified(f"the keyless signature does not hold: {refused[0]}", _NEXT)


def _verifier(root: bytes) -> Any:
    try:
        from sigstore.models import TrustedRoot  # noqa: PLC0415 - an extra, half a second
        from sigstore.verify import Verifier  # noqa: PLC0415
        from sigstore_models.trustroot import v1  # noqa: PLC0415
    except ImportError:
        raise Unavailable("this needs sigstore, which is not installed", "pip install 'hauberk[keyless]'") from None
    try:
        return Verifier(trusted_root=TrustedRoot(v1.TrustedRoot.from_json(root)))
    except Exception as error:  # noqa: BLE001 - as above
        raise Misconfigured(
            f"this is no trusted root of Sigstore: {_reason(error)}", "name a trusted_root.json"
        ) from None


def _verified(verifier: Any, data: bytes, identity: Identity, issuer: str) -> tuple[str, bytes]:
    from sigstore.models import Bundle as Material  # noqa: PLC0415 - as above
    from sigstore.verify import policy  # noqa: PLC0415

    wanted = policy.Identity(identity=identity.name, issuer=issuer)
    kind, payload = verifier.verify_dsse(Material.from_json(data), wanted)
    return kind, payload


def _reason(error: Exception) -> str:
    return (ascii(str(error).partition("\n")[0])[1:-1] or type(error).__name__)[:240]
