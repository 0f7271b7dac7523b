"""Read a suite of checks that another program wrote, as data: that program is not imported."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from hauberk.checks.data.document import Document
from hauberk.checks.data.expectation_suite import is_expectations, of_expectations
from hauberk.checks.data.pandera_suite import is_pandera, of_pandera
from hauberk.edge.sources import printable, read_file
from hauberk.errors import Malformed, Misconfigured
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml
from hauberk.signature import jcs

if TYPE_CHECKING:
    import os

    from hauberk.checks.data.suite import Suite


def checks_from(path: str | os.PathLike[str], name: str | None = None) -> Suite:
    """Return what a suite says, as checks of ours.

    Args:
        path: a schema of pandera (YAML or JSON), or a suite of Great Expectations (JSON).
        name: of the checks; default: the file's, up to its first dot.

    Raises:
        Misconfigured: neither of the two, or something in it that no check of ours may be.
        Unavailable: it cannot be read.
    """
    data = read_suite(path)
    name = name or PurePath(path).name.partition(".")[0]
    if is_pandera(data):
        suite = of_pandera(data, name)
    elif is_expectations(data):
        suite = of_expectations(data, name)
    else:
        raise Misconfigured(
            f"{printable(path)} is neither a schema of pandera nor a suite of Great Expectations",
            "write it with to_yaml of pandera, or as the JSON of the suite",
        )
    if suite.columns or suite.checks:
        decode(suite.document(), Document, what=printable(path))
    return suite


def read_suite(path: str | os.PathLike[str]) -> Any:
    """Return the plain data in a file of YAML or JSON; errors as `checks_from`."""
    data = read_file(path, limit=LARGEST_BYTES)
    if data.lstrip()[:1] != b"{":
        return read_yaml(data, what=printable(path))
    try:
        return jcs.decode(data, what=printable(path))
    except Malformed as error:
        raise Misconfigured(error.message, error.hint) from None
