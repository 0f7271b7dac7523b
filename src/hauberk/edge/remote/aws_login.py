"""Keys for S3, from where Amazon's own tools take them, in their order.

| from                                          |                                                                     |
|-----------------------------------------------|---------------------------------------------------------------------|
| AWS_ACCESS_KEY_ID and the like                | keys that are not renewed                                           |
| AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN     | a token for which STS gives the keys of a role                      |
| ~/.aws/credentials                            | keys that are not renewed                                           |
| AWS_CONTAINER_CREDENTIALS_RELATIVE_URI *      | keys of the container's role, as SageMaker and ECS give them        |
| AWS_CONTAINER_CREDENTIALS_FULL_URI *          | the same, as EKS gives them: https, or this machine, or its agent   |
| the machine *                                 | keys of its role, by version 2 of the metadata service alone        |

* Only where somebody asks to be let in as the machine, for data of their own.

Sources: "Container credential provider", "Assume role with web identity or OpenID Connect", "IMDS credential provider",
AWS SDKs and Tools Reference Guide; "AssumeRoleWithWebIdentity", AWS STS API Reference.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hauberk.edge import clock
from hauberk.edge.files import printable, read_file
from hauberk.edge.remote.client import PATIENCE, Client
from hauberk.edge.remote.credentials import AwsKeys, aws_keys_in_environment, aws_keys_in_file, aws_region
from hauberk.edge.remote.form import post_form
from hauberk.edge.remote.hosts import Origin, shown
from hauberk.edge.remote.json_answer import decode_json, member
from hauberk.edge.remote.machine import BRIEF, CONTAINERS, METADATA, at_fixed_address, is_switched_off, told
from hauberk.edge.remote.renewed import Lease, Renewed
from hauberk.edge.remote.stored import seconds_of
from hauberk.edge.remote.xml_answer import decode_xml
from hauberk.errors import Exceeded, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.edge.remote.line import Patience

    Keys = Callable[[], AwsKeys]

_MAX_TOKEN_BYTES = 1 << 16  # 20,000 characters at most, STS
_AGENT = "http://169.254.170.2"
_ROLES = f"{METADATA}/latest/meta-data/iam/security-credentials/"
_FOUND = frozenset({200, 404})
_WHAT = "what lets us into S3"
_CONTAINER_HINT = "see AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI and the job's role"
_IDENTITY_HINT = "see AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and whom the role trusts"
_MACHINE_HINT = "see the role of this machine, or set AWS_EC2_METADATA_DISABLED=true"


def keys(patience: Patience = PATIENCE, *, as_machine: bool = False) -> Keys | None:
    """Return what gives the keys for S3, renewed while they are used; None where there are none: nothing is signed.

    Args:
        patience: with STS; the services of the machine have a second to connect.
        as_machine: whether the keys of the machine or its container are asked for where there are no others.

    Raises:
        Misconfigured: a variable, or a file that it names, is not of the form that it has; also when they are used.
        Unavailable: the machine has a role, and gives no good keys of it; when they are used: they are not given.
    """
    if fixed := aws_keys_in_environment():
        return lambda: fixed
    role, path = os.environ.get("AWS_ROLE_ARN", ""), os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE", "")
    if role and path:
        return Renewed(partial(_assumed, role, path, patience), what=_WHAT)
    if in_file := aws_keys_in_file():
        return lambda: in_file
    if not as_machine:
        return None
    if url := _container():
        return Renewed(partial(_of_container, url), what=_WHAT)
    if is_switched_off("AWS_EC2_METADATA_DISABLED"):
        return None
    first = _of_machine()
    return Renewed(_still_of_machine, what=_WHAT, first=first) if first is not None else None


def _assumed(role: str, path: str, patience: Patience) -> Lease[AwsKeys]:
    """Return keys of a role from STS for the token in a file, which is read again each time: it is renewed there."""
    token = read_file(path, limit=_MAX_TOKEN_BYTES).decode(errors="replace").strip()
    if not _is_word(token):
        raise Misconfigured(
            f"{printable(path)} holds no token: it is empty, or has blanks or odd letters", _IDENTITY_HINT
        )
    endpoint = os.environ.get("AWS_ENDPOINT_URL_STS") or os.environ.get("AWS_ENDPOINT_URL") or ""
    url = f"{endpoint.rstrip('/') or f'https://sts.{aws_region()}.amazonaws.com'}/"
    asked = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": role,
        "RoleSessionName": os.environ.get("AWS_ROLE_SESSION_NAME") or f"hauberk-{clock.now()}",
        "WebIdentityToken": token,
    }
    said = decode_xml(post_form(url, asked, hint=_IDENTITY_HINT, patience=patience), "the answer of STS")
    found = {element.tag: element.text or "" for part in said.iter("Credentials") for element in part}
    return _lease(found, "SessionToken", "STS", _IDENTITY_HINT)


def _container() -> str:
    """Return where the keys of a container are asked for, or nothing."""
    relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "")
    if relative:
        if not relative.startswith("/"):
            raise Misconfigured("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI begins with no /", _CONTAINER_HINT)
        return f"{_AGENT}{relative}"
    full = os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
    if full and not full.startswith(("http://", "https://")):
        raise Misconfigured("AWS_CONTAINER_CREDENTIALS_FULL_URI is no http:// or https:// address", _CONTAINER_HINT)
    return full


def _of_container(url: str) -> Lease[AwsKeys]:
    """Return the keys of the container's role; plain HTTP goes to this machine or to its agents, as `reach` sees to."""
    origin = Origin.of(url)
    is_agent = origin.scheme == "http" and origin.host in CONTAINERS
    client = at_fixed_address(url, _CONTAINER_HINT) if is_agent else Client(url, hint=_CONTAINER_HINT, patience=BRIEF)
    with client:
        try:
            said = decode_json(told(client, url, {"Accept": "application/json", **_container_token()}))
        except (Unavailable, Exceeded) as error:
            place = f"{origin.scheme}://{origin.host}/…"  # whoever knows the path is given the keys
            raise type(error)(error.message.replace(shown(url), place), error.hint) from None
    return _lease(said, "Token", printable(origin.host), _CONTAINER_HINT)


