"""What has been seen already, kept in a file, so that a scan of very many files that was stopped goes on.

An answer counts again only for the same file of the same size, times and identity, looked at in the same way by the
same release. Who can write the file can write what the report says: keep it as safe as the report.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from hauberk.version import VERSION

if TYPE_CHECKING:
    from hauberk.edge.journal import Journal
    from hauberk.verbs.scan_file import Slot

HEAD: Final = b'{"schema": "urn:hauberk:scan-state:v1"}'


class State:
    """The answers of an earlier run, and where those of this one go."""

    def __init__(self, journal: Journal, heard: bytes) -> None:
        self._journal = journal
        self._heard = hashlib.sha256(heard).hexdigest()
        self._known: dict[str, bytes] = {}
        for line in journal.lines:
            key, _, said = line.partition(b" ")
            self._known[key.decode(errors="replace")] = said

    def known(self, slot: Slot) -> bytes | None:
        """Return the answer that was given for this very file, or None."""
        return self._known.get(self._key(slot))

    def keep(self, slot: Slot, said: bytes) -> None:
        """Keep an answer, which is one line."""
        self._journal.add(self._key(slot).encode() + b" " + said)

    def _key(self, slot: Slot) -> str:
        parts = [VERSION, self._heard, slot.root, slot.relative, slot.name, *slot.fingerprint]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
