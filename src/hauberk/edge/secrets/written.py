"""The file that says which credentials a run gets, from where, and as which variables of its environment.

    schema: urn:hauberk:secrets:v1
    server: https://vault.example:8200
    login: {approle: {role_id: env:ROLE_ID, secret_id: file:secret-id}}
    secrets:
      - {path: database/creds/train, ttl_minutes: 60, variables: {PGUSER: username, PGPASSWORD: password}}
    reach: [db.example:5432]

The file itself holds no credential: what lets us in comes from a file or a variable that it names.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from hauberk.edge.files import printable, read_file
from hauberk.edge.relay.address import destination
from hauberk.edge.remote.hosts import Origin
from hauberk.errors import Misconfigured, Unavailable
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath
    from hauberk.edge.relay.address import Destination

SCHEMA: Final = "urn:hauberk:secrets:v1"
LONGEST_MINUTES: Final = 24 * 60
_MOST_SECRETS: Final = 32
_MOST_LOGIN_BYTES: Final = 1 << 16
_PATH: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.@-]*(/[A-Za-z0-9_-][A-Za-z0-9_.@-]*)+", re.ASCII)
_MOUNT: Final = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NAMESPACE: Final = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/?", re.ASCII)
_NO_SECRETS: Final = frozenset({"sys", "auth", "identity"})
# What decides which code runs, or is set by us: a server's answer must not choose it.
_OURS: Final = frozenset({"PATH", "HOME", "TMPDIR", "LANG", "TZ", "SHELL", "BASH_ENV", "ENV", "IFS"})
_OURS_BEGIN: Final = ("LD_", "PYTHON", "HAUBERK_", "DYLD_", "GIT_")


@dataclass(frozen=True, slots=True)
class AppRole:
    """A login with a role id and a secret id, each as `file:PATH` or `env:NAME`."""

    role_id: str
    secret_id: str
    mount: str = "approle"

    def __post_init__(self) -> None:
        for text in (self.role_id, self.secret_id):
            _check_source(text)
        _check(_MOUNT, self.mount, "the mount", "as in `approle`")


@dataclass(frozen=True, slots=True)
class Jwt:
    """A login with a signed token, as `file:PATH` or `env:NAME`; with the mount `kubernetes`, a service account's."""

    token: str
    role: str
    mount: str = "jwt"

    def __post_init__(self) -> None:
        _check_source(self.token)
        _check(_MOUNT, self.mount, "the mount", "as in `jwt` or `kubernetes`")


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in: exactly one of the two."""

    approle: AppRole | None = None
    jwt: Jwt | None = None

    def __post_init__(self) -> None:
        if (self.approle is None) == (self.jwt is None):
            raise Misconfigured("a login is one of approle and jwt", "keep one of the two")


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret: where it is leased, and which of its fields become which variables.

    Attributes:
        path: as the server names it, with the engine's mount: `database/creds/train`.
        variables: of the command's environment, each with the field that it holds.
        ttl_minutes: the longest that a credential may live without being renewed; a longer lease is refused.
        parameters: of engines that are written to for a credential, as pki and ssh are.
        without_lease: take it although it has no end and cannot be revoked, as from a key-value store.
    """

    path: str
    variables: dict[str, str]
    ttl_minutes: int = 60
    parameters: dict[str, str] | None = None
    without_lease: bool = False

    def __post_init__(self) -> None:
        _check(_PATH, self.path, "the path", "as in `database/creds/train`")
        if self.path.partition("/")[0] in _NO_SECRETS:
            raise Misconfigured(f"{self.path} is the server's own business, and no secret", "name a secret's path")
        if not self.variables:
            raise Misconfigured(f"nothing of {self.path} becomes a variable", "say which, as in `PGUSER: username`")
        if not 1 <= self.ttl_minutes <= LONGEST_MINUTES:
            raise Misconfigured(f"ttl_minutes is {self.ttl_minutes}, and not 1 to {LONGEST_MINUTES}", "lease for less")
        for name in self.variables:
            _check(_VARIABLE, name, "the variable", "as in `PGUSER`")
            if name.upper() in _OURS or name.upper().startswith(_OURS_BEGIN):
                raise Misconfigured(f"{name} decides which code runs", "a server's answer may not: name another")


