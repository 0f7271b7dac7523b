"""The XML file makes objects that run something, or calls a language.

XMLDecoder of Java does what its file lists: it makes objects and calls their methods. XStream and Spring make the
classes that elements and attributes name, and some classes of Java start a program or ask a server once one is made. A
style sheet of XSLT may call functions of Java, .NET or PHP, and read other files. No model is made of these.

Example: `<object class="java.lang.ProcessBuilder">…<void method="start"/></object>`.

Fix: do not read it. Ask its producer how the name came in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield what a reader would make or call."""
    for saw, offset in text.prolog.acts if text.prolog else ():
        yield Sighting(Location(offset=offset), printable(saw))


RULE: Final = Rule(
    id="xml-runs-code",
    title="the XML file makes objects that run something, or calls a language",
    severity=Severity.CRITICAL,
    remedy="Do not read it. Ask its producer how the name came in.",
    references=("CWE-502", "CWE-470", "CVE-2021-39144", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
