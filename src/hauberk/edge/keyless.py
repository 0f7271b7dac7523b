"""Signs without a key that anybody keeps: a Sigstore gives a certificate for minutes, and its log takes an entry.

This speaks to a network, to the services that a file names and to no others; nothing is looked up. What comes back is
verified as a reader would before it is used. The log is sent what is signed, the names and digests of all files; it is
public and forgets nothing: the identity, the time and a digest of that stand in it for ever.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hauberk.edge.extras import require_extra
from hauberk.edge.files import read_file
from hauberk.errors import Misconfigured, Unavailable
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.certificate import Holder, identities_of
from hauberk.signature.keyless import Keyless, verify_keyless
from hauberk.signature.oms_bundle import decode_bundle

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath

_HERE = ("127.0.0.1", "::1", "localhost")
# As the configuration has it, and as the library reads it too.
_SERVICES = ("caUrls", "ca_urls", "rekorTlogUrls", "rekor_tlog_urls", "tsaUrls", "tsa_urls")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A keyless bundle that holds, who signed it, and who vouches for them."""

    bundle: bytes
    holder: Holder
    issuer: str


@dataclass(frozen=True, slots=True)
class KeylessSigner:
    """Signs with an identity.

    Attributes:
        config: Sigstore's client trust config, JSON: the services, and the trusted root for what they answer.
        token: what an issuer of identities says of the signer (OpenID Connect), a secret for some minutes.
    """

    config: bytes
    token: str = field(repr=False)

    def seal(self, payload: bytes) -> Sealed:
        """Return a bundle over an in-toto statement.

        Raises:
            Misconfigured: the configuration or the token is none, or a service would get the token in clear.
            Unavailable: a service does not answer, or refuses; or `sigstore` is not installed.
            NotVerified: what came back does not hold.
        """
        require_extra("keyless", "sigstore")
        root = _checked(self.config)
        context, identity = _context(self.config, self.token)
        try:
            with context.signer(identity) as signer:
                bundle = signer.sign_dsse(_statement(payload)).to_json().encode()
        except Exception as error:  # noqa: BLE001 - other people's code and services
            raise Unavailable(
                f"the Sigstore did not sign: {type(error).__name__}: {_line(error)}", "see whether its services answer"
            ) from None
        decoded = decode_bundle(bundle)
        if decoded.certificate is None or decoded.payload != payload:
            raise Unavailable("the Sigstore signed something else", "see which services the configuration names")
        issuer = str(identity.federated_issuer)
        trusted = Keyless(root, identities_of(decoded.certificate), issuer)
        return Sealed(bundle, verify_keyless(bundle, decoded, trusted), issuer)


def open_keyless(config: StrPath, token: StrPath | None) -> KeylessSigner:
    """Return a signer; without a file of a token, the one that a pipeline's environment offers is taken.

    Raises:
        Misconfigured: there is no token.
        Unavailable: a file cannot be read, or `sigstore` is not installed.
    """
    require_extra("keyless", "sigstore")
    read = read_file(config, limit=DEFAULT_LIMITS.max_document_bytes)
    if token is not None:
        said = read_file(token, limit=1 << 16).decode("ascii", "replace").strip()
        return KeylessSigner(read, said)
    from sigstore.oidc import detect_credential  # noqa: PLC0415 - an extra

    try:
        ambient = detect_credential()
    except Exception as error:  # noqa: BLE001 - as above
        raise Unavailable(f"the environment gives no identity token: {_line(error)}", "name a file with one") from None
    if ambient is None:
        raise Misconfigured("there is no identity token", "name a file with one: --identity-token FILE")
    return KeylessSigner(read, ambient)


def _checked(config: bytes) -> bytes:
    """Return the trusted root of a configuration whose services get nothing in clear."""
    try:
        read = json.loads(config)
        urls = [one["url"] for name in _SERVICES for one in read["signingConfig"].get(name, [])]
        root = json.dumps(read["trustedRoot"]).encode()
        parts = [urlsplit(url) for url in urls]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Misconfigured("this is no client trust config of Sigstore", "it holds services and a root") from None
    for part in parts:
        if part.scheme != "https" and part.hostname not in _HERE:
            raise Misconfigured(
                f"{part.geturl()[:120]!r} would get the identity token in clear", "name its https:// address"
            )
    return root


def _context(config: bytes, token: str) -> tuple[Any, Any]:
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415 - an extra
    from sigstore.oidc import IdentityToken  # noqa: PLC0415
    from sigstore.sign import SigningContext  # noqa: PLC0415

    try:
        context = SigningContext.from_trust_config(ClientTrustConfig.from_json(config.decode()))
    except Exception as error:  # noqa: BLE001 - as above
        raise Misconfigured(f"this is no client trust config of Sigstore: {_line(error)}") from None
    try:
        return context, IdentityToken(token)
    except Exception as error:  # noqa: BLE001 - as above
        raise Misconfigured(f"this is no identity token: {_line(error)}", "get a new one for `sigstore`") from None


def _statement(payload: bytes) -> Any:
    from sigstore.dsse import Statement  # noqa: PLC0415 - an extra

    return Statement(payload)


def _line(error: Exception) -> str:
    return ascii(str(error).partition("\n")[0])[1:-1][:240]
