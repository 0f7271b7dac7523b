"""A run for a person at a terminal: one line a stage, with what became of it and how long it took."""

from __future__ import annotations

import textwrap

from hauberk.render.words import visible

# Select Graphic Rendition codes (ECMA-48 8.3.117).
_RED, _GREEN, _YELLOW, _BOLD, _FAINT = "31", "32", "33", "1", "2"
_LOOKS = {"ran": ("✓", _GREEN), "unchanged": ("·", _FAINT), "denied": ("✗", _RED), "failed": ("✗", _RED)}
_NAME, _WORD, _SECONDS = 8, 9, 7
_INDENT = 2 + _NAME + 2 + _WORD + 2
_TAKEN = _INDENT + 1 + _SECONDS
_LEAST = 20


def stage_line(name: str, how: str, what: str, *, seconds: float, colour: bool, width: int) -> str:
    """Return one stage's line: icon, name, `ran`, `unchanged`, `denied` or `failed`, what it came to, seconds.

    Args:
        name: the stage's.
        how: one of the four words.
        what: in a few words, wrapped where they are long; of a failure the beginning, for all of it is said after.
        seconds: how long it took.
        colour: whether to write colours.
        width: columns; the seconds stand at their end.
    """
    icon, look = _LOOKS[how]
    room = max(_LEAST, width - _TAKEN)
    first, *more = _wrapped(visible(what), room, cut=how == "failed")
    word = _paint(f"{how:<{_WORD}}", look, colour=colour)
    took = _paint(f"{seconds:>{_SECONDS - 2}.1f} s", _FAINT, colour=colour)
    line = f"{_paint(icon, look, colour=colour)} {visible(name):<{_NAME}}  {word}  {first:<{room}} {took}"
    return "\n".join([line, *(f"{'':{_INDENT}}{text}" for text in more)])


def command_line(name: str, words: tuple[str, ...], *, colour: bool) -> str:
    """Return the line above what a command prints."""
    return f"  {visible(name):<{_NAME}}  {_paint('$ ' + visible(' '.join(words)), _FAINT, colour=colour)}"


def notice_line(text: str, *, colour: bool) -> str:
    """Return a line that a person should not overlook."""
    return _paint(f"! {visible(text)}", f"{_BOLD};{_YELLOW}", colour=colour)


def _wrapped(text: str, room: int, *, cut: bool) -> list[str]:
    lines = textwrap.wrap(text, room, break_long_words=cut, break_on_hyphens=False) or [""]
    if cut and len(lines) > 1:
        return [f"{lines[0][: room - 1]}…"]
    return lines


def _paint(text: str, look: str, *, colour: bool) -> str:
    return f"\x1b[{look}m{text}\x1b[0m" if colour else text
