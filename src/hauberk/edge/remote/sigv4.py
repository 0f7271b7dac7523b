"""Signed requests for S3: AWS Signature Version 4; the body is signed by its SHA-256.

Source: "Create a signed AWS API request", Amazon S3 API reference, and the test suite of the algorithm. S3 takes the
path as it is sent, encoded once.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.edge.remote.credentials import AwsKeys

_ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()


def signed_headers(
    url: str,
    headers: Mapping[str, str],
    *,
    keys: AwsKeys,
    region: str,
    now: int,
    method: str = "GET",
    body_sha256: str = EMPTY,
) -> dict[str, str]:
    """Return the headers that sign a request.

    Args:
        url: what is asked for; its path is encoded as it is sent.
        headers: of the request; those that begin with `x-amz-` are signed too, as S3 wants.
        keys: whose signature it is.
        region: of the bucket.
        now: Unix seconds; S3 refuses a clock that is a quarter of an hour off.
        method: of the request.
        body_sha256: of its body, in hex.
    """
    instant = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    added = {"x-amz-date": instant, "x-amz-content-sha256": body_sha256}
    if keys.session:
        added["x-amz-security-token"] = keys.session
    amz = {name.lower(): value.strip() for name, value in headers.items() if name.lower().startswith("x-amz-")}
    parts = urlsplit(url)
    signed = dict(sorted({"host": parts.netloc, **amz, **added}.items()))
    names = ";".join(signed)
    canonical = "\n".join(
        [
            method,
            parts.path or "/",
            _query(parts.query),
            *(f"{name}:{value}" for name, value in signed.items()),
            "",
            names,
            body_sha256,
        ]
    )
    scope = f"{instant[:8]}/{region}/s3/aws4_request"
    text = "\n".join([_ALGORITHM, instant, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_key(keys.secret, scope), text.encode(), hashlib.sha256).hexdigest()
    return added | {
        "Authorization": f"{_ALGORITHM} Credential={keys.access}/{scope},SignedHeaders={names},Signature={signature}"
    }


def encoded_path(key: str) -> str:
    """Return a key as it stands in the path of a request."""
    return quote(key, safe="/-_.~")


def _query(query: str) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
