"""Every rule about model files, in the order of the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model import (
    pickle_dynamic_global,
    pickle_exhausts,
    pickle_extension_code,
    pickle_persistent_id,
    pickle_trailing_data,
    pickle_unknown_callable,
    pickle_unsafe_arguments,
    tree_case_fold_twins,
)
from hauberk.checks.model.pickle_capabilities import CAPABILITY_RULES

if TYPE_CHECKING:
    from hauberk.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    *CAPABILITY_RULES,
    pickle_exhausts.RULE,
    pickle_unsafe_arguments.RULE,
    pickle_unknown_callable.RULE,
    pickle_extension_code.RULE,
    pickle_dynamic_global.RULE,
    pickle_persistent_id.RULE,
    pickle_trailing_data.RULE,
    tree_case_fold_twins.RULE,
)
