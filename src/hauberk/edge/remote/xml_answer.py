"""XML that Amazon's services, and those that speak like them, answer with: without a document type, or refused."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hauberk.errors import Unavailable


def decode_xml(body: bytes, what: str = "the answer") -> ET.Element:
    """Return what is answered; its elements without their namespace, which not every service writes."""
    # A document type: entities that expand, and no such service writes one. In UTF-16, it would have zeros within.
    if b"<!" in body or b"\0" in body:
        raise Unavailable(f"{what} is not of the form that S3 has")
    try:
        root = ET.fromstring(body)  # noqa: S314 - bounded, and without a document type
    except (ET.ParseError, LookupError, ValueError):  # the latter two: an encoding that there is not, or of many bytes
        raise Unavailable(f"{what} is no XML", "check the endpoint") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root
