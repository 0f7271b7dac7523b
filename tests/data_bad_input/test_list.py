"""The list of bad input, and which tests try each: whoever takes one away has to change the list."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
HERE = "data_bad_input/"
FILES = f"{HERE}test_another_file_in_its_place.py"
FOR_EACH = (
    "test_training_does_not_start_and_names_the_files", "test_an_approval_is_refused_and_names_the_files",
    "test_a_program_gets_no_whole_file_and_is_told_which", "test_what_is_compared_with_it_is_refused",
    "test_a_comparison_that_reads_the_data_is_refused", "test_a_comparison_of_manifests_says_what_became_of_rows_and_files",
)  # fmt: skip
STORES = f"{HERE}test_stores_that_lie.py"
SANDBOX = "services/test_training_sandbox.py"
VALUES = {
    f"{HERE}test_odd_values.py": (
        "test_it_is_the_same_row", "test_it_is_a_row_that_changed", "test_it_is_a_column_of_another_type",
        "test_a_cell_of_csv_is_its_text", "test_a_value_of_json_is_what_it_means",
        "test_a_value_that_json_has_not_or_no_column_holds_is_refused",
        "test_types_that_only_arrow_has_are_those_of_all_others",
        "test_a_type_without_an_encoding_is_refused_by_the_name_of_its_column",
    ),
    "property/test_writers_agree.py": (
        "test_a_table_has_one_root_whoever_wrote_it", "test_every_type_is_written_alike_by_all",
        "test_a_cell_of_another_value_gives_another_root",
    ),
    "formats/table/test_encoding.py": ("test_a_column_is_encoded_as_its_table_says", "test_values_that_differ_have_other_rows"),
    "verbs/test_data_check.py": ("test_every_check_of_every_type_has_an_answer",),
}  # fmt: skip
TRIED_BY = {
    "changed files": {
        FILES: FOR_EACH,
        f"{HERE}test_damaged_anywhere.py": ("test_it_is_refused_or_read_and_never_ends_the_program",),
    },
    "truncated files": {
        FILES: FOR_EACH[:-1],
        f"{HERE}test_cut_anywhere.py": (
            "test_what_has_an_end_is_refused_wherever_it_is_cut", "test_csv_is_refused_within_a_row_but_for_its_last_cell",
            "test_csv_that_ends_within_quotes_is_refused", "test_json_lines_are_refused_within_a_line",
            "test_an_image_that_is_cut_is_another_row", "test_a_program_is_given_no_end_of_a_file_that_was_cut",
            "test_rows_that_were_cut_off_are_removed_rows", "test_a_check_of_a_file_that_was_cut_passes_nothing",
        ),
    },
    "re-ordered files": {FILES: FOR_EACH},
    "re-encoded files": {FILES: FOR_EACH},
    "swapped files": {FILES: FOR_EACH},
    "a row moved between files": {FILES: FOR_EACH},
    "the same rows with another writer (same root)": {
        "property/test_writers_agree.py": ("test_a_table_has_one_root_whoever_wrote_it",),
        "verbs/test_data_manifest.py": ("test_the_root_is_the_same_however_the_rows_are_split_and_written",),
    },
    "schema changes": {
        f"{HERE}test_other_columns.py": (
            "test_one_file_of_other_columns_makes_no_data_set", "test_a_comparison_names_the_columns",
            "test_a_check_of_the_columns_fails", "test_neither_training_nor_a_program_takes_it",
            "test_a_column_that_is_there_twice_is_refused", "test_what_a_writer_says_beside_the_columns_is_no_change",
        )
    },
    "NaN": VALUES,
    "-0.0": VALUES,
    "time zones": VALUES,
    "decimals": VALUES,
    "dictionaries": VALUES,
    "nested and null types": VALUES,
    "a file that changes while read": {
        f"{HERE}test_changing_while_read.py": (
            "test_there_is_no_manifest_of_it", "test_it_is_not_approved", "test_no_check_of_it_passes",
            "test_nothing_is_trained_on_it", "test_a_program_is_not_given_the_whole_of_it", "test_no_table_of_it_is_returned",
        ),
        "verbs/test_data_pool.py": ("test_a_file_that_changes_before_a_process_opens_it_is_refused",),
        "verbs/test_train.py": ("test_of_a_run_that_did_what_it_must_not_nothing_is_recorded",),
    },
    "an object whose version changed": {
        STORES: (
            "test_the_version_of_the_manifest_is_read_although_there_is_a_newer_one",
            "test_a_store_that_gives_another_version_is_refused",
            "test_a_version_that_was_asked_for_and_is_not_the_manifests_is_refused",
            "test_an_approval_of_what_was_written_over_is_refused",
            "test_an_object_without_versions_that_was_written_over_is_refused",
            "test_an_object_that_changes_between_listing_and_reading", "test_a_version_that_is_gone_is_said",
        ),
        "services/test_seaweedfs_publish.py": ("test_another_version_than_the_approved_one_is_refused",),
    },
    "a store that lies about checksums": {
        STORES: (
            "test_no_manifest_is_made_of_what_a_store_lies_about", "test_no_program_gets_what_a_store_lies_about",
            "test_bytes_are_verified_also_where_a_store_says_nothing_of_them", "test_an_etag_is_no_checksum",
        ),
        "verbs/test_data_store.py": ("test_a_store_that_does_not_keep_what_it_took_is_found_out",),
        "verbs/test_data_gcs.py": ("test_a_wrong_checksum_is_refused_wherever_it_is_said",),
        "services/test_seaweedfs_publish.py": ("test_a_checksum_that_is_not_that_of_the_bytes_is_refused_by_the_store",),
    },
    "credentials that expire midway": {
        STORES: (
            "test_whenever_credentials_expire_there_is_a_whole_manifest_or_none",
            "test_a_program_gets_nothing_once_credentials_have_expired",
            "test_neither_an_approval_nor_a_comparison_is_made_of_half_of_the_data",
        ),
        "verbs/test_data_store.py": ("test_keys_that_expire_while_publishing_leave_no_manifest_with_addresses",),
        "services/test_seaweedfs_publish.py": ("test_keys_that_are_taken_away_midway_are_said",),
        "services/test_openbao.py": (
            "test_a_credential_that_expires_midway_ends_the_command",
            "test_a_login_that_expires_midway_ends_the_command_and_is_said_to_be_out_of_our_hands",
        ),
    },
    "a script that writes outside its directory": {
        SANDBOX: ("test_what_a_script_tries_and_hides_is_denied_and_named", "test_a_link_that_leads_out_of_the_output_is_refused"),
    },
    "a script that reads what it did not declare": {
        SANDBOX: ("test_what_a_script_tries_and_hides_is_denied_and_named", "test_a_module_that_was_not_declared_is_not_found_and_named"),
        "pipeline/test_manifests.py": ("test_a_run_on_other_data_stops_before_anything_is_trained",),
    },
    "a script that forks and outlives its parent": {SANDBOX: ("test_what_outlives_the_command_is_killed_and_named",)},
    "a script that opens the network": {SANDBOX: ("test_what_a_script_tries_and_hides_is_denied_and_named",)},
}  # fmt: skip


@pytest.mark.parametrize("bad", TRIED_BY)
def test_each_bad_input_has_its_tests(bad):
    for name, wanted in TRIED_BY[bad].items():
        tree = ast.parse((TESTS / name).read_text())
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert set(wanted) <= there, f"{name} has no {', '.join(sorted(set(wanted) - there))}"


def test_each_module_here_is_on_the_list():
    listed = {name for tests in TRIED_BY.values() for name in tests if name.startswith(HERE)}
    here = {f"{HERE}{path.name}" for path in Path(__file__).parent.glob("test_*.py")}
    assert here - listed == {f"{HERE}{Path(__file__).name}"}
