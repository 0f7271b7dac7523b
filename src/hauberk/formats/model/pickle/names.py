"""Which name an import instruction resolves.

Protocols 0 to 2 come from Python 2, and Python 3 still maps their names (`__builtin__` is `builtins`). The protocol is
the one that the last PROTO instruction gave, so a stream can choose. Source: `Unpickler.find_class`, CPython 3.11,
with `fix_imports`, which is the default; the table is the standard library's own.
"""

from __future__ import annotations

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

FIRST_UNMAPPED_PROTOCOL = 3


def resolve(module: str, name: str, protocol: int) -> tuple[str, str]:
    """Return the module and name that CPython 3 looks up for a module and name in a stream."""
    if protocol >= FIRST_UNMAPPED_PROTOCOL:
        return module, name
    if (module, name) in NAME_MAPPING:
        return NAME_MAPPING[module, name]
    return IMPORT_MAPPING.get(module, module), name