@dataclass(frozen=True, slots=True)
class Document:
    """The credentials of a run: who gives them, how to log in, and which.

    Attributes:
        ca: the certificate of a private authority, a PEM file, beside this one.
        namespace: of the server, where it has several tenants.
        reach: what the credentials are for, each `HOST:PORT`: the command reaches it from inside of the sandbox.
    """

    schema: Literal["urn:hauberk:secrets:v1"]
    server: str
    login: Login
    secrets: tuple[Secret, ...]
    ca: str | None = None
    namespace: str | None = None
    reach: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_server(self.server)
        if self.namespace is not None:
            _check(_NAMESPACE, self.namespace, "the namespace", "as in `team`")
        if not 1 <= len(self.secrets) <= _MOST_SECRETS:
            raise Misconfigured(f"{len(self.secrets)} secrets, and not 1 to {_MOST_SECRETS}")
        names = self.variables
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Misconfigured(f"two secrets become {', '.join(twice)}", "name each variable once")
        _ = self.destinations  # raises where one is none

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names of all variables."""
        return tuple(name for secret in self.secrets for name in secret.variables)

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Return what is to be reached."""
        return tuple(map(destination, self.reach))


@dataclass(frozen=True, slots=True)
class Written:
    """A file of secrets that was read, and its folder, to which its paths are relative."""

    document: Document
    folder: Path

    def require_login(self) -> None:
        """Raise where what lets us in is not there, so that it is said before hours have passed; as `login_value`."""
        login = self.document.login
        sources = () if login.approle is None else (login.approle.role_id, login.approle.secret_id)
        for source in (*sources, *(() if login.jwt is None else (login.jwt.token,))):
            self.login_value(source)

    def login_value(self, source: str) -> str:
        """Return what a `file:` or `env:` of this file holds; errors as the function of that name."""
        return login_value(source, self.folder)


def login_value(source: str, folder: Path) -> str:
    """Return what a `file:` or `env:` holds, without blanks around it.

    Raises:
        Misconfigured: there is no such variable, or it holds nothing that could be sent.
        Unavailable: there is no such file.
    """
    kind, _, place = source.partition(":")
    if kind == "env":
        value = os.environ.get(place, "").strip()
        if not value:
            raise Misconfigured(f"the variable {place} is not set", "set it, or name a file")
    else:
        value = read_file(folder / place, limit=_MOST_LOGIN_BYTES).decode("ascii", "replace").strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise Misconfigured(f"{printable(source)} holds nothing to log in with: blanks, or odd letters")
    return value


def read_secrets(path: StrPath) -> Written:
    """Return a file of secrets; raise `Misconfigured` where it is not of the form, `Unavailable` without a file."""
    what = printable(os.fspath(path))
    data = read_yaml(read_file(path, limit=LARGEST_BYTES), what=what)
    return Written(decode(data, Document, what=what), Path(path).absolute().parent)


def _check(form: re.Pattern[str], text: str, what: str, hint: str) -> None:
    if not form.fullmatch(text):
        raise Misconfigured(f"{what} {printable(text)[:80]!r} is none", hint)


def _check_source(text: str) -> None:
    """Refuse what is no `file:` or `env:`, without repeating it: it may be the credential itself."""
    kind, _, place = text.partition(":")
    if kind not in ("file", "env") or not place or (kind == "env" and not _VARIABLE.fullmatch(place)):
        raise Misconfigured(
            "a credential is named by `file:PATH` or `env:NAME`, and this is neither (not shown)",
            "what lets you in does not stand in this file; if it did, replace it",
        )


def _check_server(text: str) -> None:
    try:
        origin = Origin.of(text)
    except Unavailable as error:
        raise Misconfigured(error.message, "as in `https://vault.example:8200`") from None
    parts = urlsplit(text)
    if origin.scheme not in ("https", "http") or parts.query or parts.fragment or not text.isascii():
        raise Misconfigured(f"{printable(text)[:200]} is no server", "as in `https://vault.example:8200`")
