"""Objects written to S3, never over another one, each locked from the moment that it is there.

Each put is conditional (`If-None-Match: *`), bears the SHA-256 of its bytes, which the store compares, and the lock.
What is longer than a part goes in parts: then the store keeps a checksum over the parts' checksums.

Sources: "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObjectRetention", Amazon S3
API reference.
"""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from hauberk.edge import clock
from hauberk.edge.files import FileView, printable
from hauberk.edge.remote import aws_login, bucket_settings
from hauberk.edge.remote.address import Kind
from hauberk.edge.remote.bucket import HINT, place_of
from hauberk.edge.remote.bucket_settings import Reply
from hauberk.edge.remote.client import ERROR_CODE, NO_GOOD_KEYS, OK, PATIENCE, Client
from hauberk.edge.remote.piece import MEBIBYTE, Document, Piece
from hauberk.edge.remote.sigv4 import EMPTY, encoded_path, signed_headers
from hauberk.edge.remote.stored import CHECKSUM, COMPLIANCE, Stored, instant_of
from hauberk.edge.remote.xml_answer import decode_xml
from hauberk.errors import HauberkError, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hauberk.edge.remote.client import Answer
    from hauberk.edge.remote.line import Patience
    from hauberk.edge.remote.store import Keeping, Setting
    from hauberk.view import View

PART_BYTES = 64 << 20
_MAX_PARTS = 10_000
_ENCRYPTIONS = frozenset({"", "AES256", "aws:kms"})
_MAX_DOCUMENT = 1 << 20
_PAGE_KEYS = 500  # of versions, about 400 bytes each
_MOST_PAGES = 200
_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
_HEAD = frozenset({200, 404})
_ANSWERED = frozenset({200, 400, 403, 404, 405, 501})
_GIVEN = frozenset({200, 206, 416})
_PUT = frozenset({200, 409, 412})  # 409: somebody else writes it just now
_COMPLETE = frozenset({200, 404, 409, 412})  # 404: it is complete, and the answer that said so was lost
_OPEN = frozenset({200, 206, 401, 403, 404, 416})  # 416: an empty one, of which no first byte is given


