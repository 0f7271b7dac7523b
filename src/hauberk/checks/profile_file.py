"""A scan profile as a person writes it; apart from `profile`, because most scans need not load a reader of YAML."""

from __future__ import annotations

import dataclasses
import difflib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from hauberk.checks.model.registry import RULES
from hauberk.checks.profile import CEILINGS, Profile, Signed
from hauberk.errors import Misconfigured
from hauberk.formats.document import decode
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Document:
    """A scan profile, member by member; paths are relative to its folder."""

    schema: Literal["urn:hauberk:scan-profile:v1"]
    name: str
    ceilings: dict[str, int]
    report_only: tuple[str, ...] = ()
    limits: dict[str, int] | None = None
    baseline: str | None = None
    tables: tuple[Signed, ...] = ()


def profile_of(data: Any, *, what: str) -> Profile:
    """Return the profile that plain data describes.

    Args:
        data: what YAML held.
        what: the file's name, for messages.

    Raises:
        Misconfigured: an unknown member, rule, severity or limit, or a value of another type.
    """
    document = decode(data, Document, what=what)
    if not _WORD.fullmatch(document.name):
        raise Misconfigured(f"{what}: name {document.name!r:.80}", "write lowercase words, as in our-team")
    limits = document.limits or {}
    _require_known(document.ceilings, CEILINGS, what=f"{what}: ceilings")
    _require_known(document.report_only, [rule.id for rule in RULES], what=f"{what}: report_only")
    _require_known(limits, [field.name for field in dataclasses.fields(Limits)], what=f"{what}: limits")
    low = [name for name, value in limits.items() if value < 1]
    low += [name for name, value in document.ceilings.items() if value < 0]
    if low:
        raise Misconfigured(f"{what}: {low[0]} is too low", "a ceiling is at least 0, a limit at least 1")
    return Profile(
        document.name,
        MappingProxyType(document.ceilings),
        frozenset(document.report_only),
        dataclasses.replace(DEFAULT_LIMITS, **limits),
        document.baseline,
        document.tables,
    )


def _require_known(names: Iterable[str], known: Iterable[str], *, what: str) -> None:
    known = tuple(known)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are: {', '.join(known)}"
            raise Misconfigured(f"{what}: {name!r:.80} is not known", hint)