def _container_token() -> Mapping[str, str]:
    """Return the header that lets us in at the agent; a file's token is read again each time, and comes first."""
    path = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "")
    token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    if path:
        token = read_file(path, limit=_MAX_TOKEN_BYTES).decode(errors="replace").strip()
    if not token.isascii() or not (token or " ").isprintable():
        raise Misconfigured("the token for the container's keys has odd letters", "write it again in one line")
    return {"Authorization": token} if token else {}


def _of_machine() -> Lease[AwsKeys] | None:
    """Return the keys of the machine's role; None where no service answers, or it knows of no role."""
    with at_fixed_address(METADATA, _MACHINE_HINT) as client:
        try:
            seconds = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
            token = told(client, f"{METADATA}/latest/api/token", seconds, method="PUT").body.decode(errors="replace")
        except (Unavailable, Exceeded):
            return None
        if not _is_word(token):
            raise Unavailable("what answers at the address of the metadata service is none", _MACHINE_HINT)
        session = {"X-aws-ec2-metadata-token": token}
        named = told(client, _ROLES, session, accept=_FOUND)
        if named.status == 404:
            return None
        role = named.body.decode(errors="replace").partition("\n")[0].strip()
        said = decode_json(told(client, f"{_ROLES}{quote(role, safe='')}", session))
    if member(said, "Code", str) != "Success":
        raise Unavailable("the metadata service gives no keys of the machine's role", _MACHINE_HINT)
    return _lease(said, "Token", "the metadata service", _MACHINE_HINT)


def _still_of_machine() -> Lease[AwsKeys]:
    found = _of_machine()
    if found is None:
        raise Unavailable("the metadata service gives no keys any more", _MACHINE_HINT)
    return found


def _lease(said: Any, session: str, who: str, hint: str) -> Lease[AwsKeys]:
    """Return the keys of an answer; never a word of them in what is said of a bad one."""
    texts = [member(said, name, str) for name in ("AccessKeyId", "SecretAccessKey", session, "Expiration")]
    if not all(map(_is_word, texts)):
        raise Unavailable(f"{who} gives keys that are empty or have odd letters", hint)
    access, secret, token, expiration = texts
    until = seconds_of(expiration)
    if not until:
        raise Unavailable(f"{who} names no end of the keys that it gives", hint)
    return Lease(AwsKeys(access, secret, token), until)


def _is_word(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
