"""What a bucket is set to, as far as its store answers: versions, object lock, encryption, and who may read.

Sources: "GetBucketVersioning", "GetObjectLockConfiguration", "GetBucketEncryption", "GetPublicAccessBlock",
"GetBucketPolicyStatus", "GetBucketAcl", Amazon S3 API reference. Not every service that speaks like S3 answers all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge.files import printable

if TYPE_CHECKING:
    from hauberk.edge.remote.bucket_write import Bucket

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


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a bucket is set to: whether it holds, None where the store does not answer, and what was seen."""

    holds: bool | None
    saw: str


def versioning(bucket: Bucket) -> Setting:
    """Return whether the bucket keeps every version."""
    reply = bucket.ask("versioning=")
    if reply.body is None:
        return _unanswered(reply.code)
    status = reply.body.findtext("Status") or "never enabled"
    return Setting(status == "Enabled", printable(status)[:40].lower())


def object_lock(bucket: Bucket) -> Setting:
    """Return whether versions of the bucket's objects can be locked."""
    reply = bucket.ask("object-lock=")
    if reply.body is None:
        return _unanswered(reply.code)
    status = reply.body.findtext("ObjectLockEnabled") or "not enabled"
    return Setting(status == "Enabled", printable(status)[:40].lower())


def encryption(bucket: Bucket) -> Setting:
    """Return whether the bucket encrypts what is put into it unasked; that it does not say so disproves nothing."""
    reply = bucket.ask("encryption=")
    if reply.body is None:
        return Setting(None, reply.code)
    found = next((e.text or "" for e in reply.body.iter("SSEAlgorithm")), "")
    return Setting(True, f"{printable(found)[:40]} by default") if found else Setting(None, "no algorithm")


def private(bucket: Bucket) -> Setting:
    """Return whether nobody reads the bucket without being let in: what it is set to, and what it does."""
    parts = [_public_access_block(bucket), _policy(bucket), _grants(bucket), _asked_unsigned(bucket)]
    saw = "; ".join(part.saw for part in parts)
    if any(part.holds is False for part in parts):
        return Setting(False, "; ".join(part.saw for part in parts if part.holds is False))
    return Setting(True if parts[-1].holds else None, saw)


def _public_access_block(bucket: Bucket) -> Setting:
    reply = bucket.ask("publicAccessBlock=")
    if reply.body is None:
        return Setting(None, f"public access block: {reply.code}")
    off = [name for name in _BLOCKS if (reply.body.findtext(name) or "").lower() != "true"]
    return Setting(None if off else True, f"public access block: {f'without {chr(44).join(off)}' if off else 'all on'}")


def _policy(bucket: Bucket) -> Setting:
    reply = bucket.ask("policyStatus=")
    if reply.body is None:
        return Setting(None, f"policy: {'none' if reply.code == 'NoSuchBucketPolicy' else reply.code}")
    is_public = (reply.body.findtext("IsPublic") or "").lower() != "false"
    return Setting(not is_public, f"policy: {'public' if is_public else 'not public'}")


def _grants(bucket: Bucket) -> Setting:
    reply = bucket.ask("acl=")
    if reply.body is None:
        return Setting(None, f"access list: {reply.code}")
    is_public = any((grantee.text or "").strip() in _EVERYBODY for grantee in reply.body.iter("URI"))
    return Setting(not is_public, f"access list: {'grants to everybody' if is_public else 'nobody else'}")


def _asked_unsigned(bucket: Bucket) -> Setting:
    is_open = bucket.is_open()
    if is_open is None:
        return Setting(None, "asked without credentials: no answer")
    return Setting(not is_open, f"asked without credentials: {'it lists its objects' if is_open else 'denied'}")


def _unanswered(code: str) -> Setting:
    return Setting(False if code in _UNSET else None, code)
