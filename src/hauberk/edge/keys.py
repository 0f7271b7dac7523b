"""Keys in files: a URI becomes a signer, a PEM file a public key.

A private key is PKCS #8 under a passphrase (PBES2), or plain PKCS #8 or SEC1, which works and is warned of. The warning
is a value, `FileSigner.warnings`, for the caller to show. Ed25519 and EC keys on P-256, P-384 and P-521 sign.

Everything that is wrong with a key is `Misconfigured`, the wrong passphrase too: a person named the file and holds the
words. `Unavailable` is left for a file that is not there or cannot be read.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, TypeAlias, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from hauberk.edge.files import printable, read_file, unavailable, write_atomic
from hauberk.errors import Misconfigured
from hauberk.signature import pkcs8
from hauberk.signature.key import CURVES, KeyKind, PublicKey, low_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.edge.files import StrPath

PASSPHRASE_VARIABLE = "HAUBERK_PASSPHRASE_FILE"  # noqa: S105 - names a file

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_MAX_KEY_BYTES = 64 << 10
_MAX_CERTIFICATES_BYTES = 1 << 20
_MAX_PASSPHRASE_BYTES = 4096
_BLOCK = re.compile(rb"^-----BEGIN ([A-Z0-9 ]+)-----\s*$", re.MULTILINE)
_ELSEWHERE = frozenset({"pkcs11", "awskms", "gcpkms", "azurekms", "hashivault", "tpm", "broker"})
_MAKE_ONE = "make one: openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -out k.pem"
_ASK_FOR_IT = "name the PEM public key that its owner gave you; they make it by: openssl pkey -in k.pem -pubout"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FileSigner:
    """A private key in this process's memory; `warnings` says what is weak about how it was kept."""

    _key: PrivateKey
    public: PublicKey = field(init=False)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "public", PublicKey.of(self._key.public_key()))

    def __repr__(self) -> str:
        return f"<FileSigner {self.public.kind} {self.public.keyid[:16]}…>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is never serialised with the objects that use it")

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message: 64 bytes for Ed25519, DER with low S for ECDSA over the curve's hash."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(message)
        kind = self.public.kind
        return low_s(self._key.sign(message, ec.ECDSA(CURVES[kind].hash)), kind)


def generate_key(kind: KeyKind) -> FileSigner:
    """Return a new key, which exists nowhere else until it is written."""
    if kind is KeyKind.ED25519:
        return FileSigner(ed25519.Ed25519PrivateKey.generate())
    return FileSigner(ec.generate_private_key(CURVES[kind].curve))


def open_signer(uri: str, *, passphrase: Callable[[], bytes] | None = None) -> FileSigner:
    """Open the private key that a URI names.

    Args:
        uri: `file:PATH` or a plain path, taken letter by letter: nothing in it is unescaped. Relative to the working
            directory. The path may be a symbolic link, as a mounted Kubernetes secret is.
        passphrase: asked only where the key has one; None means `find_passphrase`.

    Raises:
        Misconfigured: no such kind of URI or of key, not a private key, or the wrong passphrase.
        Unavailable: the file does not exist or cannot be read.
    """
    path = _path_of(uri)
    shown = printable(path)
    pem = _read(path, _MAKE_ONE)
    label = _only_block(pem, shown, _from_der(pem, shown, "pkey -inform DER") or _MAKE_ONE)
    if not label.endswith(b"PRIVATE KEY"):
        raise Misconfigured(f"{shown} holds {_named(label)}, not a private key", "name the private key's file")
    if b"Proc-Type:" in pem:
        raise Misconfigured(
            f"{shown} is encrypted in OpenSSL's old way, which anybody can try fast",
            f"convert it: openssl pkcs8 -topk8 -iter {pkcs8.ROUNDS} -in {shown} -out k.pem",
        )
    if label == b"ENCRYPTED PRIVATE KEY":
        return FileSigner(_load(pem, (passphrase or find_passphrase)(), shown))
    warning = f"{shown} is a private key without a passphrase: who can read the file can sign"
    return FileSigner(_load(pem, None, shown), (warning,))


def is_encrypted(uri: str) -> bool:
    """Say whether a private key's file wants a passphrase; errors as of `open_signer` where it cannot be read."""
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in _read(_path_of(uri), _MAKE_ONE)


