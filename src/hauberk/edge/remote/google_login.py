"""What lets us into Google's storage: a token from the environment, or one that a service account's key is given for.

| from                           |                                                                                    |
|--------------------------------|------------------------------------------------------------------------------------|
| GOOGLE_OAUTH_ACCESS_TOKEN      | a token, as `gcloud auth print-access-token` prints it; it is not renewed          |
| GOOGLE_APPLICATION_CREDENTIALS | a file with a service account's key, which signs for a token of one scope        |
| the machine                    | where somebody asks for it: a token of its service account, by the metadata server |

Without them nothing is sent. The machine's token is sent to Google's hosts and to this machine alone. Sources: RFC
7523, and "Using OAuth 2.0 for server to server applications", Google; "Authenticate workloads using service accounts",
Compute Engine.
"""

from __future__ import annotations

import base64
import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hauberk.edge import clock
from hauberk.edge.files import printable, read_file
from hauberk.edge.remote.credentials import bearer, one_line
from hauberk.edge.remote.form import post_form
from hauberk.edge.remote.hosts import Origin
from hauberk.edge.remote.machine import METADATA, at_fixed_address, is_switched_off, told
from hauberk.edge.remote.renewed import Lease, Renewed
from hauberk.errors import Exceeded, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.edge.remote.client import Authorise
    from hauberk.edge.remote.line import Patience

_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MAX_BYTES = 1 << 20
_HOUR = 3600
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_SECONDS = 86_400
_FLAVOR = {"Metadata-Flavor": "Google"}
_TOKEN = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 - an address
_WHAT = "what lets us into Google's storage"
_MACHINE_HINT = "see the service account of this machine, or set NO_GCE_CHECK=true"


def token(patience: Patience, *, as_machine_at: str = "", scope: str = _SCOPE) -> Authorise | None:
    """Return what lets a request in, renewed while it is used; None where there is none: nothing is sent.

    Args:
        patience: with the server that gives tokens for keys; the metadata server has a second to connect.
        as_machine_at: the service for which the machine's own token is asked where there is no other; empty for none.
        scope: what the token is asked for.

    Raises:
        Misconfigured: a token or a file that is none.
        Unavailable: the service account is given no token.
    """
    if text := os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", "").strip():
        return bearer(one_line(text, "GOOGLE_OAUTH_ACCESS_TOKEN"))
    if path := os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", ""):
        account = _account(path)
        renewed = Renewed(partial(_exchanged, account, path, scope, patience), what=_WHAT)
        renewed()
        return _bearing(renewed)
    if not as_machine_at or not _is_googles(as_machine_at) or is_switched_off("NO_GCE_CHECK"):
        return None
    first = _of_machine(scope)
    return _bearing(Renewed(partial(_still_of_machine, scope), what=_WHAT, first=first)) if first is not None else None


def _bearing(renewed: Renewed[str]) -> Authorise:
    def authorise(url: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        return bearer(renewed())(url, headers)

    return authorise


def _is_googles(url: str) -> bool:
    origin = Origin.of(url)
    return origin.host in _HERE or (origin.scheme == "https" and f".{origin.host}".endswith(".googleapis.com"))


def _of_machine(scope: str) -> Lease[str] | None:
    """Return the token of the machine's service account; None where no server answers, or it knows of no account."""
    with at_fixed_address(METADATA, _MACHINE_HINT) as client:
        try:
            said = told(client, f"{METADATA}{_TOKEN}?{urlencode({'scopes': scope})}", _FLAVOR)
        except (Unavailable, Exceeded):
            return None
    if said.headers.get("Metadata-Flavor", "") != _FLAVOR["Metadata-Flavor"]:
        raise Unavailable("what answers at the address of the metadata server is not Google's", _MACHINE_HINT)
    return _lease(said.body, "the metadata server", _MACHINE_HINT)


def _still_of_machine(scope: str) -> Lease[str]:
    found = _of_machine(scope)
    if found is None:
        raise Unavailable("the metadata server gives no token any more", _MACHINE_HINT)
    return found


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


def _exchanged(account: dict[str, Any], path: str, scope: str, patience: Patience) -> Lease[str]:
    """Return the token that a signed assertion is given for."""
    url = account["token_uri"]
    asked = {"grant_type": _GRANT, "assertion": _assertion(account, path, scope)}
    said = post_form(url, asked, hint="the service account is not known, or its key was revoked", patience=patience)
    return _lease(said, urlsplit(url).netloc, "see GOOGLE_APPLICATION_CREDENTIALS")


def _lease(said: bytes, who: str, hint: str) -> Lease[str]:
    """Return the token of an answer (RFC 6749 5.1), and when it ends."""
    try:
        answer = json.loads(said)
        found, seconds = answer["access_token"], answer["expires_in"]
        is_good = isinstance(found, str) and type(seconds) is int and 0 < seconds <= _MAX_SECONDS
    except (ValueError, KeyError, TypeError, RecursionError):
        is_good = False
    if not is_good:
        raise Unavailable(f"{who} answers with no token, or not with its end", hint)
    return Lease(one_line(found, f"the answer of {who}"), clock.now() + seconds)


def _assertion(account: dict[str, Any], path: str, scope: str) -> str:
    now = clock.now()
    claims = {
        "iss": account["client_email"],
        "scope": scope,
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
