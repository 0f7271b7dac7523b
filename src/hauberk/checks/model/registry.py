"""Every rule about model files, in the order of the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model import (
    archive_native_code,
    archive_source,
    config_dangerous_callable,
    config_outside,
    config_remote_code,
    config_runs_command,
    config_unknown_callable,
    file_malformed,
    gguf_inconsistent,
    gguf_trailing_data,
    index_leads_out,
    notebook_output,
    notebook_runs,
    pickle_dynamic_global,
    pickle_exhausts,
    pickle_extension_code,
    pickle_persistent_id,
    pickle_trailing_data,
    pickle_unknown_callable,
    pickle_unsafe_arguments,
    pmml_function,
    rds_code,
    rds_promise,
    requirements_source,
    safetensors_inconsistent,
    source_acts,
    template_attributes,
    template_code,
    torch_storage_mismatch,
    torchscript_reaches_out,
    torchscript_unknown,
    tree_case_fold_twins,
    trees_contradict,
    xml_entities,
)
from hauberk.checks.model.archive_rules import ARCHIVE_RULES
from hauberk.checks.model.graph_rules import GRAPH_RULES
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
    config_dangerous_callable.RULE,
    config_unknown_callable.RULE,
    config_remote_code.RULE,
    config_runs_command.RULE,
    config_outside.RULE,
    template_code.RULE,
    template_attributes.RULE,
    rds_promise.RULE,
    rds_code.RULE,
    xml_entities.RULE,
    pmml_function.RULE,
    requirements_source.RULE,
    notebook_runs.RULE,
    notebook_output.RULE,
    *ARCHIVE_RULES,
    safetensors_inconsistent.RULE,
    gguf_inconsistent.RULE,
    gguf_trailing_data.RULE,
    trees_contradict.RULE,
    file_malformed.RULE,
    index_leads_out.RULE,
    torch_storage_mismatch.RULE,
    torchscript_reaches_out.RULE,
    torchscript_unknown.RULE,
    archive_source.RULE,
    archive_native_code.RULE,
    source_acts.RULE,
    *GRAPH_RULES,
    tree_case_fold_twins.RULE,
)