def find_passphrase(*, new: bool = False) -> bytes:
    """Return the passphrase from the file that HAUBERK_PASSPHRASE_FILE names, or ask for it on the terminal.

    The file may be a pipe, which gives it once: who opens several keys asks once. One line end at its end is no part
    of the passphrase. A new one is asked for twice.

    Raises:
        Misconfigured: neither is there, it is empty or too long, or the two differ.
        Unavailable: the file cannot be read.
    """
    if path := os.environ.get(PASSPHRASE_VARIABLE):
        found = _read_secret(path).removesuffix(b"\n").removesuffix(b"\r")
    elif sys.stdin is not None and sys.stdin.isatty():
        found = _asked("Passphrase of the keys: ")
        if new and _asked("The same again: ") != found:
            raise Misconfigured("the two passphrases differ", "try again")
    else:
        raise Misconfigured(
            "a passphrase is needed, and there is no terminal to ask on",
            f"write it to a file, name it in {PASSPHRASE_VARIABLE}",
        )
    if not found:
        raise Misconfigured("the passphrase is empty", "choose at least a few words")
    return found


def _asked(prompt: str) -> bytes:
    try:
        return getpass.getpass(prompt).encode(errors="surrogateescape")  # the bytes that were typed
    except EOFError:
        raise Misconfigured("no passphrase was given", "run it again and type one") from None


def write_private_key(path: StrPath, signer: FileSigner, *, passphrase: bytes | None) -> None:
    """Write a key as PKCS #8 PEM, readable by its owner only; a file that is there is never written over.

    Args:
        path: the new file; its directory exists.
        signer: whose key is written.
        passphrase: None writes the key in the clear.

    Raises:
        Misconfigured: there is a file of that name, or the passphrase is empty.
        Unavailable: it cannot be written there.
    """
    if passphrase == b"":
        raise Misconfigured("the passphrase is empty", "choose at least a few words")
    der = serialization.Encoding.DER if passphrase else serialization.Encoding.PEM
    data = signer._key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())  # noqa: SLF001 - the one place that writes it
    if passphrase:
        data = pkcs8.encrypt(data, passphrase, salt=os.urandom(pkcs8.SALT_BYTES), iv=os.urandom(pkcs8.IV_BYTES))
    _write_new(path, data, mode=0o600)


def write_public_key(path: StrPath, public: PublicKey) -> None:
    """Write a public key as PEM; a file that is there is never written over. Errors as `write_private_key`."""
    _write_new(path, public.pem, mode=0o644)


def read_public_key(path: StrPath) -> PublicKey:
    """Read one PEM public key.

    Raises:
        Misconfigured: the file holds anything else, or a key of another kind.
        Unavailable: it does not exist or cannot be read.
    """
    shown = printable(os.fspath(path))
    pem = _read(path, _ASK_FOR_IT)
    label = _only_block(pem, shown, _from_der(pem, shown, "pkey -pubin -inform DER") or _ASK_FOR_IT)
    if label != b"PUBLIC KEY":
        raise Misconfigured(f"{shown} holds {_named(label)}, not a public key", _public_from(label, shown))
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Misconfigured(f"the public key {shown} cannot be read: {error}", "name another file") from None
    if isinstance(key, ed25519.Ed25519PublicKey) or _is_known_curve(key):
        return PublicKey.of(key)
    raise _unsupported(key, shown, _ASK_FOR_IT)


def read_certificates(path: StrPath) -> tuple[bytes, ...]:
    """Return the certificates of a PEM file as DER, in its order.

    Raises:
        Misconfigured: the file holds none, or one that cannot be read.
        Unavailable: it does not exist or cannot be read.
    """
    from hauberk.signature.certificate import read_certificates as decode  # noqa: PLC0415 - for few who sign or verify

    return decode(read_file(path, limit=_MAX_CERTIFICATES_BYTES), printable(os.fspath(path)))


