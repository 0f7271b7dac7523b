"""Text: what kind of text it is, and what in it a program acts on.

Most text is data that no program executes, and stays inert. Some is acted on: a configuration names classes that are
imported, a template is rendered, a list of requirements is installed, an XML file pulls in others. Reading every text
as all of these would be slow and would find what nobody reads so. A few telling words decide what is looked at, as they
are spelled and as escapes would spell them; without one of them there is nothing that a rule could ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.formats.text import jinja, json, requirements, xml, yaml
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.text.jinja import Template
    from hauberk.formats.text.requirements import Requirement
    from hauberk.formats.text.xml import Prolog
    from hauberk.formats.text.yaml import Tag
    from hauberk.view import View

_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 64


@dataclass(frozen=True, slots=True)
class TextDescription(Described):
    """What is in a text that a program would act on.

    Attributes:
        document: the data of a JSON or YAML text, where it has a telling word; None otherwise.
        tags: YAML tags that name Python objects.
        template: the text as a Jinja template, where it is one.
        prolog: what stands before the root of an XML text.
        requirements: lines that an installer acts on.
        grown: how many values a YAML text has where each alias is a copy.
    """

    document: Any = None
    tags: tuple[Tag, ...] = ()
    template: Template | None = None
    prolog: Prolog | None = None
    requirements: tuple[Requirement, ...] = ()
    grown: int = 0


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> TextDescription:
    """Return what is in a text. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    if view.size > limits.max_document_bytes:
        return _long(view)
    data = view.read_at(0, view.size)
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"[") and json.tells(data) and (found := _json(data, limits)) is not None:
        return found
    if start == b"<":
        return TextDescription(format="xml", prolog=xml.read(data)) if xml.TELLING.search(data) else TextDescription()
    described = TextDescription()
    if yaml.tells(data):
        described = _yaml(data, limits)
    elif len(data) <= limits.max_yaml_bytes and yaml.REPEATING.search(data):
        described = TextDescription(grown=yaml.read(data, limits).grown)
    if (listed := requirements.read(data)) and described.document is None:
        described = replace(described, format="requirements", requirements=listed)
    if jinja.TELLING.search(data) and (template := jinja.read_file(data)) is not None:
        described = replace(described, format="jinja", template=template)
    return described


def _json(data: bytes, limits: Limits) -> TextDescription | None:
    read = json.read(data, limits)
    if read.fault is not None:
        is_config = data.lstrip()[1:2] not in (b"{", b"%", b"#")  # those of a template
        return TextDescription(format="json", unchecked=(read.fault,)) if read.spent or is_config else None
    notes = () if not read.repeated else (_note(f"keys stand there twice: {', '.join(read.repeated)}"),)
    return TextDescription(format=json.kind_of(read.document), document=read.document, unchecked=notes)


def _yaml(data: bytes, limits: Limits) -> TextDescription:
    read = yaml.read(data, limits)
    if read.fault is not None:
        return TextDescription(tags=read.tags, unchecked=(read.fault,) if read.tags or read.spent else ())
    return TextDescription(format="yaml", document=read.document, tags=read.tags, grown=read.grown)


def _long(view: View) -> TextDescription:
    """Look for telling words in a text that is too long to be read as anything else."""
    tail = b""
    for start in range(0, view.size, _CHUNK_BYTES):
        piece = tail + view.read_at(start, _CHUNK_BYTES)
        for tells in (json.TELLING.search, yaml.tells, xml.TELLING.search, jinja.TELLING.search):
            if found := tells(piece):
                word = re.sub(r"\s+", " ", found[0].decode("utf-8", "replace"))[:40]
                note = Unchecked(UncheckedCode.LIMIT, f"a text of {view.size} bytes that holds {word!r}")
                return TextDescription(unchecked=(note,))
        tail = piece[-_OVERLAP_BYTES:]
    return TextDescription()


def _note(detail: str) -> Unchecked:
    return Unchecked(UncheckedCode.MALFORMED, detail)
