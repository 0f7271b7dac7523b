"""The door of the program `hauberk`: what to answer at once, and what to hand on.

A shell prompt or a hook may ask for the version many times a day, so nothing is imported before it is needed.
"""

import sys


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

    return dispatch(given)