class Bucket:
    """One bucket, and what lets us in. It owns the connections: use it in a `with` statement."""

    kind = Kind.BUCKET
    strictest = COMPLIANCE

    def __init__(self, name: str, *, patience: Patience = PATIENCE) -> None:
        """Make one; nothing is asked yet. Raises `Misconfigured` where there are no keys."""
        self.name = name
        self._place, self._region = place_of(name)
        keys = aws_login.keys(patience, as_machine=True)
        if keys is None:
            raise Misconfigured(
                "there are no keys for S3",
                "see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and the role of this machine",
            )
        self._keys = keys
        self._client = Client(self._place, hint=HINT, patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def settings(self) -> Mapping[str, Setting]:
        """Return what the bucket is set to."""
        return {
            "versioning": bucket_settings.versioning(self),
            "object-lock": bucket_settings.object_lock(self),
            "private": bucket_settings.private(self),
            "encryption": bucket_settings.encryption(self),
        }

    def lock_of(self, key: str, version: str) -> tuple[str, int] | str:
        """Return mode and end of a version's lock, empty for none, or why the store does not answer."""
        return bucket_settings.lock_of(self, key, version)

    def head(self, key: str, version: str = "") -> Stored | None:
        """Return what the store says of an object, or of one version of it; None where there is none."""

        def once() -> Stored | None:
            with self._send("HEAD", key, _query(versionId=version), headers=CHECKSUM, accept=_HEAD) as answer:
                return Stored.of(answer.headers) if answer.status == 200 else None

        return self._client.patiently(once)

    def read(self, key: str, version: str, *, limit: int) -> bytes | None:
        """Return the bytes of one version of a small object, None where there is none; `Exceeded` above `limit`."""

        def once() -> bytes | None:
            with self._send("GET", key, _query(versionId=version), accept=_HEAD) as answer:
                return answer.read(limit) if answer.status == 200 else None

        return self._client.patiently(once)

    def versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield key and id of each version under a prefix, in the order of the keys; also what a delete marker hides.

        Raises `Unavailable` where the store does not list them, or lists without end.
        """
        marker: tuple[str, str] = ("", "")
        for _ in range(_MOST_PAGES):
            query = _query(prefix=prefix, **{"key-marker": marker[0], "version-id-marker": marker[1]})
            reply = self.ask(f"versions=&encoding-type=url&max-keys={_PAGE_KEYS}&{query}".rstrip("&"))
            if reply.body is None:
                raise Unavailable(f"{printable(self.name)} does not list versions: {reply.code}", "check the rights")
            for found in reply.body.iter("Version"):
                yield unquote(found.findtext("Key") or ""), found.findtext("VersionId") or ""
            if (reply.body.findtext("IsTruncated") or "false") != "true":
                return
            before, marker = (
                marker,
                (unquote(reply.body.findtext("NextKeyMarker") or ""), reply.body.findtext("NextVersionIdMarker") or ""),
            )
            if marker == before:
                break
        raise Unavailable(f"{printable(self.name)}: a list of versions that does not end", "check the endpoint")

    def is_open(self, key: str = "", version: str = "") -> bool | None:
        """Return whether the store gives an object, or the list of all, without credentials; None: it has none."""
        query = _query(versionId=version) if key else "list-type=2&max-keys=1"
        headers = {"Range": "bytes=0-0"} if key else {}

        def once() -> bool | None:
            url = self._url(key, query)
            with self._client.send(url, method="GET", headers=headers, accept=_OPEN) as answer:
                return None if answer.status == 404 else answer.status in _GIVEN

        return self._client.patiently(once)

    def ask(self, query: str, key: str = "") -> Reply:
        """Return what the store answers to a question about the bucket or an object, as in `versioning`."""

        def once() -> Reply:
            with self._send("GET", key, query, accept=_ANSWERED) as answer:
                data = answer.read(_MAX_DOCUMENT)
                if answer.status == 200:
                    return Reply("", decode_xml(data))
                found = ERROR_CODE.search(data)
                code = found[1].decode() if found else str(answer.status)
                if code in NO_GOOD_KEYS:
                    raise Unavailable(f"{printable(self.name)}: the store lets us not in ({code})", HINT)
                return Reply(code, None)

        return self._client.patiently(once)

    def put(self, key: str, view: View, sha256: str, keeping: Keeping) -> str | None:
        """Make an object of a view's bytes, in one request, or in parts where they are many.

        Args:
            key: of the object.
            view: of the bytes; they are read twice.
            sha256: of all of them, in hex.
            keeping: see there.

        Returns:
            the id of the version that was made; None where there is an object of this key already.

        Raises:
            Unavailable: the store does not take it, or not under this lock; or the view changed meanwhile.
        """
        if keeping.encryption not in _ENCRYPTIONS:
            raise Misconfigured(f"S3 encrypts by no {printable(keeping.encryption)[:100]}", "write AES256 or aws:kms")
        if view.size > PART_BYTES:
            return self._put_parts(key, view, keeping)
        headers = {"If-None-Match": "*", "x-amz-checksum-sha256": _base64(bytes.fromhex(sha256)), **_kept(keeping)}

        def once() -> str | None:
            sent = self._send("PUT", key, headers=headers, piece=Piece(view, 0, view.size), sha256=sha256, accept=_PUT)
            with sent as answer:
                return self._version(answer) if answer.status == 200 else None

        return self._client.patiently(once)

    def lengthen(self, key: str, version: str, until: int) -> None:
        """Lock a version in COMPLIANCE until a later instant; a store refuses an earlier one."""
        text = f'<Retention xmlns="{_XMLNS}"><Mode>{COMPLIANCE}</Mode><RetainUntilDate>{instant_of(until)}'
        body = Document(f"{text}</RetainUntilDate></Retention>")
        headers = {"x-amz-checksum-sha256": _base64(bytes.fromhex(body.sha256))}
        self._whole("PUT", key, f"retention=&{_query(versionId=version)}", headers, body)

    def _put_parts(self, key: str, view: View, keeping: Keeping) -> str | None:
        headers = {"x-amz-checksum-algorithm": "SHA256", **_kept(keeping)}
        begun = self._whole("POST", key, "uploads=", headers, Document(""))
        upload = decode_xml(begun).findtext("UploadId") or ""
        if not upload:
            raise Unavailable(f"{printable(key)}: the store begins no upload in parts", "check the endpoint")
        query = _query(uploadId=upload)
        try:
            parts = [self._part(key, query, number, piece) for number, piece in _cut(view)]
            if isinstance(view, FileView):
                view.check_unchanged()  # before it is an object that nobody deletes
            return self._complete(key, query, parts)
        except BaseException:
            with suppress(HauberkError):  # what goes wrong now hides nothing: the error that came first is raised
                self._whole("DELETE", key, query, {}, Document(""), accept=frozenset({204, 404}))
            raise

    def _part(self, key: str, query: str, number: int, piece: Piece) -> str:
        digest = piece.digest()
        headers = {"x-amz-checksum-sha256": _base64(digest)}

        def once() -> str:
            asked = f"partNumber={number}&{query}"
            with self._send("PUT", key, asked, headers=headers, piece=piece, sha256=digest.hex()) as answer:
                return answer.headers.get("ETag", "")

        tag = escape(self._client.patiently(once))
        checksum = f"<ChecksumSHA256>{_base64(digest)}</ChecksumSHA256>"
        return f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag>{checksum}</Part>"

    def _complete(self, key: str, query: str, parts: list[str]) -> str | None:
        body = Document(
            f'<CompleteMultipartUpload xmlns="{_XMLNS}">{"".join(parts)}</CompleteMultipartUpload>',
        )

        def once() -> str | None:
            headers = {"If-None-Match": "*"}
            sent = self._send("POST", key, query, headers=headers, piece=body, sha256=body.sha256, accept=_COMPLETE)
            with sent as answer:
                said = decode_xml(answer.read(_MAX_DOCUMENT))
                if answer.status != 200:
                    return None
                if said.tag != "CompleteMultipartUploadResult":  # S3 answers 200 before it knows
                    why = printable(said.findtext("Code") or "no reason")[:60]
                    raise Unavailable(f"{printable(key)}: the store does not join its parts: {why}", "try again")
                return self._version(answer)

        made = self._client.patiently(once)
        if made is None:
            with suppress(HauberkError):
                self._whole("DELETE", key, query, {}, Document(""), accept=frozenset({204, 404}))
        return made

    def _version(self, answer: Answer) -> str:
        version = Stored.of(answer.headers).version
        if not version:
            raise Unavailable(f"the bucket {printable(self.name)} keeps no versions", "enable object lock")
        return version

    def _whole(
        self,
        method: str,
        key: str,
        query: str,
        headers: Mapping[str, str],
        body: Document,
        *,
        accept: frozenset[int] = OK,
    ) -> bytes:
        def once() -> bytes:
            sent = self._send(method, key, query, headers=headers, piece=body, sha256=body.sha256, accept=accept)
            with sent as answer:
                return answer.read(_MAX_DOCUMENT)

        return self._client.patiently(once)

    def _send(
        self,
        method: str,
        key: str,
        query: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        piece: Piece | Document | None = None,
        sha256: str = EMPTY,
        accept: frozenset[int] = OK,
    ) -> Answer:
        url, asked = self._url(key, query), dict(headers or {})
        asked |= signed_headers(
            url, asked, keys=self._keys(), region=self._region, now=clock.now(), method=method, body_sha256=sha256
        )
        if piece is not None:
            asked["Content-Length"] = str(piece.size)
        return self._client.send(url, method=method, headers=asked, body=piece.pieces if piece else None, accept=accept)

    def _url(self, key: str, query: str) -> str:
        return f"{self._place}/{encoded_path(key)}" + (f"?{query}" if query else "")


def composite_sha256(view: View) -> str:
    """Return the checksum that a store keeps of a view that `put` sends in parts, as the store writes it."""
    digests = [piece.digest() for _, piece in _cut(view)]
    return f"{_base64(hashlib.sha256(b''.join(digests)).digest())}-{len(digests)}"


def _cut(view: View) -> Iterator[tuple[int, Piece]]:
    """Yield the parts of a view, numbered from 1: of `PART_BYTES`, or more where they would be too many."""
    least = -(-view.size // _MAX_PARTS)
    size = max(PART_BYTES, -(-least // MEBIBYTE) * MEBIBYTE)
    for number, start in enumerate(range(0, view.size, size), start=1):
        yield number, Piece(view, start, min(size, view.size - start))


def _kept(keeping: Keeping) -> dict[str, str]:
    """Return the headers of a request that makes an object."""
    asked = {"x-amz-object-lock-mode": COMPLIANCE, "x-amz-object-lock-retain-until-date": instant_of(keeping.until)}
    return asked | ({"x-amz-server-side-encryption": keeping.encryption} if keeping.encryption else {})


def _query(**named: str) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in named.items() if value)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
