"""`--jobs` and `--engine` of the verbs about data: who does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    import argparse

    from hauberk.verbs.data_pool import By


def add_engines(parser: argparse.ArgumentParser, does: str) -> None:
    """Declare both options; `does` is what the processes do, as in `hash`."""
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help=f"processes that {does} at once (default: 1)")
    parser.add_argument(
        "--engine",
        choices=("processes", "ray"),
        default="processes",
        help=f"what is to {does}: processes here, or a cluster",
    )


def by_of(options: argparse.Namespace) -> By | None:
    """Return who does the work, None for this process alone; raise `Misconfigured` for no process."""
    from hauberk.verbs.data_pool import By  # noqa: PLC0415 - an extra

    if options.jobs < 1:
        raise Misconfigured(f"{options.jobs} processes can do nothing", "--jobs 1 or more")
    return None if options.jobs == 1 and options.engine == "processes" else By(options.jobs, options.engine)
