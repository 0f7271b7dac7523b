"""The door of the program `hauberk`: what to answer at once, and what to hand on.

A shell prompt or a hook may ask for the version many times a day, so nothing is imported before it is needed.
"""

import contextlib
import gc
import os
import sys

_OBJECTS = (
    50_000  # that may be made before cycles are looked for: 700, the default, is a tenth of a short command's time
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command line (without the program's name) and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given == ["--version"] and sys.stdout is not None:
        from hauberk.version import VERSION  # noqa: PLC0415 - see above

        try:
            print(f"hauberk {VERSION}", flush=True)
        except OSError:
            pass  # said again, and properly, by the long way
        else:
            return 0
    from hauberk.cli.dispatch import dispatch  # noqa: PLC0415 - see above
    from hauberk.cli.exits import Exit  # noqa: PLC0415 - see above

    if arguments is None:
        gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    code = dispatch(given)
    if arguments is None and code == Exit.INTERRUPTED:
        _leave(code)
    return code


def _leave(code: int) -> None:
    """End the process without winding the interpreter down.

    What was under way has been put back by then. A library's threads (PyArrow's) may still be inside a call that asks
    for the interpreter; one that is being taken apart under them aborts the process, and the exit code is lost.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError, ValueError):  # closed, or absent: nobody to tell
            stream.flush()
    os._exit(code)
