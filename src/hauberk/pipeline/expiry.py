"""When the root and the trust run out: said thirty days before, and named where it has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import NotVerified
from hauberk.evidence.instant import format_instant

if TYPE_CHECKING:
    from hauberk.evidence.trust import Root, Trust

WARNING_DAYS = 30
_DAY = 86_400
_RENEW = "have the root sign a new {what} (`hauberk trust edit`, docs/keys.md)"


def ends_soon(root: Root, trust: Trust, *, now: int) -> list[str]:
    """Return a sentence for the root and for the trust where it ends within `WARNING_DAYS` of now, Unix seconds."""
    return [
        f"the {what} ends at {format_instant(until)}, in {(until - now) // _DAY} days, and nothing holds after that: "
        + _RENEW.format(what=what)
        for what, until in _ends(root, trust)
        if now <= until < now + WARNING_DAYS * _DAY
    ]


def check_not_ended(root: Root, trust: Trust, *, now: int) -> None:
    """Raise `NotVerified` where the root or the trust has ended: what is signed from then on counts for nobody."""
    for what, until in _ends(root, trust):
        if now > until:
            raise NotVerified(f"the {what} ended at {format_instant(until)}", _RENEW.format(what=what))


def _ends(root: Root, trust: Trust) -> tuple[tuple[str, int], ...]:
    return ("root", root.valid_until), ("trust", trust.valid_until)
