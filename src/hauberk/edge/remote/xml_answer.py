"""XML that Amazon's services, and those that speak like them, answer with: without a document type, or refused."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hauberk.errors import Unavailable


def decode_xml(body: bytes, what: str = "the answer") -> ET.Element:
    """Return what is answered; its elements without their namespace, which not every service writes."""
    if b"<!" in body:  # a document type: entities that expand, and no such service writes one
        raise Unavailable(f"{what} is not of the form that S3 has")
    try:
        root = ET.fromstring(body)  # noqa: S314 - bounded, and without a document type
    except ET.ParseError:
        raise Unavailable(f"{what} is no XML", "check the endpoint") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root
