"""What lets us in: from the environment and from the files that the platforms' own tools write; never an argument.

| source         | from                                                                                          |
|----------------|-----------------------------------------------------------------------------------------------|
| Hugging Face   | HF_TOKEN, or the file HF_TOKEN_PATH, $HF_HOME/token, ~/.cache/huggingface/token               |
| S3             | AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_SHARED_CREDENTIALS_FILE,     |
|                | ~/.aws/credentials with AWS_PROFILE; and what else `aws_login` says                           |
| OCI registries | `auths` of $DOCKER_CONFIG/config.json, ~/.docker/config.json; no credential programs          |
| MLflow         | MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD               |

A machine's own credentials are no matter of this file: see `machine`.
"""

from __future__ import annotations

import base64
import configparser
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.files import printable, read_file
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.edge.remote.client import Authorise

_MAX_BYTES = 1 << 20
_REGION = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
# All that the modules of this folder read of the environment: what a process of ours that fetches files is given.
VARIABLES = (
    *("HOME", "XDG_CACHE_HOME", "HF_TOKEN", "HF_HOME", "HF_TOKEN_PATH", "HF_ENDPOINT"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE"),
    *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    *("AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_EC2_METADATA_DISABLED", "NO_GCE_CHECK"),
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"),
    *("GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST"),
    *("DOCKER_CONFIG", "MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN"),
    *("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)


@dataclass(frozen=True, slots=True, repr=False)
class AwsKeys:
    """An access key and its secret, and the token of a session if they belong to one."""

    access: str
    secret: str
    session: str = ""


def remote_environment() -> dict[str, str]:
    """Return what of our environment another process of this machine needs to be let in where we are."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}


def hub_token() -> str:
    """Return the token for the Hugging Face hub, or nothing."""
    if token := os.environ.get("HF_TOKEN", "").strip():
        return one_line(token, "HF_TOKEN")
    home = Path(os.environ.get("HF_HOME") or Path(_cache()) / "huggingface")
    path = Path(os.environ.get("HF_TOKEN_PATH") or home / "token")
    return one_line(_text(path).strip(), str(path)) if path.is_file() else ""


def aws_keys_in_environment() -> AwsKeys | None:
    """Return the keys for S3 that stand in the environment, or None."""
    access, secret = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    return AwsKeys(access, secret, os.environ.get("AWS_SESSION_TOKEN", "")) if access and secret else None


def aws_region() -> str:
    """Return the region of Amazon's services; raise `Misconfigured` where what is named is none."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    if not _REGION.fullmatch(region):
        raise Misconfigured(f"{printable(region)} is no region", "see AWS_REGION")
    return region


def aws_keys_in_file() -> AwsKeys | None:
    """Return the keys for S3 of a profile, or None."""
    path = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or Path.home() / ".aws" / "credentials")
    if not path.is_file():
        return None
    profile = os.environ.get("AWS_PROFILE") or "default"
    read = configparser.ConfigParser(interpolation=None)
    try:
        read.read_string(_text(path))
        section = dict(read[profile]) if profile in read else {}
    except configparser.Error:
        raise Misconfigured(
            f"{printable(path)} is no file of AWS profiles", "see AWS_SHARED_CREDENTIALS_FILE"
        ) from None
    access, secret = section.get("aws_access_key_id", ""), section.get("aws_secret_access_key", "")
    return AwsKeys(access, secret, section.get("aws_session_token", "")) if access and secret else None


def registry_login(host: str) -> str:
    """Return the base64 of `user:password` for a registry, or nothing."""
    path = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    if not path.is_file():
        return ""
    try:
        document = json.loads(_text(path))
        entry = document.get("auths", {}).get(host, {})
        found = entry.get("auth", "")
        base64.b64decode(found, validate=True)
    except (ValueError, AttributeError, TypeError):
        raise Misconfigured(f"{printable(path)} is no file of registry logins", "see DOCKER_CONFIG") from None
    return str(found)


def mlflow_login() -> Authorise | None:
    """Return what lets us into an MLflow server, or None."""
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN", "").strip():
        return bearer(one_line(token, "MLFLOW_TRACKING_TOKEN"))
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME", ""), os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
    return basic(base64.b64encode(f"{user}:{password}".encode()).decode()) if user and password else None


def one_line(token: str, where: str) -> str:
    """Return a token; raise `Misconfigured` where it could not stand in a header."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Misconfigured(f"{printable(where)} holds no token: it has blanks or odd letters", "write it again")
    return token


def bearer(token: str) -> Authorise:
    """Return what lets a request in by a token (RFC 6750)."""
    return _fixed(f"Bearer {token}")


def basic(encoded: str) -> Authorise:
    """Return what lets a request in by the base64 of `user:password` (RFC 7617)."""
    return _fixed(f"Basic {encoded}")


def nothing(_url: str, _headers: Mapping[str, str]) -> Mapping[str, str]:
    """Let a request in by nothing."""
    return {}


def _fixed(value: str) -> Authorise:
    def authorise(_url: str, _headers: Mapping[str, str]) -> Mapping[str, str]:
        return {"Authorization": value}

    return authorise


def _cache() -> str:
    return os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


def _text(path: Path) -> str:
    return read_file(path, limit=_MAX_BYTES).decode(errors="replace")