def _path_of(uri: str) -> str:
    scheme, _, rest = uri.partition(":")
    if scheme in _ELSEWHERE:
        raise Misconfigured(f"{scheme}: keys cannot be used by this version", "name a key file: file:PATH")
    if scheme != "file":
        if (found := _SCHEME.match(uri)) and not os.path.lexists(uri):
            raise Misconfigured(f"no key is named by {found[1]}:", "name a key file: file:PATH")
        return uri
    if not rest.startswith("//"):
        return rest
    if not rest.startswith("///"):
        raise Misconfigured(f"{printable(uri)} names another machine", "write file:PATH")
    return rest[2:]


def _read(path: StrPath, hint: str) -> bytes:
    data = read_file(path, limit=_MAX_KEY_BYTES)
    if not data:
        raise Misconfigured(f"{printable(os.fspath(path))} is empty", hint)
    return data


def _from_der(data: bytes, shown: str, command: str) -> str:
    """Return how to make PEM of what looks like DER: a SEQUENCE (X.690) and no line of text."""
    return f"it looks like DER; make PEM of it: openssl {command} -in {shown}" if data[:1] == b"0" else ""


def _read_secret(path: str) -> bytes:
    """Return what a file or a pipe holds; unlike a key, a passphrase often comes through a pipe."""
    found = b""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path, as given
            while len(found) <= _MAX_PASSPHRASE_BYTES and (piece := file.read(_MAX_PASSPHRASE_BYTES + 1)):
                found += piece
    except OSError as error:
        raise unavailable(path, error) from None
    if len(found) > _MAX_PASSPHRASE_BYTES:
        raise Misconfigured(f"{printable(path)} holds more than {_MAX_PASSPHRASE_BYTES} bytes, which is no passphrase")
    return found


def _only_block(pem: bytes, shown: str, hint: str) -> bytes:
    """Return the label of the only PEM block, not counting the curve that `openssl ecparam -genkey` writes before."""
    labels = [label for label in _BLOCK.findall(pem) if label != b"EC PARAMETERS"]
    if len(labels) != 1:
        raise Misconfigured(f"{shown} holds {len(labels)} PEM blocks, a key file has one", hint)
    label: bytes = labels[0]
    return label


def _load(pem: bytes, passphrase: bytes | None, shown: str) -> PrivateKey:
    # Under CBC a wrong passphrase gives a padding that does not fit, or, one time in 256, bytes that are no key.
    hint = "is it the right passphrase?" if passphrase else _MAKE_ONE
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Misconfigured(f"the private key {shown} cannot be opened: {error}", hint) from None
    if isinstance(key, ed25519.Ed25519PrivateKey) or _is_known_curve(key):
        return cast("PrivateKey", key)
    raise _unsupported(key, shown, _MAKE_ONE)


def _public_from(label: bytes, shown: str) -> str:
    if label == b"CERTIFICATE":
        return f"take the key out of it: openssl x509 -in {shown} -pubkey -noout"
    if label.endswith(b"PRIVATE KEY"):
        return f"make its public half: openssl pkey -in {shown} -pubout"
    return _ASK_FOR_IT


def _is_known_curve(key: object) -> bool:
    name = getattr(getattr(key, "curve", None), "name", None)
    return any(curve.curve.name == name for curve in CURVES.values())


def _unsupported(key: object, shown: str, hint: str) -> Misconfigured:
    curve = getattr(getattr(key, "curve", None), "name", "")
    kind = f"EC {curve}" if curve else type(key).__name__.removesuffix("PrivateKey").removesuffix("PublicKey")
    return Misconfigured(
        f"{shown} is a key of kind {kind}; models are signed with EC P-256, P-384 or P-521, "
        "statements with EC P-256 or Ed25519",
        hint,
    )


def _named(label: bytes) -> str:
    name = label.decode().lower()
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _write_new(path: StrPath, data: bytes, *, mode: int) -> None:
    """Write a file that must not be there: whole under another name, then linked to its own, which only one writer can.

    A process that is killed in between leaves no file of this name, rather than an empty one.
    """
    shown = printable(os.fspath(path))
    temporary = f"{os.fspath(path)}.{os.urandom(8).hex()}.part"
    write_atomic(temporary, data, mode=mode)
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError:
        raise Misconfigured(f"{shown} is there already", "a key is never written over: move it away first") from None
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(path), error) from None
    finally:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - a path, as given
