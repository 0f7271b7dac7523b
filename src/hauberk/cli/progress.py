"""What a person who waits sees: one line on standard error, after a second, where that is a terminal."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING

from hauberk.cli.output import encodable
from hauberk.render.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_SECONDS = 1.0
_ERASE = "\r\x1b[K"  # ECMA-48: carriage return, erase to the end of the line


@contextlib.contextmanager
def progress(doing: str) -> Iterator[None]:
    """Show what goes on and for how long, for as long as the block runs; nothing of it stays on the screen."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    line = threading.Thread(target=_show, args=(visible(doing), done), daemon=True)
    line.start()
    try:
        yield
    finally:
        done.set()
        line.join()


def _show(doing: str, done: threading.Event) -> None:
    began = time.monotonic()
    shown = False
    while not done.wait(_PATIENCE_SECONDS):
        shown = True
        sys.stderr.write(encodable(f"{_ERASE}{doing} … {time.monotonic() - began:.0f} s", sys.stderr))
        sys.stderr.flush()
    if shown:
        sys.stderr.write(_ERASE)
        sys.stderr.flush()
