"""Where answers and complaints go: standard output or a file, and standard error; nothing in them drives a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from hauberk.edge.sources import write_output
from hauberk.errors import Unavailable
from hauberk.render.words import sentences, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


_MARKS = "✓✗·…"
_IN_ASCII = str.maketrans(dict(zip(_MARKS, ("+", "x", "-", "..."), strict=True)))


def say(text: str) -> bool:
    """Write text and a line end to standard output; return whether somebody reads: one that has gone is no error."""
    if sys.stdout is None:
        raise Unavailable("cannot write to standard output: it is closed", "open it, or send it to /dev/null")
    try:
        sys.stdout.write(encodable(_line(text), sys.stdout))
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail again when the interpreter ends (Python documentation, SIGPIPE).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise Unavailable(f"cannot write to standard output: {error.strerror}", "make room for it") from None
        return False
    return True


def deliver(text: str, output: str | None, *, recognise: Callable[[bytes], bool], inputs: Iterable[str] = ()) -> None:
    """Write an answer to the file that `--output` named, as `write_output` does, or else to standard output."""
    if output is None:
        say(text)
    else:
        data = _line(text).encode(errors="backslashreplace")
        write_output(output, data, recognise=recognise, inputs=inputs)


def complain(message: str, hint: str = "") -> None:
    """Write what went wrong, and what to do next, to standard error."""
    if sys.stderr is None:
        return  # closed; `print` would take standard output in its place
    lines = [f"hauberk: {visible(message)}"]
    if hint:
        lines.append(f"  next: {visible(hint)}")
    try:
        print(encodable("\n".join(lines), sys.stderr), file=sys.stderr, flush=True)
    except OSError:
        return  # nobody listens; the exit code still says it


def note(message: str, hint: str = "") -> None:
    """Write what was done, where the answer itself does not say it, to standard error."""
    complain(message, hint)


def warn(message: str) -> None:
    """Write what holds less than it seems to standard error; the answer and the exit code stay as they are."""
    complain(f"warning: {message}")


def facts(heading: str, rows: Mapping[str, object]) -> str:
    """Return a heading with named facts under it, their names in one column; what comes from outside is escaped."""
    shown = {visible(name): visible(str(seen)) for name, seen in rows.items()}
    width = max(map(len, shown))
    return "\n".join([visible(heading), *(f"  {name:<{width}}  {seen}" for name, seen in shown.items())])


def say_sentences(*lines: str) -> None:
    """Say sentences: on a terminal wrapped to its width, else each on one line; what comes from outside is escaped."""
    width = shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None
    say(sentences(lines, width=width))


def colourful() -> bool:
    """Say whether standard output is a terminal whose owner has not set NO_COLOR (no-color.org)."""
    if sys.stdout is None:
        return False
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def encodable(text: str, stream: TextIO) -> str:
    """Return text with our marks in ASCII where the stream has no letters for them."""
    try:
        _MARKS.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return text.translate(_IN_ASCII)
    return text


def _line(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
