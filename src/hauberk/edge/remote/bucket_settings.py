"""What a bucket is set to, as far as its store answers: versions, object lock, encryption, and who may read.

Sources: "GetBucketVersioning", "GetObjectLockConfiguration", "GetBucketEncryption", "GetPublicAccessBlock",
"GetBucketPolicyStatus", "GetBucketAcl", Amazon S3 API reference. Not every service that speaks like S3 answers all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from hauberk.edge.files import printable
from hauberk.edge.remote.store import Setting
from hauberk.edge.remote.stored import seconds_of

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
# What S3 answers where a thing is known not to be set; anything else that is no document is no answer.
_UNSET = frozenset(
    {
        "ObjectLockConfigurationNotFoundError",
        "NoSuchObjectLockConfiguration",
        "NoSuchBucket",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchBucketPolicy",
    }
)


# What S3 answers where a version is known to have no lock; anything else that is no document is no answer.
_NO_LOCK = frozenset({"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "InvalidRequest"})


@dataclass(frozen=True, slots=True)
class Reply:
    """What a store answered to a question: its document, or the code by which it names why there is none."""

    code: str
    body: ET.Element | None


class Questioned(Protocol):
    """What is asked: a bucket in S3."""

    def ask(self, query: str, key: str = "") -> Reply:
        """Return what the store answers to a question about the bucket or an object."""
        ...

    def is_open(self, key: str = "", version: str = "") -> bool | None:
        """Return whether the store gives an object, or the list of all, without credentials; None: it has none."""
        ...


def versioning(bucket: Questioned) -> Setting:
    """Return whether the bucket keeps every version."""
    reply = bucket.ask("versioning=")
    if reply.body is None:
        return _unanswered(reply.code)
    status = reply.body.findtext("Status") or "never enabled"
    return Setting(printable(status)[:40].lower(), status == "Enabled")


def object_lock(bucket: Questioned) -> Setting:
    """Return whether versions of the bucket's objects can be locked."""
    reply = bucket.ask("object-lock=")
    if reply.body is None:
        return _unanswered(reply.code)
    status = reply.body.findtext("ObjectLockEnabled") or "not enabled"
    return Setting(printable(status)[:40].lower(), status == "Enabled")


def encryption(bucket: Questioned) -> Setting:
    """Return whether the bucket encrypts what is put into it unasked; that it does not say so disproves nothing."""
    reply = bucket.ask("encryption=")
    if reply.body is None:
        return Setting(reply.code, None)
    found = next((e.text or "" for e in reply.body.iter("SSEAlgorithm")), "")
    return Setting(f"{printable(found)[:40]} by default", True if found else None)


def lock_of(bucket: Questioned, key: str, version: str) -> tuple[str, int] | str:
    """Return mode and end of a version's lock; who may not read locks is told of none with the object itself."""
    reply = bucket.ask(f"retention=&versionId={quote(version, safe='')}", key)
    if reply.body is None:
        return ("", 0) if reply.code in _NO_LOCK else reply.code
    mode = printable(reply.body.findtext("Mode") or "")[:20]
    return mode, seconds_of(reply.body.findtext("RetainUntilDate") or "")


def private(bucket: Questioned) -> Setting:
    """Return whether nobody reads the bucket without being let in: what it is set to, and what it does."""
    parts = [_public_access_block(bucket), _policy(bucket), _grants(bucket), _asked_unsigned(bucket)]
    saw = "; ".join(part.saw for part in parts)
    if any(part.holds is False for part in parts):
        return Setting("; ".join(part.saw for part in parts if part.holds is False), holds=False)
    return Setting(saw, True if parts[-1].holds else None)


def _public_access_block(bucket: Questioned) -> Setting:
    reply = bucket.ask("publicAccessBlock=")
    if reply.body is None:
        return Setting(f"public access block: {reply.code}", None)
    off = [name for name in _BLOCKS if (reply.body.findtext(name) or "").lower() != "true"]
    return Setting(f"public access block: {f'without {chr(44).join(off)}' if off else 'all on'}", None if off else True)


def _policy(bucket: Questioned) -> Setting:
    reply = bucket.ask("policyStatus=")
    if reply.body is None:
        return Setting(f"policy: {'none' if reply.code == 'NoSuchBucketPolicy' else reply.code}", None)
    is_public = (reply.body.findtext("IsPublic") or "").lower() != "false"
    return Setting(f"policy: {'public' if is_public else 'not public'}", not is_public)


def _grants(bucket: Questioned) -> Setting:
    reply = bucket.ask("acl=")
    if reply.body is None:
        return Setting(f"access list: {reply.code}", None)
    is_public = any((grantee.text or "").strip() in _EVERYBODY for grantee in reply.body.iter("URI"))
    return Setting(f"access list: {'grants to everybody' if is_public else 'nobody else'}", not is_public)


def _asked_unsigned(bucket: Questioned) -> Setting:
    is_open = bucket.is_open()
    if is_open is None:
        return Setting("asked without credentials: no answer", None)
    return Setting(f"asked without credentials: {'it lists its objects' if is_open else 'denied'}", not is_open)


def _unanswered(code: str) -> Setting:
    return Setting(code, False if code in _UNSET else None)
