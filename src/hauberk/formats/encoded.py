"""Text in other encodings than UTF-8: UTF-16, and the one-byte encodings of Western Europe.

What acts in a text acts in any encoding that its reader knows, and the readers of XML, YAML and notebooks know these.
So the text is decoded, and read as any other. Bytes count as such a text only where all of them can be: no control
characters, and in a one-byte encoding mostly ASCII.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.formats import texts
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from hauberk.formats.text.plain import TextDescription
    from hauberk.view import View

_WIDE: Final = (
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"),
    (b"<\0!\0", "utf-16-le"), (b"\0<\0!", "utf-16-be"), (b'{\0"\0', "utf-16-le"), (b'\0{\0"', "utf-16-be"),
)  # fmt: skip
_CONTROL: Final = re.compile("[\0-\x08\x0e-\x1f\x7f]")
_NARROW: Final = bytes([*b"\t\n\r\f", *range(32, 127), 0x80, *range(0x82, 0x8D), 0x8E, *range(0x91, 0x9D), 0x9E, 0x9F])
_LATIN: Final = _NARROW + bytes(range(0xA0, 0x100))
_ASCII: Final = bytes(range(128))
_DECLARED: Final = re.compile(r"(<\?xml[^>]{0,256}?)\s+encoding\s*=\s*[\"'](?i:utf-?16(?:le|be)?)[\"']")


def is_wide(view: View, head: bytes) -> bool:
    """Say whether a view is text in UTF-16, with its mark or as XML or JSON begins.

    Raises:
        Unavailable: the view cannot be read.
    """
    return _encoding(head) is not None and view.size <= DEFAULT_LIMITS.max_document_bytes and _wide(view) is not None


def is_latin(view: View, head: bytes) -> bool:
    """Say whether a view is text in Latin-1 or Windows-1252.

    Raises:
        Unavailable: the view cannot be read.
    """
    if not head or head.translate(None, _LATIN) or view.size > DEFAULT_LIMITS.max_document_bytes:
        return False
    data = view.read_at(0, view.size)
    return not data.translate(None, _LATIN) and 4 * len(data.translate(None, _ASCII)) <= len(data)


def describe_wide(view: View, limits: Limits = DEFAULT_LIMITS) -> TextDescription:
    """Return what is in a text in UTF-16. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    text = _DECLARED.sub(r"\1", _wide(view) or "", count=1)
    return texts.describe(BytesView(text.encode()), limits)


def describe_latin(view: View, limits: Limits = DEFAULT_LIMITS) -> TextDescription:
    """Return what is in a text in a one-byte encoding. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    return texts.describe(BytesView(view.read_at(0, view.size).decode("latin-1").encode()), limits)


def _encoding(head: bytes) -> str | None:
    return next((name for mark, name in _WIDE if head.startswith(mark)), None)


def _wide(view: View) -> str | None:
    data = view.read_at(0, view.size)
    try:
        text = data.decode(_encoding(data[:4]) or "ascii")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text
