"""`hauberk data manifest`: record what a data set holds, file by file and row by row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.cli.data_by import add_engines, by_of
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.edge import clock
from hauberk.edge.extras import require_extra
from hauberk.edge.salt import read_or_make_salt
from hauberk.edge.sources import require_apart
from hauberk.errors import Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.render.words import counted, visible

if TYPE_CHECKING:
    import argparse

    from hauberk.dataset.manifest import Manifest

SALT = ".hauberk/keys/data.salt"
PERSONS = ".hauberk/keys/data.persons"
_FOR = re.compile(r"([1-9][0-9]{0,3})([dmy])", re.ASCII)
_DAYS = {"d": 1, "m": 30, "y": 365}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("paths", nargs="+", metavar="path", help="files, folders of them, or addresses (s3://…)")
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the manifest; FILE.rows is made beside it"
    )
    parser.add_argument("--name", help="the data set's name (default: the output's, without what follows a dot)")
    parser.add_argument("--key", action="append", default=[], metavar="COLUMN", help="a column that tells rows apart")
    parser.add_argument("--source", metavar="COLUMN", help="the column that says where a row came from")
    parser.add_argument("--retain", metavar="TIME", help="how long it must be kept, as in 90d, 18m, 7y")
    salted = parser.add_mutually_exclusive_group()
    salted.add_argument("--salt", default=SALT, metavar="FILE", help=f"the salt of the rows' hashes (default: {SALT})")
    salted.add_argument(
        "--unsalted", action="store_true", help="hash rows without a salt: who has the manifest can try values out"
    )
    parser.add_argument("--person", metavar="COLUMN", help="the column that names persons: each gets a salt of its own")
    parser.add_argument(
        "--person-salts", default=PERSONS, metavar="FILE", help=f"the file of these salts (default: {PERSONS})"
    )
    add_engines(parser, "hash")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Read, write the manifest, and say what it holds."""
    require_extra("data", "pyarrow", "numpy")
    from hauberk.verbs.data_manifest import Wanted, local, make_manifest, require_outputs  # noqa: PLC0415 - an extra

    by = by_of(options)
    here = local(tuple(options.paths))
    require_outputs(options.output, here)
    salt = None
    if not options.unsalted:
        require_apart(options.salt, here)
        salt, made = read_or_make_salt(options.salt)
        if made:
            warn(f"made the salt {options.salt}: keep it, and keep it apart from manifests; the next ones need it")
    if options.person is not None:
        require_apart(options.person_salts, here)
    wanted = Wanted(
        options.name or Path(options.output).name.partition(".")[0],
        salt,
        tuple(options.key),
        options.source,
        retained_until(options.retain),
        options.person,
        options.person_salts,
    )
    with progress(f"reading {', '.join(options.paths)}"):
        manifest = make_manifest(tuple(options.paths), options.output, wanted, by=by)
    say(_told(manifest, options.output))
    return Exit.CLEAN


def retained_until(text: str | None) -> str | None:
    """Return the instant that is `90d`, `18m` (of 30 days) or `7y` (of 365) from now."""
    if text is None:
        return None
    if not (found := _FOR.fullmatch(text)):
        raise Misconfigured(f"{text!r:.40} is no time", "write days, months or years, as in 90d, 18m, 7y")
    return format_instant(clock.now() + int(found[1]) * _DAYS[found[2]] * 86_400)


def _told(manifest: Manifest, output: str) -> str:
    rows = manifest.rows
    without = [file for file in manifest.files if not file.rows]
    told: dict[str, object] = {
        "manifest": output,
        "digest": manifest.digest,
        "files": f"{counted(len(manifest.files), 'file')}, {manifest.size:,} bytes"
        + (f"; {counted(len(without), 'file')} without rows" if without else ""),
    }
    if rows is None:
        return facts(f"{manifest.name}: no table, files only", told)
    told |= {
        "rows": f"{rows.count:,}, in {counted(len(rows.columns), 'column')}",
        "root": rows.root,
        "salted": "yes" if rows.salt else "no: who has this manifest can try values out",
    }
    if rows.person is not None:
        told["persons"] = f"each of {visible(rows.person.column)} has a salt of its own"
    if rows.source is not None:
        told["sources"] = ", ".join(f"{name or '(none)'} {count:,}" for name, count in rows.sources[:10]) + (
            f" and {len(rows.sources) - 10} more" if len(rows.sources) > 10 else ""
        )
    return facts(manifest.name, told)
