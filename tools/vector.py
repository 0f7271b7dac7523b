"""A file that a parser is tried on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vector:
    """A file, why it is there, what loading it would do, and what is said of it if it is not read to the end."""

    parser: str
    name: str
    data: bytes
    why: str
    effects: tuple[str, ...] = ()
    says: str = ""

    @property
    def path(self) -> str:
        """Return where the file lies in the folder."""
        return f"{self.parser}/{'fail' if self.says else 'pass'}/{self.name}"
