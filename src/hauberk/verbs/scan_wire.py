"""Reports as bytes between processes: JSON that is decoded field by field into the records that it claims to be."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest
from hauberk.errors import Malformed
from hauberk.finding import Confidence, Coverage, Finding, Location, RawFile, Report, Severity, Unchecked, UncheckedCode
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Callable


def encode(seen: Report | Unchecked) -> bytes:
    """Return what was seen of one file as bytes; names that are not UTF-8 come back as they were."""
    body = asdict(seen)
    if isinstance(seen, Report):
        body["digest"] = None if seen.digest is None else str(seen.digest)
    return json.dumps({type(seen).__name__: body}).encode()


def decode(data: bytes) -> Report | Unchecked:
    """Return what was seen of one file; raise `Malformed` for bytes that `encode` did not make."""
    try:
        value = json.loads(data)
        (kind,) = value
        return _report(value[kind]) if kind == "Report" else _unchecked(value["Unchecked"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Malformed(f"no report: {type(error).__name__}") from None


def _report(body: dict[str, Any]) -> Report:
    return Report(
        path=_text(body["path"]),
        digest=None if body["digest"] is None else Digest.parse(_text(body["digest"])),
        format=_text(body["format"]),
        basis=Basis(body["basis"]),
        coverage=Coverage(body["coverage"]),
        findings=tuple(map(_finding, body["findings"])),
        unchecked=tuple(map(_unchecked, body["unchecked"])),
        size=_number(body["size"]),
        raw_files=tuple(RawFile(_text(one["name"]), _optional(_number, one["size"])) for one in body["raw_files"]),
    )


def _finding(body: dict[str, Any]) -> Finding:
    return Finding(
        _text(body["rule"]),
        Severity(body["severity"]),
        _location(body["location"]),
        _text(body["saw"]),
        Confidence(body["confidence"]),
        tuple(map(_location, body["related"])),
    )


def _unchecked(body: dict[str, Any]) -> Unchecked:
    return Unchecked(UncheckedCode(body["code"]), _text(body["detail"]), _location(body["location"]))


def _location(body: dict[str, Any]) -> Location:
    path, member, pointer = (_optional(_text, body[name]) for name in ("path", "member", "pointer"))
    offset, line = (_optional(_number, body[name]) for name in ("offset", "line"))
    return Location(path, member, offset, line, pointer)


def _optional(read: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else read(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value
