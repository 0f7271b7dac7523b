"""Takes credentials out of what is said, and finds them in what was written."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from hauberk.errors import HauberkError

LEAST_CHARACTERS: Final = 8  # what is shorter occurs by chance
_PIECE: Final = 1 << 20

E = TypeVar("E", bound="HauberkError")


class Redactor:
    """Knows values and the names that may be said in their place."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._sought: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._names)

    def add(self, value: str, name: str) -> None:
        """Hide a value from now on, in the spellings of JSON, URLs, base64 and Python too, and each line of it.

        A value of fewer than `LEAST_CHARACTERS` is not hidden.
        """
        if len(value) < LEAST_CHARACTERS:
            return
        forms = [value, json.dumps(value)[1:-1], repr(value)[1:-1], quote(value, safe=""), quote(value)]
        forms.append(base64.b64encode(value.encode()).decode())
        for form in forms:
            self._names.setdefault(form, name)
            self._sought.setdefault(form, name)
        for line in value.splitlines():
            if len(line.strip()) >= LEAST_CHARACTERS and not line.startswith("-----"):
                self._names.setdefault(line.strip(), name)

    def __call__(self, text: str) -> str:
        """Return a text with each value replaced by its name, the longest first."""
        for value in sorted(self._names, key=len, reverse=True):
            text = text.replace(value, f"[{self._names[value]}]")
        return text

    def clean(self, error: E) -> E:
        """Return an error of ours whose words hold no value."""
        error.message, error.hint = self(error.message), self(error.hint)
        error.args = (error.message, error.hint)
        return error

    def found_in(self, file: BinaryIO) -> str:
        """Return the name of a value that the bytes of a file hold as it is, or nothing."""
        sought = {value.encode(): name for value, name in self._sought.items()}
        keep = max(map(len, sought), default=1) - 1
        tail = b""
        for piece in _pieces(file):
            window = tail + piece
            for value, name in sought.items():
                if value in window:
                    return name
            tail = window[-keep:] if keep else b""
        return ""

    def named_in(self, text: str) -> str:
        """Return the name of a value that a text holds, or nothing."""
        return next((name for value, name in self._sought.items() if value in text), "")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
