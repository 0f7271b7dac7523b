"""Writes the corpus: `python tests/corpus/make.py FOLDER` the malicious half, `--benign` the ordinary files of frameworks.

`--extra` adds ordinary files of packages that live in an environment of their own to those that are there.

The malicious samples need the standard library only; those that need a framework are written where it is installed, and so are all
ordinary ones: run it with an interpreter that has the frameworks. What was absent is printed and kept in `absent.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

if __package__ is None or __package__ == "":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus import catalogue
from corpus.sample import read_manifest, write, write_manifest


def main() -> int:
    """Write what was asked for and say how much it is."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[dict[str, str]] = []
    if "--benign" in sys.argv:
        samples, absent = catalogue.benign()
        label = "benign"
    elif "--extra" in sys.argv:
        samples, absent = catalogue.extra()
        label = "benign"
        names = {sample.id for sample in samples}
        kept = [entry for entry in read_manifest(folder, label) if entry["id"] not in names]
    else:
        samples, absent = catalogue.all_malicious()
        label = "malicious"
    count = write_manifest(folder, label, [*kept, *write(folder, label, samples)])
    (folder / f"absent-{label}.json").write_text(json.dumps(absent, indent=1) + "\n")
    print(f"{count} {label} samples in {folder}" + (f"; absent: {', '.join(absent)}" if absent else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
