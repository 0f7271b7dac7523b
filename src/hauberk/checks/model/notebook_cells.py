"""The cells of a notebook, of the formats 3 and 4, for the rules that ask about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CELLS: Final = 5000
_MOST_CHARACTERS: Final = 1 << 18


def cells(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each cell of a notebook with its pointer; format 3 keeps them in worksheets."""
    sheets = document.get("worksheets") if isinstance(document.get("worksheets"), list) else []
    groups = [("", document.get("cells"))]
    groups += [
        (f"/worksheets/{index}", sheet.get("cells")) for index, sheet in enumerate(sheets) if isinstance(sheet, dict)
    ]
    left = _MOST_CELLS
    for pointer, group in groups:
        for index, cell in enumerate(group if isinstance(group, list) else []):
            if isinstance(cell, dict) and left > 0:
                left -= 1
                yield f"{pointer}/cells/{index}", cell


def joined(source: Any) -> str:
    """Return the text of a cell or an output, which may be a list of lines."""
    text = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else source
    return text[:_MOST_CHARACTERS] if isinstance(text, str) else ""
