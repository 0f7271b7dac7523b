"""What a store says of one version of an object, in the headers of the answer that its bytes came with.

Source: "GetObject" and "HeadObject", Amazon S3 API reference. All of it is the store's claim; a claim that is not of
the form that S3 has is none.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hauberk.digest import Digest

if TYPE_CHECKING:
    from email.message import Message

CHECKSUM = {"x-amz-checksum-mode": "ENABLED"}
COMPLIANCE = "COMPLIANCE"
_MODES = frozenset({COMPLIANCE, "GOVERNANCE"})
_COMPOSITE = re.compile(r"[A-Za-z0-9+/]{43}=-[1-9][0-9]{0,4}", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,1024}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of an object, as its store describes it.

    Attributes:
        version: its id; empty where the bucket keeps no versions.
        tag: its ETag.
        mode: of the lock, `COMPLIANCE` or `GOVERNANCE` (Google: `Locked` or `Unlocked`); empty for none.
        until: Unix seconds at which the lock ends; 0 for none.
        claimed: the SHA-256 that the store keeps of the whole object.
        composite: of an object that came in parts, the checksum over their checksums and their number, as written.
        encryption: the algorithm by which the store says that it encrypts it; empty for none.
        size: in bytes, if it is said.
        md5, crc32c: in hex, that the store keeps of the whole object; empty for none.
    """

    version: str = ""
    tag: str = ""
    mode: str = ""
    until: int = 0
    claimed: Digest | None = None
    composite: str = ""
    encryption: str = ""
    size: int | None = None
    md5: str = ""
    crc32c: str = ""

    @classmethod
    def of(cls, headers: Message) -> Stored:
        """Return what an answer says."""
        version = headers.get("x-amz-version-id", "") or headers.get("x-goog-generation", "")
        mode, until = headers.get("x-amz-object-lock-mode", ""), headers.get("x-amz-object-lock-retain-until-date", "")
        seconds = seconds_of(until)
        locked = mode in _MODES and seconds > 0
        composite = headers.get("x-amz-checksum-sha256", "")
        length = headers.get("Content-Length", "")
        return cls(
            version if _TOKEN.fullmatch(version) and version != "null" else "",
            headers.get("ETag", "").strip(),
            mode if locked else "",
            seconds if locked else 0,
            claimed_sha256(headers),
            composite if _COMPOSITE.fullmatch(composite) else "",
            _word(headers.get("x-amz-server-side-encryption", "")),
            int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None,
            *google_hashes(headers),
        )


def claimed_sha256(headers: Message) -> Digest | None:
    """Return the SHA-256 that the service keeps of a whole object; one over the checksums of its parts is none."""
    text = headers.get("x-amz-checksum-sha256", "")
    if not text or "-" in text or headers.get("x-amz-checksum-type", "FULL_OBJECT") != "FULL_OBJECT":
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Digest("sha256", raw.hex()) if len(raw) == 32 else None


def google_hashes(headers: Message) -> tuple[str, str]:
    """Return MD5 and CRC32C in hex of the whole object, also where a range of it was asked for; empty for none.

    Source: "Data validation and change detection", Google Cloud Storage: `x-goog-hash: crc32c=…,md5=…`.
    """
    said = ",".join(headers.get_all("x-goog-hash", []))
    found = dict(part.strip().partition("=")[::2] for part in said.split(","))
    return hex_of(found.get("md5", ""), 16), hex_of(found.get("crc32c", ""), 4)


def hex_of(text: str, length: int) -> str:
    """Return in hex what is written in base64, if it is so many bytes; else nothing."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == length else ""


def seconds_of(text: str) -> int:
    """Return the Unix seconds of an instant as S3 writes it, with or without a fraction, cut; 0 where it is none."""
    try:
        found = datetime.fromisoformat(text)
        is_sound = found.tzinfo is not None and found.astimezone(UTC).year < 9999
    except (ValueError, OverflowError):  # the latter near the years 1 and 9999, by the zone
        return 0
    return max(0, int(found.timestamp())) if is_sound else 0


def instant_of(seconds: int) -> str:
    """Return Unix seconds as S3 and Google write an instant."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _word(text: str) -> str:
    return text if _TOKEN.fullmatch(text) and len(text) <= 64 else ""
