"""Every rule about data sets, in the order of the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data import (
    category,
    duplicate,
    foreign_suite,
    fresh,
    label_balance,
    leakage,
    null,
    reference,
    row_count,
    schema,
    shift,
    unique,
    value_range,
)

if TYPE_CHECKING:
    from hauberk.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    schema.RULE,
    value_range.RULE,
    category.RULE,
    null.RULE,
    unique.RULE,
    fresh.RULE,
    row_count.RULE,
    reference.RULE,
    shift.RULE,
    label_balance.RULE,
    duplicate.RULE,
    leakage.RULE,
    foreign_suite.RULE,
)
