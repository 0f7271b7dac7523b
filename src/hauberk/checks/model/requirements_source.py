"""The list of requirements makes an installer fetch from a place of its own.

MLflow, TorchServe and hosted spaces install what a model's `requirements.txt` or `conda.yaml` lists, and installing a
package runs its code. A line that names another index, a repository or a file by address chooses whose code that is,
whatever the package is called.

Example: `--index-url http://packages.example/simple`, or `git+https://example.com/tool`.

Fix: take packages from the index that your organisation trusts, with versions and hashes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.text.json import walk
from hauberk.formats.text.plain import TextDescription
from hauberk.formats.text.requirements import Requirement, of_lines
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

# Publishers of frameworks whose builds for accelerators are on no public index; their own documentation says so.
PUBLISHERS: Final = re.compile(r"https://([a-z0-9-]+\.)*(pytorch\.org|nvidia\.com|pypi\.org)(/|$)", re.ASCII)

_KEYS: Final = ("dependencies", "build_dependencies")
_CHANNEL: Final = re.compile(r"(?:https?|ftp|file)://\S+::\S", re.ASCII)
_LISTS: Final = ("-r", "--requirem", "-c", "--cons")


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield the lines that name a place to fetch from."""
    for one in text.requirements:
        yield from _seen(one, Location(line=one.line))
    listed = {key: text.document.get(key) for key in _KEYS} if isinstance(text.document, dict) else {}
    if any(isinstance(value, list) for value in listed.values()):
        for pointer, _, value in walk(listed):
            for one in _of(value):
                yield from _seen(one, Location(pointer=pointer))
        yield from _channels(text.document.get("channels"))
        yield from _packages(listed)


def _channels(channels: Any) -> Iterator[Sighting]:
    """Yield the channels of a conda environment that are addresses."""
    for index, channel in enumerate(channels if isinstance(channels, list) else []):
        if isinstance(channel, str) and "://" in channel and not PUBLISHERS.match(channel):
            yield Sighting(Location(pointer=f"/channels/{index}"), printable(f"a channel is {channel[:200]}"))


def _packages(listed: dict[str, Any]) -> Iterator[Sighting]:
    """Yield the packages of a conda environment whose channel is an address of their own."""
    for key, values in listed.items():
        for index, value in enumerate(values if isinstance(values, list) else []):
            if isinstance(value, str) and _CHANNEL.match(value) and not PUBLISHERS.match(value):
                yield Sighting(Location(pointer=f"/{key}/{index}"), printable(f"a package comes from {value[:200]}"))


def _of(value: Any) -> tuple[Requirement, ...]:
    return of_lines([value]) if isinstance(value, str) else ()


def _seen(one: Requirement, place: Location) -> Iterator[Sighting]:
    if one.option.startswith(_LISTS) and "://" not in one.place:
        return
    if not PUBLISHERS.match(one.place):
        yield Sighting(place, printable(f"{one.option or 'a requirement'} names {one.place}"))


RULE: Final = Rule(
    id="requirements-source",
    title="the requirements are fetched from a place of the file's choice",
    severity=Severity.MEDIUM,
    remedy="Install from your own index, with versions and hashes.",
    references=("CWE-829", "CWE-494", "MITRE ATLAS AML.T0010.001", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
