"""The project file has a command that downloads a program and runs it, or hides what it runs.

`mlflow run` gives the commands of an `MLproject` file to a shell. Starting a script of the project is what they are
for; one that pipes a download into a shell, opens a connection, or brings its program along as text is not. Neither is
a container of the project that sees `/`, `/etc` or a home folder of the machine.

Example: `command: "curl -s https://example.com/x | sh"`.

Fix: do not run it. Ask its author for the program in the open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.source_hides import PIPED
from hauberk.finding import Location, Severity
from hauberk.formats.text.json import walk
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDES: Final = re.compile(
    r"\b(?:python[\d.]*|perl|ruby|node|php)\s+-[a-z]*[ce]\b|\b(?:ba|z|da|k)?sh\s+-[a-z]*c\b|\bbase64\s+(?:-d|-D|--decode)|"
    r"\b(?:nc|ncat|socat|telnet)\s+-?\S|\b(?:curl|wget)\s|\beval\b|/dev/(?:tcp|udp)/|\brm\s+-\w*r|\$\(|`|\|\s*(?:ba)?sh\b"
)

# Folders of the machine that give whoever runs in the container the machine.
_MOUNTS: Final = re.compile(
    r"(?:/|/(?:etc|root|home|proc|sys|dev|boot|usr|bin|lib)(?:/[^:]*)?|/var/run(?:/[^:]*)?|~[^:]*):/"
)


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield the commands that download or hide what they run."""
    docker = text.document.get("docker_env") if isinstance(text.document, dict) else None
    for pointer, _, value in walk({"docker_env": docker}) if isinstance(docker, dict) else ():
        if isinstance(value, str) and _MOUNTS.match(value):
            yield Sighting(Location(pointer=pointer), printable(f"its container sees {value[:120]}"))
    points = text.document.get("entry_points") if isinstance(text.document, dict) else None
    for pointer, key, value in walk({"entry_points": points}) if isinstance(points, dict) else ():
        if key == "command" and isinstance(value, str) and (found := PIPED.search(value) or _HIDES.search(value)):
            yield Sighting(Location(pointer=f"{pointer}/{key}"), printable(f"a command says {found[0][:120]}"))


RULE: Final = Rule(
    id="config-runs-command",
    title="the project file has a command that hides what it runs",
    severity=Severity.HIGH,
    remedy="Do not run it. Ask its author for the program in the open.",
    references=("CWE-78", "CWE-494", "MITRE ATLAS AML.T0011", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
