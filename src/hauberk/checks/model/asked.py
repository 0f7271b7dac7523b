"""Which rules are asked about a description: those that read its type, imported when the first such one is met.

`registry.RULES` is the same list for people and for manuals; a test keeps both alike.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.rule import Rule


def rules_about(description: Any) -> tuple[Rule, ...]:
    """Return every rule that may find something in a description of this type."""
    return _rules(tuple(cls.__name__ for cls in type(description).__mro__))


@cache
def _rules(names: tuple[str, ...]) -> tuple[Rule, ...]:
    groups = dict.fromkeys(GROUPS[name] for name in names if name in GROUPS)
    return tuple(rule for group in groups for rule in group())


def _pickle() -> tuple[Rule, ...]:
    from hauberk.checks.model import (
        pickle_dynamic_global,
        pickle_exhausts,
        pickle_extension_code,
        pickle_persistent_id,
        pickle_trailing_data,
        pickle_unknown_callable,
        pickle_unsafe_arguments,
    )
    from hauberk.checks.model.pickle_capabilities import CAPABILITY_RULES

    return (
        *CAPABILITY_RULES,
        pickle_exhausts.RULE,
        pickle_unsafe_arguments.RULE,
        pickle_unknown_callable.RULE,
        pickle_extension_code.RULE,
        pickle_dynamic_global.RULE,
        pickle_persistent_id.RULE,
        pickle_trailing_data.RULE,
    )


def _text() -> tuple[Rule, ...]:
    from hauberk.checks.model import (
        config_dangerous_callable,
        config_evaluates,
        config_outside,
        config_remote_code,
        config_runs_command,
        config_script,
        config_unknown_callable,
        index_leads_out,
        keras_dangerous_name,
        keras_reads_file,
        keras_runs_code,
        keras_unknown_name,
        notebook_output,
        notebook_runs,
        pmml_function,
        requirements_source,
        xml_entities,
        xml_runs_code,
        yaml_aliases,
    )

    return (
        config_dangerous_callable.RULE,
        config_unknown_callable.RULE,
        config_remote_code.RULE,
        config_runs_command.RULE,
        config_evaluates.RULE,
        config_script.RULE,
        config_outside.RULE,
        xml_entities.RULE,
        xml_runs_code.RULE,
        yaml_aliases.RULE,
        pmml_function.RULE,
        requirements_source.RULE,
        notebook_runs.RULE,
        notebook_output.RULE,
        index_leads_out.RULE,
        keras_runs_code.RULE,
        keras_dangerous_name.RULE,
        keras_reads_file.RULE,
        keras_unknown_name.RULE,
    )


def _template() -> tuple[Rule, ...]:
    from hauberk.checks.model import template_attributes, template_code

    return (template_code.RULE, template_attributes.RULE)


def _rds() -> tuple[Rule, ...]:
    from hauberk.checks.model import rds_code, rds_promise

    return (rds_promise.RULE, rds_code.RULE)


def _archive() -> tuple[Rule, ...]:
    from hauberk.checks.model import (
        archive_bad_checksum,
        archive_bomb,
        archive_duplicate_member,
        archive_escapes,
        archive_false_encryption,
        archive_foreign_bytes,
        archive_hidden_member,
        archive_odd_name,
        archive_overlapping_members,
        archive_starts_code,
        archive_two_readings,
    )

    return (
        archive_two_readings.RULE,
        archive_hidden_member.RULE,
        archive_duplicate_member.RULE,
        archive_overlapping_members.RULE,
        archive_escapes.RULE,
        archive_false_encryption.RULE,
        archive_foreign_bytes.RULE,
        archive_bad_checksum.RULE,
        archive_odd_name.RULE,
        archive_starts_code.RULE,
        archive_bomb.RULE,
    )


def _executable() -> tuple[Rule, ...]:
    from hauberk.checks.model import file_is_executable

    return (file_is_executable.RULE,)


def _second() -> tuple[Rule, ...]:
    from hauberk.checks.model import file_two_formats

    return (file_two_formats.RULE,)


def _safetensors() -> tuple[Rule, ...]:
    from hauberk.checks.model import safetensors_inconsistent

    return (safetensors_inconsistent.RULE,)


def _gguf() -> tuple[Rule, ...]:
    from hauberk.checks.model import gguf_inconsistent, gguf_trailing_data

    return (gguf_inconsistent.RULE, gguf_trailing_data.RULE)


def _torch() -> tuple[Rule, ...]:
    from hauberk.checks.model import torch_storage_mismatch

    return (torch_storage_mismatch.RULE,)


def _script() -> tuple[Rule, ...]:
    from hauberk.checks.model import torchscript_reaches_out, torchscript_unknown

    return (torchscript_reaches_out.RULE, torchscript_unknown.RULE)


def _code() -> tuple[Rule, ...]:
    from hauberk.checks.model import archive_native_code, archive_source

    return (archive_source.RULE, archive_native_code.RULE)


def _source() -> tuple[Rule, ...]:
    from hauberk.checks.model import source_acts

    return (source_acts.RULE,)


def _graph() -> tuple[Rule, ...]:
    from hauberk.checks.model import graph_odd_entry, graph_reaches_outside, graph_unknown_operator
    from hauberk.checks.model.graph_capabilities import GRAPH_CAPABILITY_RULES

    return (*GRAPH_CAPABILITY_RULES, graph_reaches_outside.RULE, graph_unknown_operator.RULE, graph_odd_entry.RULE)


def _hdf5() -> tuple[Rule, ...]:
    from hauberk.checks.model import hdf5_external

    return (hdf5_external.RULE,)


def _text_and_templates() -> tuple[Rule, ...]:
    return (*_text(), *_template())


def _trees() -> tuple[Rule, ...]:
    from hauberk.checks.model import trees_contradict

    return (trees_contradict.RULE,)


def _any() -> tuple[Rule, ...]:
    from hauberk.checks.model import file_malformed

    return (file_malformed.RULE,)


def _tree() -> tuple[Rule, ...]:
    from hauberk.checks.model import tree_beyond_file, tree_case_fold_twins, tree_links_out

    return (tree_case_fold_twins.RULE, tree_links_out.RULE, tree_beyond_file.RULE)


# By the name of the type that the rules read, which is theirs alone.
GROUPS: Final[Mapping[str, Callable[[], tuple[Rule, ...]]]] = {
    "PickleDescription": _pickle,
    "TextDescription": _text_and_templates,
    "Template": _template,
    "RdsDescription": _rds,
    "ArchiveDescription": _archive,
    "ExecutableDescription": _executable,
    "SecondDescription": _second,
    "SafetensorsDescription": _safetensors,
    "GgufDescription": _gguf,
    "TorchDescription": _torch,
    "ScriptDescription": _script,
    "CodeDescription": _code,
    "SourceDescription": _source,
    "GraphDescription": _graph,
    "Hdf5Description": _hdf5,
    "TreesDescription": _trees,
    "TreeNames": _tree,
    "Described": _any,
}
