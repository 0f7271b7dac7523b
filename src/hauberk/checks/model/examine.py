"""Examine one view: what it is, what it would do, which rules that breaks, and what could not be looked at.

The scanner prints the report; the loader also needs the names that the machine saw resolved, because it resolves no
others. Both get them from here, so that what is scanned is what is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.checks.model.registry import RULES
from hauberk.digest import sha256_view
from hauberk.finding import Coverage, Report, Unchecked, UncheckedCode
from hauberk.formats.sniff import UNKNOWN, sniff
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.rule import apply
from hauberk.symbol import Global, Use

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.formats.model.pickle.description import PickleDescription
    from hauberk.formats.sniff import Format
    from hauberk.rule import Rule
    from hauberk.view import View


_PACKED = frozenset({"zip", "gzip", "bzip2", "xz", "lzma", "zstd", "lz4", "zlib", "joblib-zfile", "7z", "tar"})


@dataclass(frozen=True, slots=True)
class Examined:
    """A report, and the names as the stream spells them that loading would resolve."""

    report: Report
    names: frozenset[tuple[str, str]]


def examine(view: View, path: str, *, limits: Limits = DEFAULT_LIMITS, rules: Iterable[Rule] = RULES) -> Examined:
    """Return what is in a view. Raises nothing for what the bytes are.

    Args:
        view: the bytes; they are hashed here, so that report and digest speak of the same ones.
        path: what the report calls them.
        limits: what is over them is unchecked.
        rules: which questions are asked.

    Raises:
        Unavailable: the view cannot be read.
    """
    digest, form = sha256_view(view), sniff(view)
    if form.describe is None:
        unread = Unchecked(UncheckedCode.FORMAT_NOT_READ, _unread(form))
        coverage, unchecked = (Coverage.INERT, ()) if form.inert else (Coverage.PARTIAL, (unread,))
        report = Report(path, digest, form.name, view.basis, coverage, (), unchecked, view.size)
        return Examined(report, frozenset())
    description = form.describe(view, limits)
    findings = apply(rules, description)
    coverage = Coverage.PARTIAL if description.unchecked else Coverage.FULL
    report = Report(path, digest, form.name, view.basis, coverage, findings, description.unchecked, view.size)
    return Examined(report, names_in(description))


def _unread(form: Format) -> str:
    if form is UNKNOWN:
        return "neither text nor of a format that is known here"
    return f"{form.name}; unpack it, and scan what was in it" if form.name in _PACKED else form.name


def names_in(description: PickleDescription) -> frozenset[tuple[str, str]]:
    """Return (module, name) of every import that a description lists, also as protocols 0 to 2 spell it."""
    resolved = {
        (effect.callable.module, effect.callable.name)
        for effect in description.effects
        if effect.use is Use.IMPORT and isinstance(effect.callable, Global)
    }
    return frozenset(resolved | {spelled for spelled, found in description.renamed if found in resolved})
