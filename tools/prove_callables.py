"""Proves the rows of one table: `python tools/prove_callables.py numpy`. Prints what was proved as JSON.

Every state is loaded under an audit hook by an unpickler that knows no names but those of the tables, and what it made
is hashed, compared and dropped. A row is proved in the uses that were seen while nothing was heard.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from make_callables import SOURCES, products
from recording import Ear, record

from hauberk.callables.table import SOURCES as TABLES


def main(name: str) -> None:
    """Load the states of one source; print its proved uses, what was heard, and what did not load."""
    warnings.simplefilter("ignore")
    closure = {(module, found) for table in TABLES for module, rows in table.ROWS.items() for found in rows}
    source = next(source for source in SOURCES if source.name == name)
    makes, ear = products(), Ear()
    proved: set[str] = set()
    heard: list[str] = []
    left_out: list[str] = []
    for state in source.states():
        try:
            seen = record(state, makes, closure, ear)
        except Exception as error:  # noqa: BLE001 - a proof that fails is a result, whatever the error
            left_out.append(f"{state.label}: {error}")
            continue
        if ear.heard:
            heard += [f"{state.label}: {event}" for event in ear.heard]
            ear.heard.clear()
        else:
            proved |= {f"{module}:{found} {use}" for module, found, use in seen}
    print(json.dumps({"proved": sorted(proved), "heard": heard, "left_out": left_out}))


if __name__ == "__main__":
    main(sys.argv[1])
