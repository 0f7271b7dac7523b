"""Every rule about feature views, in the order of the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.features import keys, point_in_time, skew, stale, writers

if TYPE_CHECKING:
    from hauberk.rule import Rule

RULES: Final[tuple[Rule, ...]] = (point_in_time.RULE, skew.RULE, keys.RULE, stale.RULE, writers.RULE)
