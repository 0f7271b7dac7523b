"""`hauberk data diff`: what changed between two data sets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hauberk.cli.data_by import add_engines, by_of
from hauberk.cli.data_diff_answer import as_json, as_text
from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver, warn
from hauberk.cli.progress import progress
from hauberk.edge.extras import require_extra
from hauberk.edge.sources import check_output, write_output
from hauberk.render.data_diff_html import is_page, page

if TYPE_CHECKING:
    import argparse

    from hauberk.verbs.data_diff_read import Compared

# How an answer in words begins: two names of manifests, and one of the lines that may come first.
_TEXT = re.compile(
    rb"[a-z0-9][a-z0-9._-]{0,127} -> [a-z0-9][a-z0-9._-]{0,127}\n  (the same rows|files   |columns? |rows   )"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("older", help="the manifest of the data set as it was")
    parser.add_argument("newer", help="the manifest of the data set as it is")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--output", metavar="FILE", help="where to write the answer (default: standard output)")
    parser.add_argument("--distributions", action="store_true", help="read the data, and say which columns changed how")
    parser.add_argument("--html", metavar="FILE", help="write a report with pictures; with distributions, if it can")
    parser.add_argument(
        "--rows-out", metavar="FILE", help="write new, changed and removed rows to a .parquet or .csv file"
    )
    for option, whose in (("--data", "newer"), ("--older-data", "older")):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar="PATH",
            help=f"where the {whose} data is (default: where its manifest was made from)",
        )
    add_engines(parser, "compare")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Compare, and say what changed; 1 where anything did."""
    require_extra("data", "numpy", "pyarrow")
    from hauberk.verbs.data_diff import diff_manifests  # noqa: PLC0415 - an extra

    if options.html is not None:
        check_output(options.html, recognise=is_page, inputs=(options.older, options.newer))
    seen = None
    with progress(f"comparing {options.older} and {options.newer}"):
        if options.distributions or options.html or options.rows_out or options.data or options.older_data:
            seen = _with_data(options)
            found = seen.difference
        else:
            found = diff_manifests(options.older, options.newer, by=by_of(options))
    answer = as_json(found, seen) if options.html is not None or options.format == "json" else None
    if options.html is not None and answer is not None:
        write_output(options.html, page(answer).encode(), recognise=is_page, inputs=(options.older, options.newer))
    text = json.dumps(answer, indent=2) if options.format == "json" else "\n".join(as_text(found, seen))
    deliver(text, options.output, recognise=_is_answer, inputs=(options.older, options.newer))
    for why in seen.unread if seen is not None else ():
        warn(why)
    return Exit.CLEAN if found.none else Exit.FOUND


def _with_data(options: argparse.Namespace) -> Compared:
    from hauberk.verbs.data_diff_read import Asked, compare_data  # noqa: PLC0415 - an extra

    measure = bool(options.distributions or options.html or options.data or options.older_data)
    asked = Asked(
        tuple(options.data),
        tuple(options.older_data),
        bool(options.distributions or options.data or options.older_data) and not options.rows_out,
        options.rows_out,
    )
    return compare_data(options.older, options.newer, asked, measure=measure, by=by_of(options))


def _is_answer(data: bytes) -> bool:
    return data.startswith(b'{\n  "schema": "urn:hauberk:data-diff:v1"') or _TEXT.match(data) is not None
