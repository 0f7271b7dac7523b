"""The file of a data set brings a script, which is run when the data set is not there.

ultralytics and yolov5 look into the file of a data set for `download`. An address is fetched and unpacked; anything
else is given to `exec`, or to a shell where it begins with `bash`. The files that these programs bring have such
scripts, and theirs are known by their digest, as long as the folder that they work in is one below the data sets;
whoever wrote another one chooses what is run. One that starts programs, runs text as code or opens connections is
`config-evaluates`.

Example: `download: |` and lines of Python below it, beside `train`, `val` and `names`.

Fix: read the script, and take it out where the data set is there already.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.dataset_scripts import SCRIPTS
from hauberk.checks.model.expression import printable
from hauberk.checks.model.source_acts import acts
from hauberk.finding import Location, Severity
from hauberk.formats.text import python
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

# What is fetched, and what names a script that lies beside it and does nothing where it is taken for Python.
_FETCHED: Final = re.compile(r"https?://\S+|(?:bash )?[\w-][\w./-]*", re.ASCII)
_FOLDER: Final = re.compile(r"(?:\.\./datasets/)?[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*", re.ASCII)
_OF_DATA: Final = ("train", "val")
_CLASSES: Final = ("names", "nc")


def merged(document: Any) -> dict[str, Any]:
    """Return the top of a YAML document with the maps that `<<` merges into it; empty where it is no map."""
    if not isinstance(document, dict):
        return {}
    below = document.get("<<")
    maps = [one for one in (below if isinstance(below, list) else [below]) if isinstance(one, dict)]
    return {key: value for one in (*reversed(maps), document) for key, value in one.items()}


def script_of(document: Any) -> str:
    """Return the script that the file of a data set brings; empty where there is none, or only an address."""
    held = merged(document)
    script = held.get("download")
    is_data = any(key in held for key in _OF_DATA) and any(key in held for key in _CLASSES)
    if not is_data or not isinstance(script, str) or _FETCHED.fullmatch(script.strip()):
        return ""
    return script.strip()


def digest_of(script: str) -> str:
    """Return the digest of a script, whose lines may end in spaces."""
    lines = "\n".join(line.rstrip() for line in script.strip().splitlines())
    return sha256(lines.encode("utf-8", "replace")).hexdigest()


def is_known(document: Any, script: str) -> bool:
    """Say whether a script is one that the programs bring, and works in a folder of data sets.

    Some remove the folder before they begin.
    """
    folder = merged(document).get("path", "")
    return isinstance(folder, str) and _FOLDER.fullmatch(folder) is not None and digest_of(script) in SCRIPTS


def deeds(script: str) -> Iterator[str]:
    """Yield what a script does that no script of a data set needs, or why that cannot be told."""
    if script.startswith("bash "):
        yield f"a shell is given {script[:120]}"
        return
    source = python.read(script)
    if source.unchecked:
        yield "its download is a script that cannot be read"
    for seen in acts(source):
        yield seen.saw


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield the script, where it is not known, and nothing worse is told of it."""
    script = script_of(text.document)
    if script and not is_known(text.document, script) and not any(deeds(script)):
        saw = f"its download is a script of {len(script.splitlines())} lines: {script[:80]}"
        yield Sighting(Location(pointer="/download"), printable(saw))


RULE: Final = Rule(
    id="config-script",
    title="the file of a data set brings a script that is run",
    severity=Severity.MEDIUM,
    remedy="Read the script, and take it out where the data set is there already.",
    references=("CWE-95", "CWE-829", "MITRE ATLAS AML.T0011", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
