"""Proves the rows of one table: `python tools/prove_callables.py numpy`. Prints what was proved as JSON.

Every state is loaded under an audit hook by an unpickler that knows no names but those of the tables, and what it made
is hashed, compared and dropped. A row is proved in the uses that were seen while nothing was heard.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from recording import Ear, record

from hauberk.callables.table import SOURCES


def main(name: str) -> None:
    """Load the states of one source; print its proved uses, what was heard, and what did not load."""
    warnings.simplefilter("ignore")
    makes = {
        (module, found): row[2]
        for table in SOURCES
        for module, rows in table.ROWS.items()
        for found, row in rows.items()
    }
    recipes, ear = importlib.import_module(f"recipes_{name}"), Ear()
    proved: set[str] = set()
    heard: list[str] = []
    left_out: list[str] = []
    for state in recipes.states():
        try:
            seen = record(state, makes, makes.keys(), ear)
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
