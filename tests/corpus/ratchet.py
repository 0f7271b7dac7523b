"""What the scanner says of a quarter of the malicious samples, counted by class, and the file that holds it to that.

    python tests/corpus/ratchet.py        # writes tests/corpus/ratchet.golden.json

The quarter is drawn by a hash of the names from samples that need no framework and are small. The golden file holds counts and no names, so that the
half that is held out stays so. It may only get better: the test beside this file refuses fewer findings and more misses.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if __package__ is None or __package__ == "":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from corpus.catalogue import malicious
from corpus.sample import write
from hauberk.finding import Outcome
from hauberk.verbs.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.sample import Sample
    from hauberk.finding import Scan

GOLDEN = Path(__file__).with_name("ratchet.golden.json")
MOST_BYTES, EVERY = 100_000, 4


def drawn() -> Iterator[Sample]:
    """Yield the samples that are asked about."""
    for sample in malicious():
        small = sum(map(len, sample.files.values())) < MOST_BYTES
        if small and hashlib.sha256(sample.id.encode()).digest()[1] % EVERY == 0:
            yield sample


def counts() -> dict[str, dict[str, int]]:
    """Return how often the scanner found, closed and passed, class by class."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as folder:
        for entry in write(Path(folder), "malicious", drawn()):
            place = Path(folder, "malicious", entry["id"], entry["target"])
            seen[entry["group"]][said(scan(place, digest=False))] += 1
    return {group: dict(sorted(count.items())) for group, count in sorted(seen.items())}


def said(seen: Scan) -> str:
    """Return what a scan comes to: a finding, something that could not be looked at, or neither."""
    if any(report.outcome is not Outcome.CLEAN for report in seen.reports):
        return "found"
    return "passed" if seen.complete else "closed"


def main() -> int:
    """Write the golden file, and say what it sums up to."""
    found = counts()
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n")
    print(dict(sum((Counter(count) for count in found.values()), Counter())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
