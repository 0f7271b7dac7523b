"""Write the ledger that the first release left behind: format 1 of the database, envelopes as blobs beside it.

It wrote `tests/ledger/first_release/` and runs with that release only: later ones write a later format, and so it
refuses there.
The log holds three statements, a publication, and one statement behind it.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from ledger_world import MODEL, START, World, verified  # noqa: E402

TARGET = ROOT / "tests" / "ledger" / "first_release"


def main() -> int:
    """Write the folder, or say why not."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        with world.create() as log:
            log.append_many([verified("a", MODEL), verified("b"), verified("c", MODEL)], START)
            world.publish(log, START + 1)
            log.append_many([verified("d", MODEL)], START + 2)
        database = sqlite3.connect(world.log_folder / "ledger.sqlite")
        if database.execute("PRAGMA user_version").fetchone() != (1,):
            print("this release writes a later format; check out the one that wrote format 1", file=sys.stderr)
            return 1
        database.execute("PRAGMA journal_mode = DELETE")  # one file, without its write-ahead log
        database.execute("VACUUM")
        database.close()
        shutil.rmtree(TARGET, ignore_errors=True)
        shutil.copytree(world.log_folder, TARGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
