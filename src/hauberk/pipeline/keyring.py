"""The keys of a project's roles: opened when a statement is to be signed, under a passphrase that is asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.keys import find_passphrase, open_signer
from hauberk.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.edge.keys import FileSigner
    from hauberk.pipeline.project import Project


class Keyring:
    """Owns the private keys that a run has opened, and the passphrase that opened them."""

    def __init__(self, project: Project, warn: Callable[[str], None], passphrase: bytes | None = None) -> None:
        """Open nothing yet; `warn` is told what is weak about a key that is opened, `passphrase` is known already."""
        self.project = project
        self._warn = warn
        self._opened: dict[str, FileSigner] = {}
        self.passphrase = passphrase

    def signer(self, role: str) -> FileSigner:
        """Return the key of a role.

        Raises:
            Refused: hauberk.yaml names no key for it.
            Misconfigured, Unavailable: as `open_signer` and `find_passphrase`.
        """
        if role not in self._opened:
            uri = self.project.key(role)
            if uri is None:
                raise _nameless(role)
            self._opened[role] = self._open(uri)
        return self._opened[role]

    def signer_of(self, uri: str | None) -> FileSigner:
        """Return the key that a person named, or the approver's where none is named; errors as `signer`."""
        if uri is not None:
            return self._open(uri)
        if self.project.key("approver") is None:
            raise _nameless("approver", "name it by --key, or ")
        return self.signer("approver")

    def _open(self, uri: str) -> FileSigner:
        opened = open_signer(uri, passphrase=self.ask)
        for warning in opened.warnings:
            self._warn(warning)
        return opened

    def ask(self) -> bytes:
        """Return the passphrase, asked for when it is first needed."""
        if self.passphrase is None:
            self.passphrase = find_passphrase()
        return self.passphrase


def _nameless(role: str, hint: str = "") -> Refused:
    return Refused(
        f"this needs the key of the {role}, which hauberk.yaml does not name",
        f'{hint}write `{role}: "file:PATH"` under `keys` in hauberk.yaml, where the {role} works',
    )
