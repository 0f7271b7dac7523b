"""JSON (RFC 8259) read token by token, for headers of model files: no value is made that nobody asked for.

A library makes an object of every value before anyone can look at it; sixty million brackets become a gigabyte. Here
the caller says what must come next, takes it or steps over it, and sees a key that occurs twice. Text is bytes in
UTF-8.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_STRING = 1 << 20
_SPACE = re.compile(rb"[ \t\n\r]*+")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_WHOLE = re.compile(rb"(?:0|[1-9][0-9]{0,19})(?![0-9.eE])")
_WORD = re.compile(rb"true|false|null")
_CLOSERS = {b"{": b"}", b"[": b"]"}


class JsonTokens:
    """A place in a JSON text. Every method raises `Malformed` where something else stands there."""

    def __init__(self, data: bytes, what: str) -> None:
        self.at = 0
        self._data = data
        self._what = what

    def next(self) -> bytes:
        """Return the character that the next token begins with, empty at the end."""
        match = _SPACE.match(self._data, self.at)
        self.at = match.end() if match else self.at
        return self._data[self.at : self.at + 1]

    def took(self, mark: bytes) -> bool:
        """Take a mark if it comes next, and say whether it did."""
        found = self.next() == mark
        self.at += found
        return found

    def take(self, mark: bytes) -> None:
        """Take a mark such as `{`."""
        if not self.took(mark):
            raise self.wrong(f"{mark.decode()} is missing")

    def string(self, longest: int = LONGEST_STRING) -> str:
        """Take a string of at most so many bytes; half a surrogate pair is refused, as UTF-8 has none."""
        raw = self._token(_STRING, "a string")
        if len(raw) > longest:
            raise self.wrong(f"a string of more than {longest} bytes")
        try:
            text = json.loads(raw) if b"\\" in raw else raw[1:-1].decode()
            text.encode()
        except (UnicodeError, ValueError):
            raise self.wrong("text that is not UTF-8") from None
        return str(text)

    def whole(self) -> int:
        """Take a whole number from 0 on, of at most 20 digits."""
        return int(self._token(_WHOLE, "a whole number"))

    def members(self) -> Iterator[str]:
        """Take an object: yield each key, for the caller to take its value before the next."""
        self.take(b"{")
        if self.took(b"}"):
            return
        while True:
            key = self.string()
            self.take(b":")
            yield key
            if self.took(b"}"):
                return
            self.take(b",")

    def items(self) -> Iterator[None]:
        """Take an array: yield before each item, for the caller to take."""
        self.take(b"[")
        if self.took(b"]"):
            return
        while True:
            yield
            if self.took(b"]"):
                return
            self.take(b",")

    def skip(self, deepest: int) -> None:
        """Step over one value, nested at most so deep."""
        closers: list[bytes] = []
        while True:
            mark = self.next()
            if mark in _CLOSERS:
                if len(closers) >= deepest:
                    raise self.wrong(f"nested deeper than {deepest}")
                self.at += 1
                closers.append(_CLOSERS[mark])
                if not self.took(closers[-1]):
                    self._skip_key(closers[-1])
                    continue
                closers.pop()
            elif mark == b'"':
                self._token(_STRING, "a string")
            else:
                self._token(_WORD if mark in (b"t", b"f", b"n") else _NUMBER, "a value")
            while closers and self.took(closers[-1]):
                closers.pop()
            if not closers:
                return
            self.take(b",")
            self._skip_key(closers[-1])

    def end(self) -> None:
        """Refuse anything behind the value but white space."""
        if self.next():
            raise self.wrong("something behind the value")

    def wrong(self, seen: str) -> Malformed:
        """Return the error that says what is wrong here."""
        return Malformed(f"{self._what} that is not as it should be: {seen}, at its byte {self.at}")

    def _skip_key(self, closer: bytes) -> None:
        if closer == b"}":
            self._token(_STRING, "a key")
            self.take(b":")

    def _token(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        self.next()
        match = pattern.match(self._data, self.at)
        if match is None:
            raise self.wrong(f"{what} is missing")
        self.at = match.end()
        return match[0]
