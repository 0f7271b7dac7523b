"""How much of a hostile input is looked at before the answer is "could not look at all of it"."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, repr=False)
class Limits:
    """Budgets of one run. A spent budget is `unchecked` (or `Exceeded`), never a pass."""

    max_tree_files: int = 200_000
    max_tree_depth: int = 64
    max_seconds_per_file: int = 900  # kept where files are looked at by processes of their own
    max_process_bytes: int = 4 << 30  # of such a process
    max_load_bytes: int = 4 << 30
    max_private_bytes: int = 16 << 20
    max_document_bytes: int = 64 << 20
    max_document_depth: int = 64
    max_document_values: int = 4_000_000
    max_yaml_bytes: int = 1 << 19
    max_template_bytes: int = 1 << 20
    max_source_bytes: int = 1 << 20
    max_pickle_opcodes: int = 200_000_000
    max_part_opcodes: int = 60_000_000  # of all pickles together that lie in other files
    max_pickle_stack: int = 4_000_000
    max_pickle_memo: int = 20_000_000
    max_pickle_cells: int = 32_000_000
    max_pickle_text_bytes: int = 1 << 14
    max_pickle_kept_items: int = 1 << 20
    max_pickle_streams: int = 10_000
    max_pickle_effects: int = 1_000_000
    max_nesting_depth: int = 16
    max_tensors: int = 1 << 18
    max_parts: int = 200_000
    max_directory_bytes: int = 64 << 20
    max_unpacked_bytes: int = 4 << 30
    max_unpacked_ratio: int = 200  # beyond the first 256 MiB; DEFLATE packs 1032 bytes into one at most
    max_findings: int = 10_000
    max_message_fields: int = 5_000_000
    max_message_depth: int = 100  # as the official parsers of Protocol Buffers
    max_hdf5_structures: int = 2_000_000
    max_graph_operators: int = 100_000
    max_graph_nodes: int = 500_000
    max_graph_text_bytes: int = 4096
    max_symbolic_size: int = 1 << 40
    max_remote_whole_bytes: int = 256 << 10
    max_remote_unranged_bytes: int = 16 << 20
    max_remote_cache_bytes: int = 32 << 20
    max_remote_read_bytes: int = 4 << 30
    max_remote_document_bytes: int = 8 << 20
    max_intake_bytes: int = 256 << 30
    max_note_bytes: int = 128 << 10
    max_note_signatures: int = 32
    max_trust_rights: int = 100_000  # of a key to say one thing about one scope

    def __repr__(self) -> str:
        """Return the limits that are not the default, so that a signature that shows them stays short."""
        changed = [f"{f.name}={value}" for f in fields(self) if (value := getattr(self, f.name)) != f.default]
        return f"Limits({', '.join(changed)})"


DEFAULT_LIMITS = Limits()
