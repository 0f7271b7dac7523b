"""What lets us into Google's storage: a token from the environment, or one that a service account's key is given for.

| from                           |                                                                                    |
|--------------------------------|------------------------------------------------------------------------------------|
| GOOGLE_OAUTH_ACCESS_TOKEN      | a token, as `gcloud auth print-access-token` prints it                             |
| GOOGLE_APPLICATION_CREDENTIALS | a file with a service account's key, which signs for a token that may read only    |

Without them nothing is sent. The link-local metadata service of a machine is never asked. Source: RFC 7523, and "Using
OAuth 2.0 for server to server applications", Google.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hauberk.edge import clock
from hauberk.edge.files import printable, read_file
from hauberk.edge.remote.client import Client
from hauberk.edge.remote.credentials import bearer
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from hauberk.edge.remote.client import Authorise
    from hauberk.edge.remote.line import Patience

_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MAX_BYTES = 1 << 20
_HOUR = 3600


def token(patience: Patience) -> Authorise | None:
    """Return what lets a request in, or None: then nothing is sent.

    Raises:
        Misconfigured: a token or a file that is none.
        Unavailable: the service account is given no token.
    """
    if text := os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", "").strip():
        return bearer(_one_line(text, "GOOGLE_OAUTH_ACCESS_TOKEN"))
    path = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    return bearer(_exchanged(_account(path), path, patience)) if path else None


def _account(path: str) -> dict[str, Any]:
    try:
        account = json.loads(read_file(path, limit=_MAX_BYTES))
        good = account["type"] == "service_account" and all(
            isinstance(account[name], str) for name in ("client_email", "private_key", "token_uri")
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise Misconfigured(
            f"{printable(path)} is no key of a service account", "see GOOGLE_APPLICATION_CREDENTIALS, or give a token"
        )
    return dict(account)


def _exchanged(account: dict[str, Any], path: str, patience: Patience) -> str:
    """Return the token that a signed assertion is given for."""
    url = account["token_uri"]
    body = urlencode({"grant_type": _GRANT, "assertion": _assertion(account, path)}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    with Client(url, hint="the service account is not known, or its key was revoked", patience=patience) as client:

        def once() -> bytes:
            with client.send(url, method="POST", headers=headers, body=lambda: (body,)) as answer:
                return answer.read(_MAX_BYTES)

        said = client.patiently(once)
    try:
        found = json.loads(said)["access_token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unavailable(
            f"{urlsplit(url).netloc} answers with no token", "see GOOGLE_APPLICATION_CREDENTIALS"
        ) from None
    return _one_line(str(found), "the token")


def _assertion(account: dict[str, Any], path: str) -> str:
    now = clock.now()
    claims = {
        "iss": account["client_email"],
        "scope": _SCOPE,
        "aud": account["token_uri"],
        "iat": now,
        "exp": now + _HOUR,
    }
    try:
        key = serialization.load_pem_private_key(account["private_key"].encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Misconfigured(f"{printable(path)} holds no RSA key", "make a new key of the service account")
    text = f"{_segment({'alg': 'RS256', 'typ': 'JWT'})}.{_segment(claims)}"
    return f"{text}.{_packed(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _segment(document: dict[str, Any]) -> str:
    return _packed(json.dumps(document).encode())


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _one_line(text: str, where: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise Misconfigured(f"{where} is no token: it has blanks or odd letters", "write it again")
    return text
