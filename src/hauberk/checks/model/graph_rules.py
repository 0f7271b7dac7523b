"""The rules about computation graphs, Keras configurations and HDF5, in the order of the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model import (
    graph_odd_entry,
    graph_reaches_outside,
    graph_unknown_operator,
    hdf5_external,
    keras_dangerous_name,
    keras_reads_file,
    keras_runs_code,
    keras_unknown_name,
)
from hauberk.checks.model.graph_capabilities import GRAPH_CAPABILITY_RULES

if TYPE_CHECKING:
    from hauberk.rule import Rule

GRAPH_RULES: Final[tuple[Rule, ...]] = (
    *GRAPH_CAPABILITY_RULES,
    graph_reaches_outside.RULE,
    graph_unknown_operator.RULE,
    graph_odd_entry.RULE,
    keras_runs_code.RULE,
    keras_dangerous_name.RULE,
    keras_reads_file.RULE,
    keras_unknown_name.RULE,
    hdf5_external.RULE,
)
