"""S3 and what speaks like it: one object, or every object under a prefix.

AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names another service than Amazon's, which is asked in path style; AWS_REGION or
AWS_DEFAULT_REGION the region. An object in a bucket with versions is pinned by the version that the first answer named,
in any bucket by its tag. A SHA-256 that the service keeps of the whole object is its claim.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from hauberk.edge import clock
from hauberk.edge.files import printable
from hauberk.edge.remote import aws_login
from hauberk.edge.remote.client import PATIENCE, Client, kept_open
from hauberk.edge.remote.credentials import aws_region
from hauberk.edge.remote.listing import Listing, Names, Pages, RemoteFile, sound
from hauberk.edge.remote.sigv4 import encoded_path, signed_headers
from hauberk.edge.remote.stored import CHECKSUM, claimed_sha256
from hauberk.edge.remote.xml_answer import decode_xml
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.aws_login import Keys
    from hauberk.edge.remote.client import Authorise
    from hauberk.edge.remote.line import Patience
    from hauberk.limits import Limits

    _Row = tuple[str, int | None, str]  # key, size, ETag

_OBJECT = frozenset({200, 206, 404, 416})
HINT = "see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, the job's role, AWS_REGION, AWS_ENDPOINT_URL, the object's name"


def listing(address: Address, limits: Limits, patience: Patience = PATIENCE, *, as_machine: bool = False) -> Listing:
    """Return one object where there is one of that very key, else every object under the key as a prefix.

    Args:
        address: of the bucket.
        limits: of what is listed.
        patience: how slow the service may be.
        as_machine: whether the machine's own credentials are asked for where there are no others.

    Raises:
        Unavailable: the service does not answer or let us in.
        Misconfigured: there is no such object and nothing under that prefix.
    """
    place, region = place_of(address.place)
    client = Client(place, hint=HINT, patience=patience)
    if keys := aws_login.keys(patience, as_machine=as_machine):
        client.admit(place, signing(keys, region))
    with kept_open(client):
        if address.path and not address.path.endswith("/"):
            found = _object(client, place, address)
            if found is not None:
                return Listing(address.text, (found,), (), client, is_tree=False)
        if address.revision:
            raise _absent(address)
        prefix = f"{address.path.rstrip('/')}/" if address.path else ""
        names = Names(limits)
        listed = [_file(place, prefix, *row) for row in _keys(client, place, prefix, names, limits)]
        files, odd = sound((file for file in listed if file.name), names)
        if not files and not odd:
            raise _absent(address)
        return Listing(address.text, files, odd, client, is_tree=True)


def place_of(bucket: str) -> tuple[str, str]:
    """Return the URL of a bucket, without a slash at its end, and its region."""
    region = aws_region()
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    if endpoint:
        return f"{endpoint.rstrip('/')}/{bucket}", region
    if "." in bucket:  # no certificate covers a bucket's name with a dot in it
        return f"https://s3.{region}.amazonaws.com/{bucket}", region
    return f"https://{bucket}.s3.{region}.amazonaws.com", region


def signing(keys: Keys, region: str) -> Authorise:
    """Return what signs a GET with the keys of that moment."""

    def authorise(url: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        return signed_headers(url, headers, keys=keys(), region=region, now=clock.now())

    return authorise


def _object(client: Client, place: str, address: Address) -> RemoteFile | None:
    """Return the object of this very key, or None where there is none."""
    url = f"{place}/{encoded_path(address.path)}"
    if address.revision:
        url += f"?versionId={quote(address.revision, safe='')}"

    def once() -> RemoteFile | None:
        headers = {**CHECKSUM, "Range": "bytes=0-0"}
        with client.open(url, headers=headers, accept=_OBJECT) as answer:
            if answer.status == 404:
                return None
            version = address.revision or answer.headers.get("x-amz-version-id", "")
            pinned = url if "versionId=" in url or version in ("", "null") else f"{url}?versionId={quote(version)}"
            told = f"version {printable(version)}" if version not in ("", "null") else ""
            claimed = claimed_sha256(answer.headers)
            version = "" if version == "null" else version
            name = address.path.rpartition("/")[2] or "object"
            return RemoteFile(name, pinned, None, claimed, told, CHECKSUM, version=version)

    return client.patiently(once)


def _keys(client: Client, place: str, prefix: str, names: Names, limits: Limits) -> Iterator[_Row]:
    """Yield what the list says of every object under a prefix (ListObjectsV2), as many as are allowed."""
    token, pages = "", Pages(names)
    while True:
        query = {"list-type": "2", "encoding-type": "url", "prefix": prefix}
        if token:
            query["continuation-token"] = token
        text = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(query.items()))
        answer = client.fetch(f"{place}/?{text}", limit=limits.max_remote_document_bytes)
        page = decode_xml(answer.body, "the list of objects")
        is_encoded = (page.findtext("EncodingType") or "") == "url"
        for entry in page.iter("Contents"):
            key, size = entry.findtext("Key") or "", entry.findtext("Size") or ""
            key = unquote_plus(key) if is_encoded else key
            if not names.take():
                return
            if key.startswith(prefix):
                known = int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None
                yield key, known, (entry.findtext("ETag") or "").strip()
        following = page.findtext("NextContinuationToken") or ""
        if (page.findtext("IsTruncated") or "") != "true" or not following:
            return
        token = pages.follow(following)


def _file(place: str, prefix: str, key: str, size: int | None, tag: str) -> RemoteFile:
    is_folder = key.endswith("/") and not size  # how consoles mark an empty folder
    name = "" if is_folder else key[len(prefix) :]
    return RemoteFile(name, f"{place}/{encoded_path(key)}", size, headers=CHECKSUM, tag=tag)


def _absent(address: Address) -> Misconfigured:
    return Misconfigured(f"{printable(address.text)}: there is no such object, and nothing under it", HINT)
